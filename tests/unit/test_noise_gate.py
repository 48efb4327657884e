"""The gate in front: closed in any steady room, open for what is louder."""

from __future__ import annotations

import itertools
import math
from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import FastClock
from repartee.engines.vad import fake, silero
from repartee.stages.audio_in.noise_gate import AFTER, GATHERED, HOLD, GatedVad, NoiseGate, QuietBatcher
from tests import sound

FRAME = 512


def open_share(gate: NoiseGate, samples: NDArray[np.int16]) -> float:
    frames = [samples[at : at + FRAME] for at in range(0, len(samples) - FRAME + 1, FRAME)]
    return float(np.mean([gate.loud(frame) for frame in frames]))


def hum(seconds: float, level: float, hertz: float = 50.0) -> NDArray[np.int16]:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


@pytest.mark.parametrize(
    "room",
    [
        sound.silence(5),
        sound.noisy(sound.silence(5), 30),
        sound.noisy(sound.silence(5), 1000),
        hum(5, 2000),
        sound.noisy(np.full(5 * SAMPLE_RATE, 4000, np.int16), 30),
    ],
    ids=["nothing", "quiet", "loud", "hum of 50 Hz", "an offset"],
)
def test_a_steady_room_is_silence(room: NDArray[np.int16]) -> None:
    assert open_share(NoiseGate(), room) < 0.05


@pytest.mark.parametrize("level", [10, 100, 500])
def test_speech_opens_it_and_it_closes_after(level: float) -> None:
    gate, words = NoiseGate(), sound.spoken("turn on the kitchen lights")
    room = sound.noisy(sound.silence(2), level)
    assert open_share(gate, room) < 0.05
    assert open_share(gate, sound.noisy(words, level)) > 0.9
    after = sound.noisy(sound.silence(3), level)
    assert open_share(gate, after) == pytest.approx(HOLD / 3, abs=0.1)


@pytest.mark.parametrize("hertz", [50, 60, 100, 120, 150])
@pytest.mark.parametrize("level", [0.05, 0.2, 0.4])
def test_beside_a_steady_hum_speech_opens_it_and_the_hum_alone_does_not(hertz: float, level: float) -> None:
    """Of a fridge, a transformer, a bad cable; `level` of full scale."""
    gate, words = NoiseGate(), sound.spoken("turn on the kitchen lights")
    long = hum(20, level * 32767, hertz)
    room = sound.noisy(long, 20)
    assert open_share(gate, room[: 4 * SAMPLE_RATE]) < 0.05
    both = np.clip(room[: len(words)].astype(np.int32) + words // 3, -32767, 32767).astype(np.int16)
    assert open_share(gate, both) > 0.8
    assert open_share(gate, room[: 8 * SAMPLE_RATE]) < 0.2


def test_a_voice_beside_a_hum_is_speech_for_the_detector_behind_the_gate() -> None:
    vad, words = GatedVad(silero.Engine()), sound.spoken("turn on the kitchen lights")
    room = sound.noisy(hum(20, 0.2 * 32767, 100), 20)
    both = np.clip(room[: len(words)].astype(np.int32) + words // 2, -32767, 32767).astype(np.int16)
    samples = np.concatenate([room[: 4 * SAMPLE_RATE], both])
    speech = [vad.speech(samples[at : at + FRAME]) for at in range(0, len(samples) - FRAME + 1, FRAME)]
    assert max(speech[: 4 * SAMPLE_RATE // FRAME]) < 0.5
    assert np.mean(np.array(speech[4 * SAMPLE_RATE // FRAME :]) > 0.5) > 0.5


def test_a_room_that_becomes_louder_is_learnt() -> None:
    gate = NoiseGate()
    open_share(gate, sound.noisy(sound.silence(2), 20))
    assert open_share(gate, sound.noisy(sound.silence(20), 200)) > 0.3
    assert open_share(gate, sound.noisy(sound.silence(5), 200)) < 0.05


def test_nothing_behind_it_runs_in_silence() -> None:
    asked = 0

    class Counting(fake.Engine):
        def speech(self, frame: NDArray[np.int16]) -> float:
            nonlocal asked
            asked += 1
            return super().speech(frame)

    gated = GatedVad(Counting())
    quiet, loud = sound.noisy(sound.silence(0.032), 5), np.full(FRAME, 3000, np.int16)
    loud[::2] = -3000
    assert [gated.speech(quiet) for _ in range(100)] == [0.0] * 100
    assert asked == 0
    assert gated.speech(loud) == 1.0
    assert asked == 2  # the frame before it, too
    gated.reset()
    assert gated.speech(quiet) == 0.0


class Sound:
    """These samples in chunks of 20 ms; from `hole` on (seconds) all of it is a second late."""

    def __init__(self, samples: NDArray[np.int16], hole: float = math.inf) -> None:
        self._samples, self._hole = samples, hole
        self.clock = FastClock()

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        for at in range(0, len(self._samples), 320):
            start = at / SAMPLE_RATE
            yield AudioChunk(self._samples[at : at + 320], SAMPLE_RATE, start + (start >= self._hole))


async def test_a_quiet_room_comes_in_fewer_chunks_and_no_sound_is_late() -> None:
    words, quiet = sound.spoken("turn on the lamp"), sound.silence(6.02)
    samples = sound.noisy(np.concatenate([quiet, words, quiet]))
    chunks = [chunk async for chunk in QuietBatcher(Sound(samples))]
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), samples)
    assert all(a.end == pytest.approx(b.start) for a, b in itertools.pairwise(chunks))
    begin, end = 6.02, 6.02 + len(words) / SAMPLE_RATE
    assert {round(c.seconds, 3) for c in chunks if c.start > 1 and c.end < begin} == {GATHERED}
    assert all(c.seconds < 0.021 for c in chunks if begin + 0.08 < c.start < end + AFTER - 0.2)


async def test_a_hole_in_the_sound_stays_where_it_is() -> None:
    chunks = [chunk async for chunk in QuietBatcher(Sound(sound.noisy(sound.silence(2)), hole=1.02))]
    ((before, after),) = [(a, b) for a, b in itertools.pairwise(chunks) if b.start - a.end > 0.01]
    assert [before.end, after.start] == pytest.approx([1.02, 2.02])
