"""Loads: their shapes, who is let in and speaks when, and what is made of what became of it. On virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.contract import Origin, Outcome, load_profile
from repartee.core.errors import BadInput
from repartee.observe.resources import Resources
from repartee.proof.load.crowd import Crowd, Said, Turned
from repartee.proof.load.report import markdown, page
from repartee.proof.load.result import Result, breaks, recovery
from repartee.proof.load.shape import SHAPES, Phase, Shape, shape
from repartee.proof.load.spoken import Spoken, sentences, voiced_until
from repartee.proof.load.uttered import Fate, Refused, Uttered, fate_of
from repartee.proof.load.watch import Moment, Watch, parts_of
from repartee.proof.recordings import recorded
from tests import sound

SENTENCE = Spoken("a.wav", sound.silence(1.0), 0.9)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_follows_the_protocol_and_can_be_scaled(name: str) -> None:
    whole = shape(name)
    small = whole.scaled(0.01, 3)
    assert small.most == 3
    assert small.seconds < whole.seconds
    assert all(phase.seconds >= 3 for phase in small.phases)
    assert all(phase.rate or phase.at_once or phase.name == "listening" for phase in whole.phases)


def test_the_protocol_is_that_of_the_contract() -> None:
    sustained, spike, soak = shape("sustained"), shape("spike"), shape("soak")
    assert (sustained.most, sustained.phases[0].rate, sustained.seconds) == (100, 10.0, 3600.0)
    assert (spike.phases[0].users[0], spike.most, spike.phases[1].seconds) == (10, 500, 60.0)
    assert soak.seconds == 3600.0
    assert shape("prerelease", expected=7).most == 14
    assert [phase.users for phase in shape("capacity").phases] == [(100, 100)] * 5


def test_an_unknown_shape_names_those_there_are() -> None:
    with pytest.raises(BadInput, match="single, concurrent"):
        shape("storm")


def test_a_ramp_is_a_straight_line() -> None:
    phase = Phase("rising", 60, (10, 500))
    assert [phase.users_at(share) for share in (0, 0.5, 1)] == [10, 255, 500]


@pytest.mark.parametrize("end", [0.8, 2.4])
def test_the_last_voiced_sample_is_found(end: float) -> None:
    tone = (np.sin(np.arange(int((end - 0.5) * 16_000)) / 5) * 6000).astype(np.int16)
    heard = sound.noisy(np.concatenate([sound.silence(0.5), tone, sound.silence(1.0)]), 30.0)
    assert voiced_until(heard) == pytest.approx(end, abs=0.02)


def test_recordings_that_leave_something_behind_are_not_said_again_and_again(shared: Path) -> None:
    kept = sentences(recorded(shared / "audio" / "home_commands"))
    assert len(kept) >= 10
    assert all(spoken.plans and spoken.text for spoken in kept)
    assert not [s.name for s in kept if "timer" in s.name.lower() or "Shopping" in s.name]


def record(**changed: Any) -> dict[str, Any]:
    plan = [{"intent": "HassTurnOn", "slots": {"name": "Lamp", "area": None}}]
    return {"error": None, "decision": "acted", "transcript": "lamp on", "plan": plan, **changed}


RIGHT = Spoken("a.wav", sound.silence(1.0), 0.9, "lamp on", plans=[{"intent": "HassTurnOn", "slots": {"name": "lamp"}}])
OTHER = Spoken("a.wav", sound.silence(1.0), 0.9, "off", plans=[{"intent": "HassTurnOff", "slots": {"name": "lamp"}}])


@pytest.mark.parametrize(("told", "spoken", "fate"), [
    (record(), RIGHT, Fate.RIGHT),
    (record(), OTHER, Fate.WRONG),
    (record(), SENTENCE, Fate.ANSWERED),
    (record(decision="asked"), OTHER, Fate.ASKED),
    (record(decision="rejected"), RIGHT, Fate.REJECTED),
    (record(error="too much is going on at once: 4 calls wait for hearing already"), RIGHT, Fate.BUSY),
    (record(error="not done after 5 s"), RIGHT, Fate.FAILED),
    (record(error="interrupted"), RIGHT, Fate.RIGHT),
])  # fmt: skip
def test_what_became_of_a_sentence(told: dict[str, Any], spoken: Spoken, fate: Fate) -> None:
    assert fate_of(told, spoken)[0] is fate


@dataclass
class FakeLine:
    """Answers after a second; no more than `room` at a time are let in."""

    open_ones: list[int]
    room: int = 1000
    late: list[float] = field(default_factory=list)
    why: str = ""
    inside: bool = False

    async def open(self) -> None:
        await asyncio.sleep(0.01)
        if len(self.open_ones) >= self.room:
            raise Refused(True, 10.0, "try again later")
        self.open_ones.append(1)
        self.inside = True

    async def say(self, spoken: Spoken) -> Uttered:
        await asyncio.sleep(1.0)
        return Uttered(spoken.name, Fate.RIGHT, 300.0, 250.0, 900.0)

    async def close(self) -> None:
        if self.inside:
            self.open_ones.pop()


async def lived(phases: Sequence[Phase], room: int = 1000) -> tuple[Crowd, list[int]]:
    inside: list[int] = []
    crowd = Crowd(lambda: FakeLine(inside, room), [SENTENCE])
    most = []
    for phase in phases:
        await crowd.live(phase)
        most.append(crowd.users)
    await crowd.leave()
    return crowd, most


async def test_as_many_come_as_the_shape_says_and_go_again() -> None:
    _, users = await lived([Phase("up", 20, (1, 40)), Phase("held", 10, (40, 40)), Phase("down", 20, (40, 2))])
    assert users == [pytest.approx(40, abs=2), 40, pytest.approx(2, abs=2)]


async def test_who_speaks_without_a_break_does() -> None:
    crowd, _ = await lived([Phase("talk", 60, (10, 10), at_once=4)])
    assert len(crowd.said) == pytest.approx(4 * 60 / 1.25, rel=0.15)
    assert max(said.users for said in crowd.said) == 10


async def test_a_rate_is_kept_by_who_is_free() -> None:
    crowd, _ = await lived([Phase("rate", 200, (50, 50), rate=5)])
    assert len(crowd.said) == pytest.approx(1000, rel=0.1)
    assert crowd.nobody_free == 0
    crowded, _ = await lived([Phase("rate", 100, (2, 2), rate=10)])
    assert crowded.nobody_free > 500


async def test_who_is_refused_comes_again_later_and_not_at_once() -> None:
    crowd, users = await lived([Phase("many", 25, (30, 30), rate=1)], room=10)
    assert users == [10]
    assert 40 <= len(crowd.refused) <= 60
    assert all(turned.politely for turned in crowd.refused)


def said(phase: str, at: float, ms: float | None, fate: Fate = Fate.RIGHT) -> Said:
    return Said(phase, at, 5, Uttered("a.wav", fate, ms, None, ms))


def test_recovery_is_the_first_of_three_quick_answers() -> None:
    rows = [said("after", t, ms) for t, ms in ((1, 4000), (3, 400), (5, 3000), (7, 400), (9, 420), (11, 380))]
    assert recovery(rows, 0.0, 400.0) == 7.0
    assert recovery(rows[:4], 0.0, 400.0) is None


@pytest.mark.parametrize(("rows", "why"), [
    ([said("s", 0, 300.0)] * 20, ""),
    ([said("s", 0, 6000.0)] * 20, "p95"),
    ([said("s", 0, 300.0)] * 8 + [said("s", 0, None, Fate.LOST)] * 2, "2 of 10"),
    ([said("s", 0, None, Fate.LOST)] * 3, ""),
])  # fmt: skip
def test_what_breaks_a_step(rows: list[Said], why: str) -> None:
    assert breaks(rows, 4000.0).startswith(why)
    assert bool(breaks(rows, 4000.0)) == bool(why)


def result(rows: list[Said], refused: Sequence[Turned] = (), late: float = 1.0, tool: float = 2.0) -> Result:
    moments = [Moment(t, "talk", 5, 2, t, 0, 40.0, 300.0, tool) for t in range(30)]
    made = Shape("single", "", [Phase("talk", 30, (5, 5), at_once=2)])
    watch = Watch(None, moments)
    facts = {"at": "now", "machine": "here", "command": "repartee load single"}
    return Result(made, "url", Origin.REAL, rows, list(refused), watch, [late] * 100, 0, {"talk": 30.0}, facts=facts)


def outcomes(found: Result) -> dict[str, Outcome]:
    return {check.name.partition(" (")[0]: check.outcome for check in found.checks()}


def test_a_load_that_is_carried_is_kept() -> None:
    found = result([said("talk", t, 400.0) for t in range(40)])
    assert set(outcomes(found).values()) == {Outcome.KEPT}
    assert {v.outcome for v in found.verdicts(load_profile("alice"))} <= {Outcome.KEPT, Outcome.BROKEN}
    told = found.as_json(load_profile("alice"))
    assert told["phases"][0]["answered"] == {"p50": 400.0, "p95": 400.0, "p99": 400.0, "n": 40}
    assert "| talk | 5 | 40 |" in markdown(told)
    assert page(told).count("Plotly.newPlot") == 3


@pytest.mark.parametrize(("spoil", "name"), [
    (lambda rows: result([*rows, *[said("talk", 0, None, Fate.LOST)] * 5]), "lost or failed"),
    (lambda rows: result([*rows, *[said("talk", 0, 400.0, Fate.WRONG)] * 3]), "wrong"),
    (lambda rows: result(rows, [Turned("talk", 0, 5000.0, True, "later")]), "refused late or without a reason"),
    (lambda rows: result(rows, [Turned("talk", 0, 5.0, False, "reset")]), "refused late or without a reason"),
    (lambda rows: result(rows, late=100.0), "frames sent late"),
    (lambda rows: result(rows, tool=50.0), "the tool itself"),
])  # fmt: skip
def test_what_is_not_carried_is_broken(spoil: Callable[[list[Said]], Result], name: str) -> None:
    found = outcomes(spoil([said("talk", t, 400.0) for t in range(40)]))
    assert [check for check, outcome in found.items() if outcome is Outcome.BROKEN] == [name]


@pytest.mark.parametrize(("every", "outcome"), [(1.0, Outcome.TOO_FEW), (60.0, Outcome.BROKEN)])
def test_growth_is_a_leak_only_after_long_enough(every: float, outcome: Outcome) -> None:
    times = iter(every * n for n in range(1000))
    resources = Resources(clock=lambda: next(times))
    for n in range(60):
        resources.samples.append(replace(resources.sample(), rss=10**8 + n * 10**6))
        resources.samples.remove(resources.samples[-2])
    found = result([said("talk", t, 400.0) for t in range(40)])
    found.watch = Watch(None, found.watch.moments, _server=resources)
    found.watch.judge_leak()
    assert outcomes(found)["memory growth"] is outcome


def test_few_sentences_are_too_few() -> None:
    assert outcomes(result([said("talk", 0, 400.0)] * 5))["wrong"] is Outcome.TOO_FEW


def test_what_a_server_holds_is_read_by_component() -> None:
    text = 'repartee_component_memory_bytes{component="stt"} 5.0e+07\nother{component="stt"} 1\n'
    assert parts_of(text) == {"stt": 50.0}
