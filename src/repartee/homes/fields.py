"""Checks of what a service call brings along: the clean value, or what is wrong with it, for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class BadCall(Exception):
    """The call can't be; `str(error)` is for a person."""


Check = Callable[[str, object], object]
"""Field's name and value to the clean value; raises `BadCall`."""


def number(low: float, high: float) -> Check:
    def check(name: str, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadCall(f"the {say(name)} must be a number, not {value!r}")
        if not low <= value <= high:
            raise BadCall(f"the {say(name)} must be between {low:g} and {high:g}, not {value:g}")
        return value

    return check


def text(name: str, value: object) -> object:
    if not isinstance(value, str) or not 0 < len(value) <= 1000:
        raise BadCall(f"the {say(name)} must be a text of at most 1000 characters")
    return value


def flag(name: str, value: object) -> object:
    if not isinstance(value, bool):
        raise BadCall(f"the {say(name)} must be true or false, not {value!r}")
    return value


def texts(name: str, value: object) -> object:
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, list | tuple):
        raise BadCall(f"the {say(name)} must be a list of texts")
    return [text(name, item) for item in values]


def numbers(count: int, high: float) -> Check:
    def check(name: str, value: object) -> object:
        if not isinstance(value, list | tuple) or len(value) != count:
            raise BadCall(f"the {say(name)} must be {count} numbers")
        return tuple(number(0, high)(name, item) for item in value)

    return check


def one_of(*choices: str) -> Check:
    def check(name: str, value: object) -> object:
        if value not in choices:
            raise BadCall(f"the {say(name)} must be {' or '.join(choices)}, not {value!r}")
        return value

    return check


def say(field_name: str) -> str:
    return field_name.replace("_pct", "").replace("_", " ")


# The CSS names that the sentence data of any language speaks of, and a few more.
COLORS: Mapping[str, tuple[int, int, int]] = {
    "aqua": (0, 255, 255), "beige": (245, 245, 220), "black": (0, 0, 0), "blue": (0, 0, 255), "brown": (165, 42, 42),
    "coral": (255, 127, 80), "crimson": (220, 20, 60), "cyan": (0, 255, 255), "gold": (255, 215, 0),
    "goldenrod": (218, 165, 32), "gray": (128, 128, 128), "green": (0, 128, 0), "grey": (128, 128, 128),
    "indigo": (75, 0, 130), "lavender": (230, 230, 250), "lime": (0, 255, 0), "magenta": (255, 0, 255),
    "maroon": (128, 0, 0), "navy": (0, 0, 128), "olive": (128, 128, 0), "orange": (255, 165, 0),
    "pink": (255, 192, 203), "purple": (128, 0, 128), "red": (255, 0, 0), "salmon": (250, 128, 114),
    "silver": (192, 192, 192), "skyblue": (135, 206, 235), "teal": (0, 128, 128), "turquoise": (64, 224, 208),
    "lightblue": (173, 216, 230), "lightgreen": (144, 238, 144), "lightpink": (255, 182, 193),
    "lightyellow": (255, 255, 224), "darkblue": (0, 0, 139), "darkgreen": (0, 100, 0), "darkred": (139, 0, 0),
    "darkorange": (255, 140, 0), "violet": (238, 130, 238), "white": (255, 255, 255), "yellow": (255, 255, 0),
}  # fmt: skip


def color_name(_name: str, value: object) -> object:
    known = str(value).lower().replace(" ", "")
    if known not in COLORS:
        raise BadCall(f"it does not know the color {value!r}")
    return known
