"""`repartee compare` as a person runs it: real engines, real services on real sockets."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from repartee.assembly.door_settings import DoorSettings, OpenAISettings
from tests import sound
from tests.e2e.cli import Result, repartee
from tests.fakes.assistant import fake_assistant
from tests.fakes.serving import serving
from tests.fakes.wyoming import door
from tests.homes.fixtures import absent
from tests.homes.home_assistant import HomeAssistantProcess
from tests.homes.install import NotInstalled

pytestmark = pytest.mark.real_time
WORDS = {"lamp.wav": "turn on the lamp", "time.wav": "what time is it"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings and what is said in them."""
    folder = tmp_path_factory.mktemp("compare")
    for name, text in WORDS.items():
        sound.write(folder / name, sound.utterance(text, 0.3, 0.5)[0])
    rows = [json.dumps({"file": name, "text": text, "kind": "synthetic"}) for name, text in WORDS.items()]
    (folder / "manifest.jsonl").write_text("\n".join(rows))
    return folder


def contestants(done: Result) -> dict[str, dict[str, Any]]:
    return {row["name"].partition(":")[0]: row for row in done.rows[0]["contestants"]}


def test_recognisers_side_by_side(folder: Path) -> None:
    away = "wyoming:127.0.0.1:9"
    arguments = ("compare", "hear", "ours", "pocketsphinx", away, "--recordings", folder, "--json", "-o", "out")
    done = repartee(*arguments, folder=folder)
    assert done.code == 1, "one could not be measured"
    rows = contestants(done)
    assert "can't be reached" in rows.pop("wyoming")["error"]
    assert rows["ours"]["right_percent"] == 100
    assert rows["pocketsphinx"]["n"] == 2
    for row in rows.values():
        assert row["done"]["p50"] > 0
        assert row["cpu_ms_an_item"] > 0
        assert row["rss_mb"] > 20
        assert row["first_answer_s"] > 0
    assert any("names of this home" in line for line in done.rows[0]["not_comparable"])
    assert (folder / "out" / "compare-hear.html").read_text().count("Plotly.newPlot") == 2
    assert "| Repartee, steered by the home | 100.0 % |" in (folder / "out" / "compare-hear.md").read_text()


def test_understanding_beside_others(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {
            "sentence": "turn on the kitchen lights",
            "intent": "HassTurnOn",
            "slots": {"area": "Kitchen", "domain": "light"},
        },
        {"sentence": "what time is it", "intent": "HassGetCurrentTime", "slots": {}},
    ]
    (tmp_path / "said.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = repartee("compare", "understand", "ours", "hassil", "--sentences", "said.jsonl", "--json", folder=tmp_path)
    assert done.code == 0, done.err
    assert contestants(done)["ours"]["right_percent"] == 100
    assert contestants(done)["hassil"]["right_percent"] >= 50


async def test_wyoming_services_hear_and_speak(folder: Path) -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        name = f"wyoming:127.0.0.1:{port}"
        heard = await asyncio.to_thread(
            repartee, "compare", "hear", name, "--recordings", folder, "--json", folder=folder
        )
        spoken = await asyncio.to_thread(repartee, "compare", "speak", name, "--most", "2", "--json", folder=folder)
        read = await asyncio.to_thread(
            repartee, "compare", "understand", name, "--sentences", "said.txt", "--json", folder=_said(folder)
        )
    assert heard.code == spoken.code == read.code == 0, heard.err + spoken.err + read.err
    told = contestants(heard)["wyoming"]
    assert [one["text"] for one in told["made"]] == ["turn on the lamp"] * 2, "the fake's ear hears nothing else"
    assert told["right_percent"] == 50
    assert contestants(spoken)["wyoming"]["first"]["n"] == 2
    assert told["local"], "it runs on this machine, so its CPU and memory are known"


def _said(folder: Path) -> Path:
    (folder / "said.txt").write_text("turn on the lamp\n")
    return folder


@pytest.mark.full
async def test_openai_compatible_endpoints_hear_speak_and_chat(folder: Path) -> None:
    doors = DoorSettings(openai=OpenAISettings(on=True))
    async with fake_assistant() as plain:
        assistant = replace(plain, settings=plain.settings.model_copy(update={"doors": doors}))
        async with serving(assistant) as url:
            name = f"openai:{url}v1"
            told = {
                task: await asyncio.to_thread(
                    repartee, "compare", task, name, *more, "--most", "2", "--json", folder=folder
                )
                for task, more in (("hear", ("--recordings", folder)), ("speak", ()), ("chat", ()))
            }
    assert [done.code for done in told.values()] == [0, 0, 0], [done.err for done in told.values()]
    assert contestants(told["hear"])["openai"]["made"][0]["text"] == "turn on the lamp"
    assert contestants(told["speak"])["openai"]["made"][0]["seconds"] == pytest.approx(0.4, abs=0.05)
    assert contestants(told["chat"])["openai"]["first"]["n"] == 2
    assert "not judged" in contestants(told["chat"])["openai"]["note"]


def test_a_recording_of_anybodys_session(tmp_path: Path) -> None:
    words, reply = sound.spoken("turn on the lamp"), sound.spoken("done")
    quiet = sound.noisy(sound.silence(8.0), 10.0)
    both = np.stack([quiet, quiet], axis=1)
    both[16_000 : 16_000 + len(words), 0] += words
    at = 16_000 + len(words) + 8_000
    both[at : at + len(reply), 1] += reply
    soundfile.write(str(tmp_path / "session.wav"), both, 16_000)
    done = repartee("compare", "recording", "session.wav", "--json", folder=tmp_path)
    assert done.code == 0, done.err
    assert done.rows[0]["sentences"] == 1
    assert done.rows[0]["answered"]["p50"] == pytest.approx(500, abs=60)
    assert "p50" in repartee("compare", "recording", "session.wav", folder=tmp_path).out


def test_traces_of_others_by_our_stages(tmp_path: Path) -> None:
    spans = [
        {"traceId": "t", "name": name, "startTimeUnixNano": "0", "endTimeUnixNano": str(ms * 10**6)}
        for name, ms in (("stt", 120), ("llm_node", 300), ("queue", 5))
    ]
    (tmp_path / "traces.json").write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}))
    done = repartee("compare", "traces", "traces.json", "--json", folder=tmp_path)
    told = done.rows[0]
    assert told["stages"]["hear"]["n"] == 1
    assert told["unknown"] == {"queue": 1}
    named = repartee("compare", "traces", "traces.json", "queue=listen", folder=tmp_path)
    assert "listen" in named.out


@pytest.mark.parametrize(("arguments", "said"), [
    (("dance", "ours"), "there is no task"),
    (("hear", "nobody"), "for hear there are ours, moonshine"),
    (("chat", "openai:http://127.0.0.1:9/v1"), "127.0.0.1"),
])  # fmt: skip
def test_bad_use_is_explained(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = repartee("compare", *arguments, folder=tmp_path)
    assert done.code in (1, 2)
    assert said in done.err


@pytest.mark.full
def test_a_real_home_assistants_agent(tmp_path: Path) -> None:
    house = [{"name": f"Lamp {number}", "domain": "light"} for number in range(3)]
    (tmp_path / "said.txt").write_text("turn on lamp 1\nturn off lamp 2\nthe quick brown fox\n")
    try:
        process = HomeAssistantProcess(tmp_path / "config", house, "2025.4.4")
    except NotInstalled as error:
        absent(f"no Home Assistant to test with: {error}")
    with process:
        env = {**os.environ, "REPARTEE_HOME_TOKEN": process.token}
        arguments = ("compare", "understand", f"homeassistant:{process.url}", "--sentences", "said.txt", "--json")
        done = repartee(*arguments, folder=tmp_path, env=env)
    row = contestants(done)["homeassistant"]
    assert [one["understood"] for one in row["made"]] == [True, True, False]
    assert row["rss_mb"] > 50, "its process runs here"
    assert any("tells no intent" in line for line in done.rows[0]["not_comparable"])
