"""Sound from a file: WAV, FLAC, OGG, MP3, whatever libsndfile reads."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from repartee.core.audio import AudioChunk
from repartee.core.clock import Clock, FastClock, LiveClock
from repartee.core.errors import BadAudio

from .format import chunks

BLOCK = 0.02
"""Seconds of sound at a time, as from a microphone."""


class Source:
    """One recording, played at the pace of life or as fast as we can listen. Iterate once.

    Raises `BadAudio` at once for what can't be read; a file that breaks off gives what is there.
    """

    def __init__(self, path: Path, *, realtime: bool = False, data: bytes | None = None) -> None:
        """`data`: what is in it, where it is no file here; `path` is then only its name."""
        self.path = path
        self._file = _opened(path) if data is None else _read(path, data)
        self._realtime = realtime
        time = asyncio.get_running_loop().time
        self.clock: Clock = LiveClock(time) if realtime else FastClock(time)

    @property
    def seconds(self) -> float:
        return float(self._file.frames / self._file.samplerate)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        with self._file:
            for chunk in chunks(self._blocks(), self._file.samplerate):
                early = begin + chunk.end - loop.time() if self._realtime else 0
                await asyncio.sleep(early)
                if early >= 0:  # else the sound was there and we came late: that is latency, no stall of the sound
                    self.clock.heard(chunk.end)
                yield chunk

    def _blocks(self) -> Iterator[NDArray[np.float32]]:
        size = max(1, int(self._file.samplerate * BLOCK))
        try:
            yield from self._file.blocks(size, dtype="float32")
        except sf.LibsndfileError as error:
            raise BadAudio(f"{self.path}: broken after {self._file.tell()} samples: {error}") from error


def _opened(path: Path) -> sf.SoundFile:
    if not path.is_file():
        raise BadAudio(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise BadAudio(f"{path}: empty file")
    return _sound(path, str(path))


def _read(name: Path, data: bytes) -> sf.SoundFile:
    if not data:
        raise BadAudio(f"{name}: empty file")
    return _sound(name, io.BytesIO(data))


def _sound(path: Path, what: str | BinaryIO) -> sf.SoundFile:
    try:
        file = sf.SoundFile(what)
    except sf.LibsndfileError as error:
        formats = "WAV, FLAC, OGG or MP3"
        raise BadAudio(f"{path}: not a sound file that can be read ({error}); give {formats}") from error
    if file.frames == 0:
        file.close()
        raise BadAudio(f"{path}: no sound in it")
    return file
