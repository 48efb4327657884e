"""A fact answers where it is the one that was asked for; what was found is told again until something is written."""

from __future__ import annotations

import pytest

from repartee.core.memory import Fact, Query, Recollection
from repartee.engines.memory.fake import Engine
from repartee.stages.converse.questions import asked
from repartee.stages.converse.recall import Recall, answer
from repartee.stages.converse.statements import told


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_what_was_found_is_not_looked_for_again_until_something_is_written() -> None:
    memory, clock = Engine(), Clock()
    recall = Recall(memory, ttl=300, now=clock)
    await memory.add(told("my keys are in the drawer", "en").facts)
    for _ in range(3):
        assert await recall.search(Query("where are my keys"))
    assert memory.searches == 1
    await memory.add(told("my keys are on the table", "en").facts)
    assert (await recall.search(Query("where are my keys")))[0].fact.value == "on the table"
    assert memory.searches == 2
    clock.now = 301
    await recall.search(Query("where are my keys"))
    assert memory.searches == 3


async def test_forgotten_it_is_not_told_from_the_cache() -> None:
    memory = Engine()
    recall = Recall(memory)
    await memory.add(told("my keys are in the drawer", "en").facts)
    await recall.search(Query("where are my keys"))
    await memory.forget(None)
    assert not await recall.search(Query("where are my keys"))


async def test_switched_off_everything_is_looked_for() -> None:
    memory = Engine()
    recall = Recall(memory, ttl=0)
    for _ in range(3):
        await recall.search(Query("where are my keys"))
    assert memory.searches == 3


@pytest.mark.parametrize(
    ("question", "fact", "score", "said"),
    [
        ("where are my keys", "my keys are in the drawer", 0.3, "Your keys are in the drawer"),
        ("when is Simon's birthday", "Tom's birthday is on May 3", 0.6, None),
        ("when is Tom's birthday", "Tom's birthday is on May 3", 0.6, "Tom's birthday is on May 3"),
        ("where did I put my wallet", "I put the passport in the safe", 0.45, None),
        ("when do the bins go out", "the bins go out on Thursdays", 0.6, "The bins go out on Thursdays"),
        ("how do I boil an egg", "I prefer oat milk in my coffee", 0.3, None),
    ],
)
def test_a_fact_answers_only_what_it_is_about(question: str, fact: str, score: float, said: str | None) -> None:
    facts = told(f"remember that {fact}", "en").facts
    found = answer([Recollection(facts[0], score)], asked(question, "en"), "en")
    assert (found.text if found else None) == said


def test_other_languages_tell_what_was_said() -> None:
    fact = told("Merk dir, dass meine Schlüssel im Flur liegen", "de").facts[0]
    found = answer([Recollection(fact, 0.6)], asked("Wo sind meine Schlüssel?", "de"), "de")
    assert found
    assert found.text == "Du hast mir gesagt: Meine Schlüssel im Flur liegen"
    assert answer([Recollection(Fact("x"), 1.0)], None, "sw") is None
