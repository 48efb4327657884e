"""The PIN: what is heard of it is masked at once, and wrong ones lock it for a while."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from .answers import content, digits, says_cancel, says_no, says_yes

PIN = "pin"
"""Key of the question for it."""
MASK = "••••"
"""Whatever was said, and however long it was."""
FREE_TRIES = 5
FIRST_LOCK, LONGEST_LOCK = 60.0, 3600.0
"""Seconds after the fifth wrong PIN; each further one doubles them, up to the longest."""
FORGOTTEN = 24 * 3600.0
"""Seconds after the last wrong one in which they no longer count."""
RUN = 3
"""Digits in a row that may be a PIN inside another sentence."""


def mask_pin(text: str, question_key: str | None, language: str = "en", *, command: bool = False) -> str:
    """What may be shown and kept of an answer to this question: of a PIN nothing.

    A PIN may be misheard ("won to free for"), so whatever is no plain yes or no is masked whole. `command`: it was
    understood as a sentence of its own; of that, only runs of digits are masked.
    """
    if question_key != PIN or not text.strip():
        return text
    if command:
        return _without_runs(text, language)
    harmless = says_no(text, language) or says_cancel(text, language) or says_yes(text, language)
    return text if harmless else MASK


def holds_only_digits(text: str, language: str) -> bool:
    """Whether nothing but digits was said, politeness apart."""
    return all(digits(word, language) for word in content(text, language)) and bool(digits(text, language))


def _without_runs(text: str, language: str) -> str:
    kept: list[str] = []
    run: list[str] = []
    for word in [*text.split(), ""]:
        if word and digits(word, language):
            run.append(word)
            continue
        said = digits(" ".join(run), language)
        kept += [MASK] if len(said) >= RUN else run
        kept.append(word)
        run = []
    return re.sub(rf"\d{{{RUN},}}", MASK, " ".join(kept).strip())


@dataclass(frozen=True, slots=True)
class PinTries:
    """Wrong PINs so far, and until when (seconds of some clock) none is looked at."""

    wrong: int = 0
    last: float = float("-inf")
    until: float = float("-inf")

    def locked(self, now: float) -> bool:
        return now < self.until

    def after(self, right: bool, now: float) -> PinTries:
        """While it is locked nothing counts: nothing was looked at."""
        if self.locked(now):
            return self
        if right:
            return PinTries()
        wrong = 1 if now - self.last > FORGOTTEN else self.wrong + 1
        until = now + min(LONGEST_LOCK, FIRST_LOCK * 2 ** (wrong - FREE_TRIES)) if wrong >= FREE_TRIES else self.until
        return PinTries(wrong, now, until)


class PinLock:
    """One for the whole house: whoever comes back as somebody else has no further tries."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.tries = PinTries()
        self._clock = clock

    @property
    def locked(self) -> bool:
        return self.tries.locked(self._clock())

    def tried(self, *, right: bool) -> None:
        self.tries = self.tries.after(right, self._clock())


def same_pin(said: str, pin: str) -> bool:
    """Takes as long for one that is nearly right."""
    return hmac.compare_digest(said.encode(), pin.encode())
