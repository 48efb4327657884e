"""Speech to bytes that a client asked for: raw PCM, WAV, FLAC, Opus or MP3, at its rate, while it is being spoken."""

from __future__ import annotations

import io
import struct
from collections.abc import AsyncIterator
from typing import Protocol

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from repartee.core.audio import AudioChunk
from repartee.core.errors import BadInput

from .format import HIGHEST, LOWEST

MEDIA_TYPES = {
    "pcm": "audio/pcm",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "opus": "audio/ogg; codecs=opus",
    "mp3": "audio/mpeg",
}
"""Formats, and what they are called over HTTP."""
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""Hz: what Opus knows (RFC 6716); others are brought to the next one above."""
MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Hz: what MP3 knows (ISO 11172-3, 13818-3, and 2.5)."""
UNKNOWN = 0xFFFFFFFF
"""The length of a WAV file that is still being spoken."""


class _Coder(Protocol):
    def add(self, samples: NDArray[np.int16]) -> bytes: ...

    def end(self) -> bytes: ...


async def encoded(speech: AsyncIterator[AudioChunk], form: str, rate: int | None = None) -> AsyncIterator[bytes]:
    """Pieces of one file. `rate`: Hz; None: as it comes. Speech without sound gives nothing.

    Raises `BadInput` for a format or rate that there is not.
    """
    if form not in MEDIA_TYPES:
        raise BadInput(f"there is no format {form!r}; there are: {', '.join(MEDIA_TYPES)}")
    if rate is not None and not LOWEST <= rate <= HIGHEST:
        raise BadInput(f"a rate of {rate} Hz is not possible; it lies between {LOWEST} and {HIGHEST}")
    coder: _Coder | None = None
    resample: _Resampler | None = None
    async for chunk in speech:
        if coder is None or resample is None:
            target = _possible(form, rate or chunk.rate)
            resample, coder = _Resampler(chunk.rate, target), _coder(form, target)
        if data := coder.add(resample(chunk.samples)):
            yield data
    if coder and resample:
        yield coder.add(resample(np.zeros(0, np.int16), last=True)) + coder.end()


def _possible(form: str, rate: int) -> int:
    known = {"opus": OPUS_RATES, "mp3": MP3_RATES}.get(form)
    return next((r for r in known if r >= rate), known[-1]) if known else rate


def _coder(form: str, rate: int) -> _Coder:
    if form in ("pcm", "wav"):
        return _Raw(_wav_header(rate) if form == "wav" else b"")
    return _Compressed(form, rate)


class _Resampler:
    def __init__(self, source: int, target: int) -> None:
        self._stream = soxr.ResampleStream(source, target, 1, dtype="int16") if source != target else None

    def __call__(self, samples: NDArray[np.int16], last: bool = False) -> NDArray[np.int16]:
        return self._stream.resample_chunk(samples, last=last) if self._stream else samples


class _Raw:
    def __init__(self, header: bytes) -> None:
        self._header = header

    def add(self, samples: NDArray[np.int16]) -> bytes:
        header, self._header = self._header, b""
        return header + samples.astype("<i2").tobytes()

    def end(self) -> bytes:
        return b""


class _Compressed:
    """FLAC, MP3, or Opus in Ogg, by libsndfile. Opus is given away page by page; the headers of the others say how long
    they are, so that they come whole at the end."""

    def __init__(self, form: str, rate: int) -> None:
        self._bytes = io.BytesIO()
        self._given = 0
        self._streams = form == "opus"
        kind = {"opus": ("OGG", "OPUS"), "mp3": ("MP3", "MPEG_LAYER_III")}.get(form, ("FLAC", "PCM_16"))
        self._file = sf.SoundFile(self._bytes, "w", rate, 1, format=kind[0], subtype=kind[1])

    def add(self, samples: NDArray[np.int16]) -> bytes:
        self._file.write(samples)
        self._file.flush()
        return self._new() if self._streams else b""

    def end(self) -> bytes:
        self._file.close()
        return self._new()

    def _new(self) -> bytes:
        data = self._bytes.getvalue()[self._given :]
        self._given += len(data)
        return data


def _wav_header(rate: int) -> bytes:
    """Mono, 16 bit, length unknown."""
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", UNKNOWN)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", UNKNOWN)
    )
