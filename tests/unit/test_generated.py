"""Commands with a time, condition, exception, ... more: none is carried out without it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bench import generated
from bench.generated import Sentence

from repartee.core.plan import Effect
from repartee.core.turn import Decision, TurnRecord

SAMPLE = 120


def test_nothing_is_done_without_a_part_of_the_sentence() -> None:
    said = generated.sample(SAMPLE)
    assert {(s.language, s.kind) for s in said} == {(x, y) for x in generated.LANGUAGES for y in generated.KINDS}
    dropped = [s.text for s, record in asyncio.run(generated.play(said)) if generated.is_dropped(s, record)]
    assert dropped == []


def test_there_are_enough_of_them() -> None:
    assert sum(len(list(generated.sentences(language))) for language in generated.LANGUAGES) >= 2_000


def test_a_sentence_is_judged_by_what_was_done() -> None:
    lamp = Effect("light.reading_lamp", "light.turn_off", {}, confirmed=True)
    order = Effect("household.1", "household.schedule", {"order": {"when": {"at": {"hour": 7}}}}, confirmed=True)
    done = TurnRecord("0", 0.0, "", Decision.ACTED, effects=(lamp,))
    kept = replace(done, effects=(order,))
    both = replace(done, effects=(lamp, order))
    time, condition, duration = (Sentence("en", kind, "") for kind in ("time", "condition", "duration"))
    spared = Sentence("en", "exception", "", "Reading Lamp")
    judged = [(time, done), (time, kept), (condition, kept), (duration, done), (duration, both), (spared, done)]
    assert [generated.is_dropped(*each) for each in judged] == [True, False, True, True, False, True]
    assert not generated.is_dropped(replace(spared, spared="Bed Lamp"), done)
    assert generated.is_dropped(replace(spared, spared=None), done)
    assert generated.is_dropped(Sentence("en", "question", ""), kept)
