"""Clauses to intents: what a deed, an amount and a property come to for things of these domains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...core.intent import SlotValue
from .chunks import Amount

Slots = dict[str, SlotValue | tuple[str, ...]]
POWER = (
    "light", "switch", "fan", "media_player", "input_boolean", "climate", "siren", "humidifier", "water_heater",
    "remote", "camera", "automation", "group",
)  # fmt: skip
COMFORT = frozenset(("light", "switch", "fan", "media_player", "input_boolean", "humidifier"))
"""What "everything" is about: nothing that keeps a house alive."""
OPENS = ("cover", "valve")
DEFAULT_STEP = 20.0
"""Per cent: "brighter" without an amount."""
DEGREES = 1.0
"""The same of temperatures."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a deed comes to."""

    intent: str
    slots: Slots


def domains_of(deed: str, quality: str, amounts: Sequence[Amount]) -> frozenset[str]:
    """Domains of what the deed can be done to."""
    found = frozenset(DOMAINS.get(deed, ()))
    if quality in BY_QUALITY:
        found = frozenset(BY_QUALITY[quality]) if deed in CHANGES else frozenset()
    for amount in amounts:
        found &= _measured(amount)
    return found


def _measured(amount: Amount) -> frozenset[str]:
    """Domains in which the amount means something."""
    if amount.what in ("colour", "kelvin") or amount.unit == "kelvin":
        return frozenset(("light",))
    if amount.unit == "degrees" or (amount.what == "number" and float(amount.value) < 0):
        return frozenset(("climate",))
    return frozenset(("light", *OPENS, "fan", "media_player", "climate"))


CHANGES = ("set", "raise", "lower", "brighten", "dim", "mute", "unmute", "on", "off")
"""Deeds that can be about a property: "mute the sound", "turn down the brightness"."""
BY_QUALITY: Mapping[str, tuple[str, ...]] = {
    "brightness": ("light",), "colour": ("light",), "white": ("light",), "volume": ("media_player",),
    "temperature": ("climate",), "position": OPENS, "speed": ("fan",),
}  # fmt: skip
DOMAINS: Mapping[str, tuple[str, ...]] = {
    "on": (*POWER, "scene", "script", "vacuum"), "off": (*POWER, "script", "vacuum"), "toggle": POWER[:5],
    "open": OPENS, "close": OPENS, "stop": (*OPENS, "vacuum", "lawn_mower", "media_player"), "lock": ("lock",),
    "unlock": ("lock",),
    "start": ("vacuum", "lawn_mower", "fan", "switch", "scene", "script", "automation", "media_player"),
    "clean": ("vacuum",), "unclean": ("vacuum",), "mow": ("lawn_mower",), "dock": ("vacuum", "lawn_mower"),
    "pause": ("media_player", "vacuum", "lawn_mower"), "resume": ("media_player",), "next": ("media_player",),
    "previous": ("media_player",), "mute": ("media_player",), "unmute": ("media_player",),
    "set": ("light", *OPENS, "fan", "media_player", "climate"),
    "raise": ("light", *OPENS, "fan", "media_player", "climate"),
    "lower": ("light", *OPENS, "fan", "media_player", "climate"),
    "brighten": ("light",), "dim": ("light",), "warmer": ("climate",), "colder": ("climate",),
    "louder": ("media_player",), "quieter": ("media_player",),
    "run": ("scene", "script", "automation", "button", "input_button"),
}  # fmt: skip
"""What each deed can be done to."""
PLAIN: Mapping[tuple[str, str], str] = {
    ("stop", "vacuum"): "RepHalt", ("stop", "lawn_mower"): "RepHalt",
    ("unclean", "vacuum"): "HassVacuumReturnToBase", ("off", "vacuum"): "HassVacuumReturnToBase",
    ("stop", "media_player"): "HassMediaPause", ("stop", "cover"): "RepHalt",
    ("stop", "valve"): "RepHalt",
    ("start", "vacuum"): "HassVacuumStart", ("clean", "vacuum"): "HassVacuumStart", ("on", "vacuum"): "HassVacuumStart",
    ("start", "lawn_mower"): "HassLawnMowerStartMowing", ("mow", "lawn_mower"): "HassLawnMowerStartMowing",
    ("start", "media_player"): "HassMediaUnpause", ("dock", "vacuum"): "HassVacuumReturnToBase",
    ("dock", "lawn_mower"): "HassLawnMowerDock", ("pause", "media_player"): "HassMediaPause",
    ("pause", "lawn_mower"): "HassLawnMowerDock", ("resume", "media_player"): "HassMediaUnpause",
    ("next", "media_player"): "HassMediaNext", ("previous", "media_player"): "HassMediaPrevious",
    ("mute", "media_player"): "HassMediaPlayerMute", ("unmute", "media_player"): "HassMediaPlayerUnmute",
}  # fmt: skip
"""Deed and domain to an intent without an amount."""
SWITCHED = {"on": "HassTurnOn", "off": "HassTurnOff", "open": "HassTurnOn", "close": "HassTurnOff",
            "lock": "HassTurnOn", "unlock": "HassTurnOff", "start": "HassTurnOn", "run": "HassTurnOn",
            "toggle": "RepToggle"}  # fmt: skip
UP = {"raise": 1, "brighten": 1, "warmer": 1, "louder": 1, "open": 1, "lower": -1, "dim": -1, "colder": -1,
      "quieter": -1, "close": -1}  # fmt: skip
"""The direction of deeds that change by some amount."""


def meant(deed: str, quality: str, amounts: Sequence[Amount], domain: str) -> Meant | None:
    """None where the deed can't be done to such a thing, or not by that much."""
    if domain not in domains_of(deed, quality, amounts):
        return None
    if not amounts and deed not in UP:
        return None if quality and deed in ("on", "off", "set") else _plain(deed, domain)
    if deed in ("open", "close") and not amounts:
        return _plain(deed, domain)
    if deed in ("raise", "lower") and domain in OPENS and not amounts:
        return Meant("HassTurnOn" if deed == "raise" else "HassTurnOff", {})
    if deed in ("start", "stop", "pause", "off", "toggle", "lock", "unlock", "dock", "clean"):
        return None
    return READERS[domain](deed, amounts) if domain in READERS else None


def _plain(deed: str, domain: str) -> Meant | None:
    intent = PLAIN.get((deed, domain)) or SWITCHED.get(deed)
    return Meant(intent, {}) if intent else None


def _light(deed: str, amounts: Sequence[Amount]) -> Meant | None:
    slots: Slots = {}
    for amount in amounts or (Amount("step", DEFAULT_STEP, mode="by"),):
        if amount.what == "colour":
            new: Slots = {"color": amount.value}
        elif amount.what == "kelvin" or amount.unit == "kelvin":
            new = {"temperature": _whole(amount.value)}
        elif amount.unit == "degrees":
            return None
        else:
            new = _percent(deed, amount, "brightness") or {}
        if not new or new.keys() & slots.keys():
            return None
        slots.update(new)
    return Meant("HassLightSet", slots)


def _percent(deed: str, amount: Amount, slot: str) -> Slots | None:
    """To so much, or by so much."""
    value = float(amount.value)
    if amount.unit not in ("", "percent") or not 0 <= value <= 100:
        return None
    if amount.mode == "by" or (
        deed in UP and deed not in ("open", "close") and amount.mode == "" and amount.what == "number"
    ):
        return {f"{slot}_step": _whole(UP[deed] * value)} if deed in UP else None
    return {slot: _whole(value)}


def _cover(deed: str, amounts: Sequence[Amount]) -> Meant | None:
    if len(amounts) != 1:
        return None
    amount = amounts[0]
    slots = _percent(deed, amount, "position")
    if slots and deed == "close" and amount.what == "level" and amount.mode == "" and "position" in slots:
        slots = {"position": _whole(100 - float(amount.value))}  # closed three quarters of the way
    return Meant("HassSetPosition", slots) if slots else None


def _fan(deed: str, amounts: Sequence[Amount]) -> Meant | None:
    if len(amounts) > 1:
        return None
    slots = _percent(deed, amounts[0] if amounts else Amount("step", DEFAULT_STEP, mode="by"), "percentage")
    return Meant("HassFanSetSpeed", slots) if slots else None


def _player(deed: str, amounts: Sequence[Amount]) -> Meant | None:
    if len(amounts) > 1 or (deed == "on" and not amounts):
        return None
    if not amounts:
        return Meant("HassSetVolumeRelative", {"volume_step": "up" if UP[deed] > 0 else "down"}) if deed in UP else None
    slots = _percent(deed, amounts[0], "volume")
    if not slots:
        return None
    if "volume_step" in slots:
        return Meant("HassSetVolumeRelative", slots)
    return Meant("HassSetVolume", {"volume_level": slots["volume"]})


def _climate(deed: str, amounts: Sequence[Amount]) -> Meant | None:
    if len(amounts) > 1 or deed == "on":
        return None
    up = UP.get(deed, 0)
    if not amounts or amounts[0].what == "step":
        return Meant("HassClimateSetTemperature", {"temperature_step": _whole(up * DEGREES)}) if up else None
    amount = amounts[0]
    if amount.what != "number" or amount.unit not in ("", "degrees"):
        return None
    if amount.mode == "by" or (up and amount.mode == ""):
        return (
            Meant("HassClimateSetTemperature", {"temperature_step": _whole(up * float(amount.value))}) if up else None
        )
    return Meant("HassClimateSetTemperature", {"temperature": _whole(amount.value)})


def _whole(value: float | str) -> float | int:
    number = float(value)
    return int(number) if number == int(number) else number


READERS: Mapping[str, Callable[[str, Sequence[Amount]], Meant | None]] = {
    "light": _light, "cover": _cover, "valve": _cover, "fan": _fan, "media_player": _player, "climate": _climate,
}  # fmt: skip
