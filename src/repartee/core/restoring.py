"""The call that brings a device back into a state it was in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .home import State
from .plan import Action


def restored(entity: str, before: State) -> Action | None:
    """The call that brings this state back; None where there is none (a song skipped stays skipped)."""
    domain = entity.partition(".")[0]
    found = RESTORE.get(domain, _on_off)(domain, before)
    return Action(found[0], (entity,), found[1]) if found else None


Call = tuple[str, dict[str, object]] | None


def _on_off(domain: str, before: State) -> Call:
    return (f"{domain}.turn_{before.value}", {}) if before.value in ("on", "off") else None


def _light(domain: str, before: State) -> Call:
    kept = {name: before.attributes.get(name) for name in ("brightness", "rgb_color", "color_temp_kelvin")}
    if before.value != "on":
        return _on_off(domain, before)
    return "light.turn_on", {name: value for name, value in kept.items() if value is not None}


def _cover(domain: str, before: State) -> Call:
    position = before.attributes.get("current_position")
    if position is not None:
        return f"{domain}.set_{domain}_position", {"position": position}
    verb = {"open": "open", "closed": "close"}.get(before.value or "")
    return (f"{domain}.{verb}_{domain}", {}) if verb else None


def _lock(_domain: str, before: State) -> Call:
    verb = {"locked": "lock", "unlocked": "unlock"}.get(before.value or "")
    return (f"lock.{verb}", {}) if verb else None


def _climate(_domain: str, before: State) -> Call:
    temperature = before.attributes.get("temperature")
    if before.value == "off":
        return "climate.turn_off", {}
    return ("climate.set_temperature", {"temperature": temperature}) if temperature is not None else None


def _fan(domain: str, before: State) -> Call:
    percentage = before.attributes.get("percentage")
    return ("fan.set_percentage", {"percentage": percentage}) if percentage else _on_off(domain, before)


def _player(domain: str, before: State) -> Call:
    """Volume if it was known, else whether it played."""
    level = before.attributes.get("volume_level")
    verb = {"playing": "media_play", "paused": "media_pause"}.get(before.value or "")
    if verb:
        return f"media_player.{verb}", {}
    return ("media_player.volume_set", {"volume_level": level}) if level is not None else _on_off(domain, before)


RESTORE: Mapping[str, Callable[[str, State], Call]] = {
    "light": _light, "cover": _cover, "valve": _cover, "lock": _lock, "climate": _climate, "fan": _fan,
    "media_player": _player, "scene": lambda _domain, _before: None,
}  # fmt: skip
