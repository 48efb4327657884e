"""Arithmetic and units, without a calculator at hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation
from repartee.languages.phrases import unit_name

from .targets import amount, meaning, said, step

OPERATIONS: Mapping[str, Callable[[float, float], float]] = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
    "divided": lambda a, b: a / b,
    "percent": lambda a, b: a * b / 100,
    "root": lambda a, _b: math.sqrt(a),
}
# Kind of quantity, and how many of its base unit; exact by definition (international yard and pound, US cup measures).
UNITS: Mapping[str, tuple[str, float]] = {
    "millimeter": ("length", 0.001),
    "centimeter": ("length", 0.01),
    "meter": ("length", 1),
    "kilometer": ("length", 1000),
    "inch": ("length", 0.0254),
    "foot": ("length", 0.3048),
    "yard": ("length", 0.9144),
    "mile": ("length", 1609.344),
    "gram": ("mass", 0.001),
    "kilogram": ("mass", 1),
    "ounce": ("mass", 0.028349523125),
    "pound": ("mass", 0.45359237),
    "milliliter": ("volume", 0.001),
    "liter": ("volume", 1),
    "teaspoon": ("volume", 0.00492892159375),
    "tablespoon": ("volume", 0.01478676478125),
    "cup": ("volume", 0.2365882365),
    "pint": ("volume", 0.473176473),
    "gallon": ("volume", 3.785411784),
    "second": ("time", 1),
    "minute": ("time", 60),
    "hour": ("time", 3600),
    "day": ("time", 86400),
    "week": ("time", 604800),
}


def sum_up(intent: Intent, _situation: Situation) -> Step:
    operation = OPERATIONS.get(str(intent.slots.get("operation")))
    if operation is None or "left" not in intent.slots:
        raise Doubtful(Doubt("no_sum"))
    right = amount(intent, "right") if "right" in intent.slots else 0.0
    try:
        return step(intent, result=spoken(operation(amount(intent, "left"), right)))
    except (ZeroDivisionError, ValueError, OverflowError):
        raise Doubtful(Doubt("no_result")) from None


def chain(intent: Intent, _situation: Situation) -> Step:
    """Three or four numbers, multiplication before addition: 12 plus 30 minus 4."""
    numbers = [amount(intent, "first")]
    signs = []
    for sign, value in (("sign", "second"), ("next_sign", "third"), ("last_sign", "fourth")):
        if value in intent.slots:
            signs.append(meaning(intent, sign, dict(zip(OPERATIONS, OPERATIONS, strict=True))))
            numbers.append(amount(intent, value))
    try:
        return step(Intent("RepSum", intent.slots), result=spoken(evaluated(numbers, signs)))
    except (ZeroDivisionError, ValueError, OverflowError):
        raise Doubtful(Doubt("no_result")) from None


def evaluated(numbers: Sequence[float], signs: Sequence[str]) -> float:
    """`signs` stand between the numbers; names of `OPERATIONS`."""
    terms = [numbers[0]]
    later: list[str] = []
    for sign, value in zip(signs, numbers[1:], strict=True):
        if sign in ("times", "divided"):
            terms[-1] = OPERATIONS[sign](terms[-1], value)
        else:
            later.append(sign)
            terms.append(value)
    total = terms[0]
    for sign, value in zip(later, terms[1:], strict=True):
        total = OPERATIONS[sign](total, value)
    return total


def convert(intent: Intent, situation: Situation) -> Step:
    value, unit, to = amount(intent, "amount"), said(intent, "unit"), said(intent, "to")
    result = converted(value, unit, to)
    told = spoken(result)
    return step(intent, result=told, unit_said=unit_name(situation.context.language, told, to))


def converted(value: float, unit: str, to: str) -> float:
    """Raises `Doubtful` for a length in kilograms."""
    if {unit, to} == {"celsius", "fahrenheit"}:
        return value * 9 / 5 + 32 if to == "fahrenheit" else (value - 32) * 5 / 9
    if unit == to:
        return value
    kind, size = UNITS.get(unit, ("?", 1.0))
    other, other_size = UNITS.get(to, ("", 1.0))
    if kind != other:
        raise Doubtful(Doubt("no_conversion", {"unit": unit, "to": to}))
    return value * size / other_size


def spoken(value: float) -> str:
    """At most four significant digits behind the point: nobody wants to hear more."""
    if not math.isfinite(value):
        raise ValueError(value)
    rounded = round(value, 2) if abs(value) >= 1 else float(f"{value:.3g}")
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:g}" if abs(rounded) < 1e5 else f"{rounded:.2f}"


SKILLS = {"RepSum": sum_up, "RepSums": chain, "RepConvert": convert}
