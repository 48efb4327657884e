"""Every construct of the templates, in a language made for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repartee.core.home import Home
from repartee.core.home_file import home_from
from repartee.core.intent import Context
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.compiled import CompiledHome as Compiled
from repartee.grammar.compiled import Language
from repartee.grammar.lexicon import home_lexicon, list_lexicon
from repartee.grammar.nfa import Nfa
from repartee.grammar.sentences import read_sentences
from repartee.grammar.templates import BadTemplate

from .conftest import HERE, NOWHERE

LANGUAGE: dict[str, Any] = {
    "expansion_rules": {"the": "(the|my)", "lamp": "lamp[s]", "time": "{minutes} minute[s]"},
    "lists": {
        "minutes": {"range": {"from": 1, "to": 90}},
        "level": {"range": {"from": 0, "to": 100, "step": 10, "type": "percentage"}},
        "warmth": {"range": {"from": 5, "to": 30, "fractions": "halves"}},
        "step": {"range": {"from": 0, "to": 100, "multiplier": -1}},
        "color": {"values": [{"in": "red[dish]", "out": "red"}, {"in": "(deep|dark) blue", "out": "blue"}]},
        "anything": {"wildcard": True},
    },
    "skip_words": ["please", "could you"],
    "intents": {
        "On": {
            "data": [{"sentences": ["turn on [<the>] {name}"], "requires_context": {"domain": ["light", "switch"]}}]
        },
        "Lock": {"data": [{"sentences": ["lock [<the>] {name}"], "requires_context": {"domain": "lock"}}]},
        "NotLock": {"data": [{"sentences": ["use [<the>] {name}"], "excludes_context": {"domain": ["lock"]}}]},
        "Glow": {"data": [{"sentences": ["(glow;[now];{color})"], "response": "glowing"}]},
        "Wait": {"data": [{"sentences": ["wait <time> [and {anything}]"]}]},
        "Dim": {"data": [{"sentences": ["dim by {step:amount}[ ](%|percent)", "dim to {level}[%]"]}]},
        "Warm": {"data": [{"sentences": ["{warmth}( |-)degree[s]"]}]},
        "Say": {"data": [{"sentences": ["say {anything:text} to {area}", "say {anything:text}"]}]},
        "Here": {"data": [{"sentences": ["here"], "requires_context": {"area": {"slot": True}}}]},
        "There": {
            "data": [{"sentences": ["there"], "requires_context": {"area": {"value": "kitchen", "slot": "place"}}}]
        },
        "Local": {
            "data": [
                {
                    "sentences": ["paint it <shade>"],
                    "expansion_rules": {"shade": "very {hue}"},
                    "lists": {"hue": {"values": ["grey", "beige"]}},
                    "slots": {"tool": "brush"},
                }
            ]
        },
        "Lamps": {"data": [{"sentences": ["{area}<lamp> on", "<lamp> of {area} on"]}]},
    },
}


@pytest.fixture(scope="module")
def tiny(home: Home) -> CompiledHome:
    sentences = read_sentences(LANGUAGE, "en", "tiny")
    lists = list_lexicon(sentences)
    return Compiled(home, Language(sentences, Nfa(sentences), lists, 1), home_lexicon(lists, home))


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("turn on the bed light", "On", {"name": "Bed Light"}),
        ("turn on my night lamp", "On", {"name": "Bed Light"}),
        ("could you turn on please bed light", "On", {"name": "Bed Light"}),
        ("lock the front door", "Lock", {"name": "Front Door"}),
        ("use bed light", "NotLock", {"name": "Bed Light"}),
        ("glow reddish", "Glow", {"color": "red"}),
        ("dark blue now glow", "Glow", {"color": "blue"}),
        ("wait 5 minutes", "Wait", {"minutes": 5}),
        ("wait twenty-five minutes", "Wait", {"minutes": 25}),
        ("wait one minute and See what Happens", "Wait", {"minutes": 1, "anything": "See what Happens"}),
        ("dim by 20%", "Dim", {"amount": -20}),
        ("dim by thirty percent", "Dim", {"amount": -30}),
        ("dim to 40%", "Dim", {"level": 40}),
        ("20.5 degrees", "Warm", {"warmth": 20.5}),
        ("twenty point five degrees", "Warm", {"warmth": 20.5}),
        ("21-degree", "Warm", {"warmth": 21}),
        ("say Hello World to kitchen", "Say", {"text": "Hello World", "area": "Kitchen"}),
        ("say hello to somebody", "Say", {"text": "hello to somebody"}),
        ("paint it very beige", "Local", {"hue": "beige", "tool": "brush"}),
        ("kitchenlamps on", "Lamps", {"area": "Kitchen"}),
        ("lamp of living room on", "Lamps", {"area": "Living Room"}),
        ("here", "Here", {"area": "Living Room"}),
    ],
)
def test_constructs(tiny: CompiledHome, text: str, intent: str, slots: dict[str, Any]) -> None:
    best = tiny.parse(text, HERE)[0].parts[0].intent
    assert (best.name, dict(best.slots)) == (intent, slots)


@pytest.mark.parametrize(
    "text",
    ["lock the bed light", "use the front door", "dim to 45%", "wait 91 minutes", "say", "glow", "paint it beige"],
)
def test_what_is_not_sayable(tiny: CompiledHome, text: str) -> None:
    assert not tiny.exact(text.split(), text, HERE)


def test_without_an_area_what_needs_one_is_not_sayable(tiny: CompiledHome) -> None:
    assert not tiny.parse("here", NOWHERE)


def test_an_area_of_a_certain_value(tiny: CompiledHome) -> None:
    assert dict(tiny.parse("there", Context(area="kitchen"))[0].parts[0].intent.slots) == {"place": "Kitchen"}
    assert not tiny.exact(["there"], "there", HERE)


def test_the_response_key_is_the_blocks(tiny: CompiledHome) -> None:
    assert tiny.parse("glow red", HERE)[0].parts[0].intent.response == "glowing"
    assert tiny.parse("here", HERE)[0].parts[0].intent.response == "default"


@pytest.mark.parametrize(
    ("sentence", "part"),
    [("go <nowhere>", "no rule <nowhere>"), ("go {nowhere}", "no list {nowhere}"), ("go <loop>", "contains itself")],
)
def test_what_is_missing_is_named(home: Home, tmp_path: Path, sentence: str, part: str) -> None:
    data = {"intents": {"Go": {"data": [{"sentences": [sentence]}]}}, "expansion_rules": {"loop": "a <loop>"}}
    (tmp_path / "own.json").write_text(json.dumps(data))
    with pytest.raises(BadTemplate, match=part) as error:
        compile_home(home, "en", tmp_path)
    assert "own.json: Go" in str(error.value)


def test_own_sentences_win(home: Home, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"intents": {"Mine": {"data": [{"sentences": ["turn on [the] bed light"]}]}}}')
    assert compile_home(home, "en", tmp_path).parse("turn on the bed light", HERE)[0].parts[0].intent.name == "Mine"


def test_endings_are_shared() -> None:
    both = {"intents": {"A": {"data": [{"sentences": ["go on and on", "stay on and on"]}]}}}
    one = {"intents": {"A": {"data": [{"sentences": ["go on and on"]}]}}}
    sizes = [len(Nfa(read_sentences(data, "en", "x")).states) for data in (one, both)]
    assert sizes[0] == sizes[1]


def test_homes_share_the_lists_of_their_language_and_not_their_names() -> None:
    """A name of one home is none of the other's, whichever was made first; kinds of things are each home's own."""
    one, other = (
        compile_home(home_from({"entities": [{"name": name, "domain": domain}]}).home, "en")
        for name, domain in (("Moon Lamp", "light"), ("Sun Blind", "cover"))
    )
    assert one.lexicon.tries["brightness"] is other.lexicon.tries["brightness"]
    assert one.parse("turn on the moon lamp", Context())
    assert other.parse("open the sun blind", Context())
    assert not [r for r in one.parse("open the sun blind", Context()) if r.acts]
    assert not [r for r in other.parse("turn on the moon lamp", Context()) if r.acts]
