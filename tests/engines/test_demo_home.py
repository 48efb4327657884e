"""The demo home: what is in it, and what its devices do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.plan import Action, Effect
from repartee.engines.home.demo import DemoHome, demo_home
from repartee.homes.device_services import SERVICES
from repartee.homes.fields import BadCall


async def call(home: DemoHome, service: str, *entities: str, **data: object) -> Effect:
    (effect,) = await home.perform(Action(service, entities, data))
    return effect


def test_it_is_a_whole_home() -> None:
    file = demo_home()
    assert len(file.home.floors) == 2
    assert len(file.home.areas) >= 8
    assert len(file.home.entities) >= 40
    domains = {entity.domain for entity in file.home.entities}
    assert domains >= {
        "light", "cover", "climate", "lock", "fan", "media_player", "switch", "sensor", "binary_sensor", "scene",
        "script", "vacuum", "todo", "weather", "person",
    }  # fmt: skip
    assert all(entity.area is None or entity.area in file.home.area_by_id for entity in file.home.entities)


def test_scenes_and_scripts_speak_of_devices_that_are_there() -> None:
    file = demo_home()
    for entity in file.home.entities:
        attributes = file.states[entity.id].attributes
        assert set(attributes.get("entities", ())) <= file.home.by_id.keys()
        for step in attributes.get("sequence", ()):
            assert set(step["entities"]) <= file.home.by_id.keys()
            domain, _, verb = step["service"].partition(".")
            assert verb in SERVICES[domain]


EXPECTED: list[tuple[str, str, dict[str, object], str | None, dict[str, Any]]] = [
    ("light.turn_on", "light.night_light", {"color_name": "red"}, "on", {"rgb_color": (255, 0, 0)}),
    ("light.turn_on", "light.desk_lamp", {"color_temp_kelvin": 2700}, "on", {"color_temp_kelvin": 2700}),
    ("light.turn_on", "light.desk_lamp", {"brightness_pct": 0}, "off", {}),
    ("light.turn_on", "light.desk_lamp", {"brightness_step_pct": -20}, "on", {"brightness": 129}),
    ("light.toggle", "light.desk_lamp", {}, "off", {"brightness": None}),
    ("cover.set_cover_position", "cover.office_blinds", {"position": 30}, "open", {"current_position": 30}),
    ("cover.set_cover_position", "cover.office_blinds", {"position": 0}, "closed", {"current_position": 0}),
    ("homeassistant.turn_on", "cover.garage_door", {}, "open", {"current_position": 100}),
    ("homeassistant.turn_off", "lock.front_door", {}, "unlocked", {}),
    ("climate.set_temperature", "climate.thermostat", {"temperature": 22.5}, "heat", {"temperature": 22.5}),
    ("climate.turn_off", "climate.thermostat", {}, "off", {"temperature": 21}),
    ("lock.lock", "lock.back_door", {}, "locked", {}),
    ("fan.set_percentage", "fan.ceiling_fan", {"percentage": 40}, "on", {"percentage": 40}),
    ("fan.turn_on", "fan.ceiling_fan", {}, "on", {"percentage": 100}),
    ("media_player.volume_set", "media_player.tv", {"volume_level": 0.7}, "playing", {"volume_level": 0.7}),
    ("media_player.volume_up", "media_player.tv", {}, "playing", {"volume_level": 0.5}),
    ("media_player.volume_mute", "media_player.tv", {"is_volume_muted": True}, "playing", {"is_volume_muted": True}),
    ("media_player.media_pause", "media_player.tv", {}, "paused", {}),
    ("media_player.media_next_track", "media_player.kitchen_speaker", {}, "playing", {"media_track": 4}),
    ("switch.toggle", "switch.coffee_maker", {}, "on", {}),
    ("vacuum.clean_area", "vacuum.robot", {"cleaning_area_id": ["kitchen"]}, "cleaning", {}),
    ("lawn_mower.dock", "lawn_mower.lawn_robot", {}, "returning", {}),
]


@pytest.mark.parametrize(("service", "entity", "data", "value", "attributes"), EXPECTED)
async def test_devices_do_what_home_assistant_says(
    service: str, entity: str, data: dict[str, object], value: str, attributes: dict[str, Any]
) -> None:
    async with DemoHome() as home:
        effect = await call(home, service, entity, **data)
        assert effect.confirmed, effect.error
        state = home.states[entity]
        assert state.value == value
        assert {name: state.attributes[name] for name in attributes} == attributes


@pytest.mark.parametrize(
    ("service", "entity", "data", "why"),
    [
        ("light.turn_on", "light.desk_lamp", {"brightness_pct": 101}, "between 0 and 100"),
        ("light.turn_on", "light.desk_lamp", {"brightness_pct": True}, "must be a number"),
        ("light.turn_on", "light.desk_lamp", {"color_name": "octarine"}, "does not know the color"),
        ("light.turn_on", "light.counter_light", {"color_name": "red"}, "no colors"),
        ("light.turn_on", "light.desk_lamp", {"glitter": 1}, "does not know 'glitter'"),
        ("light.fly", "light.desk_lamp", {}, "a light can't fly"),
        ("light.turn_on", "cover.office_blinds", {}, "nothing for a cover"),
        ("cover.set_cover_position", "cover.office_blinds", {}, "needs to know the position"),
        ("climate.set_temperature", "climate.thermostat", {"temperature": 90}, "between 7 and 30"),
        ("lock.lock", "lock.moon", {}, "no such device"),
        ("todo.remove_item", "todo.shopping_list", {"item": ["caviar"]}, "'caviar' is not on the list"),
        ("sensor.turn_on", "sensor.power_usage", {}, "can't turn on"),
    ],
)
async def test_a_wrong_call_says_what_is_wrong(service: str, entity: str, data: dict[str, object], why: str) -> None:
    async with DemoHome() as home:
        before = dict(home.states)
        effect = await call(home, service, entity, **data)
        assert effect.error is not None
        assert why in effect.error
        assert dict(home.states) == before


async def test_a_lamp_comes_back_as_it_was() -> None:
    async with DemoHome() as home:
        await call(home, "light.turn_on", "light.bed_light", brightness_pct=20, color_name="blue")
        await call(home, "light.turn_off", "light.bed_light")
        assert home.states["light.bed_light"].attributes["brightness"] is None
        await call(home, "light.turn_on", "light.bed_light")
        assert home.states["light.bed_light"].attributes["brightness"] == 51
        assert home.states["light.bed_light"].attributes["rgb_color"] == (0, 0, 255)


async def test_a_scene_sets_the_states_it_names() -> None:
    async with DemoHome() as home:
        told = home.changes()
        assert (await call(home, "scene.turn_on", "scene.movie_night")).confirmed
        assert home.states["light.living_room_lamp"].attributes["brightness"] == 40
        assert home.states["cover.living_room_blinds"].value == "closed"
        told.close()
        assert {"scene.movie_night", "light.living_room_lamp"} <= {entity async for entity in told}


async def test_a_script_makes_its_calls() -> None:
    async with DemoHome() as home:
        assert (await call(home, "script.turn_on", "script.good_night")).confirmed
        assert home.states["lock.back_door"].value == "locked"
        assert home.states["light.hallway_light"].value == "off"


async def test_lists_count_what_is_still_to_do() -> None:
    async with DemoHome() as home:
        shopping = "todo.shopping_list"
        await call(home, "todo.add_item", shopping, item="eggs")
        assert home.states[shopping].value == "3"
        await call(home, "todo.update_item", shopping, item="Milk", status="completed")
        assert home.states[shopping].value == "2"
        await call(home, "todo.remove_item", shopping, item=["bread"])
        await call(home, "todo.remove_completed_items", shopping)
        assert [item["summary"] for item in home.states[shopping].attributes["items"]] == ["eggs"]


async def test_a_device_that_is_away_does_not_answer() -> None:
    async with DemoHome() as home:
        home.set_state("light.desk_lamp", State("unavailable"))
        effect = await call(home, "light.turn_off", "light.desk_lamp")
        assert effect.error == "Desk Lamp: it does not answer"


async def test_a_call_without_a_device_says_so() -> None:
    async with DemoHome() as home:
        (effect,) = await home.perform(Action("light.turn_on"))
        assert "which device" in str(effect.error)


async def test_it_plays_what_it_has() -> None:
    async with DemoHome() as home:
        wanted = {"media_content_id": "abbey", "media_content_type": "album"}
        assert (await call(home, "media_player.play_media", "media_player.tv", **wanted)).confirmed
        assert home.states["media_player.tv"].attributes["media_title"] == "Abbey Road"
        wanted["media_content_id"] = "silence for an hour"
        assert "found nothing" in str((await call(home, "media_player.play_media", "media_player.tv", **wanted)).error)


async def test_a_rename_is_told_and_is_a_new_version() -> None:
    async with DemoHome() as home:
        told, version = home.changes(), home.home.version
        home.rename("light.desk_lamp", "Moon")
        assert await anext(told) == ""
        assert home.home.version > version


async def test_a_home_of_a_file_with_bare_rows_works() -> None:
    rows = [{"name": "Lamp", "domain": "light"}, {"name": "Heat", "domain": "climate", "state": "21"}]
    async with DemoHome(home_from({"entities": rows})) as home:
        assert (await call(home, "light.turn_on", "light.lamp", brightness_pct=10)).confirmed
        assert (await call(home, "climate.set_temperature", "climate.heat", temperature=19)).confirmed
        assert home.states["climate.heat"].attributes["temperature"] == 19


Anything = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers(), max_size=4)
)
EVERY_SERVICE = [(domain, verb) for domain, services in SERVICES.items() for verb in services]


@given(
    service=st.sampled_from(EVERY_SERVICE),
    data=st.dictionaries(st.text(max_size=5), Anything, max_size=3),
    known=st.data(),
)
def test_no_data_breaks_a_device(service: tuple[str, str], data: dict[str, object], known: st.DataObject) -> None:
    domain, verb = service
    fields = list(SERVICES[domain][verb].fields)
    more: Mapping[str, object] = (
        known.draw(st.dictionaries(st.sampled_from(fields), Anything, max_size=3)) if fields else {}
    )
    try:
        after: State | BadCall = SERVICES[domain][verb](State("on"), {**data, **more})
    except BadCall as error:
        after = error
    assert str(after) if isinstance(after, BadCall) else after.value is not None


async def test_a_call_takes_the_delay_that_was_asked_for() -> None:
    async with DemoHome(delay=1.5) as home:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await call(home, "light.turn_on", "light.desk_lamp")
        assert loop.time() - before == pytest.approx(1.5)
