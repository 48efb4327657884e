"""The five actions: each off unless allowed, each does something, each ends when its reason does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import pytest
from fastapi import WebSocket

from repartee.app.doors.closing import BUSY
from repartee.app.doors.socket.sockets import Sockets
from repartee.assembly.mitigation import CALM, PAUSE, Mitigations
from repartee.assembly.recent_window import SPAN, Recent, acting
from repartee.assembly.telemetry import Telemetry, health
from repartee.contract import Figure, Measurement, Outcome, Provenance, judge, load_profile
from repartee.engines.audio.fake import Source
from repartee.grammar.cache import Cache
from repartee.observe.resources import Resources
from repartee.stages.speak import Prepared
from tests.fakes.assistant import still_assistant
from tests.house import House
from tests.unit.test_socket import FakeSocket

ALICE = load_profile("alice")
LIVED = Provenance()
BROKEN = {
    "cpu_average": ("cpu_average", 45.0),
    "cpu_peak": ("cpu_peak", 90.0),
    "memory_peak": ("memory_peak", 1600.0),
    "end_to_end": ("end_to_end", 2600.0),
    "tier": ("tier_31_up_response", 2600.0),
}


def exceed(mitigations: Mitigations, action: str) -> None:
    budget, figure = BROKEN[action]
    mitigations.consider([judge(ALICE.budget(budget), Figure(figure, 100))])


def telemetry(*allowed: str, profile: str = "moonshot") -> Telemetry:
    return Telemetry(load_profile(profile), Mitigations(allowed))


@pytest.mark.parametrize("action", BROKEN)
def test_nothing_acts_that_nobody_allowed(action: str) -> None:
    w = telemetry(*(set(BROKEN) - {action}))
    exceed(w.mitigations, action)
    assert not w.mitigations.active(action)


@pytest.mark.parametrize("action", BROKEN)
def test_each_says_so(action: str, caplog: pytest.LogCaptureFixture) -> None:
    w = telemetry(action)
    exceed(w.mitigations, action)
    w.sampled(w.resources.sample())
    told = health(w, {}, True, 0.0)["components"]["budgets"]
    assert told["status"] == "degraded"
    assert w.mitigations.known[action] in told["reason"]
    assert w.mitigations.known[action] in caplog.text
    assert f'repartee_action_under_way{{action="{action}"}} 1.0' in w.exporter.exposition().decode()


def test_memory_shrinks_caches() -> None:
    w, cache = telemetry("memory_peak"), Cache[int]()
    for number in range(10):
        cache.put(number, number, 100)
    w.cached("parse", cache)
    exceed(w.mitigations, "memory_peak")
    assert [cache.get(number) for number in (4, 5, 9)] == [None, 5, 9], "the half used last stays"
    assert (len(cache), cache.bytes) == (5, 500)


async def test_a_busy_processor_turns_new_sessions_away_and_lets_background_work_wait() -> None:
    mitigations = Mitigations(["cpu_peak", "cpu_average"])
    house = still_assistant()
    house = replace(house, telemetry=Telemetry(load_profile(), mitigations))
    exceed(mitigations, "cpu_peak")
    client = FakeSocket()
    await Sockets(house, 3).take(cast(WebSocket, client), None, None)
    assert client.closed == BUSY
    exceed(mitigations, "cpu_average")
    waiting = asyncio.create_task(mitigations.calm("cpu_average"))
    await asyncio.sleep(CALM / 2)
    assert not waiting.done()
    waiting.cancel()


async def test_work_that_waits_goes_on_when_it_is_calm() -> None:
    mitigations = Mitigations(["cpu_average"], asyncio.get_running_loop().time)
    exceed(mitigations, "cpu_average")
    await asyncio.wait_for(mitigations.calm("cpu_average"), CALM + 2 * PAUSE)


async def test_late_answers_stop_work_on_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    guesses: list[str] = []
    monkeypatch.setattr(Prepared, "guess", lambda _, text, *__: guesses.append(text))
    for hurried, expected in ((True, 0), (False, 1)):
        house = House("turn on the lamp")
        guesses.clear()
        services = house.services
        monkeypatch.setattr(house, "services", hurry(services, hurried))
        async for record in house.session().listen(Source((0.5, False), (1.0, True), (2.0, False))):
            assert record.effects
        assert bool(guesses) == bool(expected)


def hurry(services: Callable[[], object], hurried: bool) -> Callable[[], object]:
    return lambda: replace(services(), hurried=hurried)  # type: ignore[type-var]


def test_an_action_that_the_profile_does_not_name_rests_on_alice_s_budget() -> None:
    assert {b.name for b in acting(load_profile(), ["tier", "memory_peak"])} == {"memory", "tier_31_up_response"}
    assert acting(load_profile(), []) == []


def test_a_reason_is_forgotten_after_minutes() -> None:
    now = [0.0]
    recent = Recent(acting(ALICE, ["cpu_average"]), lambda: now[0])
    recent.record([*[Measurement("process_cpu", 90.0)] * 6, Measurement("threads", 5.0)], LIVED)
    assert [v.level for v in recent.verdicts(1)] == ["critical"]
    for _ in range(3):
        now[0] += SPAN + 1
        recent.record([Measurement("process_cpu", 1.0)] * 6, LIVED)
    assert [v.level for v in recent.verdicts(1)] == ["within"]


def test_only_a_crowd_asks_to_scale_out() -> None:
    recent = Recent(acting(load_profile(), ["tier"]))
    recent.record([Measurement("turn_answered", 2600.0, {"wait_class": "closed"})] * 30, LIVED)
    assert recent.verdicts(5) == []
    assert recent.verdicts(40)[0].budget.action == "tier"


LIFE: dict[str, tuple[int, Sequence[Measurement]]] = {
    "cpu_average": (1, [Measurement("process_cpu", 45.0)] * 6),
    "cpu_peak": (1, [Measurement("process_cpu", 90.0)] * 6),
    "memory_peak": (1, [Measurement("process_memory", 1600.0)]),
    "end_to_end": (1, [Measurement("turn_answered", 2600.0, {"wait_class": "closed"})] * 20),
    "tier": (31, [Measurement("turn_answered", 2600.0, {"wait_class": "closed"})] * 20),
}
"""People connected, and what is measured of them."""


@pytest.mark.parametrize("action", LIFE)
def test_each_begins_with_its_reason_and_ends_without(action: str, caplog: pytest.LogCaptureFixture) -> None:
    """As the sampler finds it, with the log's level as it is without -v."""
    now, (people, measured) = [0.0], LIFE[action]
    w = Telemetry(ALICE, Mitigations([action], lambda: now[0]))
    w._recent = Recent(acting(ALICE, [action]), lambda: now[0])
    w.sessions = people
    with caplog.at_level(logging.WARNING, "repartee.assembly.mitigation"):
        w._recent.record(measured, LIVED)
        w.mitigations.consider(w._recent.verdicts(w.sessions))
        assert w.mitigations.active(action)
        assert f"{w.mitigations.known[action]}, because" in caplog.text
        for _ in range(3):
            now[0] += SPAN + 1
            w._recent.record([], LIVED)
            w.mitigations.consider(w._recent.verdicts(w.sessions))
        assert not w.mitigations.active(action)
        assert f"{w.mitigations.known[action]} ends" in caplog.text


def test_one_sample_of_the_start_sets_off_nothing() -> None:
    """The milliseconds before the first sample were a thousand percent, once."""
    recent = Recent(acting(ALICE, ["cpu_average", "cpu_peak"]))
    recent.record([Measurement("process_cpu", 1013.0)], LIVED)
    assert {v.outcome for v in recent.verdicts(1)} == {Outcome.TOO_FEW}
    resources = Resources(clock=iter([0.0, 0.004, 11.0]).__next__)
    resources.sample()
    assert "process_cpu" not in {m.metric for m in resources.measurements()}
    resources.sample()
    assert "process_cpu" in {m.metric for m in resources.measurements()}
