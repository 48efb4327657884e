"""What each optimisation gains: with and without it, in one run; beside what was claimed for it.

Every optimisation has a setting that switches it off (`OPTIMISATIONS`). A gain is the share of the cost that it saves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.contract import Budget, load_profile
from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.intent import Context, Intent
from repartee.core.plan import Action, Plan, Step
from repartee.core.ports import Understanding
from repartee.engines.home.demo import DemoHome
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.cache import Cache, CachedUnderstanding
from repartee.languages.data import sentences
from repartee.stages.act import Backends, act
from repartee.stages.read_aloud import WholeSpeech
from repartee.stages.speak import Prepared, once

from .outcomes import RIGHT, outcome
from .parts import quiet_room
from .quality import Quality, commands, heard
from .sounds import load
from .stages import LONG, REPLY, Stand

Work = Callable[["Bench"], Awaitable["Measured"]]
TIMES, DEVICE_DELAY, QUIET = 30, 0.05, 10.0
"""Runs of each side; seconds that a device takes; seconds of a quiet room."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Both sides, in one unit; less is better unless `more`."""

    on: float
    off: float
    unit: str
    n: int
    what: str
    more: bool = False

    @property
    def percent(self) -> float:
        """How much of the cost without it is saved; of what should be more, how much more there is."""
        if self.more:
            return (self.on - self.off) / self.off * 100 if self.off else 0.0
        return (1 - self.on / self.off) * 100 if self.off else 0.0


@dataclass(frozen=True, slots=True)
class Optimisation:
    """One, with its switch."""

    name: str
    setting: str
    """section.key"""
    off: Any
    """The value that switches it off."""
    about: str
    measure: Work | None = None
    claim: str = ""
    """profile/budget that holds what was claimed; empty: nobody claimed anything."""
    missing: str = ""
    """Why it can't be measured here."""

    @property
    def budget(self) -> Budget | None:
        profile, _, name = self.claim.partition("/")
        return load_profile(profile).budget(name) if name else None


@dataclass(slots=True)
class Bench:
    """What is measured on."""

    stand: Stand
    settings: Settings
    folder: Path
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gain:
    """What came of one optimisation."""

    optimisation: Optimisation
    measured: Measured | None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        o, m, budget = self.optimisation, self.measured, self.optimisation.budget
        kept = None if m is None or budget is None else not budget.beyond(self.figure or 0.0, budget.thresholds.target)
        return {
            "name": o.name, "setting": o.setting, "off": o.off, "about": o.about,
            "claim": budget.text() if budget else None, "on": m and m.on, "without": m and m.off,
            "unit": m.unit if m else None, "n": m.n if m else 0, "what": m.what if m else "",
            "gain": self.figure, "claim_kept": kept, "reason": self.reason,
        }  # fmt: skip

    @property
    def figure(self) -> float | None:
        """In the unit of the claim: percent saved, or times as fast."""
        if self.measured is None:
            return None
        budget = self.optimisation.budget
        if budget and budget.metric.name == "speed_up":
            return round(self.measured.off / self.measured.on, 2)
        return round(self.measured.percent, 1)


def switched_off(settings: Settings, optimisation: Optimisation) -> Settings:
    """The settings without it. Raises `BadSettings` for a setting that there is not."""
    section, _, key = optimisation.setting.partition(".")
    part = getattr(settings, section, None)
    if part is None or key not in type(part).model_fields:
        raise BadSettings(f"{optimisation.name}: there is no setting {optimisation.setting}")
    return settings.model_copy(update={section: type(part)(**{**part.model_dump(), key: optimisation.off})})


async def measure_gains(bench: Bench, progress: Callable[[str], None]) -> list[Gain]:
    """One after the other, each with and without."""
    found = []
    for optimisation in OPTIMISATIONS:
        progress(optimisation.name)
        if optimisation.measure is None:
            found.append(Gain(optimisation, None, optimisation.missing))
            continue
        try:
            found.append(Gain(optimisation, await optimisation.measure(bench)))
        except EngineMissing as error:
            found.append(Gain(optimisation, None, str(error)))
    return found


# ---------------------------------------------------------------- how each is measured


async def cached_repeat(bench: Bench) -> Measured:
    """CPU of a sentence said again."""
    home = bench.stand.assistant.backend.home
    understanding = bench.stand.assistant.understandings.of(home, "en")
    if not isinstance(understanding, CompiledHome):
        raise EngineMissing("grammar", "only the grammar's parses are remembered")
    remembered, none = (CachedUnderstanding(understanding, Cache(n), Cache(n)) for n in (1_000, 0))
    texts = [f"turn on the {entity.name}" for entity in home.entities[:50]]
    both = []
    for known in (remembered, none):
        for text in texts:
            known.parse(text, Context())
        both.append(_cpu_us(partial(_read_all, known, texts)) / len(texts))
    return Measured(both[0], both[1], "µs", len(texts), "CPU of a sentence said again")


def _read_all(known: Understanding, texts: Sequence[str]) -> None:
    for text in texts:
        known.parse(text, Context())


def _cpu_us(call: Callable[[], object], times: int = TIMES) -> float:
    """Median."""
    found = []
    for _ in range(times):
        began = time.thread_time()
        call()
        found.append((time.thread_time() - began) * 1e6)
    return median(found)


async def parallel_plan(bench: Bench) -> Measured:
    """A sentence that is about five devices, each of which takes a while."""
    async with DemoHome(delay=DEVICE_DELAY) as home:
        lights = [entity.id for entity in home.home.entities if entity.domain == "light"][:5]
        calls = [Action("light.turn_on", (light,), {"brightness_pct": 10 + n}) for n, light in enumerate(lights)]
        plan = Plan(tuple(Step(Intent("HassLightSet"), (call,)) for call in calls))  # alike ones would share a call
        both = []
        for at_once in (bench.settings.system.max_concurrent_tasks, 1):
            times = []
            for _ in range(TIMES // 3):
                began = time.perf_counter()
                await act(plan, Backends(home), None, at_once)
                times.append((time.perf_counter() - began) * 1000)
            both.append(median(times))
    return Measured(both[0], both[1], "ms", TIMES // 3, f"five devices of {DEVICE_DELAY * 1000:g} ms each")


async def pattern_set(bench: Bench) -> Measured:
    """One automaton of all sentences, against trying the templates one after the other (hassil)."""
    from repartee.engines.understanding.hassil import HassilUnderstanding

    home = bench.stand.assistant.backend.home
    texts = [f"turn on the {entity.name}" for entity in home.entities[:10]]
    one, each = compile_home(home, "en", sentences("en")), HassilUnderstanding(home, "en", sentences("en"))
    for known in (one, each):
        known.parse(texts[0], Context())
    both = [_cpu_us(partial(_read_all, known, texts), 5) / len(texts) for known in (one, each)]
    return Measured(both[0], both[1], "µs", 5 * len(texts), "CPU of reading a sentence, nothing cached")


async def streaming_voice(bench: Bench) -> Measured:
    """The first sound of a long reply, against the whole of it."""
    voice, both = bench.stand.assistant.models.voice, []
    for streamed in (voice, WholeSpeech(voice)):
        times = []
        for _ in range(TIMES // 3):
            began = time.perf_counter()
            await _first(streamed.synthesize(LONG * 3, "en"))
            times.append((time.perf_counter() - began) * 1000)
        both.append(median(times))
    return Measured(both[0], both[1], "ms", TIMES // 3, "until the first sound of some twenty seconds of speech")


async def prepared_reply(bench: Bench) -> Measured:
    """The first sound of a reply that was foreseen while the person still spoke."""
    voice, both = bench.stand.assistant.models.voice, []
    for guessed in (True, False):
        times = []
        for _ in range(TIMES):
            prepared = Prepared()
            if guessed:
                prepared.guess(REPLY, "en", voice)
                await asyncio.sleep(0.1)
            began = time.perf_counter()
            await _first(prepared.synthesize(once(REPLY), "en", voice))
            times.append((time.perf_counter() - began) * 1000)
            prepared.drop()
        both.append(median(times))
    return Measured(both[0], both[1], "ms", TIMES, "until the first sound of a reply")


async def _first(chunks: AsyncIterator[object]) -> None:
    async for _ in chunks:
        return


async def gathered_frames(bench: Bench) -> Measured:
    """CPU of an open microphone in a quiet room."""
    return await _both(bench, "speed.gather", _quiet, "%", "of a core, microphone open, quiet room", 1)


async def _quiet(stand: Stand) -> float:
    return (await quiet_room(stand, QUIET)).samples[0]


async def steered(bench: Bench) -> Measured:
    """Recorded commands that are understood."""
    if not list(commands(bench.stand)):
        raise EngineMissing("recordings", "needs recorded commands of which it is known what must come of them")
    number = len(list(commands(bench.stand))[:20])
    return replace(await _both(bench, "speed.steer", _right, "%", "recorded commands right", number), more=True)


async def _right(stand: Stand) -> float:
    quality, right, rows = Quality(stand), 0, list(commands(stand))[:20]
    for path, row in rows:
        played = await quality.play(load(path), row)
        right += outcome(played.turns[0] if played.turns else None, row) == RIGHT
    return 100 * right / len(rows)


async def second_looks(bench: Bench) -> Measured:
    """Recorded commands that are understood; a second look costs time and is there for that."""
    if not list(commands(bench.stand)):
        raise EngineMissing("recordings", "needs recorded commands of which it is known what must come of them")
    number = len(list(commands(bench.stand))[:20])
    return replace(await _both(bench, "deciding.sure", _right, "%", "recorded commands right", number), more=True)


async def warmed(bench: Bench) -> Measured:
    """The first sentence that is heard after the start; libraries are imported already."""
    return await _both(bench, "speed.warm", _first_sentence, "ms", "until the first sentence is heard", 1)


async def _first_sentence(stand: Stand) -> float:
    samples = load(stand.recordings.files[0])
    began = time.perf_counter()
    await heard(stand.assistant, samples)
    return (time.perf_counter() - began) * 1000


async def _both(
    bench: Bench, key: str, figure: Callable[[Stand], Awaitable[float]], unit: str, what: str, n: int
) -> Measured:
    """An assistant of its own for each side, one after the other."""
    optimisation = next(o for o in OPTIMISATIONS if o.setting == key)
    both = []
    for settings in (bench.settings, switched_off(bench.settings, optimisation)):
        async with open_assistant(settings) as assistant:
            if settings.speed.warm:
                await assistant.warm()
            both.append(await figure(replace(bench.stand, assistant=assistant)))
    return Measured(both[0], both[1], unit, n, what)


BENCH_MEMORY, MODEL = "python -m bench memory", "needs a language model: `fast` in [llm]"
OPTIMISATIONS: tuple[Optimisation, ...] = (
    Optimisation("cached_repeat", "system.cache_entries", 0, "answers to sentences are remembered",
                 cached_repeat, "luna/gain_cached_repeat"),
    Optimisation("parallel_plan", "system.max_concurrent_tasks", 1, "devices of one sentence are told at the same time",
                 parallel_plan, "luna/gain_parallel_plan"),
    Optimisation("pattern_set", "brain.understanding", "hassil", "all sentences are one automaton",
                 pattern_set, "luna/gain_pattern_set"),
    Optimisation("streaming_tts_perceived", "speed.stream", False, "speech begins before all of it is made",
                 streaming_voice, "companion/gain_streaming_tts_perceived"),
    Optimisation("parallel_memory_time", "memory.together", False, "memory and names are looked up side by side",
                 claim="companion/gain_parallel_memory_time", missing=BENCH_MEMORY),
    Optimisation("search_cache_calls", "memory.results_ttl", 0.0, "what the memory found is told again for a while",
                 claim="companion/gain_search_cache_calls", missing=BENCH_MEMORY),
    Optimisation("batch_extraction_llm_calls", "memory.batch", 1, "several sentences are one question to the model",
                 claim="companion/gain_batch_extraction_llm_calls", missing=MODEL),
    Optimisation("prepared_reply", "speed.prepare", False, "the likely reply's sound is made while the person speaks",
                 prepared_reply),
    Optimisation("steered_recogniser", "speed.steer", False, "the recogniser follows what may be said in this home",
                 steered),
    Optimisation("gathered_frames", "speed.gather", False, "in a quiet room sound comes in longer pieces",
                 gathered_frames),
    Optimisation("second_looks", "deciding.sure", 0.0, "an unclear sound is looked at a second time", second_looks),
    Optimisation("warm_start", "speed.warm", False, "models and sentences are ready before the first person", warmed),
)  # fmt: skip
