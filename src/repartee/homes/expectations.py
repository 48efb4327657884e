"""What a service call leads to: how to tell from the states that it was done. Names and values as in Home Assistant.

Source of services and states: the integration pages of Home Assistant, entity platforms, as of 2025.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from repartee.core.home import State
from repartee.core.intent import Data

Expectation = Callable[[State], bool]
"""Whether this state is what was asked for."""

UNAVAILABLE = "unavailable"

_SWITCHED = {"turn_on": {"on"}, "turn_off": {"off"}}
_VALUES: Mapping[str, Mapping[str, set[str]]] = {
    "cover": {"open_cover": {"open", "opening"}, "close_cover": {"closed", "closing"}},
    "valve": {"open_valve": {"open", "opening"}, "close_valve": {"closed", "closing"}},
    # A lock counts only when it is shut or open, never while it turns: people leave the house on this answer.
    "lock": {"lock": {"locked"}, "unlock": {"unlocked", "open"}, "open": {"open", "unlocked"}},
    "media_player": {
        "media_play": {"playing", "buffering"},
        "media_pause": {"paused"},
        "media_stop": {"idle", "off", "standby", "on", "stopped"},
        "turn_off": {"off", "standby"},
    },
    "vacuum": {
        "start": {"cleaning"},
        "pause": {"paused", "idle"},
        "stop": {"idle", "docked"},
        "return_to_base": {"returning", "docked"},
    },
    "lawn_mower": {"start_mowing": {"mowing"}, "pause": {"paused"}, "dock": {"returning", "docked"}},
    "alarm_control_panel": {
        "alarm_disarm": {"disarmed"},
        "alarm_arm_away": {"armed_away", "arming"},
        "alarm_arm_home": {"armed_home", "arming"},
        "alarm_arm_night": {"armed_night", "arming"},
        "alarm_arm_vacation": {"armed_vacation", "arming"},
    },
    "timer": {"start": {"active"}, "pause": {"paused"}, "cancel": {"idle"}, "finish": {"idle"}},
}
_ON_IS_NOT_OFF = {"climate", "media_player", "water_heater"}
"""Switched on, these are in one of several modes."""
_SWITCHABLE = {
    "light", "switch", "fan", "input_boolean", "humidifier", "siren", "remote", "automation", "group", "camera",
    *_ON_IS_NOT_OFF,
}  # fmt: skip
_ONCE_MORE_IS_MORE = {
    "toggle", "press", "volume_up", "volume_down", "media_next_track", "media_previous_track", "media_play_pause",
    "increase_speed", "decrease_speed", "increment", "decrement", "play_media", "add_item", "send_message", "speak",
    "announce", "trigger", "send_command", "change",
}  # fmt: skip
_ASKED: Mapping[str, tuple[str, float]] = {
    # key of the call's data: attribute of the state, tolerance (devices round)
    "brightness": ("brightness", 3),
    "percentage": ("percentage", 2),
    "position": ("current_position", 3),
    "tilt_position": ("current_tilt_position", 3),
    "volume_level": ("volume_level", 0.02),
    "temperature": ("temperature", 0.6),
    "target_temp_high": ("target_temp_high", 0.6),
    "target_temp_low": ("target_temp_low", 0.6),
    "humidity": ("humidity", 2),
    "color_temp_kelvin": ("color_temp_kelvin", 100),
}
_MOVING = {"opening", "closing"}


def idempotent(service: str) -> bool:
    """Whether doing it twice is the same as doing it once: only then may it be tried again unasked."""
    domain, name = service.split(".", 1)
    return name not in _ONCE_MORE_IS_MORE and domain not in {"script", "notify", "tts", "shell_command", "rest_command"}


def expectation(service: str, entity: str, data: Data, before: State) -> Expectation | None:
    """How the state of `entity` shows that the call was done; None where no state tells (a scene, a script)."""
    name = service.split(".", 1)[1]
    domain = entity.split(".", 1)[0]
    if name == "toggle" and domain in _SWITCHABLE | {"cover", "valve"}:
        return lambda state: state.value not in (before.value, UNAVAILABLE, None)
    main = _main(domain, name, data)
    numbers = _numbers(data)
    if main is None and not numbers:
        return None
    return lambda state: (main is None or main(state)) and all(number(state) for number in numbers)


def _main(domain: str, name: str, data: Data) -> Expectation | None:
    values = _VALUES.get(domain, {}).get(name)
    if values is None and domain in _SWITCHABLE and name in _SWITCHED:
        if name == "turn_on" and domain in _ON_IS_NOT_OFF:
            return lambda state: state.value not in ("off", "standby", UNAVAILABLE, None)
        dark = 0 in (data.get("brightness"), data.get("brightness_pct"), data.get("percentage"))
        values = {"off"} if dark else _SWITCHED[name]
    if values is not None:
        return lambda state: state.value in values
    return _chosen(name, data)


def _chosen(name: str, data: Data) -> Expectation | None:
    """Calls that set one thing among several: the mode, the source, the option, the number."""
    if name == "set_hvac_mode":
        return lambda state: state.value == data.get("hvac_mode")
    if name == "select_option":
        return lambda state: state.value == data.get("option")
    if name == "set_value" and "value" in data:
        return lambda state: _near(state.value, data["value"], 1e-6) or state.value == data["value"]
    if name == "volume_mute":
        return lambda state: state.attributes.get("is_volume_muted") == data.get("is_volume_muted")
    chosen = {"set_preset_mode": "preset_mode", "set_fan_mode": "fan_mode", "select_source": "source"}.get(name)
    if chosen:
        return lambda state: state.attributes.get(chosen) == data.get(chosen)
    return None


def _numbers(data: Data) -> list[Expectation]:
    if "brightness_pct" in data and _number(data["brightness_pct"]):
        percent = float(data["brightness_pct"])  # type: ignore[arg-type]
        return [_attribute("brightness", round(percent * 2.55), 3)] if percent else []
    return [
        _attribute(attribute, data[key], tolerance)
        for key, (attribute, tolerance) in _ASKED.items()
        if _number(data.get(key)) and data[key] != 0
    ]


def _attribute(name: str, wanted: object, tolerance: float) -> Expectation:
    moves = name.startswith("current_")

    def reached(state: State) -> bool:
        return _near(state.attributes.get(name), wanted, tolerance) or (moves and state.value in _MOVING)

    return reached


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near(value: Any, wanted: Any, tolerance: float) -> bool:
    try:
        return abs(float(value) - float(wanted)) <= tolerance
    except (TypeError, ValueError):
        return False
