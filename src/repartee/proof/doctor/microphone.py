"""Where the doctor's sound comes from: a recording, or a few seconds of this machine's microphone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from repartee.assembly.settings import Settings
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.errors import BadAudio, EngineMissing

from . import sound
from .finding import Finding, Grade, Part

SECONDS = 6.0
"""Of the microphone; the second half plays a sound of ours to see how it comes back."""
SHORTEST = 1.0
LOWEST_RATE = 16_000


async def examine(settings: Settings, recording: Path | None, played: Path | None) -> Part:
    """`played`: what the loudspeaker played while `recording` was made, begun at once."""
    engine = settings.audio.echo
    if recording is None:
        return await _live(engine)
    samples, rate = read(recording)
    back = sound.echo(read(played)[0], samples) if played else None
    part = _judged(recording.name, samples, back, engine)
    if rate < LOWEST_RATE:
        part = Part(part.name, part.seen, [*part.findings, _low(rate)])
    return part


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    """At 16 kHz, and the rate it had. Raises `BadAudio`."""
    try:
        wave, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise BadAudio(f"{path}: {error}") from error
    if len(wave) < SHORTEST * rate:
        raise BadAudio(f"{path}: a second of sound is the least; ten with somebody speaking say more")
    mono = soxr.resample(wave.mean(axis=1), rate, SAMPLE_RATE)
    return (np.clip(mono, -1, 1) * 32767).astype(np.int16), rate


async def _live(engine: str) -> Part:
    from repartee.engines.audio import microphone

    try:
        source, sink = microphone.Source(), microphone.Sink()
        heard = await _heard(source, SECONDS / 2)
        noise = (np.random.default_rng(0).normal(0, 1500, int(SAMPLE_RATE * SECONDS / 2))).astype(np.int16)
        playing = asyncio.create_task(sink.play(AudioChunk(noise, SAMPLE_RATE, 0.0)))
        with_ours = await _heard(source, SECONDS / 2)
        sink.stop()
        playing.cancel()
    except EngineMissing as error:
        return Part("microphone", skipped=f"{error}; or give a recording of yours: --recording FILE")
    return _judged("the microphone", heard, sound.echo(noise, with_ours), engine)


async def _heard(source: object, seconds: float) -> NDArray[np.int16]:
    pieces: list[NDArray[np.int16]] = []
    async with asyncio.timeout(seconds + 5):
        async for chunk in source:  # type: ignore[attr-defined]
            pieces.append(chunk.samples)
            if sum(map(len, pieces)) >= seconds * SAMPLE_RATE:
                break
    return np.concatenate(pieces)


def _judged(name: str, samples: NDArray[np.int16], back: sound.Echo | None, engine: str) -> Part:
    room = sound.room(samples)
    told = f"; our own voice comes back {back.db:+.0f} dB after {back.ms:.0f} ms" if back else ""
    seen = f"{name}: {room.seconds:.0f} s, speech at {room.speech_db:.0f} dB, noise at {room.noise_db:.0f} dB{told}"
    return Part("microphone", seen, list(sound.findings(room, back, engine)))


def _low(rate: int) -> Finding:
    return Finding(
        "sample_rate",
        Grade.COSTS,
        f"recorded at {rate} Hz; speech wants {LOWEST_RATE}",
        "s, f and th sound alike: names that differ in them are confused",
        "Set the device (or the satellite) to 16000 Hz.",
    )
