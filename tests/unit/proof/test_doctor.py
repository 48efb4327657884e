"""What the doctor finds in a machine, a room, a home and a log, and that it finds nothing in healthy ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from pydantic import SecretStr

from repartee.assembly.home_settings import HomeAssistantSettings, HomeSettings
from repartee.assembly.settings import Audio, Settings, System
from repartee.core.audio import SAMPLE_RATE
from repartee.core.home import States
from repartee.core.home_file import home_from
from repartee.engines.home.demo import DemoHome, demo_home
from repartee.proof.doctor import bundle, choices, home, machine, microphone, network, slow_turns, sound
from repartee.proof.doctor.examination import mend
from repartee.proof.doctor.finding import Finding, Grade, Part, ordered
from repartee.proof.doctor.machine import Machine
from tests import sound as made

HEALTHY = Machine(
    cores=4, steal=0.2, others=5.0, frequency=2400, highest=2400, governor="schedutil", free_mb=4000, swapped_mb=0,
    disk_mb=20_000, writable=True, clock_s=0.001, now=1.8e9, installed=1.7e9,
)  # fmt: skip
MACHINES: dict[str, dict[str, Any]] = {
    "few_cores": {"cores": 1.0},
    "steal": {"steal": 12.0},
    "busy": {"others": 70.0},
    "frequency": {"frequency": 600.0},
    "swapping": {"swapped_mb": 80.0},
    "memory": {"free_mb": 100.0},
    "disk_full": {"disk_mb": 10.0},
    "data_folder": {"writable": False},
    "clock_past": {"now": 1.2e9},
    "clock_moves": {"clock_s": -3.0},
}


def names(findings: Iterable[Finding]) -> list[str]:
    return [finding.name for finding in findings]


@pytest.mark.parametrize("fault", MACHINES)
def test_a_fault_of_the_machine_is_found_alone(fault: str) -> None:
    assert names(machine.findings(replace(HEALTHY, **MACHINES[fault]))) == [fault]


def test_nothing_is_wrong_with_a_healthy_machine() -> None:
    assert names(machine.findings(HEALTHY)) == []


async def test_this_machine_can_be_read(tmp_path: Path) -> None:
    here = await machine.read(tmp_path / "not there yet", 0.05)
    assert here.cores >= 1
    assert here.writable
    assert here.disk_mb
    assert 0 <= here.steal <= 100


def speech() -> made.Samples:
    return made.utterance("turn on the kitchen lights", 0.7, 0.7)[0]


def test_a_quiet_room_with_clear_speech_is_fine() -> None:
    assert names(sound.findings(sound.room(speech()))) == []


SOUNDS: dict[str, Callable[[made.Samples], Any]] = {
    "clipping": lambda s: np.clip(s.astype(np.int32) * 12, -32767, 32767).astype(np.int16),
    "quiet": lambda s: (s * 0.01).astype(np.int16),
    "noise": lambda s: made.noisy(s, 1500.0),
    "narrow_band": lambda s: soxr.resample(soxr.resample(s, SAMPLE_RATE, 8000), 8000, SAMPLE_RATE),
    "muted": lambda s: s * 0,
    "microphone_hum": lambda s: s + (600 * np.sin(2 * np.pi * 50 * np.arange(len(s)) / SAMPLE_RATE)).astype(np.int16),
    "microphone_offset": lambda s: s + 2000,
}


@pytest.mark.parametrize("fault", SOUNDS)
def test_a_fault_of_the_microphone_is_found(fault: str) -> None:
    assert fault in names(sound.findings(sound.room(SOUNDS[fault](speech()).astype(np.int16))))


def test_recordings_of_people_are_healthy_until_they_are_spoilt(shared: Path) -> None:
    """Figures of the thresholds: no false alarm but one hum that is there, and every spoilt one is found."""
    files = sorted((shared / "audio" / "home_commands").glob("*.wav"))[:12]
    assert files
    for file in files:
        samples, _ = microphone.read(file)
        assert set(names(sound.findings(sound.room(samples)))) <= {"microphone_hum"}, file.name
        narrow = SOUNDS["narrow_band"](samples).astype(np.int16)
        assert "narrow_band" in names(sound.findings(sound.room(narrow))), file.name


@pytest.mark.parametrize(("ms", "gain", "found"), [(40, 0.9, "loud_echo"), (400, 0.5, "late_echo"), (40, 0.05, None)])
def test_how_our_voice_comes_back(ms: float, gain: float, found: str | None) -> None:
    played = made.noisy(made.silence(3.0), 1500.0)
    late = int(ms / 1000 * SAMPLE_RATE)
    heard = np.concatenate([made.silence(ms / 1000), played[: len(played) - late]]) * gain
    back = sound.echo(played, made.noisy(heard.astype(np.int16), 10.0, seed=3))
    assert back
    assert back.ms == pytest.approx(ms, abs=1)
    assert back.db == pytest.approx(20 * np.log10(gain), abs=1)
    told = set(names(sound.findings(sound.room(speech()), back)))
    assert told == ({found} if found else set())


def test_what_was_not_played_is_no_echo() -> None:
    assert sound.echo(made.noisy(made.silence(2.0), 1500.0, 1), made.noisy(made.silence(2.0), 1500.0, 2)) is None


async def test_the_rate_of_a_recording_is_told(tmp_path: Path) -> None:
    path = tmp_path / "phone.wav"
    soundfile.write(str(path), soxr.resample(speech(), SAMPLE_RATE, 8000), 8000)
    part = await microphone.examine(Settings(), path, None)
    assert "sample_rate" in names(part.findings)


HOME = {
    "areas": [{"name": "Hall"}],
    "entities": [
        {"name": "Desk lamp", "domain": "light", "area": "Hall", "state": "unavailable"},
        {"name": "Bedroom light", "domain": "light", "state": "on"},
        {"name": "Bedrum light", "domain": "light", "state": "off"},
    ],
}


async def test_what_is_wrong_with_a_home_is_found() -> None:
    async with DemoHome(home_from(HOME)) as backend:
        told = names(home.judged(backend.home, backend.states))
    assert told == ["unavailable", "confusable_names", "without_area"]


async def test_the_demo_home_is_healthy() -> None:
    async with DemoHome(demo_home()) as backend:
        assert names(home.judged(backend.home, backend.states)) == []


def test_a_home_that_answers_late_or_lives_in_another_time() -> None:
    assert names(home.slow(home.Answers({"it": 400.0}, -90.0))) == ["slow_home", "clock_differs"]
    assert names(home.slow(home.Answers({"it": 1.0}, 0.4))) == []


async def test_a_home_that_is_away_is_one_finding() -> None:
    away = HomeSettings(home_assistant=HomeAssistantSettings(url="http://127.0.0.1:9", token="env:PATH"))  # noqa: S106
    part = await home.examine(Settings(home=away))
    assert names(part.findings) == ["home_away"]


def test_settings_that_cost() -> None:
    slow = Settings(audio=Audio(wait_closed=0.8, echo="none"))
    assert names(choices.waits(slow.audio)) == ["setting_wait_closed"]
    assert names(choices.engines(slow)) == ["setting_echo"]
    assert not names([*choices.waits(Audio()), *choices.engines(Settings())])


def test_what_others_can_read_is_told_and_mended(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "repartee.sqlite").write_text("")
    (data / "repartee.sqlite").chmod(0o644)
    settings = Settings(system=System(data=data))
    found = list(choices.exposed(settings))
    assert len(found) == 2
    assert [why for _, why in mend(found)] == ["", ""]
    assert not list(choices.exposed(settings))


def test_a_full_disk_gives_up_the_spoken_replies_alone(tmp_path: Path) -> None:
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech" / "a.flac").write_text("sound")
    (tmp_path / "repartee.sqlite").write_text("timers")
    mend(list(machine.findings(replace(HEALTHY, disk_mb=1.0), tmp_path)))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["repartee.sqlite"]


def log(path: Path, totals: Iterable[float], blame: str, failed: bool = False) -> None:
    rows = [
        {
            "turn": f"{number:012x}", "at": 1000.0 + number, "decision": "acted", "wait_class": "closed",
            "pace": "realtime", "origin": "real", "engines": {}, "measured": [["turn_answered", total, {}]],
            "spans": [], "answered_ms": total, "blame": blame, "path": {blame: total - 100, "speak": 100},
            "verdicts": [], "worst": None, "failed": failed,
        }
        for number, total in enumerate(totals)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(("totals", "failed", "found"), [
    ([300.0] * 30, False, []),
    ([300.0] * 20 + [4000.0] * 10, False, ["slow_act"]),
    ([300.0] * 30 + [4000.0], False, []),
    ([300.0] * 10, True, ["failed_turns"]),
])  # fmt: skip
def test_slow_turns_by_cause(tmp_path: Path, totals: list[float], failed: bool, found: list[str]) -> None:
    log(tmp_path / "performance.jsonl", totals, "act", failed)
    part = slow_turns.examine(Settings(system=System(data=tmp_path)), now=2000.0)
    assert names(part.findings) == found
    assert not part.skipped


def test_a_server_far_away_that_is_not_well() -> None:
    assert names(network.distance([40.0] * 19 + [200.0])) == ["far_server", "jitter"]
    assert names(network.distance([1.0] * 20)) == []
    ill = {"components": {"stt": {"status": "degraded", "reason": "it failed"}, "tts": {"status": "ok"}}}
    assert names(network.components(ill)) == ["component_stt"]
    verdict = {"budget": "a.p95", "outcome": "broken", "figure": 900.0, "target": 300.0, "unit": "ms"}
    report = {"verdicts": [verdict, {"outcome": "kept"}], "recommendations": [{"what": "Do less."}]}
    (found,) = network.broken(report)
    assert (found.name, found.advice) == ("budget_a.p95", "Do less.")


def test_what_is_broken_comes_first_then_what_costs_most() -> None:
    def one(name: str, grade: Grade, ms: float = 0.0) -> Finding:
        return Finding(name, grade, "", "", "", ms)

    parts = [Part("a", "", [one("note", Grade.NOTE), one("some", Grade.COSTS, 5)]),
             Part("b", "", [one("much", Grade.COSTS, 50), one("broken", Grade.BROKEN)])]  # fmt: skip
    assert names(ordered(parts)) == ["broken", "much", "some", "note"]


def test_settings_are_told_without_secrets_places_and_names() -> None:
    settings = Settings(
        home=HomeSettings(
            home_assistant=HomeAssistantSettings(url="http://my-house.example:8123", token="file:/home/anna/token"),  # noqa: S106
            area="Annas Zimmer", latitude=52.1, longitude=5.1,
        ),
        system=System(token=SecretStr("s3cret-s3cret-s3cret"), names=["annas-box"]),
    )  # fmt: skip
    told = json.dumps(bundle.plain(settings.model_dump()))
    for private in ("anna", "Anna", "house", "52.1", "5.1", "s3cret"):
        assert private not in told
    assert '"stt": "moonshine"' in told


def test_states_without_devices_are_an_empty_home() -> None:
    assert names(home.judged(home_from({"entities": []}).home, States())) == ["empty_home"]
