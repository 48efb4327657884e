"""Zigbee2MQTT: what `bridge/devices` and `bridge/groups` say, as devices.

Source: www.zigbee2mqtt.io/guide/usage/exposes.html and .../mqtt_topics_and_messages.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from repartee.core.errors import BadText
from repartee.core.home import State
from repartee.core.untrusted import number
from repartee.homes.fields import COLORS, BadCall
from repartee.homes.set_aside import SetAside, sayable

from .device import UNREADABLE, Device, Message, Wanted, checked, nothing_to_send, object_in, online, with_more

Row = Mapping[str, Any]

BINARY = {
    "contact": "door", "occupancy": "motion", "presence": "presence", "water_leak": "moisture", "smoke": "smoke",
    "gas": "gas", "carbon_monoxide": "carbon_monoxide", "vibration": "vibration", "tamper": "tamper",
}  # fmt: skip
"""Yes-or-no properties that are worth a question, and their device class in Home Assistant's words."""
NUMERIC = {
    "temperature": "temperature", "humidity": "humidity", "pressure": "pressure", "illuminance": "illuminance",
    "co2": "carbon_dioxide", "pm25": "pm25", "voc": "volatile_organic_compounds", "power": "power", "energy": "energy",
    "soil_moisture": "moisture", "battery": "battery",
}  # fmt: skip
SPEEDS = {"off": 0, "low": 33, "medium": 66, "high": 100, "on": 100}
"""Modes of a fan, percent."""
_UNNAMED = re.compile(r"0x[0-9a-f]{16}", re.IGNORECASE)


@dataclass(frozen=True)
class Zigbee:
    """One Zigbee2MQTT. `areas`: friendly name to the name of its area, as a person has written down."""

    base: str
    areas: Mapping[str, str]

    def devices(self, rows: Sequence[Row], groups: Sequence[Row], aside: SetAside) -> list[Device]:
        """Of the two lists that the bridge publishes. What has no usable name or no function is left out; what says
        nonsense is set `aside`."""
        by_address = {str(row.get("ieee_address")): row for row in rows}
        found: list[Device] = []
        for row in rows:
            with aside.around(self._topic(row), UNREADABLE):
                found += [checked(device) for device in self._of(row, _exposes(row)) if _usable(row)]
        for group in groups:
            with aside.around(self._topic(group), UNREADABLE):
                found += [checked(device) for device in self._group(group, by_address)]
        return found

    def _topic(self, row: Row) -> str:
        return f"{self.base}/{row.get('friendly_name')}"

    def _group(self, group: Row, by_address: Mapping[str, Row]) -> Iterator[Device]:
        """It can do what its first member can."""
        members = [by_address.get(str(member.get("ieee_address"))) for member in _dicts(group.get("members"))]
        first = next((_exposes(member) for member in members if member), [])
        actuators = [expose for expose in first if expose.get("type") in _ACTUATORS][:1]
        if group.get("friendly_name"):
            for device in self._of(group, actuators):
                yield replace(device, key=f"group {device.key}")

    def _of(self, row: Row, exposes: Sequence[Row]) -> Iterator[Device]:
        friendly = sayable(str(row.get("friendly_name")))
        place, _, name = friendly.rpartition("/")
        area = self.areas.get(friendly) or (place.replace("/", " ").replace("_", " ") or None)
        blank = Device(
            "", name.replace("_", " "), f"{row.get('ieee_address') or row.get('id')}", {}, nothing_to_send, area,
            alive={f"{self.base}/{friendly}/availability": online, f"{self.base}/bridge/state": online},
        )  # fmt: skip
        topic, seen = f"{self.base}/{friendly}", False
        for expose in exposes:
            kind = str(expose.get("type"))
            if kind in _ACTUATORS:
                yield _actuator(blank, topic, kind, expose)
            elif kind == "binary" and str(expose.get("name")) in BINARY and not expose.get("category"):
                yield _binary(blank, topic, expose, own_name=not seen)
                seen = True
            elif kind == "numeric" and str(expose.get("name")) in NUMERIC:
                yield _numeric(blank, topic, expose)


def _usable(row: Row) -> bool:
    named = row.get("friendly_name") and not _UNNAMED.fullmatch(str(row["friendly_name"]))
    return bool(named) and row.get("type") != "Coordinator" and not row.get("disabled")


def _exposes(row: Row) -> list[Row]:
    definition = row.get("definition")
    return _dicts(definition.get("exposes")) if isinstance(definition, dict) else []


def _dicts(rows: object) -> list[Row]:
    """Of what should be a list of objects, those that are."""
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list | tuple) else []


@dataclass(frozen=True)
class Features:
    """The properties of one function of a device, by their general name (`state`, `brightness`, ...)."""

    topic: str
    by_name: Mapping[str, Row]

    def property(self, name: str) -> str | None:
        """Under which it is found in the payload; with several endpoints it carries the endpoint's name."""
        feature = self.by_name.get(name)
        return str(feature.get("property") or name) if feature else None

    def value(self, payload: Mapping[str, Any], name: str) -> Any:
        found = self.property(name)
        return payload.get(found) if found else None

    def number(self, payload: Mapping[str, Any], name: str) -> float | None:
        value = self.value(payload, name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def word(self, name: str, key: str, usual: str) -> Any:
        """How the device says on or off."""
        return self.by_name.get(name, {}).get(key, usual)

    def set(self, values: Mapping[str, Any]) -> list[Message]:
        """One message that sets all of these. Raises `BadCall` for what the device has not."""
        payload = {}
        for name, value in values.items():
            found = self.property(name)
            if found is None:
                raise BadCall(f"its {name.replace('_', ' ')} can't be set")
            payload[found] = value
        return [(f"{self.topic}/set", json.dumps(payload))]

    def switch(self, on: bool) -> Any:
        return self.word("state", "value_on", "ON") if on else self.word("state", "value_off", "OFF")

    def is_on(self, payload: Mapping[str, Any]) -> str | None:
        value = self.value(payload, "state")
        return None if value is None else "on" if value == self.switch(True) else "off"


def _actuator(blank: Device, topic: str, kind: str, expose: Row) -> Device:
    features = {str(f.get("name")): f for f in _dicts(expose.get("features"))}
    own = Features(topic, features)
    read, send = _ACTUATORS[kind]
    endpoint = expose.get("endpoint")
    asked = next(
        (own.property(name) for name in ("state", "position", "lock_state", "system_mode") if name in features), None
    )
    return replace(
        blank,
        domain=kind,
        name=f"{blank.name} {endpoint}" if endpoint else blank.name,
        key=f"{blank.key} {endpoint or ''} {kind}",
        readers={topic: lambda state, payload: read(own, state, object_in(payload))},
        send=lambda wanted: send(own, wanted),
        asks=[(f"{topic}/get", json.dumps({asked: ""}))] if asked else [],
    )


def _binary(blank: Device, topic: str, expose: Row, *, own_name: bool) -> Device:
    name, found = str(expose["name"]), str(expose.get("property") or expose["name"])
    on = expose.get("value_on", True)

    def read(state: State, payload: str) -> State:
        value = object_in(payload).get(found)
        return with_more(state, None if value is None else "on" if value == on else "off", {})

    label = blank.name if own_name else f"{blank.name} {name.replace('_', ' ')}"
    key = f"{blank.key} {found}"
    return replace(blank, domain="binary_sensor", name=label, key=key, readers={topic: read}, device_class=BINARY[name])


def _numeric(blank: Device, topic: str, expose: Row) -> Device:
    name, found = str(expose["name"]), str(expose.get("property") or expose["name"])
    unit = {"unit_of_measurement": expose["unit"]} if expose.get("unit") else {}

    def read(state: State, payload: str) -> State:
        value = object_in(payload).get(found)
        return with_more(state, None if value is None else str(value), unit)

    label, key = f"{blank.name} {name.replace('_', ' ')}", f"{blank.key} {found}"
    return replace(blank, domain="sensor", name=label, key=key, readers={topic: read}, device_class=NUMERIC[name])


def _read_light(own: Features, state: State, payload: Mapping[str, Any]) -> State:
    more: dict[str, Any] = {}
    if (level := own.number(payload, "brightness")) is not None:
        more["brightness"] = round(level * 255 / _most(own, "brightness", 254))
    if (mired := own.number(payload, "color_temp")) and mired > 0:
        more["color_temp_kelvin"] = round(1e6 / mired)
    return with_more(state, own.is_on(payload), more)


def _send_light(own: Features, wanted: Wanted) -> list[Message]:
    if wanted.after.value == "off":
        return own.set({"state": own.switch(False)})
    asked, attributes = wanted.data, wanted.after.attributes
    values: dict[str, Any] = {"state": own.switch(True)}
    if any(key.startswith("brightness") for key in asked):
        values["brightness"] = round(attributes["brightness"] * _most(own, "brightness", 254) / 255)
    if "color_temp_kelvin" in asked:
        values["color_temp"] = round(1e6 / attributes["color_temp_kelvin"])
    messages = own.set(values)
    if "color_name" in asked or "rgb_color" in asked:
        rgb = COLORS[str(asked["color_name"])] if "color_name" in asked else attributes["rgb_color"]
        if not {"color_xy", "color_hs"} & own.by_name.keys():
            raise BadCall("it has no colors")
        color = dict(zip("rgb", rgb, strict=True))
        messages = [(messages[0][0], json.dumps({**json.loads(messages[0][1]), "color": color}))]
    return messages


def _most(own: Features, name: str, usual: float) -> float:
    most = number(own.word(name, "value_max", str(usual)))
    if not 1e-3 <= most <= 1e9:
        raise BadText(f"its greatest {name} is {most:g}")
    return most


def _read_switch(own: Features, state: State, payload: Mapping[str, Any]) -> State:
    return with_more(state, own.is_on(payload), {})


def _send_switch(own: Features, wanted: Wanted) -> list[Message]:
    return own.set({"state": own.switch(wanted.after.value == "on")})


def _read_cover(own: Features, state: State, payload: Mapping[str, Any]) -> State:
    position = own.number(payload, "position")
    if position is not None:
        return with_more(state, "closed" if position == 0 else "open", {"current_position": position})
    value = {"OPEN": "open", "CLOSE": "closed"}.get(str(own.value(payload, "state")))
    return with_more(state, value, {})


def _send_cover(own: Features, wanted: Wanted) -> list[Message]:
    if wanted.service == "stop_cover":
        return own.set({"state": "STOP"})
    position = wanted.after.attributes.get("current_position")
    if wanted.service == "set_cover_position":
        return own.set({"position": position})
    return own.set({"state": "OPEN" if wanted.after.value == "open" else "CLOSE"})


def _read_lock(own: Features, state: State, payload: Mapping[str, Any]) -> State:
    told = own.value(payload, "lock_state")
    value = {"locked": "locked", "unlocked": "unlocked", "not_fully_locked": "jammed"}.get(str(told))
    if value is None and (simple := own.value(payload, "state")) is not None:
        value = "locked" if simple == own.word("state", "value_on", "LOCK") else "unlocked"
    return with_more(state, value, {})


def _send_lock(own: Features, wanted: Wanted) -> list[Message]:
    if wanted.after.value == "locked":
        return own.set({"state": own.word("state", "value_on", "LOCK")})
    return own.set({"state": own.word("state", "value_off", "UNLOCK")})


def _read_fan(own: Features, state: State, payload: Mapping[str, Any]) -> State:
    mode = str(own.value(payload, "mode"))
    more = {"percentage": SPEEDS[mode]} if mode in SPEEDS else {}
    return with_more(state, own.is_on(payload), more)


def _send_fan(own: Features, wanted: Wanted) -> list[Message]:
    if wanted.after.value == "off":
        return own.set({"state": own.switch(False)})
    if wanted.service in ("increase_speed", "decrease_speed") or "percentage" in wanted.data:
        percent = wanted.after.attributes["percentage"]
        return own.set({"mode": min(("low", "medium", "high"), key=lambda mode: abs(SPEEDS[mode] - percent))})
    return own.set({"state": own.switch(True)})


def _read_climate(own: Features, state: State, payload: Mapping[str, Any]) -> State:
    more: dict[str, Any] = {}
    setpoint = own.number(payload, _setpoint(own))
    if setpoint is not None:
        more["temperature"] = setpoint
    if (local := own.number(payload, "local_temperature")) is not None:
        more["current_temperature"] = local
    mode = own.value(payload, "system_mode")
    return with_more(state, None if mode is None else str(mode), more)


def _send_climate(own: Features, wanted: Wanted) -> list[Message]:
    values: dict[str, Any] = {}
    if wanted.after.value != wanted.before.value:
        values["system_mode"] = wanted.after.value
    if "temperature" in wanted.data:
        values[_setpoint(own)] = wanted.after.attributes["temperature"]
    return own.set(values or {"system_mode": wanted.after.value})


def _setpoint(own: Features) -> str:
    names = ("current_heating_setpoint", "occupied_heating_setpoint", "occupied_cooling_setpoint")
    return next((name for name in names if name in own.by_name), names[0])


Read = Callable[[Features, State, Mapping[str, Any]], State]
Send = Callable[[Features, Wanted], list[Message]]
_ACTUATORS: Mapping[str, tuple[Read, Send]] = {
    "light": (_read_light, _send_light),
    "switch": (_read_switch, _send_switch),
    "cover": (_read_cover, _send_cover),
    "lock": (_read_lock, _send_lock),
    "fan": (_read_fan, _send_fan),
    "climate": (_read_climate, _send_climate),
}
