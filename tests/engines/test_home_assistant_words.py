"""What Home Assistant says, read without it: registries, short states, and how a state shows that a call was done."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.home import HomeVersion, State
from repartee.engines.home.home_assistant.compressed import changed, whole
from repartee.engines.home.home_assistant.inventory import Registries
from repartee.homes.expectations import expectation, idempotent
from repartee.homes.set_aside import SetAside

VERSION = HomeVersion("test", 0, 0)
values = st.text(max_size=5) | st.integers(-5, 5) | st.none() | st.lists(st.integers(0, 3), max_size=2)
attributes = st.dictionaries(st.sampled_from("abcde"), values, max_size=5)
states = st.builds(State, st.text(max_size=5).filter(lambda text: text != "unknown"), attributes)


def difference(before: State, after: State) -> dict[str, Any]:
    """As Home Assistant makes it."""
    more: dict[str, Any] = {} if before.value == after.value else {"s": after.value}
    new = {key: value for key, value in after.attributes.items() if before.attributes.get(key) != value}
    if new:
        more["a"] = new
    gone = [key for key in before.attributes if key not in after.attributes]
    return {"+": more} | ({"-": {"a": gone}} if gone else {})


@given(states, states)
def test_a_difference_on_top_of_the_state_before_is_the_state_after(before: State, after: State) -> None:
    missing = [key for key, value in after.attributes.items() if value is None and key not in before.attributes]
    told = changed(before, difference(before, after))
    assert told.value == after.value
    assert dict(told.attributes) == {key: value for key, value in after.attributes.items() if key not in missing}


def test_nobody_knows_is_none() -> None:
    assert whole({"s": "unknown", "a": {}}) == State(None, {})
    assert changed(State("on"), {"+": {"s": "unknown"}}).value is None


def registries(**entry: Any) -> Registries:
    return Registries(
        floors=[{"floor_id": "up", "name": "Upstairs", "aliases": ["First Floor"], "level": 1}],
        areas=[{"area_id": "bedroom", "name": "Bedroom", "floor_id": "up", "aliases": ["Chamber"]}],
        device_areas={"device": "bedroom"},
        entities={"light.lamp": entry},
    )


def test_places_and_names() -> None:
    home = registries(device_id="device", aliases=["Glow", "", None]).home(
        VERSION, {"light.lamp": State("on", {"friendly_name": "Lamp", "device_class": "x"})}, SetAside("home")
    )
    assert home.floors[0].aliases == ("First Floor",)
    assert home.area_by_id["bedroom"].floor == "up"
    lamp = home.by_id["light.lamp"]
    assert (lamp.name, lamp.area, lamp.aliases, lamp.device_class) == ("Lamp", "bedroom", ("Glow",), "x")


def test_an_entity_without_a_name_is_called_by_its_id_and_an_area_that_is_gone_is_none() -> None:
    home = registries(area_id="nowhere").home(VERSION, {"light.lamp": State("on", {})}, SetAside("home"))
    assert home.by_id["light.lamp"].name == "lamp"
    assert home.by_id["light.lamp"].area is None


@pytest.mark.parametrize(
    ("entry", "domain", "device_class", "said"),
    [
        ({}, "light", None, True),
        ({}, "lock", None, False),
        ({}, "sensor", "temperature", True),
        ({}, "sensor", "battery", False),
        ({}, "binary_sensor", "window", True),
        ({}, "automation", None, False),
        ({"entity_category": "config"}, "switch", None, False),
        ({"hidden_by": "user"}, "light", None, False),
        ({"options": {"conversation": {"should_expose": True}}}, "lock", None, True),
        ({"options": {"conversation": {"should_expose": True}}, "hidden_by": "user"}, "light", None, True),
        ({"options": {"conversation": {"should_expose": False}}}, "light", None, False),
        ({"options": {"cloud.alexa": {"should_expose": False}}}, "light", None, True),
    ],
)
def test_what_may_be_spoken_to(entry: dict[str, Any], domain: str, device_class: str | None, said: bool) -> None:
    entity = f"{domain}.thing"
    registry = Registries(entities={entity: {"entity_id": entity, **entry}})
    assert registry.is_exposed(entity, State("on", {"device_class": device_class})) is said


def test_without_a_registry_entry_the_list_decides_and_then_the_habit() -> None:
    registry = Registries(exposed={"light.a": {"conversation": False}, "media_player.b": {"conversation": True}})
    assert not registry.is_exposed("light.a", State("on"))
    assert registry.is_exposed("media_player.b", State("on"))
    assert registry.is_exposed("light.c", State("on"))
    registry.expose_new = False
    assert not registry.is_exposed("light.c", State("on"))


@pytest.mark.parametrize(
    ("service", "entity", "data", "done", "not_done"),
    [
        ("light.turn_on", "light.a", {}, State("on"), State("off")),
        ("light.turn_on", "light.a", {"brightness": 0}, State("off"), State("on", {"brightness": 9})),
        ("light.turn_on", "light.a", {"brightness_pct": 50}, State("on", {"brightness": 128}), State("on")),
        ("light.turn_on", "light.a", {"rgb_color": (1, 2, 3)}, State("on"), State("off")),
        ("homeassistant.turn_off", "switch.a", {}, State("off"), State("unavailable")),
        ("homeassistant.toggle", "fan.a", {}, State("off"), State("on")),
        ("cover.open_cover", "cover.a", {}, State("opening"), State("closed")),
        ("cover.set_cover_position", "cover.a", {"position": 30}, State("closing"), State("open", {})),
        ("cover.set_cover_position", "cover.a", {"position": 30}, State("open", {"current_position": 31}), State("on")),
        ("lock.lock", "lock.a", {}, State("locked"), State("locking")),
        ("lock.unlock", "lock.a", {}, State("unlocked"), State("jammed")),
        ("climate.turn_on", "climate.a", {}, State("heat"), State("off")),
        ("climate.set_hvac_mode", "climate.a", {"hvac_mode": "cool"}, State("cool"), State("heat")),
        ("climate.set_temperature", "climate.a", {"temperature": 21}, State("on", {"temperature": 21.0}), State("on")),
        ("media_player.turn_off", "media_player.a", {}, State("standby"), State("playing")),
        ("media_player.volume_set", "media_player.a", {"volume_level": 0.5}, State("on", {"volume_level": 0.51}),
         State("on", {"volume_level": 0.6})),
        ("media_player.volume_mute", "media_player.a", {"is_volume_muted": True},
         State("on", {"is_volume_muted": True}), State("on", {})),
        ("input_number.set_value", "input_number.a", {"value": 4}, State("4.0"), State("5")),
        ("select.select_option", "select.a", {"option": "eco"}, State("eco"), State("fast")),
        ("vacuum.return_to_base", "vacuum.a", {}, State("returning"), State("cleaning")),
        ("alarm_control_panel.alarm_disarm", "alarm_control_panel.a", {}, State("disarmed"), State("armed_away")),
    ],
)  # fmt: skip
def test_a_state_shows_that_it_was_done(
    service: str, entity: str, data: dict[str, object], done: State, not_done: State
) -> None:
    expected = expectation(service, entity, data, State("on"))
    assert expected is not None
    assert expected(done)
    assert not expected(not_done)
    assert not expected(State())


@pytest.mark.parametrize(
    ("service", "entity"),
    [
        ("scene.turn_on", "scene.evening"),
        ("script.turn_on", "script.x"),
        ("button.press", "button.bell"),
        ("media_player.media_next_track", "media_player.a"),
    ],
)
def test_some_calls_show_in_no_state(service: str, entity: str) -> None:
    assert expectation(service, entity, {}, State("on")) is None


def test_what_may_be_tried_again() -> None:
    again = ["light.turn_on", "lock.lock", "cover.set_cover_position", "homeassistant.turn_off", "scene.turn_on"]
    never = [
        "light.toggle",
        "button.press",
        "script.turn_on",
        "notify.phone",
        "media_player.volume_up",
        "todo.add_item",
    ]
    assert all(idempotent(service) for service in again)
    assert not any(idempotent(service) for service in never)
