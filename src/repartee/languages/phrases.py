"""What is said by us rather than by the sentence data: phrases, errors, numbers of things. `str.format` texts."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.core.errors import ReparteeError

from .data import data


def phrase(language: str, key: str, **facts: object) -> str | None:
    """In the nearest language that has it, English at last; None where there is no phrase of this key."""
    text = data(language, "phrases").get(key)
    return None if text is None else str(text).format(**facts)


def enumerated(language: str, names: Sequence[str], word: str = "and") -> str:
    """`A`, `A and B`, `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {phrase(language, word)} {names[-1]}"


def spoken_error(language: str, error: ReparteeError) -> str:
    """What the person hears of it."""
    texts = data(language, "errors")
    return str(texts.get(error.key, texts[ReparteeError.key]))


def counted(language: str, number: str | float, unit: str) -> str:
    """`1 minute`, `8 minutes`; the unit itself where it has no name here. `number`: as it is to be written."""
    return f"{number} {unit_name(language, number, unit)}"


def unit_name(language: str, number: str | float, unit: str) -> str:
    """The unit's name beside this number: one or many."""
    units = data(language, "units")
    names = units.get(unit)
    if names is None:
        return unit
    one = abs(float(number)) < 2 if units.get("one_below_two") else float(number) == 1
    return str(names["one" if one else "other"])


def weather_name(language: str, condition: str) -> str:
    """Home Assistant's condition, as the weather of a day."""
    return str(data(language, "weather").get(condition, condition))
