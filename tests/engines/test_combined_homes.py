"""Several homes in one inventory, each behind its breaker. Demo homes and one that can be away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from repartee.assembly.homes import homes_health
from repartee.core.breaker import FIRST, Circuit
from repartee.core.errors import BadSettings, Unreachable
from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.plan import Action, Effect
from repartee.engines.home.demo import DemoHome
from repartee.engines.telemetry.breakers import BreakerCollector
from repartee.homes.combined import CombinedHome
from repartee.homes.guarded import LONGEST_REST, GuardedHome


class Fickle(DemoHome):
    """A home that is away at times; keeps count of the calls that reached it."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(home_from(data))
        self.away = False
        self.wrong = False
        self.calls = 0

    async def __aenter__(self) -> Fickle:
        if self.wrong:
            raise BadSettings("no such address")
        if self.away:
            raise Unreachable("the cable is out")
        return self

    async def perform(self, action: Action) -> Sequence[Effect]:
        self.calls += 1
        if self.away:
            raise Unreachable("the cable is out")
        return await super().perform(action)


def upstairs() -> Fickle:
    return Fickle(
        {
            "floors": [{"name": "Upstairs", "id": "up", "aliases": ["First Floor"]}],
            "areas": [{"name": "Bedroom", "id": "bed", "floor": "up"}, {"name": "Kitchen", "id": "kitchen"}],
            "entities": [
                {"name": "Lamp", "domain": "light", "area": "Bedroom", "state": "off"},
                {"name": "Kettle", "domain": "switch", "area": "Kitchen", "state": "off"},
            ],
        }
    )


def zigbee() -> Fickle:
    return Fickle(
        {
            "floors": [{"name": "upstairs", "id": "1", "aliases": ["Top"]}],
            "areas": [
                {"name": "kitchen", "id": "7", "floor": "1", "aliases": ["Galley"]},
                {"name": "Attic", "id": "bed"},
            ],
            "entities": [
                {"name": "Lamp", "domain": "light", "area": "kitchen", "state": "off"},
                {"name": "Fan", "domain": "fan", "area": "Attic", "state": "off"},
            ],
        }
    )


async def test_names_may_clash_ids_stay_apart_and_places_with_one_name_are_one_place() -> None:
    async with CombinedHome({"main": upstairs(), "zigbee": zigbee()}) as homes:
        home = homes.home
        assert sorted(home.by_id) == ["fan.fan@zigbee", "light.lamp", "light.lamp@zigbee", "switch.kettle"]
        assert home.by_id["light.lamp@zigbee"].domain == "light"
        assert [(floor.id, floor.name, floor.aliases) for floor in home.floors] == [
            ("up", "Upstairs", ("First Floor", "Top"))
        ]
        kitchen = home.area_named("Galley")
        assert kitchen is not None
        assert (kitchen.id, kitchen.floor) == ("kitchen", "up")
        assert {entity.id for entity in home.entities_in("kitchen")} == {"switch.kettle", "light.lamp@zigbee"}
        attic = home.area_named("Attic")
        assert attic is not None
        assert attic.id == "bed@zigbee", "their id is taken by our bedroom"
        assert [entity.id for entity in home.entities_in(attic.id)] == ["fan.fan@zigbee"]


async def test_one_call_reaches_both_and_tells_of_each_in_order() -> None:
    one, other = upstairs(), zigbee()
    async with CombinedHome({"main": one, "zigbee": other}) as homes:
        lamps = ("light.lamp@zigbee", "light.lamp", "light.nowhere@zigbee")
        effects = await homes.perform(Action("light.turn_on", lamps))
        assert [(effect.entity, effect.confirmed) for effect in effects] == [
            ("light.lamp@zigbee", True),
            ("light.lamp", True),
            ("light.nowhere@zigbee", False),
        ]
        assert homes.states["light.lamp"].value == homes.states["light.lamp@zigbee"].value == "on"
        assert other.states["light.lamp"].value == "on"
        assert len(homes.states) == 4
        assert set(homes.states) == set(homes.home.by_id)
        assert "light.lamp@zigbee" in homes.states
        assert "fan.fan" not in homes.states


async def test_changes_of_each_are_told_under_the_joint_id_and_a_rename_is_a_new_version() -> None:
    one, other = upstairs(), zigbee()
    async with CombinedHome({"main": one, "zigbee": other}) as homes:
        changes, before, number = homes.changes(), homes.home.version, homes.states.number
        await asyncio.sleep(0)
        other.set_state("fan.fan", State("on"))
        assert await anext(changes) == "fan.fan@zigbee"
        assert homes.states.number > number
        assert homes.home.version == before
        other.rename("fan.fan", "Breeze")
        assert await anext(changes) == ""
        assert homes.home.by_id["fan.fan@zigbee"].name == "Breeze"
        assert homes.home.version.number > before.number


async def test_one_that_is_away_does_not_take_the_other_with_it() -> None:
    one, other = upstairs(), zigbee()
    async with CombinedHome({"main": one, "zigbee": other}) as homes:
        other.away = True
        effects = await homes.perform(Action("light.turn_on", ("light.lamp", "light.lamp@zigbee")))
        assert [effect.error for effect in effects] == [None, "Lamp can't be reached"]
        with pytest.raises(Unreachable):
            await homes.perform(Action("light.turn_on", ("light.lamp@zigbee",)))


async def test_one_that_was_away_at_the_start_joins_when_it_comes() -> None:
    one, other = upstairs(), zigbee()
    other.away = True
    async with CombinedHome({"main": one, "zigbee": other}) as homes:
        assert homes.troubles == {"zigbee": "the cable is out"}
        with pytest.raises(Unreachable, match="part of the home"):
            await homes.perform(Action("fan.turn_on", ("fan.fan@zigbee",)))
        changes = homes.changes()
        other.away = False
        assert await anext(changes) == ""
        assert homes.troubles == {}
        (effect,) = await homes.perform(Action("fan.turn_on", ("fan.fan@zigbee",)))
        assert effect.confirmed


async def test_all_away_at_the_start_is_an_error_unless_one_is_patient() -> None:
    home = upstairs()
    home.away = True
    with pytest.raises(Unreachable, match="the cable is out"):
        await CombinedHome({"main": home}).__aenter__()
    async with CombinedHome({"main": home}, patient=True) as homes:
        assert homes_health(homes) == {"home main": {"status": "degraded", "reason": "the cable is out"}}
        home.away = False
        assert await anext(homes.changes()) == ""
        assert homes_health(homes) == {"home main": {"status": "ok", "reason": "in sync"}}
        assert "light.lamp" in homes.home.by_id


async def test_the_breakers_are_in_the_metrics() -> None:
    one, other = upstairs(), zigbee()
    async with CombinedHome({"main": one, "zigbee": other}) as homes:
        other.away = True
        for _ in range(FIRST):
            with pytest.raises(Unreachable):
                await homes.perform(Action("light.turn_on", ("light.lamp@zigbee",)))
        registry = CollectorRegistry()
        registry.register(BreakerCollector(lambda: homes.breakers))
        told = generate_latest(registry).decode()
        assert 'repartee_breaker_state{component="main"} 0.0' in told
        assert 'repartee_breaker_state{component="zigbee"} 2.0' in told
        assert 'repartee_breaker_opened_total{component="zigbee"} 1.0' in told
        assert "left alone" in homes_health(homes)["home zigbee"]["reason"]


async def test_wrong_settings_of_one_are_said_at_once() -> None:
    one, other = upstairs(), zigbee()
    other.wrong = True
    with pytest.raises(BadSettings, match="no such address"):
        await CombinedHome({"main": one, "zigbee": other}).__aenter__()


async def test_a_home_that_stays_away_is_left_in_peace_and_found_again() -> None:
    home = upstairs()
    async with GuardedHome(home, "upstairs") as guarded:
        home.away = True
        for _ in range(FIRST + 3):
            with pytest.raises(Unreachable):
                await guarded.perform(Action("light.turn_on", ("light.lamp",)))
        assert guarded.health.circuit is Circuit.OPEN
        assert home.calls == FIRST, "after that nobody was asked"
        home.away = False
        await asyncio.sleep(LONGEST_REST)
        (effect,) = await guarded.perform(Action("light.turn_on", ("light.lamp",)))
        assert effect.confirmed


async def test_only_what_may_be_done_twice_is_tried_again() -> None:
    home = upstairs()
    async with GuardedHome(home, "upstairs") as guarded:
        home.away = True
        with pytest.raises(Unreachable):
            await guarded.perform(Action("light.turn_on", ("light.lamp",)))
        assert home.calls == 2
        with pytest.raises(Unreachable):
            await guarded.perform(Action("light.toggle", ("light.lamp",)))
        assert home.calls == 3
