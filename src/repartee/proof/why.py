"""Why a turn went as it did, in words: what was heard, which words meant what, where the time went, what broke."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from pydantic import TypeAdapter

from repartee.contract import Profile, Verdict, loosest
from repartee.core.turn import Decision, Look, TurnRecord
from repartee.observe.critical import LEAST, Part
from repartee.observe.judged import MARKS, judged
from repartee.observe.turns import STALLED, provenance_of

Lines = Iterator[str]
ROLES = {
    "deed": "what to do",
    "target": "which device",
    "place": "where",
    "except": "all but",
    "amount": "how much",
    "when": "when",
    "free": "politeness, means nothing here",
    "left": "nobody knows what it means, so nothing is done",
}
"""Of the words of a sentence."""
ENDED = {
    "closed": "nothing that changes the plan could follow",
    "complete": "the sentence may have been over",
    "open": "the sentence could not be over yet",
    "impossible": "nothing that may be said here begins like that",
    "free": "nobody could tell whether more would come",
    "released": "the button was let go, or the sound ended",
    "stopped": "it was stopped",
    "too long": "it went on for too long",
    "text": "it was typed",
}
"""Why a turn was over."""
SPENT: Mapping[str, str] = {
    "listen": "waiting in silence, for {ended}",
    "hear": "the recogniser's last look at the sound",
    "understand": "reading the words and planning",
    "act": "the home, until it had confirmed",
    "speak": "the voice, until its first sound",
    "wake_word": "the wake word",
    "remember": "looking into the memory",
}
"""Stage to what its time was spent on."""
DECIDED = {
    Decision.ACTED: "It was acted on.",
    Decision.ASKED: "A question went back, and nothing was done before its answer: ",
    Decision.REJECTED: "Nothing was done: it was taken for no command.",
    Decision.CANCELLED: "It was understood, and overtaken or stopped before anything was done.",
    Decision.SILENCE: "Nobody said anything.",
}


@cache
def record_type() -> TypeAdapter[TurnRecord]:
    """As the store keeps it."""
    return TypeAdapter(TurnRecord)


def explain(record: TurnRecord, profile: Profile) -> Lines:
    """Line by line; a heading has no space before it."""
    verdicts = judged(record, loosest(profile))
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.at))
    how = "typed" if record.pace == "text" else "spoken" if record.pace == "realtime" else "from a file"
    yield f"Turn {record.id}, {when}, {how}"
    yield from _section("What was heard", _heard, record)
    yield from _section("Which words meant what", _meant, record)
    yield from _section("What came of it", _came, record)
    path = verdicts.path
    if path and path.parts and provenance_of(record).pace != STALLED:
        yield f"Where the {path.total:.0f} ms went, from the last voiced sample to the answer"
        yield from (f"  {line}" for line in _spent(record, path.parts))
        yield f"  Most of it: {path.blame}."
    broken = [verdict for verdict in verdicts.verdicts if verdict.severity]
    yield f"Promises ({profile.name})"
    yield from (f"  {line}" for line in _promises(broken, len(verdicts.verdicts)))


def _section(title: str, tell: Callable[[TurnRecord], Lines], record: TurnRecord) -> Lines:
    lines = list(tell(record))
    if lines:
        yield title
        yield from (f"  {line}" for line in lines)


def _heard(record: TurnRecord) -> Lines:
    if not record.looks:
        yield f'"{record.transcript}", typed' if record.pace == "text" else f'"{record.transcript}"'
        return
    for number, look in enumerate(record.looks):
        last = number == len(record.looks) - 1
        yield f"at {look.end - record.speech_end:+.2f} s {_look(look, last=last)}"
    final = record.looks[-1]
    for text, gap in final.home:
        likelier = "less" if gap >= 0 else "more"
        yield f'  of what this home can hear: "{text}", {abs(gap):.1f} nats {likelier} likely than that'
    yield f'taken for: "{record.transcript}"'


def _look(look: Look, *, last: bool) -> str:
    said = f'"{look.free}"' if look.free.strip() else "no word"
    return f"{said} ({'the last look' if last else look.status})"


def _meant(record: TurnRecord) -> Lines:
    reading = record.reading
    if reading is None:
        yield "no sentence that is known here"
        return
    if reading.cover:
        for use in reading.cover.uses:
            words = " ".join(reading.cover.words[use.start : use.stop])
            role = ROLES.get(use.role, use.role)
            yield f'"{words}": {role}' + (f" ({use.value})" if use.value else "")
    else:
        yield "one of the templates fits it, word for word"
        said = record.transcript.casefold()
        values = [(name, str(value)) for part in reading.parts for name, value in part.intent.slots.items()]
        yield from (f'"{value}": the {name}' for name, value in values if value.casefold() in said)
    for part in reading.parts:
        slots = ", ".join(f"{name} {value}" for name, value in part.intent.slots.items())
        later = ", later" if part.when and part.when.waits else ""
        yield f"so: {part.intent.name}" + (f" with {slots}" if slots else "") + later + _score(part.intent.score)
    if reading.doubt:
        yield f"in doubt: {reading.doubt.key}"


def _score(score: float) -> str:
    return "" if score >= 1 else f" (score {score:.2f})"


def _came(record: TurnRecord) -> Lines:
    yield DECIDED[record.decision] + (f'"{record.question}"' if record.question else "")
    if record.alternatives:
        yield f"It offered: {', '.join(record.alternatives)}"
    for effect in record.effects:
        done = "confirmed by the home" if effect.confirmed else f"NOT confirmed{_because(effect.error)}"
        yield f"{effect.service} on {effect.entity or 'nothing in particular'}: {done}"
    if record.reply:
        yield f'Said: "{record.reply}"'
    if record.error:
        yield f"It ended with: {record.error}"


def _because(error: str | None) -> str:
    return f": {error}" if error else ""


def _spent(record: TurnRecord, parts: tuple[Part, ...]) -> Lines:
    for part in parts:
        if part.length >= LEAST:
            what = SPENT.get(part.stage, part.stage)
            yield f"{part.length:6.0f} ms {what.format(ended=ENDED.get(record.wait_class, record.wait_class))}"


def _promises(broken: list[Verdict], judged_: int) -> Lines:
    if not broken:
        yield f"None of {judged_} was broken." if judged_ else "No budget speaks of such a turn."
    for verdict in broken:
        yield f"{MARKS[verdict.outcome]} {verdict.text()}"
