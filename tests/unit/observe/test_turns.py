"""A turn's latencies, critical path and verdicts; the journal; recommendations over many turns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.contract import Origin, Outcome
from repartee.core.intent import Intent, Part, Reading
from repartee.core.plan import Effect
from repartee.core.spans import Span
from repartee.core.turn import Decision, TurnRecord
from repartee.core.when import When
from repartee.observe import Monitor, critical_path
from repartee.observe.critical import BETWEEN
from repartee.observe.journal import Journal
from repartee.observe.turns import measurements, paths, provenance_of, way_to_answer


def spoken(number: int = 0, hear: float = 0.2, wait: float = 0.14) -> TurnRecord:
    """Speech ends at 10 s; the wait ends, the last decode is through, all else follows at once."""
    heard = 10.0 + max(wait, hear)
    return TurnRecord(
        id=f"{number:012x}",
        at=1.7e9,
        transcript="turn on the secret lamp",
        decision=Decision.ACTED,
        reading=Reading((Part(Intent("HassTurnOn")),)),
        effects=(Effect("light.lamp", "light.turn_on", confirmed=True),),
        reply="done",
        speech_end=10.0,
        wait_class="closed",
        spans=(
            Span("hear", 10.05, None, 10.0 + hear),
            Span("listen", 10.0, None, 10.0 + wait),
            Span("understand", heard, None, heard + 0.001),
            Span("act", heard + 0.001, None, heard + 0.003),
            Span("speak", heard + 0.004, heard + 0.006, heard + 1.5),
        ),
        engines={"stt": "moonshine"},
    )


def test_latencies_run_between_the_events_of_the_contract() -> None:
    rows = {m.metric: m.value for m in measurements(spoken())}
    assert rows["turn_action"] == pytest.approx(203)
    assert rows["turn_first_audio"] == pytest.approx(206)
    assert rows["turn_answered"] == pytest.approx(206)
    assert rows["hearing"] == pytest.approx(200), "from the last voiced sample"
    assert rows["acting"] == pytest.approx(2)
    assert rows["responding"] == pytest.approx(4)
    assert rows["speaking_first"] == pytest.approx(2)


@pytest.mark.parametrize(
    "record",
    [
        replace(spoken(), effects=(Effect("light.lamp", "light.turn_on", confirmed=False, error="away"),)),
        replace(spoken(), effects=()),
        replace(spoken(), reading=Reading((Part(Intent("HassTurnOn"), when=When(after=600.0)),))),
    ],
)
def test_what_was_not_confirmed_now_has_no_latency(record: TurnRecord) -> None:
    assert "turn_action" not in {m.metric for m in measurements(record)}


def test_an_amended_turn_tells_when_the_whole_sentence_was_done() -> None:
    back = Effect("light.other", "light.turn_off", confirmed=True)
    amended = replace(spoken(), amended=True, taken_back=(back,))
    assert {m.metric: m.value for m in measurements(amended)}["amended"] == pytest.approx(203)
    failed = replace(amended, taken_back=(replace(back, confirmed=False, error="stuck"),))
    assert not {"amended"} & {m.metric for record in (spoken(), failed) for m in measurements(record)}


def test_an_error_is_no_fast_answer() -> None:
    rows = {m.metric for m in measurements(replace(spoken(), error="too long", effects=()))}
    assert not rows & {"turn_first_audio", "turn_answered", "turn_action"}


def test_the_path_sums_up_and_blames() -> None:
    found = paths(spoken())
    path = found["state_confirmed"]
    assert path.total == pytest.approx(203)
    assert path.blame == "hear"
    assert [part.stage for part in path.parts] == ["listen", "hear", "understand", "act"]
    assert path.text().startswith("203 ms: hear 150 (74%)")
    quick = paths(spoken(hear=0.1))["state_confirmed"]
    assert quick.blame == "listen", "a decode inside the wait costs the person nothing"
    assert "hear" not in quick.shares()
    assert way_to_answer(spoken()) == found["first_audible"]
    assert way_to_answer(replace(spoken(), spans=spoken().spans[:-1])) == path, "nothing was said"
    assert way_to_answer(replace(spoken(), effects=(), spans=())) is None
    assert BETWEEN in found["first_audible"].shares(), "a millisecond passed before the reply was handed over"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(-1, 2), st.floats(0, 2)), max_size=8), st.floats(0.01, 3))
def test_the_path_is_without_holes(rows: list[tuple[str, float, float]], end: float) -> None:
    spans = [Span(stage, start, None, start + length) for stage, start, length in rows]
    path = critical_path([*spans, Span("act", end / 2, None, end)], 0.0, "state_confirmed", "act")
    assert path is not None
    assert path.total == pytest.approx(end * 1000)
    assert sum(path.shares().values()) == pytest.approx(end * 1000)
    for part, following in zip(path.parts, path.parts[1:], strict=False):
        assert part.end == following.start
        assert part.stage != following.stage


def test_no_path_to_what_never_came() -> None:
    assert critical_path([Span("act", 1.0)], 0.0, "state_confirmed", "act") is None
    assert paths(replace(spoken(), spans=())) == {}


def test_a_turn_gets_its_verdicts() -> None:
    monitor = Monitor()
    verdicts = {v.budget.name: v.outcome for v in monitor.turn(spoken()).verdicts}
    assert verdicts["action_closed"] is Outcome.KEPT
    assert {v.outcome for v in Monitor().turn(replace(spoken(), pace="fast")).verdicts} == {Outcome.UNPROVEN}
    assert {v.outcome for v in Monitor().turn(spoken(), Origin.SYNTHETIC).verdicts} == {Outcome.UNPROVEN}


def test_an_engine_that_pretends_makes_a_mock() -> None:
    record = replace(spoken(), engines={"stt": "scripted", "tts": "espeak"})
    assert provenance_of(record).origin is Origin.MOCK


def test_recommendations_rest_on_turns() -> None:
    monitor = Monitor()
    for i in range(30):
        monitor.turn(spoken(i, hear=0.5 if i % 3 == 0 else 0.1))
    found = [r for r in monitor.recommendations() if r.budget == "action_closed.p95"]
    assert found[0].stage == "hear"
    assert found[0].turns[0] in {f"{i:012x}" for i in range(0, 30, 3)}
    assert found[0].now == pytest.approx(503)
    assert found[0].then < 300
    assert monitor.turns == 30


def test_the_journal_says_nothing_of_what_was_said(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "logs" / "performance.jsonl")
    record = spoken()
    journal.write(record, Monitor().turn(record))
    journal.close()
    text = (tmp_path / "logs" / "performance.jsonl").read_text()
    row = json.loads(text)
    assert row["blame"] == "hear"
    assert row["answered_ms"] == pytest.approx(206)
    assert "secret" not in text
    assert "lamp" not in text


def test_the_journal_is_bounded_and_goes_on_when_the_disk_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "performance.jsonl"
    journal, record = Journal(path, largest=3000), spoken()
    found = Monitor().turn(record)
    for _ in range(20):
        journal.write(record, found)
    journal.close()
    assert path.stat().st_size <= 3000
    assert path.with_suffix(".jsonl.1").stat().st_size <= 3000
    full = Journal(Path("/dev/full"))
    for _ in range(3):
        full.write(record, found)
    full.close()
    assert caplog.text.count("can't be written") == 1


def test_a_clock_that_jumped_gives_no_latency() -> None:
    """It was understood a second before it was heard: the clock was set anew in between."""
    spans = [replace(span) for span in spoken().spans]
    spans[0].end = 11.2
    verdicts = Monitor().turn(replace(spoken(), spans=tuple(spans))).verdicts
    assert {v.outcome for v in verdicts} == {Outcome.UNPROVEN}
    assert "the clock was set anew" in verdicts[0].reason


def test_a_wait_that_ends_with_the_decode_was_held_up_by_it() -> None:
    spans = [Span("listen", 0.0, None, 0.674), Span("hear", 0.140, None, 0.672), Span("act", 0.675, None, 0.676)]
    path = critical_path(spans, 0.0, "state_confirmed", "act")
    assert path is not None
    assert path.blame == "hear"
    assert path.shares()["listen"] == pytest.approx(142)
