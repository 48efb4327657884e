"""Commands with one thing more: a time, a condition, a duration, an exception, a negation, a report, a question, a
place that is not there. None may be carried out without it.

Five languages, some 4,400 sentences, each typed to the whole product in a fresh home and judged by what was done there.
The phrases (`generated_data/`) are written for this bench; the reader's own data were not looked at for them.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fresh_home import fresh_home, in_the_home, typed_assistant, wall_clock
from bench.record import real, save
from repartee.contract.provenance import Origin
from repartee.core.home_file import home_from
from repartee.core.turn import TurnRecord
from repartee.engines.audio import nowhere

DATA = Path(__file__).parent / "generated_data"
LANGUAGES = ("en", "de", "fr", "es", "nl")
FORMS = ("time", "condition", "duration", "negation", "report", "question")
"""Kinds that are a form around any command."""
KINDS = (*FORMS, "exception", "place")
LATER = ("time", "condition", "duration")
"""Kinds that a standing order may honour."""


@dataclass(frozen=True)
class Sentence:
    """A command with one thing more."""

    language: str
    kind: str
    text: str
    spared: str | None = None
    """The name of what the exception leaves out; nothing: there is no such thing."""


def sentences(language: str) -> Iterator[Sentence]:
    data = _data(language)
    yield from with_forms(data["commands"], data["placed"], language)
    for command, exceptions in data["groups"]:
        yield from (Sentence(language, "exception", f"{command} {words}", spared) for words, spared in exceptions)


def with_forms(commands: Sequence[tuple[str, str]], placed: Sequence[str], language: str = "en") -> Iterator[Sentence]:
    """Commands (imperative and infinitive) in each form, and those with a `{place}` in each unknown place."""
    data = _data(language)
    for kind in FORMS:
        for form in data[kind]:
            for imperative, infinitive in commands:
                yield Sentence(language, kind, form.format(imp=imperative, inf=infinitive))
    for form in placed:
        yield from (Sentence(language, "place", form.format(place=place)) for place in data["places"])


def sample(size: int, seed: int = 12) -> list[Sentence]:
    """The same sentences each time, as many of each language and kind."""
    rng, chosen = random.Random(seed), list[Sentence]()
    each = max(1, size // (len(LANGUAGES) * len(KINDS)))
    for language in LANGUAGES:
        every = list(sentences(language))
        for kind in KINDS:
            chosen += rng.sample([s for s in every if s.kind == kind], each)
    return chosen


def _data(language: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((DATA / f"{language}.json").read_text("utf-8"))
    return found


async def play(said: Sequence[Sentence]) -> list[tuple[Sentence, TurnRecord]]:
    files = {language: home_from(_data(language)["home"], language) for language in {s.language for s in said}}
    played = []
    with wall_clock():
        async with typed_assistant() as assistant:
            for sentence in said:
                async with fresh_home(assistant, files[sentence.language]) as house:
                    area = _data(sentence.language)["area"]
                    session = house.session(nowhere.Sink(), area, sentence.language)
                    played.append((sentence, await session.ask(sentence.text)))
    return played


def is_dropped(sentence: Sentence, record: TurnRecord) -> bool:
    """Whether something was done without what the sentence held."""
    devices = in_the_home(record)
    orders = [effect for effect in record.effects if effect.service.endswith(".schedule")]
    if sentence.kind == "exception":
        touched = {effect.entity for effect in devices}
        return bool(devices) and (sentence.spared is None or _id(sentence) in touched)
    if sentence.kind == "duration":
        return bool(devices) and not orders
    if sentence.kind == "condition":
        return bool(devices) or any("condition" not in json.dumps(dict(each.data), default=str) for each in orders)
    return bool(devices) or (bool(orders) and sentence.kind not in LATER)


def _id(sentence: Sentence) -> str:
    home = home_from(_data(sentence.language)["home"], sentence.language).home
    return next(entity.id for entity in home.entities if entity.name == sentence.spared)


def figures(played: Sequence[tuple[Sentence, TurnRecord]]) -> dict[str, Any]:
    """`honoured`: done, or kept for later, with all that was said."""
    counts: dict[str, Counter[str]] = {}
    for sentence, record in played:
        outcome = "dropped" if is_dropped(sentence, record) else "honoured" if record.effects else record.decision.value
        counts.setdefault(f"{sentence.language} {sentence.kind}", Counter())[outcome] += 1
    total = sum(counts.values(), Counter[str]())
    return {"n": len(played), **total, "dropped": total["dropped"], "by_kind": {k: dict(v) for k, v in counts.items()}}


def main() -> None:
    said = [sentence for language in sys.argv[1:] or LANGUAGES for sentence in sentences(language)]
    played = asyncio.run(play(said))
    for sentence, record in played:
        if is_dropped(sentence, record):
            done = [f"{e.entity} {e.service} {dict(e.data)}"[:120] for e in record.effects]
            print(f"{sentence.language} {sentence.kind:9} {sentence.text!r}: {done} {record.reply!r}")
    found = figures(played)
    print({name: value for name, value in found.items() if name != "by_kind"})
    if not sys.argv[1:]:
        save("generated", found, real(origin=Origin.SYNTHETIC), ("home-assistant-intents",))


if __name__ == "__main__":
    main()
