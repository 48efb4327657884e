"""What the turn is given to understand with."""

from __future__ import annotations

from repartee.assembly.assistant import Understandings
from repartee.core.intent import Context
from repartee.engines.home.demo import demo_home

HERE = Context(area="kitchen")


def test_parses_are_remembered_until_the_home_changes() -> None:
    understandings, home = Understandings("grammar"), demo_home().home
    first = understandings.remembering(home, "en").parse("turn on the bed light", HERE)
    assert understandings.remembering(home, "en").parse("turn on the bed light", HERE) is first
    assert understandings.parses.statistics.hits == 1
    entity = first[0].parts[0].intent.entities[0]
    renamed = understandings.remembering(home.renamed(entity, "Moonshine"), "en")
    assert renamed.parse("turn on moonshine", HERE)[0].parts[0].intent.entities == (entity,)
    assert not any(reading.score == 1.0 for reading in renamed.parse("turn on the bed light", HERE))


def test_the_reference_engine_is_asked_anew() -> None:
    understandings, home = Understandings("hassil"), demo_home().home
    for _ in range(2):
        assert understandings.remembering(home, "en").parse("turn on the bed light", HERE)
    assert len(understandings.parses) == 0
