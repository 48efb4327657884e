"""Wake words on recordings of people: misses, false accepts with their bound, latency, and what listening costs.

Thresholds are the models' authors'. The first stage decides alone, as it ships. The end of a word is the last 10 ms
that are louder than a tenth of the loudest tenth of a second around the detection. Latency is audio time from there
plus the computing of that moment.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from bench.figures import SHARED, spread
from bench.record import real, save
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import FastClock
from repartee.core.wake import Detection
from repartee.engines.vad import silero
from repartee.engines.wake import microwakeword
from repartee.proof.wakes import Tally
from repartee.stages.audio_in.endpointer import Endpointer, Endpointing
from repartee.stages.audio_in.noise_gate import GatedVad
from repartee.stages.audio_in.wake import WakeDetector, WakeGate, WakeRules

BLOCK = 320
SAID = ("wake_alexa", "wake_mixed")
NOT_SAID = (
    "negative_names", "negative_words", "negative_other_wake_words", "negative_smart_mirror", "noise", "wake_computer",
    "wake_jarvis_alone", "digits", "home_commands", "read_speech",
)  # fmt: skip
LEFT_OUT = ("multiple_keywords.wav",)
"""A recording of many wake words, ours among them."""
Samples = NDArray[np.int16]


def recordings(folder: str) -> Iterator[tuple[Path, str | None, Samples]]:
    path = SHARED / "audio" / folder
    for row in map(json.loads, (path / "manifest.jsonl").read_text("utf-8").splitlines()):
        if row["file"] in LEFT_OUT:
            continue
        sound, rate = sf.read(str(path / row["file"]), dtype="float64", always_2d=True)
        mono = soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE) if rate != SAMPLE_RATE else sound.mean(axis=1)
        yield path / row["file"], row.get("wake_word"), (np.clip(mono, -1, 1) * 32767).astype(np.int16)


async def heard(ear: WakeDetector, samples: Samples) -> tuple[list[Detection], list[float]]:
    """Detections, and milliseconds of computing in the chunk that settled each."""
    ear.start()
    padded, found, took = np.concatenate([samples, np.zeros(SAMPLE_RATE // 2, np.int16)]), [], []
    spent = [0.0] * 5
    for at in range(0, len(padded), BLOCK):
        begin = time.process_time()
        detection = await ear.hear(AudioChunk(padded[at : at + BLOCK], SAMPLE_RATE, at / SAMPLE_RATE))
        spent = [*spent[1:], max(0.0, spent[-1] + time.process_time() - begin - 0.02)]
        if detection:
            found.append(detection)
            took.append((spent[-1] + min(0.02, time.process_time() - begin)) * 1000)
    return found, took


def end_of_word(samples: Samples, fired: float) -> float:
    """Seconds."""
    levels = np.sqrt((samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(float) ** 2).mean(axis=1))
    begin = max(0, round(fired * 100) - 80)
    around = levels[begin : begin + 120]
    loud = np.flatnonzero(around > np.sort(around)[-10:].mean() / 10)
    return float(begin + loud[-1] + 1) / 100


def accuracy(ear: WakeDetector) -> dict[str, object]:
    tallies, first, confirmed = {}, [], []
    for group, folders in (("said", SAID), ("not_said", NOT_SAID)):
        for folder in folders:
            tally = Tally(tuple(microwakeword.WORDS))
            for path, word, samples in recordings(folder):
                found, took = asyncio.run(heard(ear, samples))
                tally.add(Path(folder, path.name), word, found, len(samples) / SAMPLE_RATE)
                if group == "said" and found and found[0].word == word:
                    end = end_of_word(samples, found[0].fired)
                    first.append((found[0].fired - end) * 1000)
                    confirmed.append((found[0].settled - end) * 1000 + took[0])
            tallies[folder] = tally
            print(folder, {k: v for k, v in tally.as_json().items() if k not in ("missed_files",)}, flush=True)
    silent = Tally(tuple(microwakeword.WORDS))
    for folder in NOT_SAID:
        part = tallies[folder]
        silent.files, silent.seconds = silent.files + part.files, silent.seconds + part.seconds
        silent.false += part.false
    return {
        **{folder: tally.as_json() for folder, tally in tallies.items()},
        "nothing_said": silent.as_json(),
        "first_stage_ms": spread(first),
        "confirmed_ms": spread(confirmed),
    }


class Quiet:
    """A quiet room, as fast as it is asked for."""

    def __init__(self, seconds: float) -> None:
        self._noise = np.random.default_rng(0).normal(0, 20, int(seconds * SAMPLE_RATE)).astype(np.int16)
        self.clock = FastClock()

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        for at in range(0, len(self._noise) - BLOCK + 1, BLOCK):
            await asyncio.sleep(0)
            yield AudioChunk(self._noise[at : at + BLOCK], SAMPLE_RATE, at / SAMPLE_RATE)


async def cost(seconds: float, ear: WakeDetector | None) -> float:
    """CPU in percent of one core while nobody speaks, the microphone's own driver aside."""
    source = Quiet(seconds)
    endpointer = Endpointer(WakeGate(source, ear, 5.0) if ear else source, GatedVad(silero.Engine()), Endpointing())
    begin = time.process_time()
    assert not await endpointer.onset()
    return round((time.process_time() - begin) / seconds * 100, 3)


async def always(seconds: float, ear: WakeDetector) -> float:
    """The same for the first stage without a gate in front."""
    begin = time.process_time()
    async for chunk in Quiet(seconds):
        await ear.hear(chunk)
    return round((time.process_time() - begin) / seconds * 100, 3)


def main() -> Path:
    ear = WakeDetector(microwakeword.Engine(), None, WakeRules())
    alone = WakeDetector(microwakeword.Engine(["alexa"]), None, WakeRules())
    figures = {
        "listening_cpu_percent": {
            "four_words": asyncio.run(cost(300, ear)),
            "no_wake_word": asyncio.run(cost(300, None)),
            "four_words_without_the_gate_in_front": asyncio.run(always(120, ear)),
            "one_word_without_the_gate_in_front": asyncio.run(always(120, alone)),
        },
        "accuracy": accuracy(ear),
    }
    packages = ("pymicro-wakeword", "numpy", "onnxruntime")
    return save("wake", figures, real(pace="fast"), packages)


if __name__ == "__main__":
    main()
