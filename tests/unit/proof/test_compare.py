"""What counts as right, what is told of others, and how a recording of a session is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from repartee.assembly.settings import Settings
from repartee.core.errors import BadAudio, BadInput
from repartee.proof.compare import report, run, session
from repartee.proof.compare.data import Wanted, items_of
from repartee.proof.compare.home_assistant import Seen
from repartee.proof.compare.targets import MAKERS, contestant, port_of
from repartee.proof.compare.work import Item, Made, Task, plain, score
from tests import sound


@pytest.mark.parametrize(("one", "other"), [
    ("Set it to 50%.", "set it to fifty percent"),
    ("What's the time?", "what's the time"),
    ("Turn ON the Lights!", "turn on the lights"),
])  # fmt: skip
def test_one_spelling_for_what_sounds_alike(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_words_heard_wrongly_are_counted() -> None:
    items = [Item("a", "turn on the light"), Item("b", "what time is it")]
    found = score(Task.HEAR, items, [Made("turn on the light"), Made("what dime is")])
    assert found.right == 50
    assert found.wer == 25


def test_an_intent_is_right_with_its_slots() -> None:
    items = [Item("a", "x", intent="On", slots={"name": "Lamp"}, area="Hall")] * 3
    made = [Made(intent="On", slots={"name": "lamp", "area": "Hall"}), Made(intent="On", slots={}), Made()]
    assert score(Task.UNDERSTAND, items, made).right == pytest.approx(100 / 3)


def test_who_tells_no_intent_is_counted_by_what_it_says_and_that_is_told() -> None:
    found = score(Task.UNDERSTAND, [Item("a"), Item("b")], [Made(understood=True), Made(understood=False)])
    assert found.right == 50
    assert "right or not" in found.note


def test_wake_words_missed_and_heard_in_vain() -> None:
    items = [Item("a", word=True), Item("b", word=True), Item("c"), Item("d")]
    found = score(Task.WAKE, items, [Made("alexa"), Made(""), Made(""), Made("alexa")])
    assert (found.right, found.false) == (50, 50)


def tone(*stretches: tuple[float, float], seconds: float = 12.0, level: float = 0.3) -> np.ndarray[Any, Any]:
    wave = np.random.default_rng(1).normal(0, 0.0005, int(seconds * 16_000))
    for begin, end in stretches:
        at = slice(int(begin * 16_000), int(end * 16_000))
        wave[at] += level * np.sin(np.arange(at.stop - at.start) / 5)
    return wave.astype(np.float32)


def test_the_time_from_the_last_voiced_to_the_first_audible_sample() -> None:
    said, reply = tone((1.0, 2.0), (2.3, 3.0), (7.0, 8.5)), tone((3.42, 4.5), (8.9, 10.0))
    found = session.answers(said, reply)
    assert [one.ms for one in found] == [pytest.approx(420, abs=25), pytest.approx(400, abs=25)]


def test_a_sentence_without_a_reply_and_an_echo_that_is_no_sentence() -> None:
    said = tone((1.0, 2.0), (6.0, 7.0)) + tone((2.6, 4.1), level=0.05)
    found = session.answers(said, tone((2.5, 4.0)))
    assert [one.ms for one in found] == [pytest.approx(500, abs=25), None]


def test_a_session_in_one_file_of_two_channels(tmp_path: Path) -> None:
    path = tmp_path / "session.wav"
    soundfile.write(str(path), np.stack([tone((1, 2)), tone((2.5, 3))], axis=1), 16_000)
    assert session.answers(*session.read(path, None))[0].ms == pytest.approx(500, abs=25)
    sound.write(tmp_path / "mono.wav", sound.silence(1.0))
    with pytest.raises(BadAudio, match="second file or channel"):
        session.read(tmp_path / "mono.wav", None)


EVENTS: list[tuple[float, dict[str, Any]]] = [
    (10.0, {"type": "stt-start"}),
    (12.5, {"type": "stt-end", "data": {"stt_output": {"text": " Turn on lamp one. "}}}),
    (12.5, {"type": "intent-start"}),
    (12.6, {"type": "intent-end", "data": {"intent_output": {"response": {"response_type": "action_done"}}}}),
    (12.6, {"type": "tts-start"}),
    (12.9, {"type": "tts-end", "data": {"tts_output": {"url": "/x"}}}),
]


def test_the_assist_pipeline_by_our_clock_and_by_its_own_stages() -> None:
    seen = Seen()
    seen.began = 10.0
    for at, event in EVENTS:
        seen.take(event, at)
    made = seen.made(Item("a", voiced_until=2.0))
    assert made.text == "Turn on lamp one."
    assert made.understood
    assert made.done_ms == pytest.approx(900)
    assert made.stages == {"hear": pytest.approx(2500), "understand": pytest.approx(100), "speak": pytest.approx(300)}


def test_a_pipeline_that_breaks_tells_why() -> None:
    seen = Seen()
    seen.take({"type": "error", "data": {"code": "stt-no-text-recognized", "message": "No text"}}, 1.0)
    assert seen.made(Item("a")).error == "stt-no-text-recognized: No text"


@pytest.mark.parametrize(("name", "port"), [
    ("wyoming:127.0.0.1:10300", 10300), ("openai:http://localhost:8000/v1#tiny", 8000), ("ours", None),
    ("homeassistant:http://10.0.0.2:8123", None),
])  # fmt: skip
def test_services_of_this_machine_are_known_by_their_port(name: str, port: int | None) -> None:
    assert port_of(name) == port


@pytest.mark.parametrize("task", Task)
def test_who_takes_part_in_what_is_said(task: Task) -> None:
    with pytest.raises(BadInput, match=", ".join(MAKERS[task])):
        contestant(task, "nobody", Settings(), [], False)


def test_what_can_not_be_compared_is_said() -> None:
    rows = [{"name": "ours", "error": "", "local": True}, {"name": "wyoming:elsewhere:1", "error": "", "local": False}]
    told = run.not_comparable(Task.HEAR, rows)
    assert len(told) == 4
    assert any("names of this home" in line for line in told)
    assert run.not_comparable(Task.HEAR, rows[:1]) == []


def test_a_table_with_who_could_not_be_measured() -> None:
    broken = {"name": "x", "title": "x", "error": "it can't be reached"}
    assert report.cells(broken, "hear")[1] == "it can't be reached"


def test_texts_a_sentence_a_line_and_a_few_for_all(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(f"sentence {n}" for n in range(100)))
    items = items_of(Task.SPEAK, Wanted(sentences=str(tmp_path / "texts.txt"), most=3))
    assert [item.text for item in items] == ["sentence 0", "sentence 49", "sentence 99"]
    with pytest.raises(BadInput, match="absent"):
        items_of(Task.CHAT, Wanted(sentences=str(tmp_path / "absent.txt")))
