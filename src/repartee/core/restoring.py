"""What takes a deed back: the calls that bring devices back into the states they were in, and undo what has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .home import State
from .plan import Action, Effect, Outcome


def taking_back(outcomes: Sequence[Outcome]) -> tuple[Action, ...]:
    """The calls that take back whatever was confirmed, where a service can do that."""
    effects = [effect for outcome in outcomes for effect in outcome.effects if effect.confirmed]
    inverse = [INVERSE[effect.service](effect) for effect in reversed(effects) if effect.service in INVERSE]
    before: dict[str, State] = {}
    for outcome in outcomes:
        changed = {e.entity for e in outcome.effects if e.confirmed and e.service not in INVERSE}
        for entity, state in (outcome.before or {}).items():
            if entity in changed:
                before.setdefault(entity, state)  # the oldest, where it was changed twice
    return (*inverse, *(action for entity, state in before.items() if (action := restored(entity, state))))


LASTING = frozenset((
    "lock", "alarm_control_panel", "notify", "tts", "announcement", "script", "scene", "automation", "button",
    "input_button", "siren", "water_heater",
))  # fmt: skip
"""Domains of services whose deeds can't be taken back, or are no less serious for it."""


def lasts(actions: Iterable[Action]) -> bool:
    """Whether any of it can't simply be taken back: a message sent, a door unlocked."""
    return any(action.service.partition(".")[0] in LASTING for action in actions)


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


def _cancelled(effect: Effect) -> Action:
    return Action(f"{effect.entity.partition('.')[0]}.cancel", (effect.entity,))


def _off_the_list(effect: Effect) -> Action:
    return Action(f"{effect.entity.partition('.')[0]}.remove_item", (effect.entity,), {"item": [effect.data["item"]]})


def _on_the_list(effect: Effect) -> Action:
    item = effect.data["item"]
    first = item[0] if isinstance(item, list | tuple) else item
    return Action(f"{effect.entity.partition('.')[0]}.add_item", (effect.entity,), {"item": first})


def _to_do_again(effect: Effect) -> Action:
    data = {"item": effect.data["item"], "status": "needs_action"}
    return Action(f"{effect.entity.partition('.')[0]}.update_item", (effect.entity,), data)


INVERSE: Mapping[str, Callable[[Effect], Action]] = {
    **dict.fromkeys(("timer.start", "alarm.set", "reminder.set", "household.schedule"), _cancelled),
    **dict.fromkeys(("todo.add_item", "list.add_item"), _off_the_list),
    **dict.fromkeys(("todo.remove_item", "list.remove_item"), _on_the_list),
    **dict.fromkeys(("todo.update_item", "list.update_item"), _to_do_again),
    "memory.remember": lambda effect: Action("memory.forget", (effect.entity,)),
}
"""What takes back a call that no state before can."""
