"""What devices say on a broker and what is said to them, without a broker."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.home import State
from repartee.core.untrusted import mended, write_json
from repartee.engines.home.mqtt.backend import _with_ids
from repartee.engines.home.mqtt.device import UNREADABLE, Device, online
from repartee.engines.home.mqtt.discovery import announced
from repartee.engines.home.mqtt.zigbee import Zigbee
from repartee.homes.fields import BadCall
from repartee.homes.set_aside import SetAside
from tests.homes.zigbee import CONTACT, DEVICES, LIGHT, SWITCH, binary, numeric, row
from tests.hostile import ANYTHING

BRIDGE = Zigbee("z", {"Lamp": "Attic"})
LOCK = {
    "type": "lock",
    "features": [
        binary("state", value_on="LOCK", value_off="UNLOCK"),
        {"type": "enum", "name": "lock_state", "property": "lock_state"},
    ],
}
FAN = {"type": "fan", "features": [SWITCH, {"type": "enum", "name": "mode", "property": "mode"}]}
CLIMATE = {
    "type": "climate",
    "features": [
        numeric("occupied_heating_setpoint"),
        numeric("local_temperature"),
        {"type": "enum", "name": "system_mode", "property": "system_mode"},
    ],
}
COLORFUL = {
    "type": "light",
    "features": [*LIGHT["features"], {"type": "composite", "name": "color_xy", "property": "color"}],
}
COVER = {"type": "cover", "features": [{"type": "enum", "name": "state", "property": "state"}]}


def only(expose: dict[str, Any], name: str = "Lamp") -> Device:
    (device,) = BRIDGE.devices([row(1, name, expose)], [], SetAside("z"))
    return device


def sent(device: Device, service: str, data: dict[str, object] | None = None, before: State | None = None) -> Any:
    ((topic, payload),) = device.messages(service, data or {}, before or State())
    assert topic == f"z/{device.name}/set"
    return json.loads(payload)


@pytest.mark.parametrize(
    ("expose", "service", "data", "payload"),
    [
        (LIGHT, "light.turn_on", {}, {"state": "ON"}),
        (LIGHT, "light.turn_off", {}, {"state": "OFF"}),
        (LIGHT, "light.turn_on", {"brightness_pct": 100}, {"state": "ON", "brightness": 254}),
        (LIGHT, "light.turn_on", {"brightness": 0}, {"state": "OFF"}),
        (LIGHT, "light.turn_on", {"color_temp_kelvin": 4000}, {"state": "ON", "color_temp": 250}),
        (COLORFUL, "light.turn_on", {"color_name": "red"}, {"state": "ON", "color": {"r": 255, "g": 0, "b": 0}}),
        ({"type": "switch", "features": [SWITCH]}, "homeassistant.turn_on", {}, {"state": "ON"}),
        (LOCK, "lock.lock", {}, {"state": "LOCK"}),
        (LOCK, "lock.unlock", {}, {"state": "UNLOCK"}),
        (FAN, "fan.set_percentage", {"percentage": 70}, {"mode": "medium"}),
        (FAN, "fan.turn_off", {}, {"state": "OFF"}),
        (FAN, "fan.turn_on", {}, {"state": "ON"}),
        (CLIMATE, "climate.set_temperature", {"temperature": 21}, {"occupied_heating_setpoint": 21}),
        (CLIMATE, "climate.set_hvac_mode", {"hvac_mode": "heat"}, {"system_mode": "heat"}),
        (COVER, "cover.open_cover", {}, {"state": "OPEN"}),
        (COVER, "cover.stop_cover", {}, {"state": "STOP"}),
        (COVER, "homeassistant.turn_off", {}, {"state": "CLOSE"}),
    ],
)
def test_a_call_becomes_one_message(
    expose: dict[str, Any], service: str, data: dict[str, object], payload: dict[str, object]
) -> None:
    assert sent(only(expose), service, data) == payload


@pytest.mark.parametrize(
    ("expose", "service", "data"),
    [
        (LIGHT, "light.turn_on", {"color_name": "red"}),
        (LIGHT, "light.turn_on", {"color_name": "reddish"}),
        (LIGHT, "light.turn_on", {"brightness": "much"}),
        (COVER, "cover.set_cover_position", {"position": 20}),
        (CONTACT, "homeassistant.turn_on", {}),
        (LOCK, "light.turn_on", {}),
    ],
)
def test_what_a_device_can_not_do_is_said(expose: dict[str, Any], service: str, data: dict[str, object]) -> None:
    with pytest.raises(BadCall):
        only(expose).messages(service, data, State("off"))


@pytest.mark.parametrize(
    ("expose", "payload", "state"),
    [
        (LIGHT, {"state": "ON", "brightness": 127}, State("on", {"brightness": 128})),
        (LIGHT, {"state": "OFF", "color_temp": 250}, State("off", {"color_temp_kelvin": 4000})),
        (LIGHT, {"linkquality": 3}, State()),
        (LOCK, {"lock_state": "not_fully_locked", "state": "LOCK"}, State("jammed")),
        (LOCK, {"state": "UNLOCK"}, State("unlocked")),
        (FAN, {"state": "ON", "mode": "high"}, State("on", {"percentage": 100})),
        (CLIMATE, {"system_mode": "heat", "occupied_heating_setpoint": 20, "local_temperature": 18.5},
         State("heat", {"temperature": 20, "current_temperature": 18.5})),
        (CONTACT, {"contact": False}, State("on", {"device_class": "door"})),
        (COVER, {"state": "CLOSE"}, State("closed")),
    ],
)  # fmt: skip
def test_a_report_becomes_a_state(expose: dict[str, Any], payload: dict[str, object], state: State) -> None:
    told = only(expose).state({"z/Lamp": json.dumps(payload)})
    assert (told.value, dict(told.attributes)) == (state.value, dict(state.attributes))


def test_two_endpoints_are_two_devices_with_their_own_properties() -> None:
    ends = [
        {"type": "switch", "endpoint": end, "features": [{**SWITCH, "property": f"state_{end}"}]}
        for end in ("left", "right")
    ]
    left, right = BRIDGE.devices([row(1, "Plug", *ends)], [], SetAside("z"))
    assert (left.name, right.name) == ("Plug left", "Plug right")
    assert json.loads(right.messages("switch.turn_on", {}, State())[0][1]) == {"state_right": "ON"}
    last = {"z/Plug": json.dumps({"state_left": "ON", "state_right": "OFF"})}
    assert (left.state(last).value, right.state(last).value) == ("on", "off")


def test_places_come_from_the_settings_or_from_the_friendly_name_and_a_group_is_one_device() -> None:
    assert only(LIGHT, "Lamp").area == "Attic"
    assert only(LIGHT, "Living_Room/Big_Lamp").area == "Living Room"
    assert only(LIGHT, "Living_Room/Big_Lamp").name == "Big Lamp"
    group = [{"id": 1, "friendly_name": "All", "members": [{"ieee_address": DEVICES[1]["ieee_address"]}]}]
    assert ("light", "All") in {
        (device.domain, device.name) for device in BRIDGE.devices(DEVICES, group, SetAside("z"))
    }


def test_ids_are_the_same_in_whatever_order_devices_are_announced() -> None:
    devices = BRIDGE.devices([row(1, "a/Lamp", LIGHT), row(2, "b/Lamp", LIGHT)], [], SetAside("z"))
    there = {device_id: device.key for device_id, device in _with_ids(devices).items()}
    back = {device_id: device.key for device_id, device in _with_ids(reversed(devices)).items()}
    assert there == back
    assert set(there) == {"light.lamp", "light.lamp_2"}


@pytest.mark.parametrize(
    ("payload", "alive"),
    [("online", True), ("Offline", False), ('{"state": "offline"}', False), ("{", None), ("?", None), ("", None)],
)
def test_availability(payload: str, alive: bool | None) -> None:
    assert online(payload) is alive


def announce(component: str, **config: Any) -> Device:
    (device,) = announced(f"homeassistant/{component}/x/config", json.dumps({"name": "X", **config}), SetAside("z"))
    return device


def test_announced_devices_speak_their_own_words() -> None:
    lamp = announce("light", cmd_t="c", stat_t="s", pl_on="1", pl_off="0", bri_cmd_t="bc", bri_stat_t="bs", bri_scl=100)
    assert lamp.messages("light.turn_on", {"brightness_pct": 50}, State("off")) == [("c", "1"), ("bc", "50")]
    told = lamp.state({"s": "1", "bs": "50"})
    assert (told.value, told.attributes["brightness"]) == ("on", 127)
    cover = announce("cover", cmd_t="c", pos_t="p", set_pos_t="sp", pl_open="UP", pl_cls="DOWN")
    assert cover.messages("cover.close_cover", {}, State("open")) == [("c", "DOWN")]
    assert cover.messages("cover.set_cover_position", {"position": 30}, State("open")) == [("sp", "30")]
    assert cover.messages("cover.stop_cover", {}, State("open")) == [("c", "STOP")]
    assert cover.state({"p": "0"}).value == "closed"
    lock = announce("lock", cmd_t="c", stat_t="s", value_template="{{ value_json.lock | upper }}")
    assert lock.state({"s": '{"lock": "locked"}'}).value == "locked"
    assert lock.messages("lock.unlock", {}, State("locked")) == [("c", "UNLOCK")]
    fan = announce("fan", cmd_t="c", stat_t="s", pct_cmd_t="pc", pct_stat_t="ps", spd_rng_max=10)
    assert fan.messages("fan.turn_on", {"percentage": 50}, State("off")) == [("c", "ON"), ("pc", "5")]
    assert fan.state({"s": "ON", "ps": "5"}).attributes["percentage"] == 50
    same = announce("light", cmd_t="c", stat_t="s", bri_stat_t="s", val_tpl="{{ value_json.s }}",
                    bri_val_tpl="{{ value_json.b }}")  # fmt: skip
    assert same.state({"s": '{"s": "ON", "b": 200}'}) == State("on", {"brightness": 200})


def test_availability_of_announced_devices_and_devices_with_several_components() -> None:
    lamp = announce("light", cmd_t="c", stat_t="s", avty=[{"t": "a", "pl_avail": "up", "pl_not_avail": "down"}])
    assert lamp.state({"s": "ON", "a": "down"}).value == "unavailable"
    assert lamp.state({"s": "ON", "a": "up"}).value == "on"
    config = {
        "dev": {"name": "Box", "sa": "Hall"},
        "cmps": {
            "a": {"p": "switch", "name": "One", "cmd_t": "1"},
            "b": {"p": "sensor", "name": "Heat", "stat_t": "2"},
        },
    }
    devices = announced("homeassistant/device/box/config", json.dumps(config), SetAside("z"))
    assert [(device.domain, device.name, device.area) for device in devices] == [
        ("switch", "Box One", "Hall"),
        ("sensor", "Box Heat", "Hall"),
    ]


junk = ANYTHING
fields = st.sampled_from(
    [
        "name",
        "cmd_t",
        "stat_t",
        "schema",
        "dev",
        "avty",
        "avty_t",
        "bri_scl",
        "val_tpl",
        "cmps",
        "~",
        "stat_on",
        "pos_t",
    ]
)
components = st.sampled_from(["light", "switch", "cover", "lock", "fan", "sensor", "binary_sensor", "button", "device"])


@given(components, st.dictionaries(fields, junk, max_size=6) | junk, st.text(max_size=20))
def test_no_announcement_and_no_payload_breaks_us(component: str, config: object, payload: str) -> None:
    for device in announced(f"homeassistant/{component}/x/config", raw(config), SetAside("z")):
        plain_state(device, dict.fromkeys([*device.readers, *device.alive], payload))


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["ieee_address", "friendly_name", "definition", "type"]), junk), max_size=3
    )
)
def test_no_list_of_devices_breaks_us(rows: list[dict[str, Any]]) -> None:
    assert isinstance(BRIDGE.devices(rows, rows, SetAside("z")), list)


@given(st.sampled_from([LIGHT, COLORFUL, LOCK, FAN, CLIMATE, COVER, CONTACT]), st.dictionaries(
    st.sampled_from(["state", "brightness", "position", "color_temp", "mode", "lock_state", "contact", "system_mode"]),
    junk), st.text(max_size=10))  # fmt: skip
def test_no_report_breaks_us(expose: dict[str, Any], values: dict[str, Any], text: str) -> None:
    device = only(expose)
    for payload in (raw(values), text):
        plain_state(device, {"z/Lamp": payload})


def plain_state(device: Device, last: dict[str, str]) -> None:
    """What it says can be sent on to any page, or is set aside."""
    try:
        state = device.state(last)
    except UNREADABLE:
        return
    assert state.value is None or isinstance(state.value, str)
    assert mended(state.attributes) == state.attributes


def raw(value: object) -> str:
    """As a careless device writes it: NaN, Infinity and half characters go through."""
    try:
        return json.dumps(value, default=str, skipkeys=True)
    except ValueError:
        return write_json(value)
