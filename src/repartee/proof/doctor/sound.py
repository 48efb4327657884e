"""The microphone and its room, from a few seconds of sound: level, noise, clipping, bandwidth, echo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log10

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE
from repartee.stages.audio_in.microphone_check import ADVICE, FULL, faults

from .finding import Finding, Grade

FRAME = SAMPLE_RATE // 50
QUIET_SPEECH, NOISE_RATIO, LOUD_NOISE = -45.0, 12.0, -40.0
"""dB below full scale for speech; dB of speech over noise; dB below full scale for noise with nobody speaking."""
CLIPPED = 0.001
"""Share of samples of speech at the end of the scale."""
BELOW, ABOVE = (2_500.0, 3_700.0), (4_300.0, 7_500.0)
"""Hz: at both sides of the edge of a telephone's band."""
CLIFF = 32.0
"""dB that the sound may fall over that edge: by up to 27 in 87 recordings, by 37 and more in the same at 8 kHz."""
ECHO_DB, ECHO_MS = -6.0, 250.0
"""How loud our own voice comes back against how it was sent; how late."""
LONG_ECHO = 0.5
"""Seconds of delay that are looked at."""
CORRELATED = 0.2
"""From here on what was heard is what was played."""


@dataclass(frozen=True, slots=True)
class Room:
    """Figures of a stretch of sound; dB are against full scale."""

    speech_db: float
    """Level of its loud frames; -inf: only zeros."""
    noise_db: float
    """Level of its quiet frames."""
    clipped: float
    """Share of samples at the end of the scale, of its loud frames."""
    cliff_db: float
    """How much less there is above a telephone's band than at its upper end, while it is loud."""
    wrong: tuple[str, ...]
    """Faults of a microphone by name, as `ADVICE` has them, in more than half of its seconds."""
    seconds: float

    @property
    def speaks(self) -> bool:
        """Whether anybody speaks in it at all: loud and quiet frames differ."""
        return self.speech_db - self.noise_db > 6.0


@dataclass(frozen=True, slots=True)
class Echo:
    """How our own voice comes back."""

    db: float
    """Against how it was sent."""
    ms: float
    """How late."""


def room(samples: NDArray[np.int16]) -> Room:
    """`samples` at 16 kHz, at least half a second."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels = np.sqrt(np.mean((frames - frames.mean()) ** 2, axis=1))
    loud = frames[levels >= np.quantile(levels, 0.8)]
    seconds = [samples[at : at + SAMPLE_RATE] for at in range(0, len(samples) - SAMPLE_RATE + 1, SAMPLE_RATE)]
    names = [name for second in seconds for name in faults(second)]
    wrong = tuple(name for name in ADVICE if names.count(name) > len(seconds) / 2)
    return Room(
        _db(float(np.quantile(levels, 0.9))),
        _db(float(np.quantile(levels, 0.1))),
        float((np.abs(loud) >= FULL).mean()) if len(loud) else 0.0,
        _cliff(loud),
        wrong,
        len(samples) / SAMPLE_RATE,
    )


def echo(played: NDArray[np.int16], heard: NDArray[np.int16]) -> Echo | None:
    """Both at 16 kHz and begun at once; None: what was played is not in what was heard."""
    size = min(len(played), len(heard))
    one, other = (sound[:size].astype(np.float64) - sound[:size].mean() for sound in (played, heard))
    energy = float(one @ one)
    if not energy or not other.any():
        return None
    spectrum = np.fft.rfft(other, 2 * size) * np.conj(np.fft.rfft(one, 2 * size))
    likeness = np.fft.irfft(spectrum)[: int(LONG_ECHO * SAMPLE_RATE)]
    at = int(np.argmax(np.abs(likeness)))
    reached = one[: size - at]
    gain = float(abs(likeness[at])) / float(reached @ reached)
    if abs(likeness[at]) / np.sqrt(energy * float(other @ other)) < CORRELATED:
        return None
    return Echo(20 * log10(gain), at / SAMPLE_RATE * 1000)


def findings(sound: Room, back: Echo | None = None, echo_engine: str = "kalman") -> Iterator[Finding]:
    """`echo_engine`: what takes our own voice out."""
    if sound.speech_db == -inf or "mute" in sound.wrong:
        yield Finding("muted", Grade.BROKEN, "the microphone gave only zeros", "nothing is heard", ADVICE["mute"])
        return
    for name in sound.wrong:
        if name not in ("mute", "clipped"):
            yield Finding(
                f"microphone_{name}",
                Grade.COSTS,
                f"in more than half of {sound.seconds:.0f} s",
                "the beginning of speech is found late, and more is misheard",
                ADVICE[name],
            )
    yield from _level(sound)
    if sound.speaks and sound.cliff_db > CLIFF:
        yield Finding(
            "narrow_band",
            Grade.COSTS,
            f"above 4 kHz there is {sound.cliff_db:.0f} dB less than below: the band of a telephone",
            "s, f and th sound alike: names that differ in them are confused",
            "Choose a microphone or profile of 16 kHz and more (a Bluetooth headset: its wide band profile).",
        )
    if back:
        yield from _echo(back, echo_engine)


def _level(sound: Room) -> Iterator[Finding]:
    if sound.clipped >= CLIPPED or "clipped" in sound.wrong:
        yield Finding(
            "clipping",
            Grade.COSTS,
            f"{100 * sound.clipped:.1f} % of the samples of loud sound are cut off",
            "cut-off vowels are misheard",
            ADVICE["clipped"],
        )
    if sound.speaks and sound.speech_db < QUIET_SPEECH:
        yield Finding(
            "quiet",
            Grade.COSTS,
            f"the loudest sound is {sound.speech_db:.0f} dB below full scale (of speech)",
            "the beginnings and ends of sentences are lost",
            "Raise the gain of the microphone, or put it nearer to where people speak.",
        )
    ratio = sound.speech_db - sound.noise_db
    if (sound.speaks and ratio < NOISE_RATIO) or (not sound.speaks and sound.noise_db > LOUD_NOISE):
        yield Finding(
            "noise",
            Grade.COSTS,
            f"noise is at {sound.noise_db:.0f} dB, speech {ratio:.0f} dB above it",
            "at 5 dB two more of 31 commands were not understood than at 10 (docs/hearing.md)",
            "Find what is loud (a fan, a fridge, a television) and move the microphone away from it.",
        )


def _echo(back: Echo, engine: str) -> Iterator[Finding]:
    if back.ms > ECHO_MS:
        yield Finding(
            "late_echo",
            Grade.COSTS,
            f"our own voice comes back {back.ms:.0f} ms late",
            "it is taken for somebody who interrupts: replies break off",
            "Use a loudspeaker on a cable instead of Bluetooth, or `barge_in = false` in [audio].",
        )
    elif back.db > ECHO_DB or engine == "none":
        yield Finding(
            "loud_echo",
            Grade.COSTS,
            f"our own voice comes back {back.db:+.0f} dB; what takes it out is `{engine}`",
            "who speaks during a reply is not heard; replies may interrupt themselves",
            'Turn the loudspeaker down, move it away from the microphone, and keep `echo = "kalman"` in [audio].',
        )


def _cliff(loud: NDArray[np.float64]) -> float:
    """dB, in the mean spectrum of loud frames."""
    if not loud.any():
        return 0.0
    power = np.mean(np.abs(np.fft.rfft(loud * np.hanning(FRAME), axis=1)) ** 2, axis=0)
    hertz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)
    below, above = (power[(hertz >= low) & (hertz <= high)].mean() for low, high in (BELOW, ABOVE))
    return 10 * log10(below / max(above, 1e-9)) if below else 0.0


def _db(level: float) -> float:
    return 20 * log10(level / 32768) if level > 0 else -inf
