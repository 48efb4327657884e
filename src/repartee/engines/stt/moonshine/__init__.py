"""Moonshine tiny (English), the model that comes in a wheel, decoded by ourselves on onnxruntime.

The package `moonshine-voice` 0.1.0 carries the model's files; only they are used, none of its code. Larger Moonshine
models on disk (the same three files in a folder) load by path.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.decode_schedule import DecodeSchedule, Due
from repartee.core.errors import EngineMissing
from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.model_file import check_installed, check_model
from repartee.core.ports import Cursor
from repartee.core.worker import Worker

from .model import FILES, Model
from .search import WIDTH, Found, always, greedy, mixed, steered
from .spelling import Pieces, Place, Speller

LANGUAGES = ("en",)
GRAMMARS = 4
"""Whose mapped pieces are remembered: a home with and without a known area, before and after a change."""
AFTER = 0.3
"""Seconds of nothing put after the sound when it may be over: the model knows whole recordings, and goes on writing
words that were not said, or misses the last one, where the sound breaks off behind it."""
OTHERWISE = 0.2
"""The same for a second look where there is no more sound than at the first."""
HOPELESS = 14.0
"""Gap (nats) from which a second look is not worth it: no command comes that far. Nearer, two looks far from the
microphone often hear different words, and the two together are right more often than either."""
DIP = 3
"""Frames (96 ms, less than the shortest wait that ships) in which speech that goes on shows that a silence was inside a
sentence."""
SURE = 4.0
"""Gap up to which none is needed where all sound is there at once."""
REMEDY = "install the package moonshine-voice==0.1.0 (later ones carry no model), or name a folder with " + ", ".join(
    FILES
)


class Engine:
    """The model is loaded with the first utterance, or by `warm`."""

    def __init__(self, model: Path | None = None, width: int = WIDTH) -> None:
        """`width`: hypotheses of the home that are followed side by side; more hear better and cost more."""
        self._width = width
        self._folder = model or bundled_model()
        self._missing(self._folder)
        self._worker = Worker("stt")
        self._model: Model | None = None
        self._pieces: Pieces | None = None
        self._spellers: dict[Cursor, Speller] = {}

    async def warm(self) -> None:
        """Loads the model and runs it once, so that the first person does not wait for it."""
        await self._worker.run(self._partial, np.zeros(SAMPLE_RATE, np.int16))

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        """Whoever has just fallen silent comes first: no one waits for another's partials and second looks."""
        heard, schedule, chunks, last = Growing(), DecodeSchedule(), Ahead(audio), SILENCE
        try:
            async for chunk in chunks:
                heard.append(chunk)
                due = schedule.after(chunk)
                if due is Due.PARTIAL and not self._worker.busy:
                    last = await self._worker.run(self._partial, heard.samples)
                elif due is Due.ALL:
                    looked = await self._look(heard.samples, expect, chunks)
                    if looked is None:
                        schedule.abandoned()
                        continue
                    last = looked
                elif due is Due.AGAIN and expect is not None and near(last) and not self._worker.busy:
                    last = await self._worker.run(self._again, heard.words, expect, last, AFTER)
                else:
                    continue
                yield _at(last, chunk.end)
        finally:
            chunks.close()
        if schedule.stale:
            looked = await self._worker.run(self._full, heard.samples, expect, always)
            last = looked or last
            if expect is not None and near(last) and not sure(last):
                last = await self._worker.run(self._again, heard.words, expect, last, OTHERWISE)
        yield _at(last, heard.end, final=True)

    async def _look(self, samples: NDArray[np.int16], expect: Cursor | None, chunks: Ahead) -> Hearing | None:
        """The full look, begun with the first silent frame; None: given up, for one of the next was voiced again."""
        given_up = Event()
        look = asyncio.ensure_future(self._worker.run(self._full, samples, expect, lambda: not given_up.is_set()))
        try:
            for _ in range(DIP):
                following = chunks.following()
                either: set[asyncio.Future[Any]] = {look, following}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if look.done() or (chunk := following.result()) is None:
                    break
                if chunk.voiced:
                    given_up.set()
                    break
            return await look
        finally:
            given_up.set()

    def close(self) -> None:
        self._worker.close()

    def _partial(self, samples: NDArray[np.int16]) -> Hearing:
        model = self._loaded()
        if len(samples) < Model.SHORTEST:
            return SILENCE
        return Hearing(greedy(model, model.encode(samples)))

    def _full(self, samples: NDArray[np.int16], expect: Cursor | None, wanted: Callable[[], bool]) -> Hearing | None:
        model = self._loaded()
        if len(samples) < Model.SHORTEST:
            return SILENCE
        if not wanted():
            return None
        encoded = model.encode(samples, AFTER)
        if expect is None:
            return Hearing(greedy(model, encoded))
        found = steered(model, encoded, self._speller(model, expect), Place(expect), self._width, wanted)
        return _heard(found) if found else None

    def _again(self, samples: NDArray[np.int16], expect: Cursor, before: Hearing, silence: float) -> Hearing:
        """The looks so far and this one as a mixture, in which the newest counts half."""
        model = self._loaded()
        encoded = model.encode(samples, silence)
        found = steered(model, encoded, self._speller(model, expect), Place(expect), self._width)
        return _heard(mixed(Found(before.free, before.home), found)) if found else before

    def _loaded(self) -> Model:
        self._model = self._model or Model(self._folder)
        return self._model

    def _speller(self, model: Model, expect: Cursor) -> Speller:
        """What is remembered about a grammar hangs on its first place: another grammar has another one."""
        speller = self._spellers.pop(expect, None)
        if speller is None:
            self._pieces = self._pieces or Pieces(model.vocabulary)
            speller = Speller(self._pieces)
            while len(self._spellers) >= GRAMMARS:
                self._spellers.pop(next(iter(self._spellers)))
        self._spellers[expect] = speller
        return speller

    @staticmethod
    def _missing(folder: Path) -> None:
        absent = [name for name in FILES if not (folder / name).exists()]
        if absent:
            raise EngineMissing("moonshine", f"{folder} has no {', '.join(absent)}; {REMEDY}")
        for name in FILES:
            check_model(folder / name, "moonshine", REMEDY, magic=b"ORTM" if name.endswith(".ort") else b"", at=4)
        check_installed("moonshine-voice", [folder / name for name in FILES], "moonshine")


def _at(hearing: Hearing, end: float, final: bool = False) -> Hearing:
    return Hearing(hearing.free, hearing.home, end, final)


def near(hearing: Hearing) -> bool:
    """A command was perhaps said."""
    return hearing.gap is not None and hearing.gap < HOPELESS


def sure(hearing: Hearing) -> bool:
    """It was heard clearly."""
    finished = [heard.log_likelihood for heard in hearing.home if heard.finished]
    return bool(finished) and hearing.free.log_likelihood - max(finished) < SURE


def _heard(found: Found) -> Hearing:
    return Hearing(found.free, found.home or (UNSAYABLE,))


SILENCE = Hearing(Hypothesis("", 0.0))
UNSAYABLE = Hypothesis("", -math.inf)
"""Nothing that may be said here is anywhere near."""


class Ahead:
    """Sound, with a look at what comes next."""

    def __init__(self, audio: AsyncIterator[AudioChunk]) -> None:
        self._audio = audio
        self._following: deque[asyncio.Future[AudioChunk | None]] = deque()

    def __aiter__(self) -> AsyncIterator[AudioChunk]:
        return self

    async def __anext__(self) -> AudioChunk:
        chunk = await (self._following[0] if self._following else self.following())
        self._following.popleft()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def following(self) -> asyncio.Future[AudioChunk | None]:
        """The chunk after those already asked for, which are still to come; None: there is none."""
        if not self._following or self._following[-1].done():
            self._following.append(asyncio.ensure_future(anext(self._audio, None)))
        return self._following[-1]

    def close(self) -> None:
        """What is waited for is not wanted any more."""
        for future in self._following:
            future.cancel()


class Growing:
    """The utterance so far in one piece: room doubles, so that a minute of speech is copied a few times at most."""

    CLICK = 0.4
    """Seconds of voiced sound that are perhaps no word: a cough, a click, "um" ..."""
    PAUSE = 0.3
    """... where at least so long a silence follows."""

    def __init__(self, room: int = 10 * SAMPLE_RATE) -> None:
        self._room = np.empty(room, np.int16)
        self._used = 0
        self._words = 0
        self._voiced = self._silent = 0
        self.end = 0.0

    def append(self, chunk: AudioChunk) -> None:
        needed = self._used + len(chunk.samples)
        if needed > len(self._room):
            self._room = np.concatenate([self._room, np.empty(max(needed, len(self._room)), np.int16)])
        self._room[self._used : needed] = chunk.samples
        self._note(chunk)
        self._used, self.end = needed, chunk.end

    def _note(self, chunk: AudioChunk) -> None:
        if not chunk.voiced:
            self._silent += len(chunk.samples)
            return
        pause = int(self.PAUSE * SAMPLE_RATE)
        if 0 < self._voiced <= self.CLICK * SAMPLE_RATE and self._silent >= pause:
            self._words = self._used - pause
        self._voiced, self._silent = self._voiced + len(chunk.samples), 0

    @property
    def samples(self) -> NDArray[np.int16]:
        """A view, shape (n,); what is there never changes."""
        return self._room[: self._used]

    @property
    def words(self) -> NDArray[np.int16]:
        """The same without what was perhaps no word and came before a pause."""
        return self._room[self._words : self._used]


def bundled_model() -> Path:
    """The folder in the wheel. Raises `EngineMissing` where the wheel is not installed."""
    spec = find_spec("moonshine_voice")
    if spec is None or spec.origin is None:
        raise EngineMissing("moonshine", REMEDY)
    return Path(spec.origin).parent / "assets" / "tiny-en"
