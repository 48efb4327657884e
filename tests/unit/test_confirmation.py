"""What is not done on a word alone, and the answers to the questions that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.home import State, States
from repartee.core.home_file import home_from
from repartee.core.intent import Choice, Context, Doubt, Intent, Part, Reading
from repartee.core.plan import Action, Plan, Step
from repartee.core.skill import Situation
from repartee.grammar.compiled import compile_home
from repartee.stages.understand.answers import digits, says_yes
from repartee.stages.understand.clarification import DROPPED, Listener, answered, ask
from repartee.stages.understand.confirmation import ConfirmationPolicy, confirm

HOME = home_from(
    {
        "areas": [{"name": "Hall"}, {"name": "Office"}, {"name": "Garage"}],
        "entities": [
            {"name": "Front Door", "domain": "lock", "area": "Hall"},
            {"name": "Big Door", "domain": "cover", "area": "Garage", "attributes": {"device_class": "garage"}},
            {"name": "Blinds", "domain": "cover", "area": "Office", "attributes": {"device_class": "blind"}},
            {"name": "Lamp", "domain": "light", "area": "Office"},
            {"name": "Lamp", "domain": "light", "area": "Hall"},
            {"name": "Boiler", "domain": "switch", "area": "Garage"},
        ],
    }
).home
GRAMMAR = compile_home(HOME, "en")
ANY = Part(Intent("Any"))
STATES = States(
    {
        "scene.evening": State("x", {"entities": {"light.lamp": "on", "lock.front_door": {"state": "locked"}}}),
        "scene.party": State("x", {"entities": {"lock.front_door": "unlocked"}}),
        "scene.told_half": State("x", {"entity_id": ["light.lamp", "cover.big_door"]}),
        "scene.dark": State("x", {}),
        "script.arrive": State("off", {"sequence": [{"service": "scene.turn_on", "entities": ["scene.party"]}]}),
        "script.loop": State("off", {"sequence": [{"service": "script.turn_on", "entities": ["script.loop"]}]}),
        "script.somewhere": State("off", {"sequence": [{"service": "lock.unlock", "entities": []}]}),
        "script.half": State("off", {"sequence": [], "opaque": True}),
        "cover.all": State("closed", {"entity_id": ["cover.blinds", "cover.big_door"]}),
    }
)


def confirmed(service: str, *entities: str, policy: ConfirmationPolicy | None = None, part: Part = ANY) -> Plan:
    plan = Plan((Step(part.intent, (Action(service, entities),)),))
    return confirm(plan, Reading((part,)), policy or ConfirmationPolicy(), Situation(HOME, STATES))


def doubt(service: str, *entities: str, policy: ConfirmationPolicy | None = None) -> Doubt | None:
    (step,) = confirmed(service, *entities, policy=policy).steps
    assert bool(step.actions) == (step.doubt is None or step.doubt.key != "never")
    return step.doubt


@pytest.mark.parametrize(
    ("service", "entity", "what"),
    [
        ("lock.unlock", "lock.front_door", "unlock Front Door"),
        ("cover.open_cover", "cover.big_door", "open Big Door"),
        ("cover.set_cover_position", "cover.big_door", "move Big Door"),
    ],
)
def test_what_lets_somebody_in_wants_a_yes(service: str, entity: str, what: str) -> None:
    found = doubt(service, entity)
    assert found == Doubt("confirm", {"what": what}, (Choice("yes", (replace(ANY, confirmed=True),)), Choice("no")))


@pytest.mark.parametrize(
    ("service", "entity"),
    [
        ("lock.lock", "lock.front_door"),
        ("cover.close_cover", "cover.big_door"),
        ("cover.open_cover", "cover.blinds"),
        ("light.turn_on", "light.lamp"),
    ],
)
def test_everything_else_is_just_done(service: str, entity: str) -> None:
    assert doubt(service, entity) is None


def test_a_person_marks_devices_and_forbids_others() -> None:
    policy = ConfirmationPolicy(ask=("switch.boiler",), never=("lock.unlock",))
    marked, refused = (
        doubt("switch.turn_off", "switch.boiler", policy=policy),
        doubt("lock.unlock", "lock.x", policy=policy),
    )
    assert marked is not None
    assert refused is not None
    assert (marked.key, refused.key, refused.choices) == ("confirm", "never", ())
    assert doubt("cover.open_cover", "cover.big_door", policy=policy) is None
    assert doubt("lock.unlock", "lock.front_door", policy=ConfirmationPolicy(ask=())) is None


def test_one_delicate_device_among_many_is_enough() -> None:
    assert doubt("cover.open_cover", "cover.blinds", "cover.big_door") is not None


UNLOCK = Reading((Part(Intent("HassTurnOff", {"name": "Front Door"})),))
LAMPS = Reading((Part(Intent("HassTurnOn", {"name": "Lamp"}, entities=("light.lamp", "light.lamp_2"))),), 0.9)


def answer(key: str, text: str, *labels: str, reading: Reading = UNLOCK, pin: str = "") -> Reading | None:
    """`labels`: of choices, each of which makes something of its own of the first part."""

    def parse(words: str) -> Sequence[Reading]:
        return GRAMMAR.parse(words, Context())

    first = reading.parts[0]
    permission = key in ("confirm", "pin")
    chosen = {label: replace(first, intent=replace(first.intent, response=label)) for label in labels}
    yes, no = Choice("yes", (replace(first, confirmed=True),)), Choice("no")
    choices = (yes, no) if permission else tuple(Choice(label, (part,)) for label, part in chosen.items())
    return answered(ask(Doubt(key, {}, choices, at=0), reading, "...", "q"), text, Listener(parse, "en", pin))


@pytest.mark.parametrize("text", ["yes", "Yes!", "sure", "do it", "ok"])
def test_yes_settles_it(text: str) -> None:
    settled = answer("confirm", text, "yes", "no")
    assert settled is not None
    assert settled.parts == (replace(UNLOCK.parts[0], confirmed=True),)


@pytest.mark.parametrize("text", ["no", "never mind", "Cancel."])
def test_no_drops_it(text: str) -> None:
    assert answer("confirm", text, "yes", "no") is DROPPED
    assert answer("which_area", text, "Hall", "Office") is DROPPED


@pytest.mark.parametrize("text", ["turn on the boiler", "yesterday", "blah"])
def test_anything_else_is_no_yes(text: str) -> None:
    assert answer("confirm", text, "yes", "no") is None


@pytest.mark.parametrize("text", ["1234", "one two three four", "it is one, two, three, four"])
def test_the_right_pin_opens(text: str) -> None:
    settled = answer("pin", text, "yes", "no", pin="1234")
    assert settled is not None
    assert settled.parts[0].confirmed


def test_a_wrong_pin_does_not() -> None:
    refused = answer("pin", "4321", "yes", "no", pin="1234")
    assert refused is not None
    assert (refused.acts, refused.doubt, refused.parts[0].confirmed) == (False, Doubt("wrong_pin"), False)
    assert answer("pin", "yes", "yes", "no", pin="1234") is None
    assert answer("pin", "no", "yes", "no", pin="1234") is DROPPED


@pytest.mark.parametrize("text", ["office", "the one in the office", "the second one", "in the ofice"])
def test_a_place_is_chosen(text: str) -> None:
    chosen = answer("duplicate_entities", text, "Hall", "Office", reading=LAMPS)
    assert chosen is not None
    assert chosen.acts
    assert chosen.parts[0].intent.response == "Office"


@pytest.mark.parametrize("text", ["office lamp", "the office one", "first"])
def test_a_device_is_chosen_by_its_label(text: str) -> None:
    chosen = answer("did_you_mean", text, "Office Lamp", "Hall Lamp", reading=LAMPS)
    assert chosen is not None
    assert chosen.parts[0].intent.response == "Office Lamp"


def test_a_choice_may_be_a_whole_sentence() -> None:
    chosen = answer("did_you_mean", "turn off the boiler", "turn off the boiler", "turn on the lamp", reading=LAMPS)
    assert chosen is not None
    assert chosen.parts[0].intent.response == "turn off the boiler"


def test_a_new_command_is_no_answer() -> None:
    assert answer("which_area", "turn off the lights in the office", "Hall", "Office", reading=LAMPS) is None


@given(st.text(max_size=30), st.sampled_from(["confirm", "pin", "which_area", "did_you_mean", "unknown_name"]))
def test_no_answer_breaks_it_and_none_is_a_yes_by_chance(text: str, key: str) -> None:
    result = answer(key, text, "Hall", "Office", reading=LAMPS, pin="1234")
    if result is not None and any(part.confirmed for part in result.parts):
        assert key in ("confirm", "pin")
        assert says_yes(text, "en") if key == "confirm" else digits(text, "en") == "1234"


def inside(service: str, entity: str, policy: ConfirmationPolicy | None = None) -> str | None:
    (step,) = confirmed(service, entity, policy=policy).steps
    return str(step.doubt.facts["what"]) if step.doubt else None


@pytest.mark.parametrize(
    ("service", "entity", "what"),
    [
        ("scene.turn_on", "scene.evening", None),
        ("scene.turn_on", "scene.party", "party: Front Door"),
        ("scene.turn_on", "scene.told_half", "told half: Big Door"),
        ("script.turn_on", "script.arrive", "party: Front Door"),
        ("script.turn_off", "script.arrive", None),
        ("script.turn_on", "script.somewhere", "somewhere: unlock"),
        ("script.turn_on", "script.loop", None),
        ("cover.open_cover", "cover.all", "all: open Big Door"),
        ("cover.close_cover", "cover.all", None),
    ],
)
def test_scenes_scripts_and_groups_are_looked_into(service: str, entity: str, what: str | None) -> None:
    assert inside(service, entity) == what


def test_what_nobody_can_look_into_is_asked_about_where_settings_say_so() -> None:
    for service, entity in (("scene.turn_on", "scene.dark"), ("script.turn_on", "script.half")):
        assert inside(service, entity) is None
        assert inside(service, entity, ConfirmationPolicy(hidden=True)) == entity.partition(".")[2]
        assert inside(service, entity, ConfirmationPolicy(ask=(entity,))) is not None


def test_what_may_never_be_done_is_not_done_by_a_scene_either() -> None:
    assert inside("scene.turn_on", "scene.party", ConfirmationPolicy(never=("lock.unlock",))) == "party: Front Door"


def test_very_many_devices_at_once_want_a_yes() -> None:
    lamps = tuple(f"light.lamp_{n}" for n in range(6))
    found = doubt("light.turn_off", *lamps, policy=ConfirmationPolicy(many=5))
    assert found is not None
    assert found.facts == {"what": "change 6 devices"}
    assert doubt("light.turn_off", *lamps, policy=ConfirmationPolicy(many=6)) is None
    assert doubt("light.turn_off", *lamps) is None
