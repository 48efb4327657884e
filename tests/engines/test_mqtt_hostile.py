"""Nothing that a broker says ends the link or the start: nonsense is set aside, the rest of the home works."""

from __future__ import annotations

import asyncio
import json
import random

import aiomqtt
import pytest

from repartee.assembly.homes import homes_health
from repartee.core.plan import Action
from repartee.homes.combined import CombinedHome
from tests.homes.mosquitto import PASSWORD, USER, Mosquitto
from tests.homes.zigbee import DEVICES, LIGHT, Bridge, numeric, row
from tests.hostile import deep

from .test_mqtt import LAMP, to, told, until

pytestmark = pytest.mark.real_time

ANNOUNCED = {
    "light/zero/config": {"name": "Zero", "command_topic": "z/set", "brightness_scale": 0},
    "light/endless/config": '{"name": "Endless", "command_topic": "e/set", "brightness_scale": Infinity}',
    "light/huge/config": '{"name": "Huge", "command_topic": "h/set", "brightness_scale": ' + "9" * 400 + "}",
    "fan/zero/config": {"name": "Fan", "command_topic": "f/set", "speed_range_max": 0},
    "sensor/deep/config": '{"name": "Deep", "state_topic": "d", "x": ' + deep(100_000) + "}",
    "sensor/loop/config": {"name": "Loop", "state_topic": "l", "value_template": "{% for i in range(9) %}{% endfor %}"},
    "sensor/itself/config": {
        "name": "Itself", "state_topic": "i",
        "value_template": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    },
    "sensor/nested/config": {"name": "Nested", "state_topic": "n", "value_template": "{{" + "(" * 900},
    "sensor/wild/config": {"name": "Wild", "state_topic": "#"},
    "sensor/half/config": '{"name": "Half \\ud800", "state_topic": "half/\\ud800"}',
    "sensor/long/config": {"name": "x" * 50_000, "state_topic": "long"},
    "sensor/list/config": "[1, 2]",
    "sensor/nothing/config": "",
    "device/box/config": {"components": {"a": {"platform": "fan", "speed_range_max": "NaN", "command_topic": "b"}}},
}  # fmt: skip
GOOD = {"name": "Good", "command_topic": "good/set", "state_topic": "good", "schema": "json", "brightness": True}
PAYLOADS = [
    '{"brightness": Infinity}', '{"brightness": 1e999, "state": "ON"}', '{"brightness": -1e308}',
    '{"brightness": NaN}', '{"state": ' + deep(70) + "}",
    '{"brightness": ' + "9" * 5000 + "}", deep(1000), deep(500_000), '{"state": {"state": []}}', '{"state": "\\ud800"}',
    "[]", "null", "", "\x00", "x" * 50_000, '{"position": "up"}', '{"color_temp": 1e-320}',
]  # fmt: skip


async def announce(broker: Mosquitto, messages: dict[str, object]) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port, username=USER, password=PASSWORD) as client:
        for topic, payload in messages.items():
            text = payload if isinstance(payload, str) else json.dumps(payload)
            await client.publish(f"homeassistant/{topic}", text, qos=1, retain=True)


async def test_nothing_that_is_retained_stops_the_start(broker: Mosquitto) -> None:
    await announce(broker, {**ANNOUNCED, "light/good/config": GOOD})
    bad = row(20, "Zero Lamp", {"type": "light", "features": [numeric("brightness", value_max=0), numeric("state")]})
    async with Bridge(broker) as bridge:
        await bridge.tell(
            "bridge/devices", [*DEVICES, bad, {"friendly_name": {"a": 1}, "definition": {"exposes": [7]}}]
        )
        await bridge.report("Zero Lamp", {"state": "ON", "brightness": 10})
        home = to(broker)
        async with CombinedHome({"mqtt": home}) as both:
            assert home.connections == 1
            assert {"light.good", LAMP} <= set(home.home.by_id)
            assert not {name for name in home.home.by_id if name.startswith("fan.") or "loop" in name}
            assert told(await both.perform(Action("light.turn_on", (LAMP,)))) == {LAMP: None}
            reasons = home.set_aside
            assert "speed_range_max" in reasons["homeassistant/fan/zero/config"]
            assert "for" in reasons["homeassistant/sensor/loop/config"]
            assert "macro" in reasons["homeassistant/sensor/itself/config"]
            assert "topic" in reasons["homeassistant/sensor/wild/config"]
            assert "50000 characters" in reasons["homeassistant/sensor/long/config"]
            assert "brightness" in reasons["light.zero_lamp"]
            assert home.states["light.zero_lamp"].value == "unavailable"
            health = homes_health(both)["home mqtt"]
            assert health["status"] == "ok", "the home works"
            assert "set aside" in health["reason"]
    await announce(broker, dict.fromkeys([*ANNOUNCED, "light/good/config"], ""))


async def test_nothing_that_is_said_later_ends_the_link(broker: Mosquitto) -> None:
    chance = random.Random(5)
    async with Bridge(broker) as bridge, to(broker) as home:
        changes = home.changes()
        topics = [
            "Kitchen/Desk Lamp",
            "Kitchen/Blinds",
            "Front Door",
            "bridge/devices",
            "bridge/groups",
            "bridge/state",
        ]
        for topic in topics:
            for payload in [*PAYLOADS, *(chance.randbytes(40).decode("latin-1") for _ in range(10))]:
                await bridge.raw(f"zigbee2mqtt/{topic}", payload)
        for topic, config in ANNOUNCED.items():
            for payload in [*PAYLOADS, config if isinstance(config, str) else json.dumps(config)]:
                await bridge.raw(f"homeassistant/{topic}", payload)
        await bridge.tell("bridge/state", {"state": "online"})
        await bridge.tell("bridge/groups", [])
        await bridge.tell("bridge/devices", [row(1, "Kitchen/Desk Lamp", LIGHT), row(2, "Bedroom/Night Lamp", LIGHT)])
        await bridge.report("Kitchen/Desk Lamp", {"state": "OFF", "brightness": 7})
        await until(changes, lambda: home.states[LAMP].attributes.get("brightness") == 7)
        assert home.connections == 1, "the link has held"
        assert home.trouble is None
        async with asyncio.timeout(5):
            assert told(await home.perform(Action("light.turn_on", (LAMP,)))) == {LAMP: None}
    await announce(broker, dict.fromkeys(ANNOUNCED, ""))


async def test_a_device_that_does_not_say_how_it_is_told_anything_is_no_crash(broker: Mosquitto) -> None:
    await announce(broker, {"switch/mute/config": {"name": "Mute", "state_topic": "mute"}})
    await announce(
        broker,
        {"switch/made/config": {"name": "Made", "command_topic": "made", "command_template": "{{ 'a' * 10 ** 9 }}"}},
    )
    async with to(broker) as home:
        for entity in ("switch.mute", "switch.made"):
            (effect,) = await home.perform(Action("switch.turn_on", (entity,)))
            assert effect.error
    await announce(broker, {"switch/mute/config": "", "switch/made/config": ""})
