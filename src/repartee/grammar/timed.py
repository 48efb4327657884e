"""Sentences that say when: the words of time are taken out, the rest is read, and its parts get the time.

Alarms, timers and reminders take a time as their own: "wake me at ten past seven" fills a slot of theirs. In all other
sentences it says when the deed is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..core.intent import Context, Doubt, Intent, Part, Reading, SlotValue
from ..core.when import When, when_as_json
from .conditions import ConditionReader, Found, tell_words
from .phrase_rules import Values
from .readings import UNKNOWN
from .text import originals, without, words
from .when import Span, Timing, time_words_of, timing_of

Parse = Callable[[str, Context], Sequence[Reading]]
"""Reads a sentence that says nothing of its time."""
SURE, UNSURE = 0.8, 0.5
TIMER, REMINDER = "HassStartTimer", "RepRemind"
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

    def conditioned(
        self, text: str, said: Sequence[str], context: Context, conditions: ConditionReader
    ) -> list[Reading]:
        """None where there is no condition in it, or where the rest is no sentence."""
        written = originals(text) or list(said)
        found = conditions.read(said, written)
        if found is None:
            return self._about_nothing(text, said, context, conditions.unknown(said, written))
        deed = without(text, [(found.start, found.stop)])
        if not deed:
            return []
        told = self._told(found, deed)
        if told is not None:
            return [told]
        history = (*context.history, found.about) if found.about else context.history
        when = When(condition=found.condition, deed=deed)
        return [_on(reading, when) for reading in self._parse(deed, replace(context, history=history))]

    def _about_nothing(
        self, text: str, said: Sequence[str], context: Context, unknown: tuple[str, int] | None
    ) -> list[Reading]:
        """A deed, or "tell me", on a condition about what is not there: says so."""
        if unknown is None:
            return []
        name, stop = unknown
        deed, tell = without(text, [(0, stop)]), tell_words(self.language)
        acts = deed and any(reading.acts and reading.score >= SURE for reading in self._parse(deed, context))
        if not acts and not (tell and tell.tells(said[stop:], True)):
            return []
        return [Reading((), UNSURE, Doubt(UNKNOWN, {"choices": name}))]

    def _told(self, found: Found, deed: str) -> Reading | None:
        """ "Tell me when ...", "remind me to ... when ...": the next time, unless a rule was meant."""
        tell, known, said = tell_words(self.language), time_words_of(self.language), words(deed)
        if tell is None or known is None:
            return None
        message = found.condition.text if tell.tells(said, found.condition.edge) else ""
        if not message and REMINDER in known.takers and (values := known.rules.whole(REMINDER, said)):
            start, stop = values["task"]
            message = " ".join((originals(deed) or said)[start:stop])
        if not message:
            return None
        condition = replace(found.condition, edge=True, always=found.rule)
        return Reading((Part(Intent("RepTell", {"message": message}), when=When(condition=condition, deed=deed)),))

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


def _on(reading: Reading, when: When) -> Reading:
    """The reading, on a condition; what it says of its time stays."""
    parts = (
        replace(part, when=replace(part.when or when, condition=when.condition, deed=when.deed))
        for part in reading.parts
    )
    return replace(reading, parts=tuple(parts))


def _timed(part: Part, when: When) -> Part:
    if part.when:
        return part
    intent = part.intent
    if intent.name in ABOUT_A_TIME and not intent.slots.keys() & TIMES:
        slots = {name: value for name, value in intent.slots.items() if name != "time"}
        return replace(part, intent=replace(intent, slots={**slots, WHEN: json.dumps(when_as_json(when))}))
    return replace(part, when=when)
