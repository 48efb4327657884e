"""Text, numbers and JSON from outside: what can't be said, sent or stored is refused or mended here, nowhere else.

Unspeakable are lone surrogates (no encoding has them), NaN and infinities (JSON has no word for them; `1e999` is one),
whole numbers beyond 64 bits, and values nested deeper than anybody writes. A door *refuses* them (`read_json`), so that
the sender learns of it. Of a home they are *mended* (`mend_json`): one bad attribute must not take a home away.
What goes out (`write_json`) is always valid JSON, whatever is in it.
"""

from __future__ import annotations

import json
import math
import re
import stat
from collections.abc import Mapping, Set
from functools import partial
from pathlib import Path
from typing import Any, Final

from .errors import BadText

DEEPEST: Final = 64
"""Levels of lists and objects in one another. Home Assistant's own writer stops at 254, its data at about ten."""
LARGEST: Final = 2**64
"""Whole numbers are smaller than this."""
_DIGITS: Final = 21
"""Characters of the longest whole number that may be smaller than `LARGEST`."""
_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def read_json(text: str | bytes) -> Any:
    """JSON in which everything can be said. Raises `BadText` that says what can't."""
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise BadText(f"nested deeper than {DEEPEST} levels") from error
    except ValueError as error:
        raise BadText(f"not JSON: {error}") from error
    if _deeper_than(value, DEEPEST):
        raise BadText(f"nested deeper than {DEEPEST} levels")
    if not _encodes(text) or (_ESCAPED_SURROGATE.search(text) and mended(value) != value):
        raise BadText("half a character (a lone surrogate)")
    return value


def mend_json(text: str | bytes) -> Any:
    """The same, forgivingly: what can't be said becomes None or a replacement character. Raises `BadText` for what is
    no JSON at all."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    parse = partial(json.loads, parse_int=_whole_or_none, parse_float=_finite_or_none, parse_constant=_nothing)
    try:
        value = parse(text)
    except RecursionError:
        value = parse(_without_depths(text))
    except ValueError as error:
        raise BadText(f"not JSON: {error}") from error
    deep = text.count("[") + text.count("{") > DEEPEST and _deeper_than(value, DEEPEST)
    return mended(value) if deep or _ESCAPED_SURROGATE.search(text) or not _encodes(text) else value


def write_json(value: object) -> str:
    """Valid JSON in valid Unicode, always; what JSON has no word for becomes text, what can't be said None."""
    try:
        text = json.dumps(value, default=str, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError):
        return json.dumps(mended(value), ensure_ascii=False, separators=(",", ":"))
    return text if _encodes(text) else mended_text(text)


def mended(value: object, levels: int = DEEPEST) -> Any:
    """Plain data (None, bool, numbers, text, lists, objects) in which everything can be said."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return mended_text(value)
    if isinstance(value, int):
        return int(value) if abs(value) < LARGEST else None
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {mended_text(str(key)): mended(one, levels - 1) for key, one in value.items()} if levels else None
    if isinstance(value, list | tuple | Set):
        return [mended(one, levels - 1) for one in value] if levels else None
    return mended_text(str(value))


def mended_text(text: str) -> str:
    """Two surrogates that belong together become their character, a lone one becomes U+FFFD."""
    return text if _encodes(text) else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_text(path: Path, most: int) -> str:
    """The text of an ordinary file of at most `most` bytes. Raises `BadText` that says what is wrong with it: a pipe
    would be waited for, a folder has none."""
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            raise BadText("a folder, not a file" if stat.S_ISDIR(told.st_mode) else "no ordinary file")
        if told.st_size > most:
            raise BadText(f"larger than {most} bytes")
        return path.read_text("utf-8")
    except OSError as error:
        raise BadText(str(error.strerror or error)) from error
    except ValueError as error:  # not UTF-8, or a path that no file can have
        raise BadText(str(error)) from error


def number(value: object) -> float:
    """A number in text or as it is. Raises `BadText` where it is none that can be counted with."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadText(f"{str(value)[:40]!r} is no number")
    try:
        found = float(value)
    except (ValueError, OverflowError) as error:
        raise BadText(f"{str(value)[:40]!r} is no number") from error
    if not math.isfinite(found):
        raise BadText(f"{str(value)[:40]!r} is no number that can be counted with")
    return found


def _encodes(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _deeper_than(value: object, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def _without_depths(text: str) -> str:
    """`null` in place of what is nested too deep for the parser itself."""
    kept: list[str] = []
    depth = since = 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == DEEPEST + 1:
                kept += text[since : token.start()], "null"
        elif token[0] in ("]", "}"):
            depth -= 1
            if depth == DEEPEST:
                since = token.end()
    return "".join(kept) + (text[since:] if depth <= DEEPEST else "")


def _whole(digits: str) -> int:
    found = _whole_or_none(digits)
    if found is None:
        raise ValueError(f"the number {digits[:20]}... has {len(digits)} digits")
    return found


def _whole_or_none(digits: str) -> int | None:
    found = int(digits) if len(digits) <= _DIGITS else LARGEST
    return found if abs(found) < LARGEST else None


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"the number {digits[:20]} is beyond all numbers")
    return found


def _finite_or_none(digits: str) -> float | None:
    found = float(digits)
    return found if math.isfinite(found) else None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _nothing(_: str) -> None:
    return None
