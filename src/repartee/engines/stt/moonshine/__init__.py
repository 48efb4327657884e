"""Moonshine tiny (English), the model that comes in a wheel, decoded by ourselves on onnxruntime.

The package `moonshine-voice` 0.1.0 carries the model's files; only they are used, none of its code. Larger Moonshine
models on disk (the same three files in a folder) load by path.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.cadence import Cadence, Due
from repartee.core.errors import EngineMissing
from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.ports import Cursor
from repartee.core.worker import Worker

from .model import FILES, Model
from .search import WIDTH, Found, greedy, mixed, steered
from .spelling import Pieces, Place, Speller

LANGUAGES = ("en",)
GRAMMARS = 4
"""Whose mapped pieces are remembered: a home with and without a known area, before and after a change."""
UNSURE = 1.0
"""Gap (nats) from which the sound is looked at in a second way: without the quiet before the first word. Far from the
microphone the two often hear different words."""
HOPELESS = 14.0
"""Gap from which that is not worth it: no command comes that far."""
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
        quiet = Growing()
        quiet.append(AudioChunk(np.zeros(SAMPLE_RATE, np.int16), SAMPLE_RATE, 0.0))
        await self._worker.run(self._hear, quiet, None)

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        heard = Growing()
        cadence = Cadence()
        last: Hearing | None = None
        async for chunk in audio:
            heard.append(chunk)
            due = cadence.after(chunk)
            if due is Due.NOTHING:
                continue
            last = await self._worker.run(self._hear, heard, expect if due is Due.ALL else None)
            last = _at(last, chunk.end)
            yield last
        if cadence.stale:
            last = await self._worker.run(self._hear, heard, expect)
        yield _at(last or SILENCE, heard.end, final=True)

    def close(self) -> None:
        self._worker.close()

    def _hear(self, heard: Growing, expect: Cursor | None) -> Hearing:
        if self._model is None:
            self._model = Model(self._folder)
        if len(heard.samples) < Model.SHORTEST:
            return SILENCE
        if expect is None:
            return Hearing(greedy(self._model, self._model.encode(heard.samples)))
        found = self._steered(self._model, heard.samples, expect)
        if UNSURE < found.free.log_likelihood - _best(found) < HOPELESS and len(heard.words) >= Model.SHORTEST:
            found = mixed(found, self._steered(self._model, heard.words, expect))
        return Hearing(found.free, found.home or (UNSAYABLE,))

    def _steered(self, model: Model, samples: NDArray[np.int16], expect: Cursor) -> Found:
        """What is remembered about a grammar hangs on its first place: another grammar has another one."""
        speller = self._spellers.pop(expect, None)
        if speller is None:
            self._pieces = self._pieces or Pieces(model.vocabulary)
            speller = Speller(self._pieces)
            while len(self._spellers) >= GRAMMARS:
                self._spellers.pop(next(iter(self._spellers)))
        self._spellers[expect] = speller
        return steered(model, model.encode(samples), speller, Place(expect), self._width)

    @staticmethod
    def _missing(folder: Path) -> None:
        absent = [name for name in FILES if not (folder / name).is_file()]
        if absent:
            raise EngineMissing("moonshine", f"{folder} has no {', '.join(absent)}; {REMEDY}")


def _at(hearing: Hearing, end: float, final: bool = False) -> Hearing:
    return Hearing(hearing.free, hearing.home, end, final)


def _best(found: Found) -> float:
    return max((hypothesis.log_likelihood for hypothesis in found.home), default=-math.inf)


SILENCE = Hearing(Hypothesis("", 0.0))


BEFORE = SAMPLE_RATE // 10
"""Samples kept before the first voiced one where the quiet is cut off: a soft beginning is not voiced yet."""
UNSAYABLE = Hypothesis("", -math.inf)
"""Nothing that may be said here is anywhere near."""


class Growing:
    """The utterance so far in one piece: room doubles, so that a minute of speech is copied a few times at most."""

    def __init__(self, room: int = 10 * SAMPLE_RATE) -> None:
        self._room = np.empty(room, np.int16)
        self._used = 0
        self._words: int | None = None
        self.end = 0.0

    def append(self, chunk: AudioChunk) -> None:
        needed = self._used + len(chunk.samples)
        if needed > len(self._room):
            self._room = np.concatenate([self._room, np.empty(max(needed, len(self._room)), np.int16)])
        self._room[self._used : needed] = chunk.samples
        if chunk.voiced and self._words is None:
            self._words = max(0, self._used - BEFORE)
        self._used, self.end = needed, chunk.end

    @property
    def samples(self) -> NDArray[np.int16]:
        """A view, shape (n,); what is there never changes."""
        return self._room[: self._used]

    @property
    def words(self) -> NDArray[np.int16]:
        """The same from just before the first voiced sample on."""
        return self._room[self._words or 0 : self._used]


def bundled_model() -> Path:
    """The folder in the wheel. Raises `EngineMissing` where the wheel is not installed."""
    spec = find_spec("moonshine_voice")
    if spec is None or spec.origin is None:
        raise EngineMissing("moonshine", REMEDY)
    return Path(spec.origin).parent / "assets" / "tiny-en"
