"""What a minute of talk costs that is no command, and how much memory it leaves: read speech on end, as one stream."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import psutil

from bench.figures import SHARED
from bench.heard import situated, steer
from bench.record import machine, save
from bench.sounds import Samples, Source, load
from repartee.contract.provenance import Origin, Provenance
from repartee.core.audio import SAMPLE_RATE
from repartee.core.intent import Context
from repartee.engines.stt.moonshine import Engine
from repartee.engines.vad import silero
from repartee.grammar import compile_home
from repartee.proof.outcomes import home_before
from repartee.stages.audio_in.endpointer import Endpoint, Endpointer, Endpointing
from repartee.stages.understand.decision import DecisionThresholds

SECONDS = 180
GAP = 0.2
"""Seconds between two recordings: people who talk to each other leave hardly any."""


def stream(folder: Path, seconds: float = SECONDS) -> Samples:
    """Recordings one after the other, until it is so long."""
    made, have = [], 0.0
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".wav", ".flac")):
        if have >= seconds:
            break
        sound = load(path)
        made += [sound, np.zeros(int(GAP * SAMPLE_RATE), np.int16)]
        have += len(sound) / SAMPLE_RATE + GAP
    return np.concatenate(made)


async def listened(samples: Samples, ear: Engine, file: Path) -> list[str]:
    """What each utterance was taken for."""
    home = home_before(file, None)
    area = home.home.area_named("Living Room")
    assert area is not None
    context, understanding = Context(area.id), compile_home(home.home, "en")
    endpointer, texts = Endpointer(Source(samples), silero.Engine(), Endpointing()), []
    async with situated(home) as backends:
        while await endpointer.onset():
            endpoint = Endpoint()
            async for hearing in ear.transcribe(endpointer.utterance(endpoint), understanding.expect(context)):
                steer(endpoint, hearing, understanding, backends, context, DecisionThresholds())
            texts.append(hearing.text)
    return texts


async def measure(shared: Path) -> dict[str, object]:
    file, samples = shared / "homes" / "recorded_40.json", stream(shared / "audio" / "read_speech")
    ear = Engine()
    await ear.warm()
    await listened(samples[: 5 * SAMPLE_RATE], ear, file)
    before, rss = time.process_time(), psutil.Process().memory_info().rss
    texts = await listened(samples, ear, file)
    spent, grown = time.process_time() - before, psutil.Process().memory_info().rss - rss
    ear.close()
    return {
        "talk_cpu_s_per_audio_s": round(spent / len(samples) * SAMPLE_RATE, 3),
        "audio_s": round(len(samples) / SAMPLE_RATE, 1),
        "utterances": len(texts),
        "rss_mb_grown": round(grown / 1e6, 1),
    }


def main(shared: Path) -> None:
    engines = {"stt": "moonshine", "vad": "silero", "understanding": "grammar"}
    figures = asyncio.run(measure(shared))
    print(figures)
    save("talk", figures, Provenance(Origin.REAL, "fast", True, engines, machine()), ("moonshine-voice", "onnxruntime"))


if __name__ == "__main__":
    main(SHARED)
