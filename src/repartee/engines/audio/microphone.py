"""The machine's own microphone and loudspeaker, through PortAudio (extra `microphone`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import soxr

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.channel import Channel
from repartee.core.clock import LiveClock
from repartee.core.errors import EngineMissing

from .format import pcm16

BLOCK = 320
REMEDY = (
    "pip install 'repartee[microphone]' (and on Debian: apt-get install libportaudio2); or use the page in the browser"
)


def _portaudio() -> Any:
    """PortAudio looks for devices when it is loaded, so it is loaded only here."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise EngineMissing("microphone", REMEDY) from error
    return sounddevice


class Source:
    """Live sound from the default input; five seconds are kept for a slow listener, older sound is dropped."""

    def __init__(self, device: str | int | None = None) -> None:
        self._audio = _portaudio()
        self._device = device
        self._loop = asyncio.get_running_loop()
        self.clock = LiveClock(self._loop.time)
        self.channel = Channel[AudioChunk](5 * SAMPLE_RATE // BLOCK)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        position = 0

        def deliver(samples: Any) -> None:
            nonlocal position
            self.channel.push(AudioChunk(samples, SAMPLE_RATE, position / SAMPLE_RATE))
            position += len(samples)
            self.clock.heard(position / SAMPLE_RATE)

        def captured(data: Any, *_: Any) -> None:
            self._loop.call_soon_threadsafe(deliver, np.frombuffer(data, np.int16).copy())

        try:
            stream = self._audio.RawInputStream(
                SAMPLE_RATE, BLOCK, self._device, channels=1, dtype="int16", callback=captured
            )
        except self._audio.PortAudioError as error:
            raise EngineMissing("microphone", f"{error}; {REMEDY}") from error
        with stream:
            async for chunk in self.channel:
                yield chunk


class Sink:
    """The default loudspeaker, with 100 ms of sound between us and the device."""

    RATE = 22_050

    def __init__(self, device: str | int | None = None) -> None:
        self._audio = _portaudio()
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._room = asyncio.Event()
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

    async def _until(self, most: int) -> None:
        while len(self._waiting) > most:
            self._room.clear()
            await self._room.wait()

    def _wanted(self, out: Any, *_: Any) -> None:
        """On PortAudio's thread: what we have, then silence."""
        data = bytes(self._waiting[: len(out)])
        del self._waiting[: len(data)]
        out[:] = data + bytes(len(out) - len(data))
        self._loop.call_soon_threadsafe(self._room.set)
