"""Brightness, color and color temperature of lights. A light that is off goes on by it."""

from __future__ import annotations

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation

from .targets import amount, calls, step, targets

COLORFUL = frozenset({"rgb", "rgbw", "rgbww", "hs", "xy"})
WARM = frozenset({"color_temp", "rgbww"})


def light_set(intent: Intent, situation: Situation) -> Step:
    data: dict[str, object] = {}
    needs: list[frozenset[str]] = []
    if "brightness" in intent.slots:
        data["brightness_pct"] = amount(intent, "brightness")
    if "brightness_step" in intent.slots:
        data["brightness_step_pct"] = amount(intent, "brightness_step")
    if "color" in intent.slots:
        data["color_name"] = str(intent.slots["color"]).replace(" ", "")
        needs.append(COLORFUL)
    if "temperature" in intent.slots:
        data["color_temp_kelvin"] = amount(intent, "temperature")
        needs.append(WARM)
    if not data:
        raise Doubtful(Doubt("no_number", {"slot": "brightness"}))
    lights = targets(intent, situation, "light")
    able = [light for light in lights if _can(light, situation, needs)]
    if not able:
        raise Doubtful(Doubt("feature_not_supported", {"entity": lights[0].name}))
    return step(intent, calls("light.turn_on", able, data))


def _can(light: Entity, situation: Situation, needs: list[frozenset[str]]) -> bool:
    """A light that doesn't say what it can is taken at its word that it can all."""
    modes = situation.states[light.id].attributes.get("supported_color_modes")
    return modes is None or all(need & set(modes) for need in needs)


SKILLS = {"HassLightSet": light_set}
