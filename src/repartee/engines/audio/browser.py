"""Sound from and to a page in the browser, over its socket. docs/socket.md describes the frames and messages.

Both ways: 16-bit little-endian mono PCM in binary frames. In: 16 kHz at the pace of life. Out: at the voice's rate,
between a `speaking` and a `spoken` (all of it was sent) or a `silence` (throw away what was not heard yet).
"""

from __future__ import annotations

import asyncio
import json
import time as _time
from collections.abc import AsyncIterator

import numpy as np

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.channel import Channel
from repartee.core.clock import LiveClock, Time
from repartee.core.errors import BadAudio

from .held import Held

FRAME = SAMPLE_RATE // 50
"""Samples of the chunks handed on: 20 ms, however the sender cuts its frames."""
RING = 1500
"""Chunks held for a turn that does not keep up: 30 s; then the oldest are dropped and counted."""
AHEAD = 0.3
"""Seconds of sound sent before they are due: what a hiccup of the network may take, and little to take back."""
GRACE = 2.0
"""Seconds a page may take beyond the sound itself to say that it was played."""

Outbox = Channel[str | bytes]
"""What goes to the page, in order: JSON messages and frames of sound."""


class Source:
    """What one page's microphone hears, from a press of the button to its release."""

    def __init__(self, time: Time = _time.perf_counter) -> None:
        self.clock = LiveClock(time)
        self._chunks: Channel[AudioChunk] = Channel(RING)
        self._rest = b""
        self._taken = 0

    @property
    def dropped(self) -> int:
        """Chunks lost because they were not taken in time."""
        return self._chunks.dropped

    @property
    def waiting(self) -> int:
        """Bytes of sound that wait to be taken."""
        return len(self._chunks) * FRAME * 2 + len(self._rest)

    def feed(self, pcm: bytes) -> None:
        """Sound that has just arrived; never waits. Raises `BadAudio` when it is not whole samples."""
        if len(pcm) % 2:
            raise BadAudio(f"a frame of sound holds whole 16-bit samples; this one has {len(pcm)} bytes")
        data = self._rest + pcm
        whole = len(data) - len(data) % (FRAME * 2)
        self._rest = data[whole:]
        for at in range(0, whole, FRAME * 2):
            self._push(data[at : at + FRAME * 2])
        self.clock.heard((self._taken + len(self._rest) // 2) / SAMPLE_RATE)

    def end(self) -> None:
        """The button was released: what was fed can still be taken, then the sound is over."""
        if self._rest:
            self._push(self._rest)
            self._rest = b""
        self._chunks.close()

    def __aiter__(self) -> AsyncIterator[AudioChunk]:
        return self._chunks

    def _push(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, "<i2").astype(np.int16, copy=False)
        self._chunks.push(AudioChunk(samples, SAMPLE_RATE, self._taken / SAMPLE_RATE))
        self._taken += len(samples)


class Sink:
    """The loudspeaker of one page. It keeps at most `AHEAD` seconds in the page, so that silence is near."""

    def __init__(self, outbox: Outbox, time: Time = _time.perf_counter) -> None:
        self._outbox = outbox
        self._time = time
        self._utterance = 0
        self._rate: int | None = None
        self._until = 0.0
        self._played = asyncio.Event()
        self._held = Held()

    async def play(self, chunk: AudioChunk) -> None:
        await self._held.over()
        if self._rate is None:
            self._utterance += 1
            self._until = self._time()
            self._played.clear()
        if self._rate != chunk.rate:
            self._rate = chunk.rate
            await self._outbox.send(self._message("speaking", rate=chunk.rate))
        await self._outbox.send(chunk.samples.astype("<i2", copy=False).tobytes())
        now = self._time()
        self._until = max(self._until, now) + chunk.seconds
        await asyncio.sleep(max(0.0, self._until - now - AHEAD))

    async def drain(self) -> None:
        """Until the page says it was played; a page that never does is waited for `GRACE` longer than the sound."""
        if self._rate is None:
            return
        await self._outbox.send(self._message("spoken"))
        await self._held.over()
        try:
            async with asyncio.timeout(max(0.0, self._until - self._time()) + GRACE):
                await self._played.wait()
        except TimeoutError:
            pass  # a page in the background, or one that is gone: the reply is over all the same
        self._rate = None

    def stop(self) -> None:
        if self._rate is not None:
            self._outbox.push(self._message("silence"))
            self._rate = None
            self._played.set()
        self._held.end()

    def hold(self) -> None:
        if self._rate is not None and not self._held:
            self._outbox.push(self._message("hold"))
            self._held.begin(self._time())

    def resume(self) -> None:
        if self._held:
            self._outbox.push(self._message("resume"))
            self._until += self._held.end(self._time())

    def played(self, utterance: int) -> None:
        """The page has played the last sample of this utterance."""
        if utterance == self._utterance:
            self._played.set()

    def _message(self, kind: str, **more: int) -> str:
        return json.dumps({"type": kind, "utterance": self._utterance} | more)
