"""Budget files: TOML to profiles and back. Every error names the file and the place and says what is allowed."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from ..core.errors import BadBudget
from .budgets import QUANTILES, STATISTICS, Budget, Derivation, Direction, Profile, Thresholds
from .metrics import Kind, Metric, Source, stage_metric
from .units import SECONDS, UNITS

DATA = files("repartee.contract") / "data"
SHIPPED = ("moonshot", "alice", "luna", "companion", "ptt", "orac")
DEFAULT = "moonshot"
LARGEST = 1_000_000
"""Bytes of a budget file that we read."""
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file, for errors."""

    file: str
    at: str = ""

    def __truediv__(self, part: str) -> Place:
        return Place(self.file, f"{self.at}.{part}" if self.at else part)

    def wrong(self, what: str) -> NoReturn:
        raise BadBudget(f"{self.file}{f': {self.at}' if self.at else ''}: {what}")

    def unknown(self, what: str, name: object, known: Mapping[str, object] | tuple[str, ...]) -> NoReturn:
        near = get_close_matches(str(name), list(known), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known))}"
        self.wrong(f"unknown {what} {name!r}; {hint}")


def load_profile(name_or_path: str | Path = DEFAULT) -> Profile:
    """A shipped profile by its name, or a person's own from a TOML file. Raises `BadBudget`."""
    if str(name_or_path) in SHIPPED:
        return _shipped(str(name_or_path))
    path = Path(name_or_path)
    if path.suffix != ".toml" and not path.is_file():
        raise BadBudget(f"no profile {str(name_or_path)!r}: choose one of {', '.join(SHIPPED)}, or name a .toml file")
    return profile_from(_person_s(path), Place(str(path)), path.stem, folder=path.parent)


@cache
def _shipped(name: str) -> Profile:
    return profile_from(read_data(f"profiles/{name}.toml"), Place(f"profiles/{name}.toml"), name)


def read_data(name: str) -> Table:
    """One of the shipped TOML files."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def _person_s(path: Path) -> Table:
    try:
        if path.stat().st_size > LARGEST:
            raise BadBudget(f"{path}: {path.stat().st_size:,} bytes are too many for budgets ({LARGEST:,})")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadBudget(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadBudget(f"{path}: not UTF-8 text ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise BadBudget(f"{path}: not TOML: {error}") from error


@cache
def shipped_metrics() -> Mapping[str, Metric]:
    data = read_data("metrics.toml")
    place = Place("metrics.toml")
    return {name: metric_from(name, row, place / name, data["event"]) for name, row in data["metric"].items()}


def metric_from(name: str, row: Table, place: Place, events: Table | None = None) -> Metric:
    """One metric; `events` are the names that `from` and `to` may have (None: any, in a person's file)."""
    known = (
        "kind", "unit", "source", "family", "of", "labels", "by", "from", "to", "per", "help", "elsewhere", "least",
    )  # fmt: skip
    _only(row, known, place)
    kind = _choice(row, "kind", tuple(Kind), place)
    unit = _choice(row, "unit", tuple(UNITS), place)
    source = _choice(row, "source", tuple(Source), place, default="turn")
    if events is not None:
        for end in ("from", "to"):
            if end in row and row[end] not in events:
                (place / end).unknown("event", row[end], events)
    if kind == "duration" and not ("from" in row and "to" in row):
        place.wrong("a duration needs the events it runs from and to")
    least = row.get("least", 1)
    if type(least) is not int or least < 1:
        (place / "least").wrong(f"must be a whole number from 1 on, not {least!r}")
    if row.get("per", "hour") not in SECONDS:
        (place / "per").unknown("time", row["per"], SECONDS)
    family = row.get("family", "" if source == "bench" else f"repartee_{name}_{UNITS[unit].base or 'count'}")
    return Metric(
        name,
        Kind(kind),
        UNITS[unit],
        Source(source),
        family,
        of=row.get("of", ""),
        labels=dict(row.get("labels", {})),
        by=tuple(row.get("by", ())),
        begins=row.get("from", ""),
        ends=row.get("to", ""),
        per=row.get("per", ""),
        help=row.get("help", name),
        elsewhere=row.get("elsewhere", ""),
        least=least,
    )


def profile_from(data: Table, place: Place, name: str, folder: Path | None = None) -> Profile:
    """A whole file. `extends` takes over another profile, `remove` leaves some of its budgets out."""
    _only(data, ("title", "extends", "remove", "metric", "stages", "order", "budget", "derive", "defaults"), place)
    base = _extended(data.get("extends"), place, folder)
    metrics = dict(base.metrics if base else shipped_metrics())
    for stage in _strings(data, "stages", place):
        metrics[stage] = stage_metric(stage)
    for own, row in _table(data, "metric", place).items():
        metrics[own] = metric_from(own, _as_table(row, place / "metric" / own), place / "metric" / own)
    budgets = {budget.key: budget for budget in (base or ())}
    for gone in _strings(data, "remove", place):
        keys = [key for key, budget in budgets.items() if gone in (key, budget.name)]
        if not keys:
            (place / "remove").unknown("budget", gone, tuple({b.name for b in budgets.values()}))
        for key in keys:
            del budgets[key]
    for own, row in _table(data, "budget", place).items():
        at = place / "budget" / own
        budgets.update({budget.key: budget for budget in budgets_from(own, _as_table(row, at), at, metrics)})
    derivations = tuple(_derivations(_table(data, "derive", place), place / "derive", metrics))
    return Profile(
        name,
        str(data.get("title", base.title if base else name)),
        tuple(budgets.values()),
        metrics,
        {**(base.defaults if base else {}), **_table(data, "defaults", place)},
        derivations or (base.derivations if base else ()),
        _strings(data, "order", place) or (base.order if base else ()),
    )


def _extended(base: object, place: Place, folder: Path | None) -> Profile | None:
    if base is None:
        return None
    if base in SHIPPED:
        return _shipped(str(base))
    if folder is None or not str(base).endswith(".toml"):
        (place / "extends").unknown("profile", base, SHIPPED)
    path = folder / str(base)
    data = _person_s(path)
    if data.get("extends", DEFAULT) not in SHIPPED:
        Place(str(path), "extends").wrong("a profile that is extended may itself extend only a shipped one")
    return profile_from(data, Place(str(path)), path.stem)


def budgets_from(name: str, row: Table, place: Place, metrics: Mapping[str, Metric]) -> Iterator[Budget]:
    """One entry of a file: a budget for each statistic that it names."""
    known = ("metric", "where", "direction", "users", "action", "claimed", "unit", "elsewhere")
    _only(row, (*known, *STATISTICS), place)
    if "metric" not in row:
        place.wrong("names no metric")
    if row["metric"] not in metrics:
        (place / "metric").unknown("metric or stage", row["metric"], tuple(metrics))
    metric = metrics[row["metric"]]
    if row.get("unit", "") not in ("", metric.unit.symbol, *(k for k, u in UNITS.items() if u is metric.unit)):
        (place / "unit").wrong(f"{metric.name} is counted in {metric.unit_text}, not {row['unit']!r}")
    direction = Direction(_choice(row, "direction", tuple(Direction), place, default="at most"))
    where = {label: _values(values, place / "where" / label) for label, values in _table(row, "where", place).items()}
    for label in where:
        if label not in metric.by:
            (place / "where").unknown("label", label, metric.by)
    action = row.get("action", "")
    actions = read_data("alerts.toml")["action"]
    if action and action not in actions:
        (place / "action").unknown("action", action, actions)
    statistics = [statistic for statistic in STATISTICS if statistic in row]
    if not statistics:
        place.wrong(f"has no figure; give one of {', '.join(STATISTICS)}")
    for statistic in statistics:
        if statistic in QUANTILES and metric.kind not in (Kind.DURATION, Kind.LEVEL):
            (place / statistic).wrong(f"a {metric.kind} has no percentiles; give `value`")
        yield Budget(
            name,
            metric,
            statistic,
            thresholds_from(row[statistic], direction, place / statistic, percent=metric.unit is UNITS["percent"]),
            direction,
            where,
            _users(row.get("users"), place / "users"),
            action,
            str(row.get("elsewhere", "")),
        )


def thresholds_from(given: object, direction: Direction, place: Place, *, percent: bool = False) -> Thresholds:
    """A target alone, or a table of target, warning and critical."""
    row: Table = {"target": given} if not isinstance(given, Mapping) else given
    _only(row, ("target", "warning", "critical"), place)
    if "target" not in row:
        place.wrong("needs a target")
    for level, figure in row.items():
        if isinstance(figure, bool) or not isinstance(figure, int | float) or not math.isfinite(figure):
            (place / level).wrong(f"must be a number, not {figure!r}")
        if figure < 0:
            (place / level).wrong(f"must not be negative, but is {figure}")
    filled = Thresholds.from_target(float(row["target"]), direction, percent=percent)
    warning = float(row.get("warning", filled.warning))
    critical = float(row.get("critical", warning + (filled.critical - filled.warning)))
    thresholds = replace(filled, warning=warning, critical=max(0.0, critical))
    order = [thresholds.target, thresholds.warning, thresholds.critical]
    if order != sorted(order, reverse=direction is Direction.AT_LEAST):
        words = "target ≤ warning ≤ critical" if direction is Direction.AT_MOST else "target ≥ warning ≥ critical"
        place.wrong(f"must be {words} (it is {direction} so much), but is {order[0]:g}, {order[1]:g}, {order[2]:g}")
    return thresholds


def as_toml(profile: Profile) -> str:
    """A profile as a file that reads the same again; only budgets on metrics that ship."""
    lines = [f"title = {json.dumps(profile.title)}", "", "[budget]"]
    for name in dict.fromkeys(budget.name for budget in profile):
        rows = [budget for budget in profile if budget.name == name]
        first = rows[0]
        parts = [f"metric = {json.dumps(first.metric.name)}"]
        if first.where:
            chosen = ", ".join(f"{label} = {json.dumps(list(values))}" for label, values in first.where.items())
            parts.append(f"where = {{ {chosen} }}")
        if first.direction is not Direction.AT_MOST:
            parts.append(f"direction = {json.dumps(first.direction.value)}")
        if first.users:
            parts.append(f"users = {json.dumps(list(first.users))}")
        if first.action:
            parts.append(f"action = {json.dumps(first.action)}")
        if first.elsewhere:
            parts.append(f"elsewhere = {json.dumps(first.elsewhere)}")
        for budget in rows:
            limits = budget.thresholds
            figures = ", ".join(f"{n} = {getattr(limits, n)!r}" for n in ("target", "warning", "critical"))
            parts.append(f"{budget.statistic} = {{ {figures} }}")
        lines.append(f"{name} = {{ {', '.join(parts)} }}")
    return "\n".join(lines) + "\n"


def _derivations(data: Table, place: Place, metrics: Mapping[str, Metric]) -> Iterator[Derivation]:
    if not data:
        return
    _only(data, ("target", "warning", "critical", "from"), place)
    factors = Thresholds(*(float(data.get(level, 1.0)) for level in ("target", "warning", "critical")))
    for name, row in _table(data, "from", place).items():
        at = place / "from" / name
        _only(row, ("metric", "statistic", "direction", "elsewhere"), at)
        if row.get("metric") not in metrics:
            at.unknown("metric or stage", row.get("metric"), tuple(metrics))
        statistic = _choice(row, "statistic", STATISTICS, at)
        direction = Direction(_choice(row, "direction", tuple(Direction), at, default="at most"))
        elsewhere = str(row.get("elsewhere", ""))
        yield Derivation(name, metrics[row["metric"]], statistic, direction, factors, elsewhere)


def _only(row: Table, known: tuple[str, ...], place: Place) -> None:
    for key in row:
        if key not in known:
            place.unknown("key", key, known)


def _choice(row: Table, key: str, allowed: tuple[str, ...], place: Place, default: str = "") -> str:
    value = row.get(key, default)
    if value not in allowed:
        (place / key).wrong(f"must be one of {', '.join(allowed)}, not {value!r}")
    return str(value)


def _table(row: Table, key: str, place: Place) -> Table:
    return _as_table(row.get(key, {}), place / key)


def _as_table(value: object, place: Place) -> Table:
    if not isinstance(value, Mapping):
        place.wrong(f"must be a table, not {value!r}")
    return value


def _strings(row: Table, key: str, place: Place) -> tuple[str, ...]:
    return _values(row[key], place / key) if key in row else ()


def _values(value: object, place: Place) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        place.wrong(f"must be a list of names, not {value!r}")
    return tuple(value)


def _users(value: object, place: Place) -> tuple[int, int] | None:
    if value is None:
        return None
    if not (
        isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value) and value[0] <= value[1]
    ):
        place.wrong(f"must be [fewest, most], not {value!r}")
    return value[0], value[1]
