"""What the parts take that a turn hardly notices: memory, caches, the store, the breaker, and measuring itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from repartee.contract import Measurement, Origin, Provenance, load_profile
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.breaker import Breaker
from repartee.core.clock import LiveClock
from repartee.core.intent import Context
from repartee.engines.audio import nowhere
from repartee.engines.store.sqlite import SqliteStore
from repartee.engines.telemetry.prometheus import Exporter
from repartee.grammar import CompiledHome
from repartee.grammar.cache import Cache, CachedUnderstanding
from repartee.observe.resources import EVERY, Resources
from repartee.observe.sketch import Sketch

from .results import Taken
from .sounds import Samples, Source
from .stages import Stand, measured_turn

MODELS = {"stt": "stt", "tts": "tts", "intent": "nlu"}
"""Component to what people call its model."""
TURNS = 2_000
"""In the store while it is asked."""
STREAMS = 6
QUIET = 10.0
"""Seconds of a quiet room, at most."""


async def measure_parts(
    stand: Stand, folder: Path, taken: Sequence[Taken], seconds: float, progress: Callable[[str], None]
) -> list[Taken]:
    """Most of `seconds` is a quiet room; `taken`: the stages, from which the load of an engine is known."""
    progress("memory, caches, store, measuring itself")
    found = [*memory(stand), *engines(taken), *caches(stand), breaker(), *await store(folder), *await itself()]
    found += [await voice(stand), await streams(stand)]
    progress("a quiet room")
    return [*found, await quiet_room(stand, min(QUIET, seconds))]


def memory(stand: Stand) -> Iterator[Taken]:
    """What was loaded, by part."""
    for component, size in stand.assistant.telemetry.footprints.bytes.items():
        what = f"resident memory grown by loading {component}"
        yield Taken("component_memory", what, stand.provenance, {"component": component}, [size / 1e6])
        if component in MODELS:
            yield Taken("model_memory", what, stand.provenance, {"model": MODELS[component]}, [size / 1e6])


def engines(taken: Sequence[Taken]) -> Iterator[Taken]:
    """CPU at the pace of life, from the CPU of so many seconds."""
    for metric, engine, seconds in (("stt_five_seconds", "stt", 5.0), ("tts_ten_seconds", "tts", 10.0)):
        for row in taken:
            if row.metric == metric and row.provenance.warm and row.cpu:
                percent = [cpu / (seconds * 1000) * 100 for cpu in row.cpu]
                what = f"{engine} at the pace of life"
                yield Taken("engine_cpu", what, row.provenance, {"engine": engine}, percent)


def caches(stand: Stand) -> Iterator[Taken]:
    """Sentences of the home's own names: they prove nothing about people."""
    home, language = stand.assistant.backend.home, "en"
    understanding = stand.assistant.understandings.of(home, language)
    if not isinstance(understanding, CompiledHome):
        return
    cached = CachedUnderstanding(understanding, Cache(), Cache())
    made_up, here = replace(stand.provenance, origin=Origin.SYNTHETIC), Context()
    hits = Taken("parse_cached", "one sentence answered by the cache", made_up)
    saved = Taken("gain", "a sentence said again", made_up, {"optimisation": "cached_repeat"})
    for text in [f"turn on the {entity.name}" for entity in home.entities[:200]]:
        understanding.parse(text, here)  # the automaton has heard it; only the answer is not remembered
        anew = _each(partial(understanding.parse, text, here))
        cached.parse(text, here)
        again = _each(partial(cached.parse, text, here))
        hits.samples.append(again * 1000)
        saved.samples.append(max(0.0, 1 - again / anew) * 100)
    yield hits
    yield replace(hits, metric="nlu_cached")
    yield replace(saved, samples=[float(np.median(saved.samples))])


def _each(call: Callable[[], object], times: int = 20) -> float:
    """CPU seconds of one call: what takes microseconds is lost in reading the clock."""
    began = time.thread_time()
    for _ in range(times):
        call()
    return (time.thread_time() - began) / times


def breaker() -> Taken:
    """Around nothing, in blocks of a thousand."""
    one, taken = Breaker("bench"), Taken("circuit_breaker_overhead", "one call through a breaker", Provenance())
    for _ in range(50):
        cpu = time.process_time()
        for _ in range(1000):
            with one:
                pass
        taken.samples.append(time.process_time() - cpu)  # s a thousand is ms each
    return taken


async def store(folder: Path) -> list[Taken]:
    """Two thousand turns on disk, asked one after the other."""
    kept = SqliteStore(folder / "bench.sqlite")
    for number in range(TURNS):
        kept.record(replace(measured_turn(number), transcript=f"turn on light {number}", reply="Turned on the light"))
    await kept.flush()

    async def asked(query: str, what: str, ask: Callable[[int], object]) -> Taken:
        taken = Taken("database", what, Provenance(), {"query": query})
        for number in range(100):
            began = time.perf_counter()
            found = ask(number)
            assert asyncio.iscoroutine(found)
            await found
            taken.samples.append((time.perf_counter() - began) * 1000)
        return taken

    try:
        return [
            await asked("simple", "a turn by its id", lambda number: kept.turn(f"{number:012x}")),
            await asked("complex", "the latest twenty turns", lambda _: kept.recent(20)),
            await asked("analytics", f"turns and deeds by day of {TURNS:,} turns", lambda _: kept.by_day()),
            await asked("full_text", "turns with three words", lambda number: kept.search(f"turn light {number}")),
        ]
    finally:
        await kept.close()


async def itself() -> list[Taken]:
    """Measuring: the sampler, a scrape, the error of a percentile."""
    resources, exporter, lived = Resources(), Exporter(load_profile()), Provenance()
    sampler = Taken("sampler_cpu", f"a resource sample every {EVERY:g} s", lived)
    for _ in range(100):
        began = time.process_time()
        resources.sample()
        exporter.measured(resources.measurements(), lived)
        sampler.samples.append((time.process_time() - began) / EVERY * 100)
    for number in range(200):
        exporter.measured([Measurement("turn_action", float(number), {"wait_class": "closed"})], lived)
    scrapes = Taken("metrics_scrape_delay", "CPU of a whole scrape: no turn waits longer for it", lived)
    await exporter.scrape()
    for _ in range(50):
        began = time.thread_time()
        await exporter.scrape()
        scrapes.samples.append((time.thread_time() - began) * 1000)
    return [sampler, scrapes, sketch_error()]


def sketch_error() -> Taken:
    """Of p50, p95 and p99 of latencies in four parts that are merged."""
    values = np.random.default_rng(7).lognormal(5, 1, (4, 25_000))
    merged = Sketch()
    for part in values:
        merged.merge(Sketch.from_json(Sketch(part.tolist()).as_json()))
    ordered = np.sort(values.ravel())
    taken = Taken("sketch_error", "p50, p95, p99 of 100,000 values in four parts", Provenance())
    for q in (0.5, 0.95, 0.99):
        true = float(ordered[int(q * (len(ordered) - 1))])
        taken.samples.append(abs(merged.quantile(q) - true) / true * 100)
    return taken


async def streams(stand: Stand) -> Taken:
    """What each of so many people who speak at once adds to the resident memory, models aside."""
    process, here = psutil.Process(), stand.assistant
    files = stand.recordings.files
    sounds = [stand.recordings.samples(files[n % len(files)]) for n in range(STREAMS)]

    async def one(samples: Samples) -> None:
        async for _ in here.session(nowhere.Sink()).listen(Source(samples)):
            pass

    before = process.memory_info().rss
    await asyncio.gather(*(one(sound) for sound in sounds))
    grown = max(0, process.memory_info().rss - before) / 1e6 / STREAMS
    what = f"resident memory grown by each of {STREAMS} people who speak at once"
    return Taken("model_memory", what, stand.provenance, {"model": "stt_stream"}, [grown])


async def voice(stand: Stand) -> Taken:
    taken = Taken("sample_rate", "of the voice", stand.provenance)
    async for chunk in stand.assistant.models.voice.synthesize("Hello", "en"):
        taken.samples.append(float(chunk.rate))
        break
    return taken


class Quiet:
    """A microphone in a room where nobody speaks."""

    def __init__(self, seconds: float) -> None:
        self.clock = LiveClock()
        self._chunks = round(seconds * 50)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        noise, loop = np.random.default_rng(0), asyncio.get_running_loop()
        begin = loop.time()
        for number in range(self._chunks):
            start = number / 50
            await asyncio.sleep(max(0.0, begin + start + 0.02 - loop.time()))
            self.clock.heard(start + 0.02)
            samples = noise.normal(0, 20, SAMPLE_RATE // 50).astype(np.int16)
            yield AudioChunk(samples, SAMPLE_RATE, start)


async def quiet_room(stand: Stand, seconds: float) -> Taken:
    """CPU of a session that listens and hears nothing."""
    taken = Taken("listening_cpu", "a quiet room", stand.provenance)
    wall, cpu = time.monotonic(), time.process_time()
    async for _ in stand.assistant.session(nowhere.Sink()).listen(Quiet(seconds)):
        pass
    taken.samples.append((time.process_time() - cpu) / (time.monotonic() - wall) * 100)
    return taken
