"""Against a real Mosquitto; behind it devices that answer as Zigbee2MQTT does, and some that announce themselves."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiomqtt
import pytest

from repartee.core.channel import Channel
from repartee.core.errors import Refused, Unreachable
from repartee.core.plan import Action, Effect
from repartee.engines.home.mqtt import Broker, Mqtt, Topics
from tests.homes.home_assistant import free_port
from tests.homes.mosquitto import PASSWORD, USER, Mosquitto
from tests.homes.proxy import BadWire
from tests.homes.zigbee import DEVICES, LIGHT, Bridge, row

pytestmark = pytest.mark.real_time
T = TypeVar("T")
LIMIT = 30.0
LAMP, NIGHT = "light.desk_lamp", "light.night_lamp"


def to(broker: Mosquitto, port: int | None = None, *, confirm_within: float = 1.0, **topics: str) -> Mqtt:
    place = Broker("127.0.0.1", port or broker.port, USER, lambda: PASSWORD)
    return Mqtt(place, Topics(**topics), {"Night Lamp": "Bedroom"}, confirm_within=confirm_within)


async def until(changes: Channel[str], true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not true():
            await anext(changes)


async def in_time(call: Awaitable[T], seconds: float) -> T:
    async with asyncio.timeout(seconds):
        return await call


def told(effects: object) -> dict[str, str | None]:
    assert isinstance(effects, list)
    assert all(isinstance(effect, Effect) for effect in effects)
    assert all(effect.confirmed == (effect.error is None) for effect in effects)
    return {effect.entity: effect.error for effect in effects}


async def test_entered_it_knows_devices_groups_places_and_states(broker: Mosquitto) -> None:
    async with Bridge(broker), to(broker) as home:
        assert set(home.home.by_id) == {
            LAMP, NIGHT, "light.all_lamps", "light.deaf_lamp", "light.gone_lamp", "cover.blinds",
            "binary_sensor.front_door", "sensor.front_door_temperature",
        }  # fmt: skip
        assert home.home.by_id[LAMP].area == "kitchen"
        assert home.home.area_by_id["kitchen"].name == "Kitchen"
        assert home.states[LAMP].value == "off"
        assert home.states[LAMP].attributes["brightness"] == 100
        assert home.states["light.gone_lamp"].value == "unavailable"
        assert home.states["binary_sensor.front_door"].value == "off", "shut"
        assert home.home.by_id["binary_sensor.front_door"].device_class == "door"
        assert home.states["sensor.front_door_temperature"].value == "20.5"
        assert home.states["sensor.front_door_temperature"].attributes["unit_of_measurement"] == "°C"


async def test_each_device_is_told_at_once_and_confirmed_by_its_own_report(broker: Mosquitto) -> None:
    async with Bridge(broker) as bridge, to(broker) as home:
        story = told(
            await home.perform(
                Action(
                    "light.turn_on",
                    (LAMP, NIGHT, "light.deaf_lamp", "light.gone_lamp", "light.nowhere"),
                    {"brightness_pct": 50},
                )
            )
        )
        assert story == {
            LAMP: None,
            NIGHT: None,
            "light.deaf_lamp": "Deaf Lamp did not answer",
            "light.gone_lamp": "Gone Lamp is not available at the moment",
            "light.nowhere": "nowhere is no longer there",
        }
        assert ("Kitchen/Desk Lamp", {"state": "ON", "brightness": 127}) in bridge.commands
        assert home.states[LAMP].attributes["brightness"] == 128
        assert told(await home.perform(Action("light.turn_on", (LAMP,)))) == {LAMP: None}, "already on"
        assert told(await home.perform(Action("cover.set_cover_position", ("cover.blinds",), {"position": 30}))) == {
            "cover.blinds": None
        }
        assert home.states["cover.blinds"].attributes["current_position"] == 30
        assert told(await home.perform(Action("homeassistant.turn_off", ("cover.blinds",)))) == {"cover.blinds": None}
        assert home.states["cover.blinds"].value == "closed"
        assert told(await home.perform(Action("cover.stop_cover", ("cover.blinds",)))) == {"cover.blinds": None}


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action("light.explode", (LAMP,)), "can't explode"),
        (Action("light.turn_on", (LAMP,), {"brightness_pct": 1000}), "between 0 and 100"),
        (Action("light.turn_on", (LAMP,), {"rgb_color": (1, 2, 3)}), "no colors"),
        (Action("switch.turn_on", (LAMP,)), "nothing for a light"),
        (Action("notify.phone"), "which device"),
    ],
)
async def test_what_can_not_be_is_said(broker: Mosquitto, action: Action, words: str) -> None:
    async with Bridge(broker) as bridge, to(broker) as home:
        (effect,) = await home.perform(action)
        assert words in str(effect.error)
        assert bridge.commands == []


async def test_changes_arrive_by_themselves(broker: Mosquitto) -> None:
    async with Bridge(broker) as bridge, to(broker) as home:
        changes, before = home.changes(), home.home.version
        await bridge.report("Front Door", {"contact": False})
        await until(changes, lambda: home.states["binary_sensor.front_door"].value == "on")
        await bridge.tell("Gone Lamp/availability", {"state": "online"})
        await until(changes, lambda: home.states["light.gone_lamp"].value == "off")
        assert home.home.version == before, "states make no new home"
        renamed = [row(1, "Kitchen/Moon Lamp", LIGHT), *DEVICES[2:], row(9, "New Lamp", LIGHT)]
        await bridge.tell("bridge/devices", renamed)
        await until(changes, lambda: "light.moon_lamp" in home.home.by_id and "light.new_lamp" in home.home.by_id)
        assert LAMP not in home.home.by_id
        assert LAMP not in home.states.known
        assert home.home.version.number > before.number
        await bridge.tell("bridge/state", {"state": "offline"})
        await until(changes, lambda: home.states[NIGHT].value == "unavailable")


ANNOUNCED = {
    "homeassistant/switch/plug/config": {
        "~": "tasmota/plug", "name": None, "uniq_id": "plug1", "cmd_t": "~/cmnd", "stat_t": "~/stat",
        "avty_t": "~/lwt", "dev": {"name": "Coffee Plug", "ids": ["x"], "sa": "Kitchen"},
    },
    "homeassistant/light/esp/strip/config": {
        "schema": "json", "name": "Strip", "command_topic": "esp/strip/set", "state_topic": "esp/strip",
        "brightness": True, "device": {"name": "Hall", "suggested_area": "Hall"},
    },
    "homeassistant/sensor/out/config": {
        "name": "Outside Temperature", "state_topic": "weather/out", "device_class": "temperature",
        "unit_of_measurement": "°C", "value_template": "{{ value_json.t | float + 0.5 }}",
    },
    "homeassistant/button/bell/config": {"name": "Bell", "command_topic": "bell/press"},
    "homeassistant/light/0x1/light/config": {
        "schema": "json", "name": None, "command_topic": "zigbee2mqtt/Kitchen/Desk Lamp/set",
        "state_topic": "zigbee2mqtt/Kitchen/Desk Lamp", "device": {"name": "Desk Lamp"},
    },
    "homeassistant/sensor/evil/config": {
        "name": "Evil", "state_topic": "weather/out", "value_template": "{{ value.__class__.__mro__ }}",
    },
    "homeassistant/sensor/broken/config": {"name": "Broken", "state_topic": "x", "value_template": "{{ nope"},
    "homeassistant/vacuum/unknown/config": {"name": "Sucker", "command_topic": "x"},
}  # fmt: skip


async def test_devices_that_announce_themselves(broker: Mosquitto) -> None:
    async with Bridge(broker) as bridge:
        for topic, config in ANNOUNCED.items():
            await bridge.raw(topic, json.dumps(config))
        await bridge.raw("tasmota/plug/stat", "OFF")
        await bridge.raw("tasmota/plug/lwt", "online")
        await bridge.raw("esp/strip", json.dumps({"state": "OFF", "brightness": 10}))
        await bridge.raw("weather/out", json.dumps({"t": 11.5}))
        async with to(broker) as home:
            found = home.home.by_id
            assert {"switch.coffee_plug", "light.hall_strip", "sensor.outside_temperature", "button.bell"} <= set(found)
            assert "light.desk_lamp_2" not in found, "Zigbee2MQTT's own list knows it already"
            assert "sensor.broken" not in found
            assert found["switch.coffee_plug"].area == "kitchen"
            assert home.states["switch.coffee_plug"].value == "off"
            assert home.states["light.hall_strip"].value == "off"
            assert home.states["sensor.outside_temperature"].value == "12.0"
            assert home.states["sensor.evil"].value is None, "templates of devices run in a sandbox"

            answering = asyncio.create_task(_plug(broker))
            await asyncio.sleep(0)
            story = told(await home.perform(Action("switch.turn_on", ("switch.coffee_plug",))))
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            assert story == {"switch.coffee_plug": None}
            assert told(await home.perform(Action("button.press", ("button.bell",)))) == {"button.bell": None}

            changes = home.changes()
            await bridge.raw("homeassistant/switch/plug/config", "")
            await until(changes, lambda: "switch.coffee_plug" not in home.home.by_id)
        for topic in [*ANNOUNCED, "tasmota/plug/stat", "tasmota/plug/lwt", "esp/strip", "weather/out"]:
            await bridge.raw(topic, "")


async def _plug(broker: Mosquitto) -> None:
    """A socket that says what it did, again and again until somebody has heard it."""
    async with aiomqtt.Client("127.0.0.1", broker.port, username=USER, password=PASSWORD) as client:
        await client.subscribe("tasmota/plug/cmnd")
        while True:
            await client.publish("tasmota/plug/stat", "ON", retain=True)
            await asyncio.sleep(0.05)


async def test_the_broker_restarts_and_everything_is_back(broker: Mosquitto) -> None:
    async with Bridge(broker), to(broker) as home:
        changes, before = home.changes(), home.home
        await asyncio.to_thread(broker.stop)
        await until(changes, lambda: home.trouble is not None)
        with pytest.raises(Unreachable):
            await home.perform(Action("light.turn_on", (LAMP,)))
        assert home.states[LAMP].value is None, "nobody knows"
        assert home.home == before
        await asyncio.to_thread(broker.start)
        await until(changes, lambda: home.trouble is None)
        assert home.states[LAMP].value is not None
        async with Bridge(broker):
            assert told(await home.perform(Action("light.turn_on", (LAMP,)))) == {LAMP: None}
        assert home.connections == 2


async def test_a_line_that_went_silent_in_the_middle_of_a_call(broker: Mosquitto) -> None:
    async with BadWire(broker.port) as wire, Bridge(broker), to(broker, wire.port, confirm_within=0.4) as home:
        changes = home.changes()
        wire.silent = True
        with pytest.raises(Unreachable, match="does not answer"):
            await in_time(home.perform(Action("light.turn_on", (LAMP,))), 2)
        wire.cut()
        wire.silent = False
        await until(changes, lambda: home.connections == 2)
        assert told(await home.perform(Action("light.turn_off", (LAMP,)))) == {LAMP: None}


async def test_two_clients_switch_the_same_lamp(broker: Mosquitto) -> None:
    async with Bridge(broker), to(broker) as one, to(broker, own="repartee2") as other:
        calls = [
            home.perform(Action(f"light.turn_{word}", (LAMP,)))
            for _ in range(10)
            for home, word in ((one, "on"), (other, "off"))
        ]
        stories = await in_time(asyncio.gather(*calls), LIMIT)
        assert all(told(story)[LAMP] in (None, "Desk Lamp did not answer") for story in stories)
        assert told(await one.perform(Action("light.turn_on", (LAMP,)))) == {LAMP: None}
        await until(other.changes(), lambda: other.states[LAMP].value == "on")


async def test_our_own_status_and_last_will(broker: Mosquitto) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port, username=USER, password=PASSWORD) as watcher:
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        async def listen() -> None:
            async for message in watcher.messages:
                assert isinstance(message.payload, bytes)
                heard.put_nowait(message.payload)

        await watcher.subscribe("willing/status")
        task = asyncio.create_task(listen())
        async with BadWire(broker.port) as wire:
            async with to(broker, wire.port, own="willing"):
                assert await in_time(heard.get(), LIMIT) == b"online"
                wire.cut()
                assert await in_time(heard.get(), LIMIT) == b"offline", "the broker says it for us"
                assert await in_time(heard.get(), LIMIT) == b"online"
            assert await in_time(heard.get(), LIMIT) == b"offline", "leaving in order"
        task.cancel()


async def test_a_wrong_password_and_nobody_there(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = Mqtt(Broker("127.0.0.1", broker.port, USER, lambda: "not the password"))
    with pytest.raises(Refused):
        await in_time(wrong.__aenter__(), LIMIT)
    with pytest.raises(Unreachable):
        await in_time(Mqtt(Broker("127.0.0.1", free_port())).__aenter__(), LIMIT)
    assert "not the password" not in caplog.text
    assert PASSWORD not in caplog.text


async def test_an_empty_broker_is_an_empty_home(broker: Mosquitto) -> None:
    async with to(broker, zigbee2mqtt="nothing", discovery="nowhere") as home:
        assert home.home.entities == ()
        assert home.trouble is None
