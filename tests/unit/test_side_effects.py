"""What a call reaches beyond the devices it names, however deep, and what can't be known."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from repartee.core.home import State
from repartee.core.plan import Action
from repartee.stages.understand.side_effects import DEEPEST, House, Opaque, Reach, reached


def house(**attributes: dict[str, Any]) -> House:
    """By name: a scene, a script or a group."""
    states: dict[str, State] = defaultdict(lambda: State("unknown"))
    states.update({key.replace("__", "."): State("off", made) for key, made in attributes.items()})
    return House(states, ("light",))


def found(action: Action, where: House) -> list[tuple[str, str]]:
    return [
        (one.entity, one.service) if isinstance(one, Reach) else ("?", one.within) for one in reached(action, where)
    ]


def test_the_members_of_a_group_get_the_same_call() -> None:
    where = house(group__all={"entity_id": ["light.one", "lock.door"]})
    assert found(Action("homeassistant.turn_on", ("group.all",)), where) == [
        ("group.all", "homeassistant.turn_on"),
        ("light.one", "homeassistant.turn_on"),
        ("lock.door", "homeassistant.turn_on"),
    ]


@pytest.mark.parametrize("value", ["locked", "closed", "off", "armed_home", {"state": "locked"}])
def test_a_scene_that_makes_things_safe_reaches_nothing(value: Any) -> None:
    where = house(scene__night={"entities": {"lock.door": value}})
    assert found(Action("scene.turn_on", ("scene.night",)), where) == [("scene.night", "scene.turn_on")]


@pytest.mark.parametrize("value", ["unlocked", "open", "on", {"state": "unlocked"}, None])
def test_a_scene_may_do_anything_else_to_what_it_touches(value: Any) -> None:
    where = house(scene__party={"entities": {"lock.door": value}})
    assert found(Action("scene.turn_on", ("scene.party",)), where)[1:] == [("lock.door", "")]


def test_a_script_is_looked_into_and_its_scripts_too() -> None:
    inner = {"sequence": [{"service": "lock.unlock", "entities": ["lock.door"]}]}
    outer = {"sequence": [{"service": "script.turn_on", "entities": ["script.inner"]}]}
    where = house(script__inner=inner, script__outer=outer)
    assert ("lock.door", "lock.unlock") in found(Action("script.turn_on", ("script.outer",)), where)


def test_a_script_that_calls_itself_ends_and_is_opaque() -> None:
    where = house(script__loop={"sequence": [{"service": "script.turn_on", "entities": ["script.loop"]}]})
    reaches = found(Action("script.turn_on", ("script.loop",)), where)
    assert reaches[-1] == ("?", "script.loop")
    assert len(reaches) == DEEPEST + 2


@pytest.mark.parametrize("name", ["scene.dark", "script.dark"])
def test_what_the_home_does_not_tell_is_opaque(name: str) -> None:
    kind = name.partition(".")[0]
    assert Opaque(name) in list(reached(Action(f"{kind}.turn_on", (name,)), house()))


def test_turning_a_script_off_does_nothing_of_it() -> None:
    where = house(script__arrive={"sequence": [{"service": "lock.unlock", "entities": ["lock.door"]}]})
    assert found(Action("script.turn_off", ("script.arrive",)), where) == [("script.arrive", "script.turn_off")]
