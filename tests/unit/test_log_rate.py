"""The same fault can't flood the log."""

from __future__ import annotations

import logging

from repartee.core.log_rate import AT_ONCE, EVERY, KINDS, PerKind


class Log:
    """What is written of what is said, on a clock that only we move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.filter = PerKind(lambda: self.now)
        self.written: list[str] = []

    def say(self, words: str, *args: object, error: Exception | None = None) -> None:
        exc = (type(error), error, None) if error else None
        record = logging.LogRecord("home", logging.WARNING, "f", 1, words, args, exc)
        if self.filter.filter(record):
            self.written.append(record.getMessage())


def test_one_kind_is_limited_and_the_rest_is_counted() -> None:
    log = Log()
    for number in range(100):
        log.say("page %d vanished", number)
    assert log.written == [f"page {number} vanished" for number in range(AT_ONCE)]
    log.say("something else")
    assert log.written[-1] == "something else"
    log.now = EVERY
    log.say("page %d vanished", 100)
    assert log.written[-1] == f"page 100 vanished ({100 - AT_ONCE} more like it were left out)"


def test_errors_of_another_type_are_another_kind_and_memory_is_bounded() -> None:
    log = Log()
    for _ in range(AT_ONCE + 1):
        log.say("it broke", error=ValueError())
    log.say("it broke", error=KeyError())
    assert len(log.written) == AT_ONCE + 1
    for number in range(2 * KINDS):
        log.say(f"kind {number}")
    assert len(log.filter._seen) == KINDS
