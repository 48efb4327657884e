"""The performance log read back, what changed in it, and profiles of the inside."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from repartee.contract import load_profile
from repartee.core.errors import BadInput, ReparteeError
from repartee.core.intent import Intent, Part, Reading
from repartee.core.turn import Decision, TurnRecord
from repartee.observe import Monitor
from repartee.observe.dissatisfaction import Dissatisfaction
from repartee.observe.journal import Journal
from repartee.proof import history, profiler
from repartee.proof.change import change
from repartee.proof.gate import Answer
from tests.unit.observe.test_turns import spoken

NOW = 1_700_000_000.0


def log(folder: Path, hears: list[float]) -> Path:
    """A turn an hour, with these times in the recogniser."""
    path, monitor = folder / "performance.jsonl", Monitor()
    journal = Journal(path)
    for number, hear in enumerate(hears):
        record = replace(spoken(number, hear=hear), at=NOW + number * 3600)
        journal.write(record, monitor.turn(record))
    journal.close()
    return path


def wobble(base: float, count: int) -> list[float]:
    return [base + 0.001 * (number % 7) for number in range(count)]


def test_a_week_is_summed_up(tmp_path: Path) -> None:
    path = log(tmp_path, wobble(0.4, 60))
    turns = history.read(path, since=NOW + 20 * 3600)
    assert len(turns) == 40
    report = history.report(load_profile(), turns)
    broken = {v.budget.key for v in report.verdicts if v.severity}
    assert "action_closed.p95" in broken
    assert {advice.stage for advice in report.recommendations} == {"hear", "decode_final"}
    text = history.markdown(report, turns, history.changes(turns))
    assert "40 turns in 1.6 days; 0.0% failed. Half were answered within 409 ms." in text
    assert "Nothing that could be told" in text
    assert "shorten hear" in text


def test_what_became_slower_is_named(tmp_path: Path) -> None:
    turns = history.read(log(tmp_path, wobble(0.2, 40) + wobble(0.3, 40)))
    changed = history.changes(turns)
    assert {changed[0].metric, changed[1].metric} == {"hearing", "decode_final"}
    assert changed[0].comparison.answer is Answer.SLOWER
    assert changed[0].since == pytest.approx(NOW + 40 * 3600, abs=3 * 3600)
    text = history.markdown(history.report(load_profile(), turns), turns, changed)
    assert "hearing: slower" in text
    assert "- since 20" in text
    assert "- api_p95.p95 at most" in text, "what turns like these would promise"


def test_a_process_that_grew_is_named(tmp_path: Path) -> None:
    path = tmp_path / "performance.jsonl"
    rows = [{"at": NOW + n * 300, "usage": {"process_memory": 300 + n % 5 + 60 * (n >= 30)}} for n in range(50)]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n[]\nhalf a li")
    (found,) = history.changes([], history.uses(path))
    assert found.metric == "process_memory"
    assert found.since == pytest.approx(NOW + 30 * 300, abs=600)
    assert found.comparison.ratio == pytest.approx(1.2, rel=0.01)
    assert history.uses(path, since=NOW * 2) == []


def test_chance_alone_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    series = [rng.lognormal(5, 0.2, 100) for _ in range(300)]
    alarms = sum(change("x", range(100), list(values)) is not None for values in series)
    assert alarms <= 3
    caught = sum(change("x", range(100), [*v[:60], *(1.3 * v[60:])]) is not None for v in series)
    assert caught >= 280


def test_an_empty_history_and_a_broken_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no performance log"):
        history.read(tmp_path / "performance.jsonl")
    path = log(tmp_path, [0.2])
    with path.open("a") as file:
        file.write('{"turn": "cut o')
    assert len(history.read(path)) == 1
    assert history.read(path, since=NOW * 2) == []
    assert history.changes([]) == []
    assert history.markdown(history.report(load_profile(), []), [], []) == "No turns in this time.\n"


def test_imports_are_a_tree() -> None:
    lines = [
        "import time: self [us] | cumulative | imported package",
        "import time:      2000 |       2000 |     inner",
    ]
    lines += ["import time:      1000 |       3000 |   middle", "import time:       500 |       3500 | outer"]
    (outer,) = profiler.parsed(lines)
    assert (outer.name, outer.inside[0].name, outer.inside[0].inside[0].name) == ("outer", "middle", "inner")
    assert profiler.tree([outer], least_ms=2.5) == [
        "     3.5 ms      0.5 own  outer",
        "     3.0 ms      1.0 own    middle",
    ]


def test_a_fresh_python_imports_it() -> None:
    names = "\n".join(profiler.tree(profiler.imports("repartee.contract"), least_ms=0))
    assert "repartee.contract.budgets" in names
    with pytest.raises(ReparteeError, match="No module named"):
        profiler.imports("repartee.nothing")


def test_profiles_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"\.svg, \.json, \.txt"):
        profiler.flame(tmp_path / "flame.png", 1, 1, 100)
    with pytest.raises(BadInput, match="no process"):
        profiler.flame(tmp_path / "flame.svg", 2**30, 1, 100)


def test_a_flame_graph_of_a_running_process(tmp_path: Path) -> None:
    busy = subprocess.Popen([sys.executable, "-c", "while True:\n sum(range(10_000))"])
    try:
        profiler.flame(tmp_path / "flame.svg", busy.pid, 1, 50)
        assert "<svg" in (tmp_path / "flame.svg").read_text()
    except ReparteeError as error:
        pytest.skip(f"this container forbids looking at other processes: {error}")
    finally:
        busy.terminate()
        busy.wait(10)


def test_which_assistant_runs() -> None:
    assert profiler._serves(["/x/python", "/x/bin/repartee", "serve", "--port", "0"])
    assert not profiler._serves(["timeout", "20", "/x/bin/repartee", "serve"])
    assert not profiler._serves(["/x/python", "/x/bin/repartee", "ask", "serve"])


def test_a_week_tells_resources_cost_dissatisfaction_and_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "performance.jsonl"
    journal, monitor, shown = Journal(path), Monitor(), Dissatisfaction()
    for number in range(40):
        record = replace(spoken(number, hear=0.4), at=NOW + number * 20, transcript=f"turn on the lamp {number // 2}")
        journal.write(record, monitor.turn(record), None, shown.kind(record), 7)
    for number in range(4):
        journal.used({"process_cpu": 50.0, "process_memory": 900.0, "energy_j": 1000.0 * number})
    journal.close()
    rows = path.read_text().splitlines()
    rows = [
        json.dumps({**json.loads(r), "at": NOW + n * 300} if "usage" in r else json.loads(r))
        for n, r in enumerate(rows)
    ]
    path.write_text("\n".join(rows) + "\n")
    turns, used = history.read(path), history.uses(path)
    found = history.report(load_profile("alice"), turns, used)
    verdicts = {v.budget.key: v for v in found.verdicts}
    assert verdicts["memory_baseline.value"].severity
    assert verdicts["tier_6_15_response.p95"].figure, "seven people were there"
    text = history.markdown(found, turns, [], used)
    assert "Dissatisfied: 50.0% of turns (20 repeated)" in text
    assert "process_memory: mean 900.0, most 900.0 (n=4)" in text
    assert "s of CPU, idle time included, 75 J of the whole machine" in text
    assert "- end_to_end.p95: 100% left (0 of 40 beyond, 5% may be)" in text


def test_how_people_show_that_it_was_wrong() -> None:
    def turn(at: float, text: str, decision: Decision = Decision.ACTED, intent: str = "HassTurnOn") -> TurnRecord:
        return replace(
            spoken(), at=at, transcript=text, decision=decision, reading=Reading((Part(Intent(intent)),)), error=None
        )

    shown = Dissatisfaction()
    told = [
        shown.kind(turn(0, "turn on the lamp")),
        shown.kind(turn(10, "Turn on the lamp.")),
        shown.kind(turn(60, "turn on the lamp")),
        shown.kind(turn(70, "undo that", intent="RepUndo")),
        shown.kind(turn(80, "switch on my lamb", Decision.REJECTED)),
        shown.kind(turn(85, "switch on my lamp")),
        shown.kind(turn(90, "never mind", intent="HassNevermind")),
        shown.kind(turn(95, "what time is it")),
        shown.kind(replace(turn(99, "open the door"), error="the home is away")),
    ]
    assert told == ["", "repeated", "", "undone", "", "rephrased", "cancelled", "", "failed"]
