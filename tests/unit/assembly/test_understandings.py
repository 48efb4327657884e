"""What the turn is given to understand with."""

from __future__ import annotations

from repartee.assembly.assistant import WARMED, usual
from repartee.assembly.settings import Brain
from repartee.assembly.understandings import Understandings
from repartee.core.intent import Context
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.home.demo import demo_home

HERE = Context(area="kitchen")


def test_parses_are_remembered_until_the_home_changes() -> None:
    understandings, home = Understandings(Brain()), demo_home().home
    first = understandings.remembering(home, "en").parse("turn on the bed light", HERE)
    assert understandings.remembering(home, "en").parse("turn on the bed light", HERE) is first
    assert understandings.parses.statistics.hits == 1
    entity = first[0].parts[0].intent.entities[0]
    renamed = understandings.remembering(home.renamed(entity, "Moonshine"), "en")
    assert renamed.parse("turn on moonshine", HERE)[0].parts[0].intent.entities == (entity,)
    assert not any(reading.score == 1.0 for reading in renamed.parse("turn on the bed light", HERE))


def test_the_reference_engine_is_asked_anew() -> None:
    understandings, home = Understandings(Brain(understanding="hassil")), demo_home().home
    for _ in range(2):
        assert understandings.remembering(home, "en").parse("turn on the bed light", HERE)
    assert len(understandings.parses) == 0


def said(text: str, decision: Decision = Decision.ACTED) -> TurnRecord:
    return TurnRecord("0" * 12, 0.0, text, decision)


def test_what_is_said_most_is_parsed_before_it_is_said() -> None:
    understandings, home = Understandings(Brain()), demo_home().home
    turns = [said("turn on the bed light"), said("sing", Decision.REJECTED), said("turn it off")]
    understandings.warm(home, HERE, usual(turns))
    assert understandings.remembering(home, "en").parse("turn on the bed light", HERE)
    told = {name: cache.statistics for name, cache in understandings.caches().items()}
    assert list(told) == ["parse", "plan", "context"]
    assert (told["parse"].hits, told["parse"].misses) == (1, 0)


def test_the_usual_is_what_was_acted_on_most_and_not_without_end() -> None:
    rare = [said(f"turn on lamp {n}") for n in range(2 * WARMED)]
    often = [said("lights out")] * 3
    found = usual([*rare, *often, *[said("mumble", Decision.REJECTED)] * 9])
    assert found[0] == "lights out"
    assert len(found) == WARMED
    assert "mumble" not in found
    Understandings(Brain(understanding="hassil")).warm(
        demo_home().home, HERE, found[:1]
    )  # nothing to remember: nothing happens
