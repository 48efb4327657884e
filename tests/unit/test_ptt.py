"""Push-to-talk: what presses mean, what a terminal tells of a key, tones, numbers, addresses."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from repartee.app.cli.ptt import socket_url
from repartee.app.ptt.button import Action, Button, Mode
from repartee.app.ptt.display import Detail, Display
from repartee.app.ptt.keys import Key, Keys, Repeats, desktop, terminal
from repartee.app.ptt.statistics import KEPT, Statistics
from repartee.app.ptt.tones import BEGIN, RATE, tone
from repartee.core.errors import BadInput, EngineMissing
from repartee.core.spans import Span
from repartee.ptt import PTTPerformanceMonitor

START, STOP = Action.START, Action.STOP
RECORD = {
    "decision": "acted",
    "transcript": "turn on the lamp",
    "reply": "Turned on the lamp",
    "spans": [{"stage": "hear", "end_ms": 80.0}],
}


@pytest.mark.parametrize(
    ("mode", "told", "done"),
    [
        (Mode.HOLD, "duf", [START, STOP, None]),
        (Mode.HOLD, "dddu", [START, None, None, STOP]),
        (Mode.HOLD, "dfu", [START, None, STOP]),
        (Mode.TOGGLE, "dudu", [START, None, STOP, None]),
        (Mode.TOGGLE, "dufdu", [START, None, None, STOP, None]),
        (Mode.HYBRID, "du", [START, STOP]),
        (Mode.HYBRID, "dfu", [START, STOP, None]),
        (Mode.HYBRID, "dfudu", [START, STOP, None, START, STOP]),
    ],
)
def test_what_a_press_means(mode: Mode, told: str, done: list[Action | None]) -> None:
    button = Button(mode)
    assert [{"d": button.down, "u": button.up, "f": button.finished}[key]() for key in told] == done


@given(st.sampled_from(list(Mode)), st.lists(st.sampled_from("duf"), max_size=40))
def test_starts_and_stops_alternate(mode: Mode, told: list[str]) -> None:
    button = Button(mode)
    done = [{"d": button.down, "u": button.up, "f": button.finished}[key]() for key in told]
    acts = [action for action in done if action]
    assert acts == [START, STOP] * (len(acts) // 2) + [START] * (len(acts) % 2)
    assert button.recording == (len(acts) % 2 == 1)


async def pressed(*times: float, key: str = " ") -> list[tuple[Key, float]]:
    """What is made of a terminal's characters at these times."""
    keys = Keys(64)
    repeats, loop = Repeats(keys), asyncio.get_running_loop()
    begin = loop.time()
    for at in times:
        await asyncio.sleep(begin + at - loop.time())
        repeats.typed(key)
    await asyncio.sleep(2)
    keys.close()
    return [(press.key, round(press.at - begin, 2)) async for press in keys]


async def test_a_held_key_is_one_press_that_ends_when_its_repeats_do() -> None:
    held = [0.0, *(0.5 + 0.03 * repeat for repeat in range(20))]
    assert await pressed(*held) == [(Key.DOWN, 0.0), (Key.UP, round(held[-1] + 0.15, 2))]


async def test_a_tapped_key_is_up_when_no_repeat_came() -> None:
    assert await pressed(0.0) == [(Key.DOWN, 0.0), (Key.UP, 0.6)]


async def test_q_ends_and_other_keys_are_nothing() -> None:
    assert await pressed(0.1, key="xq") == [(Key.QUIT, 0.1)]


async def test_without_a_terminal_or_a_desktop_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(BadInput, match="--global-key"), terminal(Keys(1)):
        pass
    monkeypatch.setitem(__import__("sys").modules, "pynput", None)
    with pytest.raises(EngineMissing, match="keyboard"), desktop(Keys(1), "f9"):
        pass


def test_a_tone_is_short_quiet_and_does_not_click() -> None:
    sound = tone(BEGIN)
    spectrum = np.abs(np.fft.rfft(sound.samples))
    assert np.argmax(spectrum) * RATE / len(sound.samples) == pytest.approx(BEGIN, abs=20)
    assert sound.seconds < 0.1
    assert np.abs(sound.samples).max() < 6000
    assert abs(int(sound.samples[0])) < 200
    assert abs(int(sound.samples[-1])) < 2000


def test_statistics_are_bounded_and_told() -> None:
    statistics = Statistics(presses=3, monitor=PTTPerformanceMonitor())
    for number in range(KEPT + 10):
        statistics.note(Span("press_to_recording", 0.0, None, 0.001 * (number % 100)))
    statistics.note(Span("release_to_final", 1.0))
    statistics.decisions["acted"] += 2
    first, second = statistics.lines()
    assert first == "3 presses: 2 acted"
    assert second == f"press to recording: p50 50.0 ms, p95 95.0 ms, n {KEPT}"


@pytest.mark.parametrize(
    ("detail", "shown", "hidden"),
    [
        (Detail.MINIMAL, "●", "Turned on"),
        (Detail.COMPACT, "Turned on the lamp", "hear"),
        (Detail.DETAILED, "hear         ends 80.0 ms", "nothing that is hidden"),
    ],
)
def test_how_much_is_shown(detail: Detail, shown: str, hidden: str) -> None:
    out = io.StringIO()
    display = Display(detail, Console(file=out, highlight=False, width=120))
    display.say("hello")
    display.state(recording=True)
    display.heard("turn on")
    display.turn(RECORD, Statistics())
    assert shown in out.getvalue()
    assert hidden not in out.getvalue()


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://127.0.0.1:8765/", "ws://127.0.0.1:8765/api/socket"),
        ("https://home.example:1", "wss://home.example:1/api/socket"),
        ("box:8765", "ws://box:8765/api/socket"),
        ("ws://box/api/socket?area=kitchen", "ws://box/api/socket?area=kitchen"),
    ],
)
def test_the_address_of_the_server(address: str, url: str) -> None:
    assert socket_url(address) == url


@pytest.mark.parametrize("address", ["", "ftp://box/", "http://"])
def test_no_address_of_a_server(address: str) -> None:
    with pytest.raises(BadInput, match="--connect"):
        socket_url(address)


def test_uses_of_the_button_reach_the_monitor() -> None:
    statistics = Statistics(monitor=PTTPerformanceMonitor())
    statistics.began(0.004, 0.020)
    statistics.stopped(0.010)
    summary = statistics.monitor.get_summary()
    assert summary["total_measurements"] == 1
    assert summary["average_latency_ms"] == pytest.approx(34)
    assert any("targets" in line or "High" in line for line in statistics.lines())
