"""Sentences that say when: the words of time are taken out, the rest is read, and its parts get the time.

Alarms, timers and reminders take a time as their own: "wake me at ten past seven" fills a slot of theirs. In all other
sentences it says when the deed is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..core.intent import Context, Intent, Part, Reading, SlotValue
from ..core.when import When, when_as_json
from .phrase_rules import Values
from .text import originals, without
from .when import Span, Timing, time_words_of, timing_of

Parse = Callable[[str, Context], Sequence[Reading]]
"""Reads a sentence that says nothing of its time."""
TIMER = "HassStartTimer"
WHEN = "when"
"""The slot of alarms and reminders that holds their time, as JSON."""
ABOUT_A_TIME = ("RepSetAlarm", "AlarmSet", "RepCancelAlarm", "AlarmCancel", "RepRemind")
TIMES = {"hour", "hours", "minutes", WHEN}
"""Slots of theirs that say when already."""
UNITS = (("hours", 3600), ("minutes", 60), ("seconds", 1))


class TimedReader:
    """Reads sentences with words of time, given how to read the others."""

    def __init__(self, language: str, parse: Parse) -> None:
        self.language = language
        self._parse = parse

    def read(self, text: str, said: Sequence[str], context: Context) -> list[Reading]:
        """None where the sentence says nothing of its time, or where the rest is no sentence."""
        timing = timing_of(said, self.language)
        if timing is None:
            return []
        deed = without(text, [(span.start, span.stop) for span in timing.spans])
        if deed is None:
            return []
        when = replace(timing.when, deed=deed)
        return [_at(reading, when) for reading in self._parse(deed, context)]

    def taken(self, text: str, said: Sequence[str]) -> Reading | None:
        """An alarm, a timer or a reminder with its time."""
        known = time_words_of(self.language)
        if known is None:
            return None
        for bare in (False, True):
            timing = timing_of(said, self.language, bare)
            for intent in known.takers if timing else ():
                assert timing is not None
                values = known.rules.whole(intent, timing.rest(said))
                slots = None if values is None or (bare and values) else self._slots(intent, values, timing, text, said)
                if slots is not None:
                    return Reading((Part(Intent(intent, slots)),))
        return None

    def _slots(
        self, intent: str, values: Values, timing: Timing, text: str, said: Sequence[str]
    ) -> dict[str, SlotValue] | None:
        """None where the time is none for it: a timer needs a length."""
        written = _left(originals(text) or list(said), timing.spans)
        slots: dict[str, SlotValue] = {name: " ".join(written[at[0] : at[1]]) for name, at in values.items()}
        when = timing.when
        if when.vague or when.condition:
            return None
        if intent != TIMER:
            waits = when.after or when.at or when.repeat
            return {**slots, WHEN: json.dumps(when_as_json(when))} if waits and not when.ends else None
        seconds = when.lasting or when.after
        only = seconds and not (when.at or when.repeat or when.until or (when.lasting and when.after))
        return {**slots, **units_of(seconds)} if only else None


def units_of(seconds: float) -> dict[str, SlotValue]:
    """As the slots of a timer: `hours`, `minutes`, `seconds`, those that are not nought."""
    left = round(seconds)
    slots: dict[str, SlotValue] = {}
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count:
            slots[unit] = count
    return slots


def _left(written: Sequence[str], spans: Sequence[Span]) -> list[str]:
    taken = {n for span in spans for n in range(span.start, span.stop)}
    return [word for n, word in enumerate(written) if n not in taken]


def _at(reading: Reading, when: When) -> Reading:
    """The reading, with the time on every part that has none of its own."""
    return replace(reading, parts=tuple(_timed(part, when) for part in reading.parts))


def _timed(part: Part, when: When) -> Part:
    if part.when:
        return part
    intent = part.intent
    if intent.name in ABOUT_A_TIME and not intent.slots.keys() & TIMES:
        slots = {name: value for name, value in intent.slots.items() if name != "time"}
        return replace(part, intent=replace(intent, slots={**slots, WHEN: json.dumps(when_as_json(when))}))
    return replace(part, when=when)
