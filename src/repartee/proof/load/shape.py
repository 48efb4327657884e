"""The shapes of a load: how many people are there, and how often they speak, phase by phase."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from repartee.contract.files import read_data
from repartee.core.errors import BadInput

SHORTEST = 3.0
"""Seconds of a phase, however small the scale."""
STEPS = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""People who speak without a break, step by step, until something gives."""
ALONE, CROWD, STEP, SETTLE = 60.0, 300.0, 60.0, 30.0
"""Seconds: one person, several, a step of the stress; the least of what is after it."""
AFTER = ("after", "recovery")
AT_ONCE, EXPECTED = 10, 5


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a load. Users who are there listen; speaking is either by `rate` or without a break."""

    name: str
    seconds: float
    users: tuple[int, int]
    """At its beginning and its end; a straight line between."""
    rate: float | None = None
    """Sentences a second of all together, when they like (Poisson)."""
    at_once: int | None = None
    """How many speak without a break."""
    judged: bool = True
    """Whether promises count here; else it may break."""

    def users_at(self, share: float) -> int:
        """`share` of its time has passed (0-1)."""
        begin, end = self.users
        return round(begin + (end - begin) * min(max(share, 0.0), 1.0))

    def scaled(self, time: float, people: float) -> Phase:
        def fewer(count: int) -> int:
            return max(1, round(count * people)) if count else 0

        return replace(
            self,
            seconds=max(SHORTEST if self.name not in AFTER else SETTLE, self.seconds * time),
            users=(fewer(self.users[0]), fewer(self.users[1])),
            rate=self.rate * people if self.rate else None,
            at_once=fewer(self.at_once) if self.at_once else None,
        )


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    title: str
    phases: Sequence[Phase]
    until_it_breaks: bool = False
    """Judged phases end with the first that breaks; what follows measures the recovery."""

    @property
    def most(self) -> int:
        """Users at the highest moment."""
        return max(max(phase.users) for phase in self.phases)

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)

    def scaled(self, time: float = 1.0, users: int | None = None) -> Shape:
        """`time`: 0.01 makes seconds of minutes. `users`: at the highest moment; all else in proportion."""
        people = users / self.most if users else 1.0
        return replace(self, phases=[phase.scaled(time, people) for phase in self.phases])


def shape(name: str, expected: int = EXPECTED) -> Shape:
    """By the load protocol of the contract. `expected`: concurrent users, of `prerelease`. Raises `BadInput`."""
    if name not in SHAPES:
        raise BadInput(f"there is no load {name!r}; choose one of {', '.join(SHAPES)}")
    return SHAPES[name](read_data("load.toml"), expected)


def _single(_: Mapping[str, Any], __: int) -> Shape:
    return Shape("single", "one person, sentence after sentence", [Phase("alone", ALONE, (1, 1), at_once=1)])


def _concurrent(_: Mapping[str, Any], __: int) -> Shape:
    phase = Phase("together", CROWD, (AT_ONCE, AT_ONCE), at_once=AT_ONCE)
    return Shape("concurrent", f"{AT_ONCE} people speak without a break", [phase])


def _sustained(protocol: Mapping[str, Any], _: int) -> Shape:
    row = protocol["sustained"]
    users, rate = int(row["users"]), float(row["requests_per_s"])
    phase = Phase("sustained", seconds(row["duration"]), (users, users), rate=rate)
    return Shape("sustained", f"{users} people, {rate:g} sentences a second", [phase])


def _spike(protocol: Mapping[str, Any], _: int) -> Shape:
    row = protocol["spike"]
    few, many, ramp = int(row["from_users"]), int(row["to_users"]), seconds(row["ramp"])
    return Shape(
        "spike",
        f"from {few} people to {many} in {ramp:g} s and back",
        [
            Phase("before", ALONE, (few, few), rate=few / 20),
            Phase("rising", ramp, (few, many), rate=many / 40, judged=False),
            Phase("held", seconds(row["hold"]), (many, many), rate=many / 20, judged=False),
            Phase("falling", ramp, (many, few), rate=many / 40, judged=False),
            Phase("after", ALONE, (few, few), rate=few / 20),
        ],
    )


def _stress(_: Mapping[str, Any], __: int) -> Shape:
    steps = [Phase(f"{count} at once", STEP, (count, count), at_once=count) for count in STEPS]
    after = Phase("recovery", ALONE, (1, 1), at_once=1, judged=False)
    return Shape("stress", "more and more people until something gives, then one", [*steps, after], True)


def _soak(protocol: Mapping[str, Any], _: int) -> Shape:
    duration = seconds(protocol["soak"]["duration"])
    return Shape("soak", "a household, for long", [Phase("soak", duration, (EXPECTED, EXPECTED), rate=EXPECTED / 10)])


def _prerelease(protocol: Mapping[str, Any], expected: int) -> Shape:
    users = round(float(protocol["prerelease"]["factor"]) * expected)
    phases = [Phase("expected", CROWD, (expected, expected), rate=expected / 10),
              Phase("twice that", CROWD, (users, users), rate=users / 10)]  # fmt: skip
    return Shape("prerelease", f"{expected} people are expected; {users} come", phases)


def _capacity(protocol: Mapping[str, Any], _: int) -> Shape:
    row = protocol["capacity"]
    live, speaking, rate = int(row["sessions_live"]), int(row["speaking_at_once"]), float(row["utterances_per_s"])
    return Shape(
        "capacity",
        f"{live} listen, {speaking} speak without a break; then {rate:g} sentences a second, and twice that",
        [
            Phase("listening", ALONE, (live, live)),
            Phase("speaking", CROWD, (live, live), at_once=speaking),
            Phase("full", CROWD, (live, live), rate=rate),
            Phase("beyond", ALONE, (live, live), rate=2 * rate, judged=False),
            Phase("after", ALONE, (live, live), at_once=1),
        ],
    )


SHAPES: Mapping[str, Callable[[Mapping[str, Any], int], Shape]] = {
    "single": _single, "concurrent": _concurrent, "sustained": _sustained, "spike": _spike, "stress": _stress,
    "soak": _soak, "prerelease": _prerelease, "capacity": _capacity,
}  # fmt: skip


def seconds(duration: str) -> float:
    """Of `90s`, `5m`, `1h`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", duration.strip())
    if not found:
        raise BadInput(f"{duration!r} is no duration like 90s, 5m or 1h")
    return float(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2]]
