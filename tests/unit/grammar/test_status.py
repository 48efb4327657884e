from __future__ import annotations

import pytest

from repartee.core.intent import Context, Status
from repartee.grammar import CompiledHome

from .conftest import HERE, NOWHERE


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", Status.OPEN),
        ("turn", Status.OPEN),
        ("turn on the", Status.OPEN),
        ("banana", Status.IMPOSSIBLE),
        ("turn on the banana", Status.IMPOSSIBLE),
        ("turn on the bed light", Status.CLOSED),
        ("turn on the bed light please", Status.CLOSED),
        ("turn on the heater", Status.COMPLETE),
        ("turn off the lights", Status.COMPLETE),
        ("turn off the lights in the bedroom", Status.CLOSED),
        ("turn off the lights and", Status.OPEN),
        ("turn off the lights in ten", Status.OPEN),
        ("turn off the lights and turn on the bed light", Status.CLOSED),
        ("what time is it", Status.CLOSED),
        ("set a timer for five minutes", Status.COMPLETE),
        ("add milk", Status.OPEN),
        ("play", Status.OPEN),
        ("lock the bed light", Status.IMPOSSIBLE),
    ],
)
def test_how_far_a_sentence_has_got(grammar: CompiledHome, text: str, status: Status) -> None:
    assert grammar.status(text, HERE) is status
    place = grammar.expect(HERE).step(grammar.spoken(text))
    assert (Status.IMPOSSIBLE if place is None else place.status) is status


def test_what_needs_an_area_depends_on_the_satellite(grammar: CompiledHome) -> None:
    assert grammar.status("light up here", HERE) is not Status.IMPOSSIBLE
    assert grammar.status("light up here", NOWHERE) is Status.IMPOSSIBLE


def test_a_time_after_a_command_is_no_continuation(grammar: CompiledHome) -> None:
    assert grammar.status("turn on the bed light in ten minutes", Context(area="kitchen")) is not Status.IMPOSSIBLE


def test_word_by_word_and_piece_by_piece_agree(grammar: CompiledHome) -> None:
    text = "turn off the lights in the living room"
    place = grammar.expect(HERE)
    for at, piece in enumerate(("tu", "rn o", "ff the ", "lights", " in t", "he living", " room")):
        following = place.step(piece)
        assert following is not None, f"piece {at}"
        place = following
    assert place.key == grammar.expect(HERE).step(text).key  # type: ignore[union-attr]
    assert place.status is grammar.status(text, HERE)
