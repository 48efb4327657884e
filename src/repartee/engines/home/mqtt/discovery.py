"""Devices that announce themselves as to Home Assistant: `homeassistant/COMPONENT/[NODE/]OBJECT/config`, retained.

Source: www.home-assistant.io/integrations/mqtt, "MQTT discovery", with the short names of its fields. Templates are the
device's own: `template.py` bounds what they may do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from repartee.core.errors import BadText
from repartee.core.home import State
from repartee.core.untrusted import number
from repartee.homes.fields import BadCall
from repartee.homes.set_aside import SetAside, sayable

from .device import (
    UNREADABLE,
    Alive,
    Device,
    Message,
    Reader,
    Sender,
    Wanted,
    checked,
    nothing_to_send,
    object_in,
    with_more,
)
from .template import FAILURES, compiled, value_template

SHORT = {
    "avty": "availability", "avty_t": "availability_topic", "avty_tpl": "availability_template",
    "bri_cmd_t": "brightness_command_topic", "bri_scl": "brightness_scale", "bri_stat_t": "brightness_state_topic",
    "bri_val_tpl": "brightness_value_template", "cmd_t": "command_topic", "cmd_tpl": "command_template",
    "cmps": "components", "dev": "device", "dev_cla": "device_class", "en": "enabled_by_default",
    "ent_cat": "entity_category", "obj_id": "object_id", "p": "platform", "pct_cmd_t": "percentage_command_topic",
    "pct_stat_t": "percentage_state_topic", "pct_val_tpl": "percentage_value_template", "pl_avail": "payload_available",
    "pl_cls": "payload_close", "pl_lock": "payload_lock", "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off", "pl_on": "payload_on", "pl_open": "payload_open", "pl_prs": "payload_press",
    "pl_stop": "payload_stop", "pl_unlk": "payload_unlock", "pos_t": "position_topic", "pos_tpl": "position_template",
    "sa": "suggested_area", "set_pos_t": "set_position_topic", "spd_rng_max": "speed_range_max",
    "stat_clsd": "state_closed", "stat_closing": "state_closing", "stat_locked": "state_locked",
    "stat_off": "state_off", "stat_on": "state_on", "stat_open": "state_open", "stat_opening": "state_opening",
    "stat_t": "state_topic", "stat_unlocked": "state_unlocked", "stat_val_tpl": "state_value_template", "t": "topic",
    "uniq_id": "unique_id", "unit_of_meas": "unit_of_measurement", "val_tpl": "value_template",
}  # fmt: skip
Config = Mapping[str, Any]
Value = Callable[[str], str]


def announced(topic: str, payload: str, aside: SetAside) -> list[Device]:
    """The devices of one announcement. Those that can't be are set `aside`."""
    parts = topic.split("/")
    if len(parts) not in (4, 5) or parts[-1] != "config":
        return []
    config = _long(object_in(payload))
    if parts[1] != "device":
        with aside.around(topic, UNREADABLE):
            return list(_device(parts[1], parts[-2], config))
        return []
    shared = {key: value for key, value in config.items() if key != "components"}
    components = config.get("components")
    found: list[Device] = []
    for key, own in components.items() if isinstance(components, dict) else ():
        with aside.around(f"{topic} {key}", UNREADABLE):
            named = f"{parts[-2]} {key}"
            found += _device(str(_long(own).get("platform")), named, {**shared, **_long(own)})
    return found


def _long(config: Config) -> dict[str, Any]:
    """Short names to long ones, and `~` to the base topic."""
    base = config.get("~", "")
    long: dict[str, Any] = {}
    for key, value in config.items():
        name = SHORT.get(key, key)
        if isinstance(value, str) and name.endswith("topic") and base:
            value = base + value[1:] if value.startswith("~") else value
            value = value[:-1] + base if value.endswith("~") else value
        if name in ("device", "availability"):
            value = [_long(v) for v in value if isinstance(v, dict)] if isinstance(value, list) else value
            value = _long(value) if isinstance(value, dict) else value
        long[name] = value
    return long


def _device(component: str, key: str, config: Config) -> Iterator[Device]:
    """None where a voice has no use for it. Raises `UNREADABLE` for one that can't be."""
    make = _COMPONENTS.get(component)
    if make and not config.get("entity_category") and config.get("enabled_by_default") is not False:
        yield checked(make(_blank(component, key, config), config))


def _blank(component: str, key: str, config: Config) -> Device:
    """Who it is, where it is, and whether it lives. Raises `BadText` for a name that can't be said."""
    described = config.get("device")
    device = described if isinstance(described, dict) else {}
    names = [str(name) for name in (device.get("name"), config.get("name")) if name]
    return Device(
        component,
        sayable(" ".join(dict.fromkeys(names)) or str(config.get("object_id") or key).replace("_", " ")),
        str(config.get("unique_id") or key),
        {},
        nothing_to_send,
        sayable(str(area)) if (area := device.get("suggested_area")) else None,
        str(kind) if (kind := config.get("device_class")) else None,
        dict(_alive(config)),
    )


def _alive(config: Config) -> Iterator[tuple[str, Alive]]:
    listed = config.get("availability")
    rows = listed if isinstance(listed, list) else [listed] if isinstance(listed, dict) else []
    single = config.get("availability_topic")
    rows = rows or (
        [{**config, "topic": single, "value_template": config.get("availability_template")}] if single else []
    )
    for row in rows:
        yes, no = str(row.get("payload_available", "online")), str(row.get("payload_not_available", "offline"))
        value = value_template(row.get("value_template"))

        def alive(payload: str, yes: str = yes, no: str = no, value: Value = value) -> bool | None:
            return {yes: True, no: False}.get(value(payload))

        if row.get("topic"):
            yield str(row["topic"]), alive


def _command(config: Config, template: str, payload: object) -> str:
    """What is sent for a value."""
    if source := config.get(template):
        try:
            return compiled(str(source))({"value": payload})
        except FAILURES as error:
            raise BadCall("what it is told by can't be made") from error
    return str(payload)


@dataclass(frozen=True)
class Words:
    """Values of a topic to values of a state."""

    values: Mapping[str, str]
    value: Value

    def __call__(self, state: State, payload: str) -> State:
        return with_more(state, self.values.get(self.value(payload)), {})


def _on_off(config: Config) -> Words:
    on, off = str(config.get("payload_on", "ON")), str(config.get("payload_off", "OFF"))
    told = {str(config.get("state_on", on)): "on", str(config.get("state_off", off)): "off"}
    return Words(told, value_template(config.get("state_value_template") or config.get("value_template")))


def _number(name: str, value: Value, scale: float = 1.0) -> Reader:
    def read(state: State, payload: str) -> State:
        try:
            return with_more(state, None, {name: round(number(number(value(payload)) * scale))})
        except BadText:
            return state

    return read


def _scale(config: Config, name: str, usual: float) -> float:
    """The device's greatest value. Raises `BadText` for one that nothing can be measured by."""
    most = number(config.get(name, usual))
    if not 1e-3 <= most <= 1e9:
        raise BadText(f"{name} is {most:g}")
    return most


def _acting(blank: Device, readers: Mapping[object, Reader], send: Sender) -> Device:
    """Topics that are not there are left out. Several readers may share one topic."""
    by_topic: dict[str, Reader] = {}
    for topic, read in readers.items():
        if topic:
            by_topic[str(topic)] = read
    return replace(blank, readers=by_topic, send=send, silent=not by_topic)


def _both(first: Reader, second: Reader) -> Reader:
    return lambda state, payload: second(first(state, payload), payload)


def _switch(blank: Device, config: Config) -> Device:
    def send(wanted: Wanted) -> Sequence[Message]:
        on = wanted.after.value == "on"
        payload = config.get("payload_on", "ON") if on else config.get("payload_off", "OFF")
        return [(config["command_topic"], _command(config, "command_template", payload))]

    return _acting(blank, {config.get("state_topic"): _on_off(config)}, send)


def _light(blank: Device, config: Config) -> Device:
    if config.get("schema") == "json":
        return _json_light(blank, config)
    scale = _scale(config, "brightness_scale", 255)
    level = _number("brightness", value_template(config.get("brightness_value_template")), 255 / scale)
    state_topic, level_topic = config.get("state_topic"), config.get("brightness_state_topic")
    switch = _switch(blank, config)

    def send(wanted: Wanted) -> Sequence[Message]:
        messages = list(switch.send(wanted))
        if wanted.after.value == "on" and any(key.startswith("brightness") for key in wanted.data):
            if not config.get("brightness_command_topic"):
                raise BadCall("its brightness can't be set")
            brightness = round(wanted.after.attributes["brightness"] * scale / 255)
            messages.append((config["brightness_command_topic"], str(brightness)))
        return messages

    on_off = _on_off(config)
    if state_topic == level_topic:
        return _acting(blank, {state_topic: _both(on_off, level)}, send)
    return _acting(blank, {state_topic: on_off, level_topic: level}, send)


def _json_light(blank: Device, config: Config) -> Device:
    scale = _scale(config, "brightness_scale", 255)

    def read(state: State, payload: str) -> State:
        data = object_in(payload)
        level = data.get("brightness")
        more = {"brightness": round(level * 255 / scale)} if isinstance(level, int | float) and level < 1e9 else {}
        return with_more(state, {"ON": "on", "OFF": "off"}.get(str(data.get("state"))), more)

    def send(wanted: Wanted) -> Sequence[Message]:
        values: dict[str, Any] = {"state": "ON" if wanted.after.value == "on" else "OFF"}
        if wanted.after.value == "on" and any(key.startswith("brightness") for key in wanted.data):
            values["brightness"] = round(wanted.after.attributes["brightness"] * scale / 255)
        return [(config["command_topic"], json.dumps(values))]

    return _acting(blank, {config.get("state_topic"): read}, send)


def _cover(blank: Device, config: Config) -> Device:
    told = {str(config.get(f"state_{word}", word)): word for word in ("open", "opening", "closed", "closing")}
    words = Words(told, value_template(config.get("value_template")))
    position = value_template(config.get("position_template"))

    def at(state: State, payload: str) -> State:
        try:
            percent = number(position(payload))
        except BadText:
            return state
        return with_more(state, "closed" if percent == 0 else "open", {"current_position": round(percent)})

    def send(wanted: Wanted) -> Sequence[Message]:
        if wanted.service == "set_cover_position":
            if not config.get("set_position_topic"):
                raise BadCall("its position can't be set")
            target = wanted.after.attributes["current_position"]
            return [(config["set_position_topic"], _command(config, "set_position_template", target))]
        word = {"open": "open", "closed": "close"}.get(str(wanted.after.value), "stop")
        word = "stop" if wanted.service == "stop_cover" else word
        return [(config["command_topic"], str(config.get(f"payload_{word}", word.upper())))]

    return _acting(blank, {config.get("state_topic"): words, config.get("position_topic"): at}, send)


def _lock(blank: Device, config: Config) -> Device:
    told = {
        str(config.get("state_locked", "LOCKED")): "locked",
        str(config.get("state_unlocked", "UNLOCKED")): "unlocked",
    }

    def send(wanted: Wanted) -> Sequence[Message]:
        locked = wanted.after.value == "locked"
        payload = config.get("payload_lock", "LOCK") if locked else config.get("payload_unlock", "UNLOCK")
        return [(config["command_topic"], _command(config, "command_template", payload))]

    return _acting(blank, {config.get("state_topic"): Words(told, value_template(config.get("value_template")))}, send)


def _fan(blank: Device, config: Config) -> Device:
    most = _scale(config, "speed_range_max", 100)
    speed = _number("percentage", value_template(config.get("percentage_value_template")), 100 / most)
    switch = _switch(blank, config)

    def send(wanted: Wanted) -> Sequence[Message]:
        messages = list(switch.send(wanted))
        if wanted.after.value == "on" and wanted.after.attributes.get("percentage") and "percentage" in wanted.data:
            if not config.get("percentage_command_topic"):
                raise BadCall("its speed can't be set")
            value = round(wanted.after.attributes["percentage"] * most / 100)
            messages.append((config["percentage_command_topic"], str(value)))
        return messages

    readers: dict[object, Reader] = {
        config.get("state_topic"): _on_off(config),
        config.get("percentage_state_topic"): speed,
    }
    return _acting(blank, readers, send)


def _binary_sensor(blank: Device, config: Config) -> Device:
    return replace(blank, readers={config["state_topic"]: _on_off(config)})


def _sensor(blank: Device, config: Config) -> Device:
    value = value_template(config.get("value_template"))
    unit = config.get("unit_of_measurement")
    more = {"unit_of_measurement": unit} if unit else {}
    return replace(
        blank, readers={config["state_topic"]: lambda state, told: with_more(state, value(told) or None, more)}
    )


def _pressed(blank: Device, config: Config) -> Device:
    payload = str(config.get("payload_press", "PRESS") if blank.domain == "button" else config.get("payload_on", "ON"))
    return replace(blank, send=lambda _: [(config["command_topic"], payload)], silent=True)


_COMPONENTS: Mapping[str, Callable[[Device, Config], Device]] = {
    "light": _light,
    "switch": _switch,
    "cover": _cover,
    "lock": _lock,
    "fan": _fan,
    "binary_sensor": _binary_sensor,
    "sensor": _sensor,
    "button": _pressed,
    "scene": _pressed,
}
