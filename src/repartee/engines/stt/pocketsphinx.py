"""CMU PocketSphinx (English), its model in its wheel: serves where no better recogniser is installed. Rather deaf."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.decode_schedule import DecodeSchedule, Due
from repartee.core.distribution import install
from repartee.core.errors import EngineMissing
from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.ports import Cursor
from repartee.core.worker import Worker

LANGUAGES = ("en",)


class Engine:
    def __init__(self) -> None:
        if find_spec("pocketsphinx") is None:
            raise EngineMissing("pocketsphinx", install("pocketsphinx"))
        self._worker = Worker("stt")
        self._decoder: Any = None
        self._begun = False

    async def warm(self) -> None:
        await self._worker.run(self._load)

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        """Partials are what the running search believes; the final one is the search's own last word."""
        await self._worker.run(self._begin)
        schedule, waiting, end = DecodeSchedule(), [], 0.0
        async for chunk in audio:
            waiting.append(chunk.samples)
            end = chunk.end
            if schedule.after(chunk) in (Due.PARTIAL, Due.ALL):
                yield Hearing(await self._worker.run(self._hear, np.concatenate(waiting)), end=end)
                waiting.clear()
        rest = np.concatenate(waiting) if waiting else np.empty(0, np.int16)
        yield Hearing(await self._worker.run(self._finish, rest), end=end, final=True)

    def close(self) -> None:
        self._worker.close()

    def _load(self) -> Any:
        if self._decoder is None:
            from pocketsphinx import Decoder

            self._decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
        return self._decoder

    def _begin(self) -> None:
        decoder = self._load()
        if self._begun:  # an utterance that was given up
            decoder.end_utt()
        decoder.start_utt()
        self._begun = True

    def _hear(self, samples: NDArray[np.int16]) -> Hypothesis:
        if len(samples):
            self._decoder.process_raw(samples.tobytes())
        return self._best()

    def _finish(self, samples: NDArray[np.int16]) -> Hypothesis:
        if len(samples):
            self._decoder.process_raw(samples.tobytes())
        self._decoder.end_utt()
        self._begun = False
        return self._best()

    def _best(self) -> Hypothesis:
        best = self._decoder.hyp()
        return Hypothesis(best.hypstr if best else "", 0.0)
