"""Other systems' stages in our terms."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from repartee.core.errors import BadInput
from repartee.observe.monitor import Monitor
from repartee.proof.adapters import livekit, otlp, pipecat
from repartee.proof.adapters.stages import ours


@pytest.mark.parametrize(("name", "stage"), [
    ("stt", "hear"), ("STT", "hear"), ("llm_node", "understand"), ("pipeline.tts", "speak"), ("function_tool", "act"),
    ("tts_request", "speak"), ("Speech to Text", "hear"), ("postgres.query", None),
])  # fmt: skip
def test_names_of_others(name: str, stage: str | None) -> None:
    assert ours(name) == stage


def test_what_a_person_says_goes_first() -> None:
    assert ours("postgres.query", {"postgres.query": "act"}) == "act"


def test_livekits_metrics_become_stages_and_their_sum_a_turn() -> None:
    monitor = Monitor()
    listener = livekit.Listener(monitor)
    listener(SimpleNamespace(metrics=SimpleNamespace(type="stt_metrics", duration=0.0)))
    for row in (
        {"type": "eou_metrics", "end_of_utterance_delay": 0.5, "speech_id": "a"},
        {"type": "llm_metrics", "ttft": -1, "speech_id": "a"},
        {"type": "llm_metrics", "ttft": 0.3, "speech_id": "a"},
        {"type": "tts_metrics", "ttfb": 0.2, "speech_id": "a"},
        {"type": "vad_metrics"},
    ):
        listener(SimpleNamespace(metrics=SimpleNamespace(**row)))
    told = monitor.summary()
    assert told.keys() == {"listen", "understand", "speak", "turn_first_audio"}
    assert told["turn_first_audio"]["p50"] == pytest.approx(1000, rel=0.01)


def test_pipecats_frames_become_stages() -> None:
    monitor = Monitor()
    turns = pipecat.Turns(monitor)
    for number, kind, at in (
        (1, "TTSAudioRawFrame", 0.5), (2, "UserStoppedSpeakingFrame", 1.0), (2, "UserStoppedSpeakingFrame", 1.4),
        (3, "TranscriptionFrame", 1.3), (3, "TranscriptionFrame", 1.35), (4, "LLMTextFrame", 1.8),
        (5, "LLMTextFrame", 1.9), (6, "TTSAudioRawFrame", 2.0), (7, "TTSAudioRawFrame", 2.1),
    ):  # fmt: skip
        turns.seen(number, kind, at)
    told = monitor.summary()
    assert {name: round(row["p50"], -1) for name, row in told.items()} == {
        "hear": 300, "understand": 500, "speak": 200, "turn_first_audio": 1000,
    }  # fmt: skip
    assert all(row["n"] == 1 for row in told.values())


def trace(name: str, milliseconds: int) -> dict[str, object]:
    begin = 1_700_000_000_000_000_000
    span = {
        "traceId": "t",
        "name": name,
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": begin + milliseconds * 10**6,
    }
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


@pytest.mark.parametrize("form", ["lines", "one"])
def test_otlp_traces_are_read_by_our_stages(tmp_path: Path, form: str) -> None:
    path = tmp_path / "traces.json"
    rows = [trace("stt", 120), trace("llm_node", 300), trace("postgres", 5)]
    if form == "lines":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        spans = [row["resourceSpans"][0] for row in rows]  # type: ignore[index]
        path.write_text(json.dumps({"resourceSpans": spans}, indent=1))
    monitor = Monitor()
    assert otlp.feed(monitor, otlp.read(path)) == {"postgres": 1}
    assert monitor.summary()["hear"]["p50"] == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize("text", ["", "[1]", '{"resourceSpans": 5}', "words"])
def test_what_is_no_trace_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text)
    if not text:
        assert otlp.read(tmp_path / "odd.json") == []
        return
    with pytest.raises(BadInput, match="no OTLP traces"):
        otlp.read(tmp_path / "odd.json")
