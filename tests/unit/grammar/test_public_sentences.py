"""The test sentences of the intents project, each in its home."""

from __future__ import annotations

import json
from pathlib import Path

import home_assistant_intents
import pytest

from repartee.core.home_file import home_from
from repartee.core.intent import Context
from repartee.grammar import CompiledHome, compile_home
from repartee.proof.compare.slots import same_slots, same_value


@pytest.mark.parametrize(("language", "least"), [("en", 99.5), ("fr", 98.0), ("nl", 98.0)])
def test_right_intent_and_slots(shared: Path, language: str, least: float) -> None:
    homes = json.loads((shared / "nlu" / f"{language}.homes.json").read_text("utf-8"))
    rows = [json.loads(line) for line in (shared / "nlu" / f"{language}.jsonl").read_text("utf-8").splitlines()]
    compiled: dict[str, CompiledHome] = {}
    right = 0
    wrong_devices = []
    for row in rows:
        if row["home"] not in compiled:
            compiled[row["home"]] = compile_home(home_from(homes[row["home"]]).home, language)
        grammar, area = compiled[row["home"]], row["context"].get("area")
        known = grammar.home.area_named(area) if area else None
        readings = grammar.parse(row["sentence"], Context(known.id if known else area))
        intent = readings[0].parts[0].intent if readings and readings[0].parts else None
        if intent is None:
            continue
        right += intent.name == row["intent"] and same_slots(row["slots"], intent.slots, area)
        names = row["slots"].get("name"), intent.slots.get("name")
        if readings[0].acts and all(names) and not same_value(*names):
            wrong_devices.append(row["sentence"])
    assert not wrong_devices
    assert 100 * right / len(rows) >= least


def test_chatter_does_nothing(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "nlu" / "spoken_requests.jsonl").read_text("utf-8").splitlines()]
    home = home_from(json.loads((shared / "homes" / "recorded_40.json").read_text("utf-8"))).home
    grammar = compile_home(home, "en")
    chatter = [row["sentence"] for row in rows if row["intent"].startswith("general_")]
    acted = []
    for sentence in chatter:
        readings = grammar.parse(sentence, Context(area="living_room"))
        if readings and readings[0].acts and readings[0].score >= 0.8:
            acted.append(sentence)
    assert chatter
    assert not acted


@pytest.mark.full
def test_every_language_compiles() -> None:
    home = home_from({"areas": [{"name": "Kitchen"}], "entities": [{"name": "Lamp", "domain": "light"}]}).home
    for language in home_assistant_intents.get_languages():
        if home_assistant_intents.get_intents(language) is None:
            continue
        grammar = compile_home(home, language)
        assert len(grammar.language.nfa.states) > 10
        grammar.parse("lamp kitchen", Context())
        assert grammar.expect(Context()).letters() != ""
