"""What a load has shown: figures by phase, checks, and what this machine carries.

{"schema": 1, "kind": "load", "shape", "title", "target", "at", "machine", "command", "origin", "tool": {...},
 "others_cpu_percent", "phases": [{"phase", "seconds", "users", "said", "per_s", "fates": {fate: n}, "answered": {"p50",
 "p95", "p99", "n"}, "acted", "audible", "cpu_percent", "rss_mb"}], "refused": {"n", "politely", "p95_ms"},
 "recovery_s", "leak": {...}, "checks": [{"check", "outcome", "figure", "limit", "why"}], "verdicts": [...],
 "moments": [...]}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np

from repartee.contract import Budget, Figure, Origin, Outcome, Profile, Provenance, Verdict, judge_all

from .crowd import Said, Turned
from .shape import Phase, Shape
from .uttered import Fate
from .watch import Moment, Watch

SCHEMA = 1
BAD = (Fate.WRONG, Fate.FAILED, Fate.LOST)
LATENCIES = ("answered", "acted", "audible")
ERRORS, WRONG = 5.0, 2.0
"""Percent of sentences that failed or were lost; percent that were understood wrongly."""
REFUSED_WITHIN, LATE, TOOL = 1000.0, 40.0, 10.0
"""Milliseconds in which a "no" must come; milliseconds that frames may be late (p99); percent of a core."""
RECOVERED = 10.0
"""Seconds after which all is as before the load."""
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold under load, whatever the profile."""

    name: str
    outcome: Outcome
    figure: float | None
    limit: float
    unit: str
    why: str = ""


@dataclass(slots=True)
class Result:
    shape: Shape
    target: str
    origin: Origin
    said: list[Said]
    refused: list[Turned]
    watch: Watch
    late: Sequence[float]
    nobody_free: int = 0
    lived: dict[str, float] = field(default_factory=dict)
    """Phase to the seconds it really took."""
    recovery_s: float | None = None
    broke_at: str = ""
    """The phase in which something gave; empty: nothing did."""
    facts: dict[str, Any] = field(default_factory=dict)

    def of(self, phase: str) -> list[Said]:
        return [said for said in self.said if said.phase == phase]

    @property
    def judged(self) -> list[Said]:
        names = {phase.name for phase in self.shape.phases if phase.judged}
        return [said for said in self.said if said.phase in names]

    def checks(self) -> list[Check]:
        """Refusals and the tool are judged over all of it, the rest over phases in which promises count. Where a load
        goes on until something gives, that is a finding and no failure."""
        rows = self.judged if not self.shape.until_it_breaks else self.of(self.shape.phases[0].name)
        found = [
            _share("lost or failed", rows, (Fate.FAILED, Fate.LOST), ERRORS),
            _share("wrong", rows, BAD[:1], WRONG),
        ]
        found += [self._refusals(), self._tool()]
        late = float(np.quantile(self.late, 0.99)) if self.late else 0.0
        found.append(_check("frames sent late (p99)", late, LATE, "ms", "the tool was too slow: figures are too large"))
        if self.recovery_s is not None or self.shape.until_it_breaks or self.shape.name in ("spike", "capacity"):
            found.append(_recovery(self.recovery_s))
        if self.watch.leak is not None:
            found.append(self._leak())
        return found

    def verdicts(self, profile: Profile) -> list[Verdict]:
        """Of the profile's promises by the number of people, phase by phase."""
        found = []
        for phase in self.shape.phases:
            rows, moments = self.of(phase.name), [m for m in self.watch.moments if m.phase == phase.name]
            if not phase.judged or not rows or (self.shape.until_it_breaks and phase.name == self.broke_at):
                continue
            users = max((said.users for said in rows), default=1)
            tiers = [b for b in profile if b.users and b.users[0] <= users <= b.users[1]]
            figures = _figures(rows, moments, Provenance(self.origin, "realtime"))
            found += judge_all(tiers, partial(_figure, figures), users)
        return found

    def as_json(self, profile: Profile) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "kind": "load",
            "shape": self.shape.name,
            "title": self.shape.title,
            "target": self.target,
            "origin": self.origin.value,
            **self.facts,
            "others_cpu_percent": round(self.watch.others_percent, 1),
            "tool": {"cpu_percent": self._tool().figure, "frames_late_p99_ms": _quantile(self.late, 0.99)},
            "phases": [self.phase_json(phase) for phase in self.shape.phases if phase.name in self.lived],
            "refused": {
                "n": len(self.refused),
                "politely": sum(turned.politely for turned in self.refused),
                "p95_ms": _quantile([turned.ms for turned in self.refused], 0.95),
                "why": Counter(turned.why for turned in self.refused).most_common(3),
            },
            "nobody_free": self.nobody_free,
            "broke_at": self.broke_at,
            "recovery_s": self.recovery_s,
            "leak": _leak_json(self.watch),
            "checks": [{**asdict(check), "outcome": check.outcome.value} for check in self.checks()],
            "verdicts": [verdict.as_json() for verdict in self.verdicts(profile)],
            "moments": [asdict(moment) for moment in self.watch.moments],
        }

    def phase_json(self, phase: Phase) -> dict[str, Any]:
        rows, moments = self.of(phase.name), [m for m in self.watch.moments if m.phase == phase.name]
        seconds = self.lived[phase.name]
        heads = [m.users for m in moments] or [0]
        return {
            "phase": phase.name,
            "seconds": round(seconds, 1),
            "users": max(heads),
            "wanted": max(phase.users),
            "said": len(rows),
            "per_s": round(len(rows) / max(seconds, 1e-6), 2),
            "fates": dict(Counter(said.uttered.fate.value for said in rows)),
            **{name: _spread([getattr(said.uttered, name) for said in rows]) for name in LATENCIES},
            "cpu_percent": _mean([m.cpu for m in moments]),
            "rss_mb": _highest([m.rss_mb for m in moments]),
        }

    def _refusals(self) -> Check:
        rude = [turned for turned in self.refused if not turned.politely or turned.ms > REFUSED_WITHIN]
        share = 100 * len(rude) / len(self.refused) if self.refused else 0.0
        why = f"{rude[0].why} after {rude[0].ms:.0f} ms" if rude else f"{len(self.refused)} refused"
        return _check("refused late or without a reason", share, 0.0, "%", why)

    def _tool(self) -> Check:
        cpu = _mean([m.tool_cpu for m in self.watch.moments]) or 0.0
        streams = max((m.users for m in self.watch.moments), default=0)
        limit = TOOL * max(1.0, streams / 100)
        return _check("the tool itself", cpu, limit, "% of a core", f"with up to {streams} streams")

    def _leak(self) -> Check:
        leak = self.watch.leak
        assert leak
        growth = leak.growth.value if leak.growth else None
        outcome = Outcome.BROKEN if leak.leaks else Outcome.KEPT if leak.leak.value == "no leak" else Outcome.TOO_FEW
        grown = sorted(self.watch.parts.items(), key=lambda row: row[1][0] - row[1][1])[:3]
        parts = ", ".join(f"{name} {last - first:+.1f} MB" for name, (first, last) in grown if last > first)
        why = f"{leak.leak.value}: {leak.reason}" + (f"; grown: {parts}" if parts else "")
        return Check("memory growth", outcome, growth, 5.0, "MB/h", why)


def recovery(said: Sequence[Said], since: float, usual_ms: float) -> float | None:
    """Seconds from `since` until three answers in a row were as quick as usual (by half); None: that never came."""
    later = sorted((s for s in said if s.at >= since), key=lambda s: s.at)
    for at in range(len(later) - 2):
        three = later[at : at + 3]
        if all(s.uttered.fate not in BAD and (s.uttered.answered or 1e9) <= 1.5 * usual_ms for s in three):
            return round(three[0].at - since, 2)
    return None


def breaks(rows: Sequence[Said], limit_ms: float) -> str:
    """Why a phase is beyond what can be carried; empty where it is not, or too few were said."""
    if len(rows) < FEWEST / 2:
        return ""
    bad = sum(said.uttered.fate in (Fate.LOST, Fate.FAILED, Fate.BUSY) for said in rows)
    if bad > 1 and 100 * bad > ERRORS * len(rows):
        return f"{bad} of {len(rows)} sentences got no answer or an error"
    slow = _quantile([s.uttered.answered for s in rows], 0.95)
    return f"p95 of the answer {slow:.0f} ms" if slow is not None and slow > limit_ms else ""


def _figures(
    rows: Sequence[Said], moments: Sequence[Moment], provenance: Provenance
) -> Mapping[str, Mapping[str, Figure]]:
    """Metric to statistic to figure."""
    answered = [s.uttered.answered for s in rows if s.uttered.answered is not None and s.uttered.fate not in BAD]
    found: dict[str, Mapping[str, Figure]] = {}
    series = {
        "turn_answered": answered,
        "process_cpu": [m.cpu for m in moments if m.cpu is not None],
        "process_memory": [m.rss_mb for m in moments if m.rss_mb is not None],
    }
    for metric, values in series.items():
        if values:
            statistics = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
            by = {name: float(np.quantile(values, share)) for name, share in statistics.items()}
            by |= {"mean": float(np.mean(values)), "max": max(values), "value": max(values)}
            found[metric] = {name: Figure(value, len(values), provenance) for name, value in by.items()}
    return found


def _figure(figures: Mapping[str, Mapping[str, Figure]], budget: Budget) -> Figure | None:
    return figures.get(budget.metric.name, {}).get(budget.statistic)


def _share(name: str, rows: Sequence[Said], fates: Iterable[Fate], limit: float) -> Check:
    bad = [said.uttered for said in rows if said.uttered.fate in tuple(fates)]
    if len(rows) < FEWEST:
        outcome = Outcome.TOO_FEW
        return Check(name, outcome, 100 * len(bad) / max(len(rows), 1), limit, "%", f"{len(rows)} of at least {FEWEST}")
    why = f"{len(bad)} of {len(rows)}" + (f", as {bad[0].sentence}: {bad[0].detail}" if bad else "")
    return _check(name, 100 * len(bad) / len(rows), limit, "%", why)


def _check(name: str, figure: float, limit: float, unit: str, why: str) -> Check:
    return Check(name, Outcome.KEPT if figure <= limit else Outcome.BROKEN, round(figure, 2), limit, unit, why)


def _recovery(seconds: float | None) -> Check:
    if seconds is None:
        return Check("recovery", Outcome.BROKEN, None, RECOVERED, "s", "three quick answers in a row never came back")
    return _check("recovery", seconds, RECOVERED, "s", "until three answers in a row were as quick as before")


def _leak_json(watch: Watch) -> dict[str, Any] | None:
    if not watch.leak:
        return None
    growth = watch.leak.growth.value if watch.leak.growth else None
    return {"verdict": watch.leak.leak.value, "growth_mb_per_h": growth, "reason": watch.leak.reason,
            "parts_mb": {name: list(sizes) for name, sizes in watch.parts.items()}}  # fmt: skip


def _spread(values: Iterable[float | None]) -> dict[str, float | int] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {**{name: round(float(np.quantile(known, q)), 1) for name, q in shares.items()}, "n": len(known)}


def _quantile(values: Iterable[float | None], share: float) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.quantile(known, share)), 1) if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 1) if known else None


def _highest(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(max(known), 1) if known else None
