"""What measuring costs and how right it is: cost of a measurement and of a span, error of a percentile, the regression
gate by simulation and by a planted delay, the leak verdict on planted leaks, what a scrape adds to a turn, the sampler.

Times are CPU time, so that a busy machine changes little. Everything runs on the real code with input made up here;
nothing of it depends on what people say.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bench.record import real, save
from repartee.assembly.mitigation import Mitigations
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from repartee.assembly.telemetry import Telemetry
from repartee.contract import Measurement, Provenance, load_profile
from repartee.engines.audio import nowhere
from repartee.engines.telemetry.otlp import Note, Tracer
from repartee.engines.telemetry.prometheus import Exporter
from repartee.observe import Leak, Monitor, Resources, Sketch, leak_verdict
from repartee.observe.stacks import RATE, Stacks
from repartee.proof.gate import Answer, compare
from repartee.proof.stages import SPANS, TURN_MS, measured_turn
from repartee.session import Session

Values = NDArray[np.float64]
PACKAGES = ("ddsketch", "prometheus-client", "psutil", "numpy", "opentelemetry-sdk")


def cpu_us(call: Callable[[], object], times: int, blocks: int = 30) -> float:
    """CPU microseconds of one call: the median of blocks."""
    found = []
    for _ in range(blocks):
        began = time.process_time()
        for _ in range(times):
            call()
        found.append((time.process_time() - began) / times * 1e6)
    return median(found)


def interleaved(calls: dict[str, Callable[[], object]], times: int = 20, rounds: int = 60) -> dict[str, float]:
    """The same of several, in turn, on the CPU time of this thread: whatever happens to the machine happens to all."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.thread_time()
            for _ in range(times):
                call()
            found[name].append((time.thread_time() - began) / times * 1e6)
    return {name: median(values) for name, values in found.items()}


def costs(folder: Path) -> dict[str, Any]:
    """One `measure` around nothing; the spans of a turn with nothing, with what `serve` has on, with everything on."""
    monitor = Monitor()

    def measure() -> None:
        with monitor.measure("nothing"):
            pass

    plain = Telemetry(load_profile(), Mitigations())
    logged = Telemetry(load_profile(), Mitigations(), folder / "performance.jsonl")
    traced = Telemetry(load_profile(), Mitigations(), folder / "more.jsonl")
    traced.tracer = Tracer(exporter=InMemorySpanExporter())  # sending is another thread's work, and the network's
    tracer: Tracer = traced.tracer
    record = measured_turn(0)
    note = (record, plain.finished(record), time.time())
    turns = interleaved(
        {
            "span_itself_us": lambda: measured_turn(0),
            "span_us_without_log_and_traces": lambda: plain.finished(measured_turn(0)),
            "span_us_with_log": lambda: logged.finished(measured_turn(0)),
            "span_us_with_everything": lambda: traced.finished(measured_turn(0)),
            "span_us_of_traces_on_their_own_thread": lambda: list(tracer.spans(Note(*note))),
        }
    )
    found = {
        "measure_us": cpu_us(measure, 5000),
        "record_latency_us": cpu_us(lambda: monitor.record_latency("nothing", 0.1), 5000),
        **{name: us / SPANS for name, us in turns.items()},
    }
    for telemetry in (plain, logged, traced):
        telemetry.close()
    return {
        **{name: round(value, 3) for name, value in found.items()},
        "share_of_turn_percent": round(found["span_us_with_everything"] * SPANS / 1000 / TURN_MS * 100, 3),
        "share_counts": f"{SPANS} spans with everything on against a turn of {TURN_MS:g} ms",
    }


def sketch_error(values_each: int = 250_000, parts: int = 4) -> dict[str, Any]:
    """Relative error of percentiles, in percent: a million values of a latency's shape, in four parts that are merged,
    each through JSON as from another process."""
    worst: dict[str, float] = {}
    shapes: dict[str, Callable[[np.random.Generator, int], Values]] = {
        "lognormal": lambda rng, n: rng.lognormal(5, 1, n),
        "two humps": lambda rng, n: np.where(rng.random(n) < 0.97, rng.normal(200, 20, n), rng.normal(3000, 300, n)),
        "pareto": lambda rng, n: (rng.pareto(1.5, n) + 1) * 50,
    }
    for shape, draw in shapes.items():
        rng, merged, everything = np.random.default_rng(7), Sketch(), []
        for _ in range(parts):
            values = np.abs(draw(rng, values_each))
            everything.append(values)
            merged.merge(Sketch.from_json(json.loads(json.dumps(Sketch(values.tolist()).as_json()))))
        together = np.sort(np.concatenate(everything))
        for q in (0.5, 0.95, 0.99):
            true = together[int(q * (len(together) - 1))]
            worst[f"{shape} p{q * 100:g}"] = abs(merged.quantile(q) - true) / true * 100
    p99 = max(error for name, error in worst.items() if name.endswith("p99"))
    return {"values": values_each * parts, "parts": parts, "p99_error_percent": round(p99, 3)} | {
        "all": {name: round(error, 3) for name, error in worst.items()}
    }


def gate_simulated(times: int = 1000, runs: int = 40) -> dict[str, Any]:
    """Times with noise and a tail, ten percent slower or not at all."""

    def draw(seed: int, slower: float) -> list[float]:
        rng = np.random.default_rng(seed)
        return list(slower * (20 * np.exp(rng.normal(0, 0.06, runs)) + rng.exponential(0.6, runs)))

    caught = sum(compare(draw(s, 1), draw(s + 10**6, 1.1)).answer is Answer.SLOWER for s in range(times))
    alarms = sum(compare(draw(s, 1), draw(s + 2 * 10**6, 1.0)).answer is Answer.SLOWER for s in range(times))
    return {
        "comparisons": times,
        "runs_of_each": runs,
        "noise": "6 % and a tail",
        "caught_percent": round(caught / times * 100, 1),
        "false_alarm_percent": round(alarms / times * 100, 2),
    }


def gate_planted(times: int = 60, runs: int = 40) -> dict[str, Any]:
    """A real piece of work on this machine, interleaved with itself and with itself plus a tenth; CPU time."""
    words = [f"word {i}" for i in range(400)]

    def work(tenths: int) -> float:
        began = time.process_time()
        for _ in range(tenths):
            sum(len(word.split()) for word in words)
        return time.process_time() - began

    caught = alarms = 0
    for _ in range(times):
        old, same, slower = [], [], []
        for _ in range(runs):
            old.append(work(10))
            slower.append(work(11))
            same.append(work(10))
        caught += compare(old, slower).answer is Answer.SLOWER
        alarms += compare(old, same).answer is Answer.SLOWER
    return {
        "comparisons": times,
        "runs_of_each": runs,
        "caught_percent": round(caught / times * 100, 1),
        "false_alarm_percent": round(alarms / times * 100, 2),
    }


SPEED = 100
"""Times faster than life that leaks are planted and sampled."""
LEAK_SECONDS = 18.0
"""Of real time: half an hour at that speed."""
CHILD = f"""
import json, sys, time, psutil
leak, seconds, speed = float(sys.argv[1]), {LEAK_SECONDS}, {SPEED}
process, kept, times, rss = psutil.Process(), [], [], []
begin = time.monotonic()
owed, churn = 0.0, []
while (now := time.monotonic() - begin) < seconds:
    due = leak * 1e6 / 3600 * speed * now
    while owed < due:
        kept.append(bytearray(b"x" * 40_000)); owed += 40_000
    churn = [bytes(2000) for _ in range(int(300 + 200 * (len(times) % 7)))]
    times.append(now * speed); rss.append(process.memory_info().rss)
    time.sleep(0.1)
print(json.dumps([times, rss]))
"""


def leaks(runs: int = 40, at_once: int = 10) -> dict[str, Any]:
    """Processes of their own that lose 10 MB an hour or nothing, sampled every ten (sped up) seconds."""

    def one(number: int) -> tuple[float, Leak, str]:
        planted = 10.0 if number % 2 else 0.0
        done = subprocess.run(  # noqa: S603  # ourselves
            [sys.executable, "-c", CHILD, str(planted)], capture_output=True, check=True, timeout=300
        )
        seconds, rss = json.loads(done.stdout)
        verdict = leak_verdict(seconds, rss)
        return planted, verdict.leak, verdict.reason

    with ThreadPoolExecutor(at_once) as pool:
        found = list(pool.map(one, range(runs)))
    right = sum((planted > 0) == (leak in (Leak.PYTHON, Leak.NATIVE)) for planted, leak, _ in found)
    unsure = sum(leak is Leak.UNCERTAIN for _, leak, _ in found)
    wrong = [f"planted {planted:g} MB/h: {leak}, {reason}" for planted, leak, reason in found]
    return {
        "runs": runs,
        "planted_mb_per_hour": [0, 10],
        "speed": SPEED,
        "hours": LEAK_SECONDS * SPEED / 3600,
        "right_percent": round(right / runs * 100, 1),
        "uncertain": unsure,
        "examples": wrong[:4],
    }


def sampler() -> dict[str, Any]:
    """CPU of the resource sampler with a day of samples kept, in percent of a core."""
    resources = Resources()
    for _ in range(2000):
        resources.sample()
    exporter, times = Exporter(load_profile()), 120
    began = time.process_time()
    for _ in range(times):
        resources.sample()
        exporter.measured(resources.measurements(), Provenance())
    each = (time.process_time() - began) / times
    return {"sample_ms": round(each * 1000, 3), "every_s": 10, "cpu_percent": round(each / 10 * 100, 4)}


def profiler(times: int = 300) -> dict[str, Any]:
    """The profile that is always on, over an assistant that is warm and the threads it has; in percent of a core."""

    async def looked() -> Stacks:
        stacks = Stacks(rate=50)
        async with open_assistant(Settings(system=System(data=Path("-")))) as assistant:
            await assistant.warm()
            session = assistant.session(nowhere.Sink())
            stacks.start()
            while stacks.samples < times:
                await session.ask("turn on the bed light")
            stacks.stop()
        return stacks

    stacks = asyncio.run(looked())
    each = stacks.cpu / stacks.samples
    return {"sample_us": round(each * 1e6, 1), "per_second": RATE, "cpu_percent": round(each * RATE * 100, 4)}


def scrape(turns: int = 20, rounds: int = 60) -> dict[str, Any]:
    """Twenty turns at once, in turn with and without a scrape beside them: how much later the slowest of them is
    done. And, where a busy machine drowns that, what bounds it: the CPU of a whole scrape and of its longest piece."""
    exporter = Exporter(load_profile())
    for number in range(200):
        exporter.measured([Measurement("turn_action", float(number), {"wait_class": "closed"})], Provenance())

    async def slowest(sessions: list[Session], scraping: bool) -> float:
        async def turn(session: Session, number: int) -> float:
            began = time.perf_counter()
            await session.ask(f"turn {('on', 'off')[number % 2]} the bed light")
            return (time.perf_counter() - began) * 1000

        beside = asyncio.create_task(exporter.scrape()) if scraping else None
        took = await asyncio.gather(*(turn(session, number) for number, session in enumerate(sessions)))
        if beside:
            await beside
        return max(took)

    async def in_turn() -> tuple[list[float], list[float]]:
        without: list[float] = []
        beside: list[float] = []
        async with open_assistant(Settings(system=System(data=Path("-")))) as assistant:
            await assistant.warm()
            sessions = [assistant.session(nowhere.Sink()) for _ in range(turns)]
            await slowest(sessions, True)
            for number in range(rounds):
                for scraping in (False, True) if number % 2 else (True, False):
                    (beside if scraping else without).append(await slowest(sessions, scraping))
        return without, beside

    without, beside = (np.array(found) for found in asyncio.run(in_turn()))
    added = beside - without
    draws = np.median(np.random.default_rng(0).choice(added, (4000, len(added))), axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    pieces = _family_ms(exporter)
    return {
        "turns": turns,
        "rounds": rounds,
        "slowest_turn_ms_without": round(float(np.median(without)), 3),
        "slowest_turn_ms_beside_a_scrape": round(float(np.median(beside)), 3),
        "added_ms": {"median": round(float(np.median(added)), 3), "95": [round(float(low), 3), round(float(high), 3)]},
        "whole_scrape_cpu_ms": round(sum(pieces), 3),
        "longest_piece_cpu_ms": round(max(pieces), 3),
        "bytes": len(exporter.exposition()),
    }


def _family_ms(exporter: Exporter) -> list[float]:
    """CPU ms that each family holds the loop for."""

    async def pieces() -> list[float]:
        found, began = [], time.process_time()
        task = asyncio.create_task(exporter.scrape())
        while not task.done():
            await asyncio.sleep(0)
            now = time.process_time()
            found.append((now - began) * 1000)
            began = now
        return found

    runs = [asyncio.run(pieces()) for _ in range(9)]
    length = min(len(run) for run in runs)
    return [median(run[i] for run in runs) for i in range(length)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, Any] = {"cost": costs(Path(folder))}
    for name, measure in (
        ("sketch", sketch_error),
        ("sampler", sampler),
        ("profiler", profiler),
        ("scrape", scrape),
        ("gate_simulated", gate_simulated),
        ("gate_planted", gate_planted),
        ("leaks", leaks),
    ):
        print(f"  {name}", flush=True)
        figures[name] = measure()
    save("measuring", figures, real(), PACKAGES)


if __name__ == "__main__":
    main()
