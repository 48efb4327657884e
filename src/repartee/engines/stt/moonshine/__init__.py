"""Moonshine tiny (English), the model that comes in a wheel, decoded by ourselves on onnxruntime.

The package `moonshine-voice` 0.1.0 carries the model's files; only they are used, none of its code. Larger Moonshine
models on disk (the same three files in a folder) load by path.
"""

from __future__ import annotations

import asyncio
import math
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
from .sound import Ahead, Growing
from .spelling import Pieces, Place, Speller
from .views import VIEWS, Samples

View = Callable[[Samples], Samples]
LANGUAGES = ("en",)
GRAMMARS = 4
"""Whose mapped pieces are remembered: a home with and without a known area, before and after a change."""
AFTER = 0.3
"""Seconds of nothing put after the sound when it may be over: the model knows whole recordings, and goes on writing
words that nobody said, or misses the last one, where the sound breaks off behind it."""
HOPELESS = 14.0
"""Gap (nats) from which a second look is not worth it: no command comes that far. Nearer, two looks far from the
microphone often hear different words, and the two together are right more often than either."""
LONG = 3.0
"""Voiced seconds after which what is no command is talk: no home sentence that is so far from what was heard by then is
said in the end."""
DIP = 3
"""Frames (96 ms, less than the shortest wait that ships) in which speech that goes on shows that a silence was inside a
sentence."""
EXPLAINS = 0.5
"""Share of the letters of the free hypothesis: one word of a long sentence explains nothing, and is always there."""
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
        """Whoever has just fallen silent comes first: for partials and second looks nobody else has to wait."""
        chunks, said = Ahead(audio), Utterance(expect)
        try:
            async for chunk in chunks:
                said.sound.append(chunk)
                due = said.schedule.after(chunk)
                if due is Due.NOTHING:
                    continue
                looked = await (self._overhear(said) if said.schedule.resting else self._due(due, said, chunks))
                if looked is not None:
                    yield said.now(looked)
        finally:
            chunks.close()
        yield said.now(await self._last(said), final=True)

    async def _due(self, due: Due, said: Utterance, chunks: Ahead) -> Hearing | None:
        """The look that is due; None: given up, or left out."""
        sound, expect = said.sound, said.expect
        if due is Due.ALL:
            looked = await self._look(sound.samples, expect, chunks)
            if looked is None:
                said.schedule.abandoned()
            return looked
        if self._worker.busy:
            return None
        if due is Due.AGAIN:
            if expect is None or not near(said.last):
                return None
            return await self._worker.run(self._again, sound.words, expect, said.last, said.view())
        if said.unchecked:
            return await self._worker.run(self._full, sound.samples, expect, always)
        return await self._worker.run(self._partial, sound.samples)

    async def _overhear(self, said: Utterance) -> Hearing:
        """A stretch of what is no command is written down, and its sound forgotten."""
        found = await self._worker.run(self._partial, said.sound.take())
        said.before = f"{said.before} {found.text}".strip()
        return Hearing(Hypothesis(said.before, found.free.log_likelihood), (UNSAYABLE,))

    async def _last(self, said: Utterance) -> Hearing:
        """After all sound."""
        if not said.schedule.stale:
            return said.last
        if said.schedule.resting:
            return await self._overhear(said)
        looked = await self._worker.run(self._full, said.sound.samples, said.expect, always) or said.last
        if said.expect is not None and near(looked) and not sure(looked):
            looked = await self._worker.run(self._again, said.sound.words, said.expect, looked, said.view())
        return looked

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

    def _again(self, samples: Samples, expect: Cursor, before: Hearing, view: View) -> Hearing:
        """The looks so far and one at another view of the sound as a mixture, in which the newest counts half."""
        model = self._loaded()
        if len(samples) < 2 * Model.SHORTEST:
            return before
        encoded = model.encode(view(samples), AFTER)
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


def near(hearing: Hearing) -> bool:
    """A command was perhaps said: one that explains at least half of what was heard is not hopelessly unlikely."""
    least = len(hearing.free.text) * EXPLAINS
    likelihoods = [heard.log_likelihood for heard in hearing.home if len(heard.text) >= least]
    return hearing.free.log_likelihood - max(likelihoods, default=-math.inf) < HOPELESS


def sure(hearing: Hearing) -> bool:
    """It was heard clearly."""
    finished = [heard.log_likelihood for heard in hearing.home if heard.finished]
    return bool(finished) and hearing.free.log_likelihood - max(finished) < SURE


def _heard(found: Found) -> Hearing:
    return Hearing(found.free, found.home or (UNSAYABLE,))


SILENCE = Hearing(Hypothesis("", 0.0))
UNSAYABLE = Hypothesis("", -math.inf)
"""Nothing that may be said here is anywhere near."""


class Utterance:
    """One utterance while it is transcribed."""

    def __init__(self, expect: Cursor | None) -> None:
        self.expect = expect
        self.sound = Growing()
        self.schedule = DecodeSchedule()
        self.last = SILENCE
        self.before = ""
        """What was written down of sound that is forgotten."""
        self._checked = expect is None
        self._views = 0

    def view(self) -> View:
        """The next one; they come in turns."""
        self._views += 1
        return VIEWS[(self._views - 1) % len(VIEWS)]

    @property
    def unchecked(self) -> bool:
        """It has gone on for so long that it should be known whether a command begins like this; asked once."""
        due = not self._checked and self.sound.voiced >= LONG
        self._checked = self._checked or due
        return due

    def now(self, looked: Hearing, final: bool = False) -> Hearing:
        """What is known now; what is long and no command is not looked at as a whole any more."""
        self.last = looked
        if not self.schedule.resting and self.sound.voiced >= LONG and looked.home and not near(looked):
            self.schedule.rest(self.sound.end)
        return Hearing(looked.free, looked.home, self.sound.end, final, self.sound.voiced)


def bundled_model() -> Path:
    """The folder in the wheel. Raises `EngineMissing` where the wheel is not installed."""
    spec = find_spec("moonshine_voice")
    if spec is None or spec.origin is None:
        raise EngineMissing("moonshine", REMEDY)
    return Path(spec.origin).parent / "assets" / "tiny-en"
