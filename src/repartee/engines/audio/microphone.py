"""The machine's own microphone and loudspeaker, through PortAudio (extra `microphone`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import soxr

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import LiveClock
from repartee.core.distribution import install
from repartee.core.errors import EngineMissing
from repartee.core.ring import Ring

from .format import pcm16

log = logging.getLogger(__name__)
BLOCK = 320
GONE = 2.0
"""Seconds without any sound, not even silence, after which a device is taken for unplugged."""
REMEDY = f"{install('microphone')} (and on Debian: apt-get install libportaudio2); or use the page in the browser"


def _portaudio() -> Any:
    """PortAudio looks for devices when it is loaded, so it is loaded only here."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise EngineMissing("microphone", REMEDY) from error
    return sounddevice


class Source:
    """Live sound from the default input; five seconds are kept for a slow listener, older sound is lost and counted.

    A device that is unplugged is said in the log once, and tried again until it is back.
    """

    def __init__(self, device: str | int | None = None) -> None:
        self._audio = _portaudio()
        self._device = device
        self._loop = asyncio.get_running_loop()
        self.clock = LiveClock(self._loop.time)
        self.ring = Ring(5 * SAMPLE_RATE)
        self.unplugged = 0
        """Times that the device went away."""
        self._arrived = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        stream = self._open()
        try:
            while True:
                try:
                    async with asyncio.timeout(GONE):
                        await self._arrived.wait()
                except TimeoutError:
                    stream = await self._again(stream)
                    continue
                self._arrived.clear()
                self.clock.heard(self.ring.written / SAMPLE_RATE)
                while len(self.ring) >= BLOCK:
                    yield self._next()
        finally:
            stream.close()

    def _next(self) -> AudioChunk:
        lost = self.ring.lost
        samples = self.ring.take(BLOCK)
        if self.ring.lost > lost == 0:
            log.warning("sound came faster than it was heard: the oldest is dropped, and counted from here on")
        return AudioChunk(samples, SAMPLE_RATE, (self.ring.position - len(samples)) / SAMPLE_RATE)

    def _captured(self, data: Any, *_: Any) -> None:
        """On PortAudio's thread."""
        self.ring.write(np.frombuffer(data, np.int16))
        self._loop.call_soon_threadsafe(self._arrived.set)

    def _open(self) -> Any:
        try:
            stream = self._audio.RawInputStream(
                SAMPLE_RATE, BLOCK, self._device, channels=1, dtype="int16", callback=self._captured
            )
            stream.start()
        except self._audio.PortAudioError as error:
            raise EngineMissing("microphone", f"{error}; {REMEDY}") from error
        return stream

    async def _again(self, stream: Any) -> Any:
        """No sound for a while: the same device, or whatever is the default now."""
        self.unplugged += 1
        log.warning("the microphone is silent: unplugged? It is tried again every %g s", GONE)
        stream.close()
        while True:
            try:
                return self._open()
            except EngineMissing:
                await asyncio.sleep(GONE)


class Sink:
    """The default loudspeaker, with 100 ms of sound between us and the device."""

    RATE = 22_050

    def __init__(self, device: str | int | None = None) -> None:
        self._audio = _portaudio()
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._room = asyncio.Event()
        self._held = False
        try:
            self._stream = self._audio.RawOutputStream(
                self.RATE, 512, device, channels=1, dtype="int16", callback=self._wanted
            )
        except self._audio.PortAudioError as error:
            raise EngineMissing("microphone", f"{error}; {REMEDY}") from error
        self._stream.start()

    async def play(self, chunk: AudioChunk) -> None:
        sound = chunk.samples.astype(np.float32) / 32768.0
        samples = pcm16(soxr.resample(sound, chunk.rate, self.RATE)) if chunk.rate != self.RATE else chunk.samples
        self._waiting += samples.tobytes()
        await self._until(int(self.RATE * 0.1) * 2)

    async def drain(self) -> None:
        await self._until(0)
        await asyncio.sleep(self._stream.latency)

    def stop(self) -> None:
        self._waiting.clear()
        self._held = False

    def hold(self) -> None:
        self._held = True

    def resume(self) -> None:
        self._held = False

    async def _until(self, most: int) -> None:
        while len(self._waiting) > most:
            self._room.clear()
            await self._room.wait()

    def _wanted(self, out: Any, *_: Any) -> None:
        """On PortAudio's thread: what we have, then silence; held, only silence."""
        data = b"" if self._held else bytes(self._waiting[: len(out)])
        del self._waiting[: len(data)]
        out[:] = data + bytes(len(out) - len(data))
        self._loop.call_soon_threadsafe(self._room.set)
