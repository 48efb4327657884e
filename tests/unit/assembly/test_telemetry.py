"""The watch over a running assistant, and what an exceeded budget sets off."""

from __future__ import annotations

import asyncio
import gc
import json
from dataclasses import replace
from pathlib import Path

import pytest

from repartee.assembly.mitigation import CALM, Mitigations
from repartee.assembly.telemetry import Telemetry, health, sampling
from repartee.contract import Figure, Outcome, judge, load_profile, loosest
from repartee.core.errors import BadSettings
from repartee.grammar.cache import Cache, CacheStatistics
from repartee.observe import leak_verdict
from repartee.observe.judged import judged
from tests.unit.observe.test_turns import spoken


class Ticker:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


ALICE = load_profile("alice")
SLOW = judge(ALICE.budget("end_to_end"), Figure(2600, 50))
LATE = judge(ALICE.budget("end_to_end"), Figure(1600, 50))


def test_a_relief_begins_is_told_and_ends() -> None:
    clock = Ticker()
    mitigations = Mitigations(["end_to_end"], clock)
    begun = mitigations.consider([SLOW])
    assert [mitigation.what for mitigation in begun] == ["skip memory and LLM, template replies"]
    assert "2,600 ms" in begun[0].because
    clock.now = CALM / 2
    assert mitigations.consider([SLOW]) == [], "it goes on"
    clock.now = CALM
    assert mitigations.active("end_to_end"), "the second reason made it longer"
    clock.now = CALM * 2
    assert not mitigations.active("end_to_end")


def test_nothing_happens_that_nobody_allowed_or_for_little() -> None:
    assert Mitigations().consider([SLOW]) == []
    assert Mitigations(["end_to_end"]).consider([LATE]) == [], "past the target, not past the warning"
    with pytest.raises(BadSettings, match="no action 'reboot'"):
        Mitigations(["reboot"])


def test_what_can_act_is_called_when_it_begins() -> None:
    called = []
    mitigations = Mitigations(["memory_peak"])
    mitigations.on("memory_peak", lambda: called.append("shrunk"))
    memory = judge(ALICE.budget("memory_peak"), Figure(1600))
    mitigations.consider([memory, memory])
    assert called == ["shrunk"]


def telemetry(tmp_path: Path | None = None, profile: str = "moonshot", **more: str) -> Telemetry:
    return Telemetry(load_profile(profile), Mitigations(), tmp_path / "log.jsonl" if tmp_path else None, **more)


def test_a_turn_goes_everywhere(tmp_path: Path) -> None:
    w = telemetry(tmp_path)
    record = spoken(7)
    found = w.finished(record)
    assert w.of(record.id) is found
    assert w.of("nobody") is None
    row = found.as_json()
    assert row["blame"] == "hear"
    assert {v["outcome"] for v in row["verdicts"]} == {"kept"}
    assert "✓ action_closed.p95 at most 300 ms: kept, 203 ms (n=1)" in found.lines()
    assert found.lines()[-1].startswith("the way to the answer: 206 ms: hear 150")
    w.close()
    assert json.loads((tmp_path / "log.jsonl").read_text())["turn"] == record.id
    text = w.exporter.exposition().decode()
    assert 'repartee_turn_action_seconds_count{wait_class="closed"} 1.0' in text
    assert "repartee_turns_total 1.0" in text


def test_the_terminal_needs_no_telemetry() -> None:
    assert judged(spoken(), loosest(load_profile())).lines() == telemetry().finished(spoken()).lines()
    nothing = judged(replace(spoken(), spans=(), effects=()), loosest(load_profile()))
    assert nothing.lines() == []
    assert nothing.as_json()["blame"] is None


async def test_it_samples_and_tells_its_health() -> None:
    w = telemetry(profile="alice")
    w.sessions = 2
    async with sampling(w):
        await asyncio.sleep(25)
    assert len(w.resources.samples) == 3
    assert "repartee_sessions 2.0" in w.exporter.exposition().decode()
    assert any(v.outcome is not Outcome.NOT_MEASURED and v.budget.name == "threads" for v in w.verdicts())
    told = health(w, {"stt": "moonshine"}, ready=True, started=0.0)
    assert told["status"] == "ok"
    assert all(component["reason"] for component in told["components"].values())
    assert health(w, {}, ready=False, started=0.0)["status"] == "starting"
    stuck = w.monitor.measure("hang")
    stuck.__enter__()
    stuck._began -= 100
    degraded = health(w, {}, ready=True, started=0.0)
    assert degraded["status"] == "degraded"
    assert "hang has not ended" in degraded["components"]["stages"]["reason"]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    w = Telemetry(load_profile(), Mitigations(), tmp_path / "file" / "below" / "log.jsonl")
    assert w.finished(spoken()).verdicts


def test_caches_are_judged() -> None:
    w = telemetry(profile="alice")
    cache: Cache[str] = Cache()
    cache.statistics = CacheStatistics(hits=60, misses=40, evicted=3, expired=2, saved_s=0.25)
    cache.put("a", "b", 2_000_000)
    w.cached("parse", cache)
    w.sampled(w.resources.sample())
    verdict = next(v for v in w.verdicts() if v.budget.name == "cache_intent")
    assert verdict.figure is not None
    assert verdict.figure.value == 60
    assert verdict.severity == "P2"
    exposed = w.exporter.exposition().decode()
    assert 'repartee_cache_requests_total{cache="parse"} 100.0' in exposed
    assert 'repartee_cache_evictions_total{cache="parse"} 5.0' in exposed
    assert 'repartee_cache_saved_seconds_total{cache="parse"} 0.25' in exposed
    assert 'repartee_cache_bytes{cache="parse"} 2e+06' in exposed


def test_a_leak_is_counted_once_and_models_that_fail_are_told() -> None:
    w = telemetry(profile="alice")
    seconds = [float(i * 10) for i in range(200)]
    w.resources.verdict = leak_verdict(seconds, [3e8 + 50e6 * s / 3600 for s in seconds])
    for _ in range(3):
        w.sampled(w.resources.sample())
    assert "repartee_memory_leaks_total 1.0" in w.exporter.exposition().decode()
    told = health(w, {}, ready=False, started=0.0, problem="stt is not available: install it")
    assert told["status"] == "degraded"
    assert told["components"]["models"]["reason"] == "stt is not available: install it"
    assert "MB/h" in told["components"]["memory"]["reason"]


def test_pauses_of_the_collector_go_out() -> None:
    w = telemetry()
    w.collector.start()
    gc.collect()
    w.sampled(w.resources.sample())
    w.collector.stop()
    text = w.exporter.exposition().decode()
    assert "repartee_collector_pause_seconds_count 1.0" in text or "repartee_collector_pause_seconds_count 2.0" in text
    assert "repartee_python_bytes" in text
