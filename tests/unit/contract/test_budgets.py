"""Budget files: what ships holds every figure of the specification; what a person writes is checked and explained."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.contract import SHIPPED, Direction, Level, Profile, load_profile
from repartee.contract.budgets import Thresholds
from repartee.contract.files import as_toml, read_data, shipped_metrics
from repartee.contract.metrics import Kind, Source
from repartee.core.errors import BadBudget

RENAMED = {  # keys of the specification to names of budgets, where they are not the same
    "cpu_percent.average": "cpu_average",
    "cpu_percent.peak": "cpu_peak",
    "cpu_percent.voice": "cpu_voice",
    "cpu_percent.background": "cpu_background",
    "memory_mb.growth_per_hour": "memory_growth",
    "memory_mb.leaks_per_hour": "memory_leaks",
    "system.network_mbit_per_s": "network",
    "system.disk_io_mb_per_hour": "disk_io",
    "resources.growth_mb_per_hour": "memory_growth",
    "resources.rss_mb": "memory",
    "memory_mb.process": "memory",
    "resources.rss_mb_after_abuse": "memory_after_abuse",
    "cpu_percent.idle": "cpu_idle",
    "quality.self_trigger_per_30_min": "self_trigger",
}
ENDINGS = ("_percent", "_per_hour", "_s_per_audio_s", "_mb", "_ms", "_us", "_hz", "_s")
GROUPS = {
    "memory_mb": "memory_",
    "database_ms": "database_",
    "cache": "cache_",
    "gain": "gain_",
    "gain_percent": "gain_",
}


def name_of(group: str, key: str) -> str:
    """The budget that a key of the specification became."""
    if f"{group}.{key}" in RENAMED:
        return RENAMED[f"{group}.{key}"]
    for ending in ENDINGS:
        if group in ("resources", "quality", "measuring", "system", "component", "gain") and key.endswith(ending):
            key = key.removesuffix(ending)
            break
    return GROUPS.get(group, "") + key.removesuffix("_query").removesuffix("_times")


def specified(profile: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, float]]:
    """(budget, level or statistic or "", figure) of one profile of the specification."""
    for group, rows in profile.items():
        if not isinstance(rows, dict) or group == "defaults":
            continue
        for key, given_ in rows.items():
            name = name_of(group, key)
            match given_:
                case dict() if "hit_percent" in given_:
                    yield name, "", float(str(given_["hit_percent"]))
                case dict():
                    for level, figure in given_.items():
                        yield name, level, float(str(figure))
                case [lowest, _] if group == "gain_percent":
                    yield name, "", float(str(lowest))
                case int() | float() if not (group == "database_ms" and key.endswith(("_s", "_h"))):
                    yield name, "", float(given_)


@pytest.mark.parametrize("name", ["moonshot", "alice", "luna", "companion", "ptt"])
def test_every_figure_of_the_specification_ships(shared: Path, name: str) -> None:
    spec = tomllib.loads((shared / "spec" / "budgets.toml").read_text())["profile"][name]
    profile = load_profile(name)
    seen = 0
    for budget, what, figure in specified(spec):
        rows = [b for b in profile if b.name == budget]
        assert rows, f"{name}: {budget} is missing"
        if what in ("", "target", "warning", "critical"):
            assert getattr(rows[0].thresholds, what or "target") == pytest.approx(figure), budget
        else:
            assert [b.thresholds.target for b in rows if b.statistic == what] == [figure], budget
        seen += 1
    assert seen == {"moonshot": 60, "alice": 77, "luna": 13, "companion": 15, "ptt": 12}[name]


def test_tiers_severity_alerts_actions_and_load_ship_as_specified(shared: Path) -> None:
    spec = tomllib.loads((shared / "spec" / "budgets.toml").read_text())
    alice = load_profile("alice")
    for tier in spec["profile"]["alice"]["tier"]:
        rows = {b.metric.name: b.thresholds.target for b in alice if b.users == tuple(tier["users"])}
        assert rows["turn_answered"] == tier["response_s"] * 1000
        assert rows.get("process_cpu") == tier.get("cpu_percent")
        assert rows.get("process_memory") == tier.get("memory_mb")
    severity = read_data("severity.toml")
    for level, row in spec["severity"].items():
        assert (severity[level]["when"], severity[level]["respond_within"]) == (row["when"], row["respond_within"])
    alerts = read_data("alerts.toml")
    assert alerts["action"] == spec["action"]
    ours = [(alert["name"], alert["for"], alert["severity"]) for alert in alerts["alert"]]
    assert ours == [(alert["name"], alert["for"], alert["severity"]) for alert in spec["alert"]]
    assert read_data("load.toml") == spec["load"]
    orac = read_data("profiles/orac.toml")
    assert orac["order"] == spec["profile"]["orac"]["stages"]
    assert set(orac["derive"]["from"]) == {*spec["profile"]["orac"]["stages"], *spec["profile"]["orac"]["also_derived"]}
    assert load_profile("luna").defaults == spec["profile"]["luna"]["defaults"]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_are_whole(name: str) -> None:
    profile = load_profile(name)
    for budget in profile:
        assert budget.metric.help
        if budget.metric.source is not Source.BENCH:
            assert budget.metric.family.startswith("repartee_"), budget.name
        if budget.metric.kind is Kind.DURATION:
            assert budget.metric.begins
            assert budget.metric.ends
    assert len({budget.key for budget in profile}) == len(profile.budgets)


def test_families_have_base_units() -> None:
    for metric in shipped_metrics().values():
        if metric.family and metric.kind in (Kind.DURATION, Kind.GROWTH):
            assert metric.family.endswith(f"_{metric.unit.base}"), metric.name
        if metric.kind is Kind.TOTAL and metric.family:
            assert metric.family.endswith("_total"), metric.name


def person_s(tmp_path: Path, text: str, name: str = "mine.toml") -> Profile:
    path = tmp_path / name
    path.write_text(text)
    return load_profile(path)


def test_a_person_extends_a_profile(tmp_path: Path) -> None:
    mine = person_s(
        tmp_path,
        """
        extends = "moonshot"
        stages = ["ask_the_cloud"]
        remove = ["self_trigger"]
        [metric.fan]
        kind = "level"
        unit = "percent"
        [budget]
        action_closed = { metric = "turn_action", where = { wait_class = ["closed"] }, p95 = 250 }
        cloud = { metric = "ask_the_cloud", p95 = { target = 400, warning = 450, critical = 800 } }
        fan = { metric = "fan", max = 80 }
        """,
    )
    assert mine.budget("action_closed.p95").thresholds.target == 250
    assert mine.budget("action_closed.p50").thresholds.target == 200, "what is not named again stays"
    assert mine.budget("cloud").metric.labels == {"stage": "ask_the_cloud"}
    assert mine.budget("fan").metric.family == "repartee_fan_ratio"
    with pytest.raises(KeyError):
        mine.budget("self_trigger")
    assert person_s(tmp_path, 'extends = "mine.toml"', "again.toml").budget("cloud").thresholds.warning == 450


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[budget]\nx = { metric = "unknown_stage", p95 = 3 }', "budget.x.metric: unknown metric or stage"),
        ('[budget]\nx = { metric = "hearin", p95 = 3 }', "did you mean 'hearing'?"),
        ('[budget]\nx = { metric = "hearing", p95 = { target = 3, warning = 2 } }', "target ≤ warning ≤ critical"),
        ('[budget]\nx = { metric = "hearing", p95 = -1 }', "must not be negative"),
        ('[budget]\nx = { metric = "hearing", p95 = nan }', "must be a number, not nan"),
        ('[budget]\nx = { metric = "hearing", p95 = "fast" }', "must be a number, not 'fast'"),
        ('[budget]\nx = { metric = "hearing", p95 = true }', "must be a number"),
        ('[budget]\nx = { metric = "hearing" }', "has no figure"),
        ("[budget]\nx = { p95 = 1 }", "names no metric"),
        ("[budget]\nx = 3", "must be a table"),
        ('[budget]\nx = { metric = "hearing", p95 = { warning = 3 } }', "needs a target"),
        ('[budget]\nx = { metric = "hearing", p96 = 3 }', "unknown key 'p96'; did you mean"),
        ('[budget]\nx = { metric = "hearing", unit = "s", p95 = 3 }', "counted in ms"),
        ('[budget]\nx = { metric = "cache_hits", p95 = 3 }', "has no percentiles"),
        ('[budget]\nx = { metric = "hearing", where = { colour = ["red"] }, p95 = 3 }', "unknown label 'colour'"),
        ('[budget]\nx = { metric = "turn_action", where = { wait_class = "closed" }, p95 = 3 }', "list of names"),
        ('[budget]\nx = { metric = "hearing", direction = "up", p95 = 3 }', "must be one of at most, at least"),
        ('[budget]\nx = { metric = "hearing", users = [5, 1], p95 = 3 }', "[fewest, most]"),
        ('[budget]\nx = { metric = "hearing", action = "explode", p95 = 3 }', "unknown action"),
        ('extends = "moonshoot"', "did you mean 'moonshot'?"),
        ('extends = "not_there.toml"', "No such file"),
        ('remove = ["nothing"]\nextends = "ptt"', "unknown budget 'nothing'"),
        ('[metric.x]\nkind = "duration"\nunit = "ms"', "needs the events"),
        ('[metric.x]\nkind = "length"\nunit = "ms"', "must be one of duration"),
        ('[metric.x]\nkind = "total"\nunit = "mb"\nper = "week"', "unknown time 'week'"),
        ("[[[", "not TOML"),
        ("colour = 3", "unknown key 'colour'"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadBudget) as error:
        person_s(tmp_path, text)
    assert said in str(error.value)
    assert ".toml" in str(error.value), "says which file"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadBudget, match="choose one of moonshot"):
        load_profile("sunshine")
    (tmp_path / "latin.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(BadBudget, match="not UTF-8"):
        load_profile(tmp_path / "latin.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(BadBudget, match="too many"):
        load_profile(tmp_path / "large.toml")


@given(
    st.floats(0, 1e6),
    st.sampled_from(list(Direction)),
    st.booleans(),
)
def test_filled_thresholds_are_in_order(target: float, direction: Direction, percent: bool) -> None:
    limits = Thresholds.from_target(min(target, 100) if percent else target, direction, percent=percent)
    order = [limits.target, limits.warning, limits.critical]
    assert order == sorted(order, reverse=direction is Direction.AT_LEAST)
    assert all(math.isfinite(limit) and limit >= 0 for limit in order)


def test_levels_of_both_directions() -> None:
    stt = load_profile("alice").budget("stt")
    assert [stt.level(v) for v in (300, 301, 501, 1001)] == [Level.WITHIN, Level.TARGET, Level.WARNING, Level.CRITICAL]
    right = load_profile("moonshot").budget("home_commands_right")
    assert [right.level(v) for v in (92, 91, 89, 83)] == [Level.WITHIN, Level.TARGET, Level.WARNING, Level.CRITICAL]
    assert right.excess_percent(46) == 50
    wrong = load_profile("moonshot").budget("home_commands_wrong")
    assert wrong.level(0.1) is Level.CRITICAL, "a hard promise"
    assert wrong.excess_percent(0.1) == math.inf


@pytest.mark.parametrize("name", ["moonshot", "alice", "luna", "companion", "ptt"])
def test_a_profile_written_down_reads_the_same(tmp_path: Path, name: str) -> None:
    profile = load_profile(name)
    again = person_s(tmp_path, as_toml(profile), f"{name}.toml")
    assert again.budgets == profile.budgets


def test_what_is_promised_and_not_measured_stands_in_the_docs_with_its_reason() -> None:
    page = (Path(__file__).parents[3] / "docs" / "budgets.md").read_text(encoding="utf-8")
    rows = page.split("## Promised, and what it takes to measure it")[1]
    listed = {line for line in rows.splitlines() if line.startswith("| `")}
    profiles = [load_profile(name) for name in SHIPPED]
    promised = {f"| `{p.name}` | `{b.name}` | {b.absent} |" for p in profiles for b in p if b.absent}
    derived = {f"| `{p.name}` | `{d.name}` | {d.elsewhere} |" for p in profiles for d in p.derivations if d.elsewhere}
    assert listed == promised | derived
