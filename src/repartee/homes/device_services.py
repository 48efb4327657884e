"""What the services of Home Assistant do to the state of a device: pure functions, checked data, no home around them.

Service and attribute names and their ranges are those of Home Assistant's developer documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from repartee.core.home import State
from repartee.core.intent import Data

from .fields import COLORS, BadCall, Check, color_name, flag, number, numbers, one_of, say, text, texts

Change = Callable[[State, Data], State]


@dataclass(frozen=True, slots=True)
class Service:
    change: Change
    fields: Mapping[str, Check] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def __call__(self, state: State, data: Data) -> State:
        clean: dict[str, object] = {}
        for name, value in data.items():
            if name not in self.fields:
                allowed = ", ".join(sorted(self.fields)) or "nothing"
                raise BadCall(f"it does not know {name!r}, only {allowed}")
            clean[name] = self.fields[name](name, value)
        for name in self.needs:
            if name not in clean:
                raise BadCall(f"it needs to know the {say(name)}")
        return self.change(state, clean)


def to(value: str, **attributes: object) -> Change:
    """The state becomes `value`."""
    return lambda state, _data: State(value, {**state.attributes, **attributes})


def becomes(attribute: str, source: str, value: str | None = None) -> Change:
    """The attribute takes the value of the data's field `source`; the state `value`, or stays."""
    return lambda state, data: State(value or state.value, {**state.attributes, attribute: data[source]})


def toggled(on: str, turn_on: Change, turn_off: Change) -> Change:
    return lambda state, data: turn_off(state, data) if state.value == on else turn_on(state, data)


def now() -> str:
    return datetime.now(UTC).isoformat()


def light_on(state: State, data: Data) -> State:
    new = dict(state.attributes)
    modes = new.get("supported_color_modes")
    wants_color = {"color_name", "rgb_color", "hs_color"} & data.keys()
    if modes is not None and wants_color and not {"rgb", "rgbw", "rgbww", "hs", "xy"} & set(modes):
        raise BadCall("it has no colors")
    if modes is not None and "color_temp_kelvin" in data and not ({"color_temp", "rgbww"} & set(modes)):
        raise BadCall("its color temperature can't be set")
    brightness: Any = new.get("brightness") or 255
    if "brightness" in data:
        brightness = data["brightness"]
    elif "brightness_pct" in data:
        brightness = _plain(data["brightness_pct"]) * 255 / 100
    elif "brightness_step_pct" in data:
        brightness += _plain(data["brightness_step_pct"]) * 255 / 100
    new["brightness"] = max(0, min(255, round(brightness)))
    if new["brightness"] == 0:
        return light_off(state, {})
    if "color_name" in data:
        new |= {"rgb_color": COLORS[str(data["color_name"])], "color_mode": "rgb", "color_temp_kelvin": None}
    if "rgb_color" in data:
        new |= {"rgb_color": data["rgb_color"], "color_mode": "rgb", "color_temp_kelvin": None}
    if "hs_color" in data:
        new |= {"hs_color": data["hs_color"], "color_mode": "hs", "color_temp_kelvin": None}
    if "color_temp_kelvin" in data:
        new |= {"color_temp_kelvin": data["color_temp_kelvin"], "color_mode": "color_temp", "rgb_color": None}
    return State("on", new)


def light_off(state: State, _data: Data) -> State:
    return State("off", {**state.attributes, "brightness": None})


def _plain(value: object) -> float:
    assert isinstance(value, int | float)
    return value


def cover_at(position: float | None) -> Change:
    """Moved to `position` percent open; None: to the one in the data."""

    def change(state: State, data: Data) -> State:
        target = _plain(data["position"]) if position is None else position
        return State("closed" if target == 0 else "open", {**state.attributes, "current_position": target})

    return change


def climate_set(state: State, data: Data) -> State:
    new = dict(state.attributes)
    low, high = new.get("min_temp", -50), new.get("max_temp", 200)
    for name in ("temperature", "target_temp_high", "target_temp_low"):
        if name in data:
            new[name] = number(low, high)(name, data[name])
    return State(str(data.get("hvac_mode", state.value)) if state.value or "hvac_mode" in data else None, new)


def climate_on(state: State, _data: Data) -> State:
    modes = [mode for mode in state.attributes.get("hvac_modes", ["heat"]) if mode != "off"]
    return State(state.value if state.value not in (None, "off") else modes[0], state.attributes)


def fan_set(state: State, data: Data) -> State:
    new = {**state.attributes, **data}
    if "percentage" not in data and "percentage" in state.attributes and not state.attributes["percentage"]:
        new["percentage"] = 100
    return State("off" if new.get("percentage") == 0 and "percentage" in data else "on", new)


def fan_off(state: State, _data: Data) -> State:
    percentage = {"percentage": 0} if "percentage" in state.attributes else {}
    return State("off", {**state.attributes, **percentage})


def fan_by(sign: int) -> Change:
    def change(state: State, data: Data) -> State:
        step = _plain(data.get("percentage_step", 100 / 3)) * sign
        speed = min(100, max(0, state.attributes.get("percentage", 0) + step))
        return fan_set(state, {"percentage": round(speed)})

    return change


def volume_by(step: float) -> Change:
    def change(state: State, _data: Data) -> State:
        level = min(1.0, max(0.0, state.attributes.get("volume_level", 0.5) + step))
        return State(state.value, {**state.attributes, "volume_level": round(level, 2)})

    return change


def track_by(step: int) -> Change:
    def change(state: State, _data: Data) -> State:
        track = max(1, int(state.attributes.get("media_track", 1)) + step)
        return State("playing", {**state.attributes, "media_track": track})

    return change


def play(state: State, data: Data) -> State:
    title = {"media_title": data["media_content_id"], "media_content_id": data["media_content_id"], "media_track": 1}
    return State("playing", {**state.attributes, **title, "media_content_type": data["media_content_type"]})


Items = list[dict[str, Any]]


def todo(change_items: Callable[[Items, Data], Items]) -> Change:
    """Items are in the attribute `items`: summary, status (`needs_action`, `completed`); the state counts open ones."""

    def change(state: State, data: Data) -> State:
        items = change_items([dict(item) for item in state.attributes.get("items", ())], data)
        if len(items) > 1000:
            raise BadCall("the list is full: 1000 items")
        still_open = sum(item["status"] == "needs_action" for item in items)
        return State(str(still_open), {**state.attributes, "items": items})

    return change


def todo_add(items: Items, data: Data) -> Items:
    due = {"due": data["due"]} if "due" in data else {}
    return [*items, {"summary": data["item"], "status": "needs_action", **due}]


def todo_update(items: Items, data: Data) -> Items:
    item = _item(items, data["item"])
    item["status"] = data.get("status", item["status"])
    item["summary"] = data.get("rename", item["summary"])
    return items


def todo_remove(items: Items, data: Data) -> Items:
    wanted = data["item"]
    assert isinstance(wanted, list)
    for name in wanted:
        items.remove(_item(items, name))
    return items


def todo_clear(items: Items, _data: Data) -> Items:
    return [item for item in items if item["status"] != "completed"]


def _item(items: Items, name: object) -> dict[str, Any]:
    """The item with this summary; an open one before one that is done."""
    wanted = str(name).casefold()
    same = [item for item in items if str(item["summary"]).casefold() == wanted]
    if not same:
        raise BadCall(f"{name!r} is not on the list")
    return min(same, key=lambda item: item["status"] == "completed")


PERCENT = number(0, 100)
SWITCH = {
    "turn_on": Service(to("on")),
    "turn_off": Service(to("off")),
    "toggle": Service(toggled("on", to("on"), to("off"))),
}
LIGHT = {
    "brightness": number(0, 255),
    "brightness_pct": PERCENT,
    "brightness_step_pct": number(-100, 100),
    "color_name": color_name,
    "rgb_color": numbers(3, 255),
    "hs_color": numbers(2, 360),
    "color_temp_kelvin": number(1000, 10000),
    "transition": number(0, 300),
    "effect": text,
}
FAN = {"percentage": PERCENT, "preset_mode": text}
CLIMATE = {
    "temperature": number(-50, 200),
    "target_temp_high": number(-50, 200),
    "target_temp_low": number(-50, 200),
    "hvac_mode": one_of("off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only"),
}
ALARM = {"code": text}
POSITION = {"position": PERCENT}
MEDIA = {"media_content_id": text, "media_content_type": text, "enqueue": text}

SERVICES: Mapping[str, Mapping[str, Service]] = {
    "light": {
        "turn_on": Service(light_on, LIGHT),
        "turn_off": Service(light_off, {"transition": number(0, 300)}),
        "toggle": Service(toggled("on", light_on, light_off), LIGHT),
    },
    **dict.fromkeys(("switch", "input_boolean", "siren", "remote", "camera", "automation"), SWITCH),
    "fan": {
        "turn_on": Service(fan_set, FAN),
        "turn_off": Service(fan_off),
        "toggle": Service(toggled("on", fan_set, fan_off), FAN),
        "set_percentage": Service(fan_set, {"percentage": PERCENT}, ("percentage",)),
        "set_preset_mode": Service(fan_set, {"preset_mode": text}, ("preset_mode",)),
        "oscillate": Service(becomes("oscillating", "oscillating"), {"oscillating": flag}, ("oscillating",)),
        "set_direction": Service(
            becomes("direction", "direction"), {"direction": one_of("forward", "reverse")}, ("direction",)
        ),
        "increase_speed": Service(fan_by(1), {"percentage_step": PERCENT}),
        "decrease_speed": Service(fan_by(-1), {"percentage_step": PERCENT}),
    },
    "cover": {
        "open_cover": Service(cover_at(100)),
        "close_cover": Service(cover_at(0)),
        "stop_cover": Service(lambda state, _data: state),
        "toggle": Service(toggled("open", cover_at(100), cover_at(0))),
        "set_cover_position": Service(cover_at(None), POSITION, ("position",)),
        "set_cover_tilt_position": Service(
            becomes("current_tilt_position", "tilt_position"), {"tilt_position": PERCENT}, ("tilt_position",)
        ),
    },
    "valve": {
        "open_valve": Service(cover_at(100)),
        "close_valve": Service(cover_at(0)),
        "set_valve_position": Service(cover_at(None), POSITION, ("position",)),
    },
    "lock": {
        "lock": Service(to("locked"), ALARM),
        "unlock": Service(to("unlocked"), ALARM),
        "open": Service(to("open"), ALARM),
    },
    "climate": {
        "turn_on": Service(climate_on),
        "turn_off": Service(to("off")),
        "set_temperature": Service(climate_set, CLIMATE),
        "set_hvac_mode": Service(climate_set, CLIMATE, ("hvac_mode",)),
        "set_fan_mode": Service(becomes("fan_mode", "fan_mode"), {"fan_mode": text}, ("fan_mode",)),
        "set_preset_mode": Service(becomes("preset_mode", "preset_mode"), {"preset_mode": text}, ("preset_mode",)),
    },
    "humidifier": {
        **SWITCH,
        "set_humidity": Service(becomes("humidity", "humidity", "on"), {"humidity": PERCENT}, ("humidity",)),
    },
    "water_heater": {**SWITCH, "set_temperature": Service(climate_set, CLIMATE, ("temperature",))},
    "media_player": {
        **SWITCH,
        "media_play": Service(to("playing")),
        "media_pause": Service(to("paused")),
        "media_play_pause": Service(toggled("playing", to("playing"), to("paused"))),
        "media_stop": Service(to("idle")),
        "media_next_track": Service(track_by(1)),
        "media_previous_track": Service(track_by(-1)),
        "volume_up": Service(volume_by(0.1)),
        "volume_down": Service(volume_by(-0.1)),
        "volume_set": Service(
            becomes("volume_level", "volume_level"), {"volume_level": number(0, 1)}, ("volume_level",)
        ),
        "volume_mute": Service(
            becomes("is_volume_muted", "is_volume_muted"), {"is_volume_muted": flag}, ("is_volume_muted",)
        ),
        "select_source": Service(becomes("source", "source"), {"source": text}, ("source",)),
        "play_media": Service(play, MEDIA, ("media_content_id", "media_content_type")),
    },
    "vacuum": {
        "start": Service(to("cleaning")),
        "pause": Service(to("paused")),
        "stop": Service(to("idle")),
        "return_to_base": Service(to("returning")),
        "clean_area": Service(
            becomes("cleaning_area_id", "cleaning_area_id", "cleaning"),
            {"cleaning_area_id": texts},
            ("cleaning_area_id",),
        ),
    },
    "lawn_mower": {
        "start_mowing": Service(to("mowing")),
        "pause": Service(to("paused")),
        "dock": Service(to("returning")),
    },
    "button": {"press": Service(lambda state, _data: State(now(), state.attributes))},
    "input_button": {"press": Service(lambda state, _data: State(now(), state.attributes))},
    "scene": {"turn_on": Service(lambda state, _data: State(now(), state.attributes), {"transition": number(0, 300)})},
    "script": {
        "turn_on": Service(lambda state, _data: State("off", {**state.attributes, "last_triggered": now()})),
        "turn_off": Service(to("off")),
    },
    "todo": {
        "add_item": Service(todo(todo_add), {"item": text, "due": text}, ("item",)),
        "update_item": Service(
            todo(todo_update),
            {"item": text, "rename": text, "status": one_of("needs_action", "completed")},
            ("item",),
        ),
        "remove_item": Service(todo(todo_remove), {"item": texts}, ("item",)),
        "remove_completed_items": Service(todo(todo_clear)),
    },
    "alarm_control_panel": {
        "alarm_arm_home": Service(to("armed_home"), ALARM),
        "alarm_arm_away": Service(to("armed_away"), ALARM),
        "alarm_arm_night": Service(to("armed_night"), ALARM),
        "alarm_disarm": Service(to("disarmed"), ALARM),
    },
    "number": {
        "set_value": Service(
            lambda state, data: State(f"{data['value']:g}", state.attributes), {"value": number(-1e9, 1e9)}, ("value",)
        )
    },
    "select": {
        "select_option": Service(
            lambda state, data: State(str(data["option"]), state.attributes), {"option": text}, ("option",)
        )
    },
    "assist_satellite": {
        "announce": Service(becomes("last_announcement", "message"), {"message": text}, ("message",)),
    },
}

ANY_DOMAIN: Mapping[str, Mapping[str, str]] = {
    "turn_on": {
        "cover": "open_cover", "valve": "open_valve", "lock": "lock", "vacuum": "start", "lawn_mower": "start_mowing",
        "button": "press", "input_button": "press",
    },
    "turn_off": {
        "cover": "close_cover", "valve": "close_valve", "lock": "unlock", "vacuum": "return_to_base",
        "lawn_mower": "dock",
    },
    "toggle": {},
}  # fmt: skip
"""What `homeassistant.turn_on` and its like call where a domain has no service of that name."""
