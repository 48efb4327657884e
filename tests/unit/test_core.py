"""The ground floor: clocks, spans, channels, homes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.channel import Channel
from repartee.core.clock import FastClock, LiveClock
from repartee.core.errors import BadHome
from repartee.core.home import slug
from repartee.core.home_file import home_from, read_home
from repartee.core.spans import Trace


class Ticker:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_live_clock_is_anchored_by_the_earliest_arrival() -> None:
    time = Ticker()
    clock = LiveClock(time)
    for late in (0.030, 0.0, 0.050):
        time.now = 101.0 + late
        clock.heard(1.0)
    time.now = 103.0
    assert clock.now() == pytest.approx(3.0, abs=0.001)
    assert clock.stalls == 0


def test_live_clock_is_anchored_anew_after_a_stall() -> None:
    time = Ticker()
    clock = LiveClock(time)
    clock.heard(0.0)
    time.now = 110.0  # ten seconds of sound never came
    clock.heard(0.02)
    assert clock.stalls == 1
    assert clock.now() == pytest.approx(0.02)


def test_fast_clock_adds_computation_and_waits_for_audio() -> None:
    time = Ticker()
    clock = FastClock(time)
    clock.heard(1.0)
    assert clock.now() == pytest.approx(1.0)
    time.now += 0.25  # a decode of 250 ms
    assert clock.now() == pytest.approx(1.25)
    clock.heard(1.1)  # said while we computed: no time passes
    assert clock.now() == pytest.approx(1.25)
    clock.heard(2.0)
    assert clock.now() == pytest.approx(2.0)


async def test_a_trace_times_a_stage_from_outside() -> None:
    loop = asyncio.get_running_loop()
    clock = LiveClock(loop.time)
    clock.heard(0.0)
    trace = Trace(clock)

    async def items() -> AsyncIterator[int]:
        await asyncio.sleep(0.2)
        yield 1
        await asyncio.sleep(0.3)
        yield 2

    assert [item async for item in trace.timed("speak", items())] == [1, 2]
    (span,) = trace.spans
    assert (span.start, span.first, span.end) == pytest.approx((0.0, 0.2, 0.5))
    assert span.relative(0.1)["first_ms"] == pytest.approx(100.0)


def test_a_span_names_the_error_that_ended_it() -> None:
    trace = Trace(LiveClock())
    with pytest.raises(ValueError), trace.span("act"):
        raise ValueError
    assert trace.spans[0].error == "ValueError"
    assert trace.spans[0].end is not None


async def test_a_pushing_channel_drops_the_oldest_and_counts() -> None:
    channel = Channel[int](3)
    for number in range(5):
        channel.push(number)
    channel.close()
    assert [item async for item in channel] == [2, 3, 4]
    assert channel.dropped == 2


async def test_a_sending_channel_waits_for_room() -> None:
    channel = Channel[int](1)
    order: list[str] = []

    async def produce() -> None:
        for number in range(3):
            await channel.send(number)
            order.append(f"sent {number}")
        channel.close()

    async with asyncio.TaskGroup() as group:
        group.create_task(produce())
        received = [item async for item in channel]
    assert received == [0, 1, 2]
    assert order == ["sent 0", "sent 1", "sent 2"]
    assert channel.dropped == 0


def test_a_home_is_read_from_its_file() -> None:
    rows = {
        "floors": [{"name": "Upstairs", "aliases": ["First Floor"]}],
        "areas": [{"name": "Bedroom", "floor": "Upstairs"}],
        "entities": [
            {"name": "Bed Light", "domain": "light", "area": "Bedroom", "state": "on"},
            {"name": "Bed light", "domain": "light"},
        ],
    }
    file = home_from(rows)
    assert [e.id for e in file.home.entities] == ["light.bed_light", "light.bed_light_2"]
    assert file.home.by_id["light.bed_light"].area == "bedroom"
    assert file.states["light.bed_light"].value == "on"
    assert file.states["light.bed_light_2"].value is None
    floor = file.home.floor_named("first floor")
    assert floor is not None
    assert floor.id == "upstairs"


def test_a_rename_makes_a_new_version() -> None:
    home = home_from({"entities": [{"name": "Lamp", "domain": "light"}]}).home
    renamed = home.renamed("light.lamp", "Moon")
    assert renamed.by_id["light.lamp"].name == "Moon"
    assert renamed.version > home.version
    assert home.by_id["light.lamp"].name == "Lamp"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "not JSON"),
        ("[]", "an object"),
        ('{"areas": 3}', "'areas' must be a list"),
        ('{"entities": [{"domain": "light"}]}', '"name"'),
        ('{"entities": [{"name": "Lamp"}]}', '"domain"'),
    ],
)
def test_a_bad_home_says_what_is_wrong(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "home.json"
    file.write_text(content)
    with pytest.raises(BadHome, match=complaint) as error:
        read_home(file)
    assert "home.json" in str(error.value)


def test_an_absent_home_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadHome, match="give the path"):
        read_home(tmp_path / "none.json")


@given(st.text())
def test_a_slug_is_always_an_id(name: str) -> None:
    assert slug(name).replace("_", "").isalnum()
    assert slug(name) == slug(slug(name))


def test_the_shared_homes_are_homes(shared: Path) -> None:
    homes = json.loads((shared / "nlu" / "en.homes.json").read_text())
    for name, data in homes.items():
        file = home_from(data, name)
        assert len(file.home.entities) == len(data["entities"])
    file = read_home(shared / "homes" / "recorded_40.json")
    assert file.home.by_id["light.bed_light"].area == "bedroom"
