"""The reference understanding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.errors import EngineMissing
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent, Status
from repartee.core.ports import Understanding
from repartee.engines.home.demo import demo_home
from repartee.engines.understanding.hassil import MAX_TEXT, HassilUnderstanding

HOME = demo_home().home
HERE = Context(area="living_room")
DEMO = HassilUnderstanding(HOME)


def first(text: str, context: Context = HERE) -> Intent:
    return DEMO.parse(text, context)[0].parts[0].intent


def test_a_name_becomes_the_device_it_stands_for() -> None:
    intent = first("Turn on the kitchen radio, please")
    assert (intent.name, intent.slots, intent.entities) == (
        "HassTurnOn",
        {"name": "Kitchen Speaker"},
        ("media_player.kitchen_speaker",),
    )


def test_devices_of_one_name_stay_together() -> None:
    rows = [{"name": "Lamp", "domain": "light", "area": area} for area in ("A", "B")]
    home = home_from({"areas": [{"name": "A"}, {"name": "B"}], "entities": rows}).home
    (reading,) = HassilUnderstanding(home).parse("turn on lamp", Context())
    assert reading.parts[0].intent.entities == ("light.lamp", "light.lamp_2")


def test_the_place_of_the_satellite_becomes_a_slot() -> None:
    assert first("lights off").slots == {"domain": "light", "area": "Living Room"}
    assert not DEMO.parse("lights off", Context())


def test_a_name_ranks_before_a_group() -> None:
    assert first("turn on the living room lamp").slots == {"name": "Living Room Lamp"}


def test_whole_numbers_have_no_fraction() -> None:
    assert first("set a timer for 5 minutes").slots == {"minutes": 5}
    assert isinstance(first("set a timer for 5 minutes").slots["minutes"], int)


@pytest.mark.parametrize("text", ["", "   ", "colourless green ideas sleep furiously", "turn " * MAX_TEXT])
def test_what_is_no_command_has_no_reading(text: str) -> None:
    assert not DEMO.parse(text, HERE)
    assert DEMO.status(text, HERE) is Status.FREE


def test_it_can_only_tell_that_a_sentence_is_whole() -> None:
    assert DEMO.status("turn on the desk lamp", HERE) is Status.COMPLETE
    assert DEMO.status("turn on the", HERE) is Status.FREE
    reference: Understanding = DEMO
    assert reference.expect(HERE) is None


def test_a_new_home_is_understood_at_once() -> None:
    understanding = HassilUnderstanding(HOME)
    version = understanding.version
    understanding.update(HOME.renamed("light.desk_lamp", "Moonbeam"))
    assert understanding.version != version
    assert understanding.parse("turn on moonbeam", HERE)[0].parts[0].intent.entities == ("light.desk_lamp",)


def test_names_with_the_letters_of_templates_are_just_names() -> None:
    home = home_from(
        {"entities": [{"name": "Lamp (big) [left]", "domain": "light"}, {"name": "{x}", "domain": "light"}]}
    )
    understanding = HassilUnderstanding(home.home)
    (reading,) = understanding.parse("turn on lamp (big) [left]", Context())
    assert reading.parts[0].intent.slots == {"name": "Lamp (big) [left]"}


def test_a_language_without_sentences_says_so() -> None:
    with pytest.raises(EngineMissing, match="xx"):
        HassilUnderstanding(HOME, "xx")


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    assert len(DEMO.parse(text, HERE)) <= 5


@pytest.mark.parametrize(("language", "share"), [("en", 0.99), ("fr", 0.98), ("nl", 0.99)])
def test_the_sentences_of_the_data_are_understood(shared: Path, language: str, share: float) -> None:
    rows = [json.loads(line) for line in (shared / "nlu" / f"{language}.jsonl").read_text("utf-8").splitlines()][::5]
    homes = json.loads((shared / "nlu" / f"{language}.homes.json").read_text("utf-8"))
    right = sum(_understood(row, homes[row["home"]], language) for row in rows)
    assert right / len(rows) >= share


def _understood(row: dict[str, Any], home: dict[str, Any], language: str) -> bool:
    here = row["context"].get("area")
    known = home if not here else {**home, "areas": [*home["areas"], {"name": here, "id": "here"}]}
    understanding = HassilUnderstanding(home_from(known).home, language)
    readings = understanding.parse(row["sentence"], Context(area="here" if here else None, language=language))
    return bool(readings) and readings[0].parts[0].intent.name == row["intent"]
