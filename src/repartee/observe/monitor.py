"""The measuring API. Learn it in a minute, use it in any Python program:

from repartee.observe import monitor

with monitor.measure("stt"): ...              # also: async with
@monitor.measure_performance("intent")        # functions, coroutines, generators of either kind
monitor.record_latency("tts", 0.180)          # seconds
print(monitor.report())                       # or .report("html"), .report("json")
monitor.check("my_budgets.toml")              # verdicts
"""

from __future__ import annotations

import functools
import inspect
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from ..contract.advice import advise
from ..contract.budgets import Budget, Profile
from ..contract.files import SHIPPED, load_profile
from ..contract.provenance import Origin, Provenance
from ..contract.recommend import Case, Recommendation, WhatIf, ranked, recommend
from ..contract.verdict import Figure, Measurement, Outcome, Verdict, judge_all, loosest
from ..core.turn import TurnRecord
from . import report, turns
from .bus import Bus, Measured, correlation
from .judged import Judged, judged
from .ledger import Ledger, Series
from .tiers import Tiers

P = ParamSpec("P")
T = TypeVar("T")
CASES = 1000
"""Turns kept as evidence."""
MOST_OPEN = 10_000
"""Measurements under way that we keep an eye on."""


class Measure:
    """One measurement: a context manager, sync and async. An exception inside is measured too, and goes on."""

    __slots__ = ("_began", "_monitor", "_series", "name")

    def __init__(self, monitor: Monitor, name: str, series: Series) -> None:
        self._monitor, self.name, self._series = monitor, name, series
        self._began = 0.0

    def __enter__(self) -> Measure:
        under_way = self._monitor.under_way
        if len(under_way) < MOST_OPEN:
            under_way[id(self)] = self
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        milliseconds = (time.perf_counter() - self._began) * 1000
        self._monitor.under_way.pop(id(self), None)
        self._series.sketch.add(milliseconds)
        self._series.newest = milliseconds
        if self._monitor.bus.listeners:
            self._monitor.bus.tell(Measured(self.name, milliseconds, correlation.get()))

    async def __aenter__(self) -> Measure:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    @property
    def seconds(self) -> float:
        """So far."""
        return time.perf_counter() - self._began


class Monitor:
    """Records, sums up, checks, recommends."""

    def __init__(self, profile: Profile | str | Path | None = None, provenance: Provenance | None = None) -> None:
        """`provenance`: of all that is measured here directly. Say so where the input is made up:
        `Provenance(Origin.SYNTHETIC)`; only real figures keep a budget."""
        self.profile = profile if isinstance(profile, Profile) else load_profile(profile or "moonshot")
        self.provenance = provenance or Provenance()
        self._budgets = loosest(self.profile)
        self.ledger = Ledger()
        self.tiers = self._no_tiers()
        self.users = 1
        """People connected now; whoever knows keeps it."""
        self.bus = Bus()
        self.under_way: dict[int, Measure] = {}
        self.turns = 0
        self._stages: dict[str, Series] = {}
        self._records: deque[tuple[TurnRecord, Provenance]] = deque(maxlen=CASES)

    # ---- measuring

    def measure(self, name: str) -> Measure:
        """`with monitor.measure("stt"):` or `async with`."""
        return Measure(self, name, self._stages.get(name) or self._stage(name))

    def measure_performance(self, name: str = "") -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Decorates functions, coroutine functions and generators; the name is the function's where none is given."""

        def decorate(call: Callable[P, T]) -> Callable[P, T]:
            return cast(Callable[P, T], _measured(self, name or call.__name__, call))

        return decorate

    def record_latency(self, name: str, seconds: float) -> bool:
        """A time that was taken elsewhere. False: it could not be a time (NaN, negative), counted as refused."""
        series = self._stages.get(name) or self._stage(name)
        milliseconds = seconds * 1000
        if not 0 <= milliseconds < math.inf:
            self.ledger.refuse(name, milliseconds)
            return False
        series.sketch.add(milliseconds)
        series.newest = milliseconds
        if self.bus.listeners:
            self.bus.tell(Measured(name, milliseconds, correlation.get()))
        return True

    def record(self, metric: str, value: float, **labels: str) -> bool:
        """Anything else that a budget speaks of, in the unit of its metric."""
        return self.note(Measurement(metric, value, labels), self.provenance)

    def note(self, measurement: Measurement, provenance: Provenance) -> bool:
        """A figure with its own provenance. False where it was refused."""
        self.tiers.record(measurement, provenance, self.users)
        return self.ledger.record(measurement, provenance)

    def turn(self, record: TurnRecord, origin: Origin = Origin.REAL) -> Judged:
        """A finished turn: into the ledger, and its verdicts."""
        found = judged(record, self._budgets, origin)
        for measurement in found.measured:
            self.note(measurement, found.provenance)
        self.turns += 1
        self._records.append((record, found.provenance))
        return found

    # ---- telling

    def overdue(self, seconds: float = 30.0) -> list[Measure]:
        """Measurements that began longer ago than this and have not ended: a stage that hangs."""
        return [measure for measure in tuple(self.under_way.values()) if measure.seconds > seconds]

    def summary(self) -> dict[str, dict[str, float]]:
        """Metric to n, mean, p50, p95, p99, max (milliseconds for stages), all provenances together."""
        return report.summary(self.ledger)

    def check(self, profile: Profile | str | Path | None = None, *, everything: bool = False) -> list[Verdict]:
        """Verdicts on what was measured (`everything`: also on what was not)."""
        chosen = self._chosen(profile)
        verdicts = judge_all(chosen, self.figure)
        return [v for v in verdicts if everything or v.outcome is not Outcome.NOT_MEASURED]

    def figure(self, budget: Budget) -> Figure | None:
        """What it is held against; of a tier, while so many people were connected."""
        return self.tiers.figure(budget) if budget.users else self.ledger.figure(budget)

    def recommendations(
        self, profile: Profile | str | Path | None = None, what_ifs: Sequence[WhatIf] = ()
    ) -> list[Recommendation]:
        """For each broken budget: what to change, on which evidence, most urgent first. Nothing where nothing is
        broken. Budgets of a turn rest on its critical path, all others on the figures of their parts."""
        chosen = self._chosen(profile)
        goals = {b.metric.labels["stage"]: b.thresholds.target for b in chosen if "stage" in b.metric.labels}
        found: list[Recommendation] = []
        for verdict in self.check(chosen):
            if verdict.outcome is not Outcome.BROKEN:
                continue
            of_turns = verdict.budget.metric.ends in report.EVENTS
            cases = self.evidence(verdict.budget) if of_turns else []
            found += recommend(verdict, cases, what_ifs, goals) or advise(verdict, self.ledger.parts(verdict.budget))
        return ranked(found)

    def evidence(self, budget: Budget) -> list[Case]:
        """The turns that a budget of latency speaks of, as cases; those that prove nothing only when alone."""
        rows = [(r, p) for r, p in self._records if budget.covers({"wait_class": r.wait_class})]
        sound = [(r, p) for r, p in rows if not p.doubts(budget.metric)] or rows
        cases = (turns.case_of(record, budget.metric.ends) for record, _ in sound)
        return [case for case in cases if case]

    def report(self, form: str = "text", profile: Profile | str | Path | None = None) -> str:
        """`text`, `html` (one file, works offline) or `json`."""
        chosen = self._chosen(profile)
        return report.render(
            form, report.Report(chosen, self.ledger, self.check(chosen), self.recommendations(chosen), self.turns)
        )

    def reset(self) -> None:
        """Forgets all figures; measurements under way still count, into the new ones."""
        self.ledger, self.tiers, self._stages, self.turns = Ledger(), self._no_tiers(), {}, 0
        self._records.clear()

    def _no_tiers(self) -> Tiers:
        """Of every profile that may be asked for."""
        return Tiers(budget for profile in (self.profile, *map(load_profile, SHIPPED)) for budget in profile)

    def _chosen(self, profile: Profile | str | Path | None) -> Profile:
        if profile is None:
            return self.profile
        return profile if isinstance(profile, Profile) else load_profile(profile)

    def _stage(self, name: str) -> Series:
        return self._stages.setdefault(name, self.ledger.series(name, {}, self.provenance))


def _measured(monitor: Monitor, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(call):

        @functools.wraps(call)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with monitor.measure(name):
                return await call(*args, **kwargs)

        return coroutine
    if inspect.isasyncgenfunction(call):

        @functools.wraps(call)
        async def stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            with monitor.measure(name):
                async for item in call(*args, **kwargs):
                    yield item

        return stream
    if inspect.isgeneratorfunction(call):

        @functools.wraps(call)
        def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with monitor.measure(name):
                return (yield from call(*args, **kwargs))

        return generator

    @functools.wraps(call)
    def function(*args: Any, **kwargs: Any) -> Any:
        with monitor.measure(name):
            return call(*args, **kwargs)

    return function
