"""What of a home is left out because it says nonsense, and why: the rest of the home works."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from repartee.core.errors import BadText
from repartee.core.untrusted import mended_text

log = logging.getLogger(__name__)

NONSENSE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError, BadText)
"""What reading nonsense may lead to."""
LONGEST_NAME = 200
"""Characters of what a person would have to say."""
TOLD = 3
"""Reasons that a health page names; the others are counted."""


class SetAside(Mapping[str, str]):
    """Entity, topic or row to the reason; said in the log once each."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._reasons: dict[str, str] = {}

    def __getitem__(self, what: str) -> str:
        return self._reasons[what]

    def __iter__(self) -> Iterator[str]:
        return iter(self._reasons)

    def __len__(self) -> int:
        return len(self._reasons)

    def add(self, what: str, why: str) -> None:
        what = mended_text(what)[:LONGEST_NAME]
        if self._reasons.get(what) != why:
            log.warning("%s: %s is set aside: %s", self._home, what, why)
        self._reasons[what] = why

    def keep(self, what: str) -> None:
        """It says sensible things (again)."""
        self._reasons.pop(mended_text(what)[:LONGEST_NAME], None)

    def forget(self, what: Callable[[str], bool] = lambda _: True) -> None:
        """They are looked at anew."""
        self._reasons = {one: why for one, why in self._reasons.items() if not what(one)}

    @contextmanager
    def around(self, what: str, errors: tuple[type[Exception], ...] = NONSENSE) -> Iterator[None]:
        """What fails inside sets `what` aside."""
        try:
            yield
        except errors as error:
            self.add(what, reason(error))


def reason(error: Exception) -> str:
    """In a line."""
    said = mended_text(" ".join(str(error).split()))[:160]
    return said if isinstance(error, BadText) and said else f"{type(error).__name__} {said}".strip()


def sayable(name: str) -> str:
    """Raises `BadText` for a name that is too long for anybody to say."""
    if len(name) > LONGEST_NAME:
        raise BadText(f"a name of {len(name)} characters")
    return mended_text(name)


def told(reasons: Iterable[tuple[str, str]]) -> str:
    """For a health page; empty where nothing is set aside."""
    all_of_them = [f"{what} ({why})" for what, why in reasons]
    more = f" and {len(all_of_them) - TOLD} more" if len(all_of_them) > TOLD else ""
    return f"set aside: {', '.join(all_of_them[:TOLD])}{more}" if all_of_them else ""
