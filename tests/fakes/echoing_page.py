"""A page in a room: what its loudspeaker plays comes back into its microphone, louder or softer, after a while."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.channel import Channel
from repartee.engines.audio import browser

FRAME = browser.FRAME
Samples = NDArray[np.float32]


class EchoingPage:
    """Plays what the outbox holds and feeds a source, on the running loop's time.

    `gain`: of the echo beside what is played; `delay`: seconds from the message to the microphone, by network, sound
    card and air together; `decay`: seconds in which the room's reverberation falls by 60 dB, 0: none.
    `jitter`: seconds by which each utterance may begin later than the one before, as sound cards and networks have it.
    """

    def __init__(
        self, gain: float, delay: float, decay: float = 0.0, noise: float = 20.0, seed: int = 0, jitter: float = 0.0
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.outbox: browser.Outbox = Channel(256)
        self.sink = browser.Sink(self.outbox, self._loop.time)
        self.source = browser.Source(self._loop.time)
        self.person = np.zeros(0, np.float32)
        """What somebody says from now on; taken as it is heard."""
        self._random, self._noise = np.random.default_rng(seed), noise
        self._response = self._room(gain, decay)
        self._delay = round(delay * SAMPLE_RATE)
        self._jitter = jitter
        self._queue = np.zeros(0, np.float32)
        self._past = np.zeros(self._delay + len(self._response) + FRAME, np.float32)
        self._resampler: soxr.ResampleStream | None = None
        self._rate, self._utterance, self._all_there, self._held = SAMPLE_RATE, 0, False, False

    def _room(self, gain: float, decay: float) -> Samples:
        count = max(1, round(decay * SAMPLE_RATE))
        tail = self._random.normal(0, 0.25, count) * 10 ** (-3 * np.arange(count) / count)
        tail[0] = 3.0
        scaled: Samples = (tail * gain / np.sqrt((tail * tail).sum())).astype(np.float32)
        return scaled

    async def read(self) -> None:
        """Until cancelled, as the page does it."""
        async for message in self.outbox:
            if isinstance(message, bytes):
                self._take(np.frombuffer(message, "<i2"))
            else:
                self._obey(json.loads(message))

    def _take(self, samples: NDArray[np.int16]) -> None:
        assert self._resampler
        sound = self._resampler.resample_chunk(samples.astype(np.float32))
        self._queue = np.concatenate([self._queue, sound])

    def _obey(self, told: dict[str, object]) -> None:
        match told["type"]:
            case "speaking":
                self._rate, self._all_there = int(str(told["rate"])), False
                self._resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="float32")
                self._utterance = int(str(told["utterance"]))
                late = round(self._random.uniform(0, self._jitter) * SAMPLE_RATE)
                self._queue = np.concatenate([self._queue, np.zeros(late, np.float32)])
            case "spoken":
                self._all_there = True
            case "silence":
                self._queue, self._held = self._queue[:0], False
            case "hold":
                self._held = True
            case "resume":
                self._held = False

    async def hear(self, seconds: float) -> None:
        """The microphone, at the pace of life."""
        begin = self._loop.time()
        for number in range(round(seconds * SAMPLE_RATE / FRAME)):
            await asyncio.sleep(begin + (number + 1) * FRAME / SAMPLE_RATE - self._loop.time())
            self._play()
            sound = self._echo() + self._random.normal(0, self._noise, FRAME) + self._somebody()
            self.source.feed(np.clip(sound, -32767, 32767).astype("<i2").tobytes())
        self.source.end()

    def _play(self) -> None:
        part = self._queue[: 0 if self._held else FRAME]
        self._queue = self._queue[len(part) :]
        self._past = np.concatenate([self._past[FRAME:], part, np.zeros(FRAME - len(part), np.float32)])
        if self._all_there and not len(self._queue):
            self._all_there = False
            self.sink.played(self._utterance)

    def _echo(self) -> Samples:
        recent = self._past[len(self._past) - self._delay - FRAME - len(self._response) :][
            : FRAME + len(self._response)
        ]
        echo: Samples = np.convolve(recent, self._response)[len(self._response) : len(self._response) + FRAME]
        return echo

    def _somebody(self) -> Samples:
        part = self.person[:FRAME]
        self.person = self.person[FRAME:]
        return np.pad(part, (0, FRAME - len(part)))


class Recorded:
    """A voice that says what was synthesised before (of what was not, the first): on virtual time no thread may be
    waited for."""

    def __init__(self, said: dict[str, list[AudioChunk]]) -> None:
        self._said = said

    async def warm(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        for chunk in self._said.get(text, next(iter(self._said.values()))):
            yield chunk

    def close(self) -> None:
        """Nothing to give back."""
