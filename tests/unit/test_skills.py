"""Skills: what each intent does to a home, and that none of them ever guesses a device."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from home_assistant_intents import get_intents, get_languages
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.assembly.skills import load_skills
from repartee.assembly.skills.timers import rounded
from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Data, Intent, Slots
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation
from repartee.engines.home.demo import demo_home
from repartee.engines.home.household import Household

SKILLS = load_skills()
FILE = demo_home()
TWINS = home_from(
    {
        "floors": [{"name": "Up"}, {"name": "Down"}],
        "areas": [{"name": "Loft", "floor": "Up"}, {"name": "Hall", "floor": "Down"}, {"name": "Den", "floor": "Down"}],
        "entities": [
            {"name": "Lamp", "domain": "light", "area": "Loft"},
            {"name": "Lamp", "domain": "light", "area": "Den"},
            {"name": "Lamp", "domain": "light", "area": "Hall"},
            {"name": "Ghost", "domain": "switch"},
            {"name": "Radio", "domain": "media_player", "area": "Den", "state": "paused"},
            {"name": "TV", "domain": "media_player", "area": "Loft", "state": "playing"},
        ],
    }
)


def situation(area: str | None = "living_room", file: Any = FILE) -> Situation:
    return Situation(file.home, file.states, Context(area=area), datetime(2026, 3, 2, 14, 30).astimezone())


def do(name: str, slots: Slots | None = None, where: Situation | None = None, response: str = "default") -> Step:
    return SKILLS[name](Intent(name, slots or {}, response=response), where or situation())


def doubt(name: str, slots: Slots, where: Situation | None = None) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(Doubtful) as error:
        do(name, slots, where)
    return error.value.doubt.key, error.value.doubt.labels


def test_every_intent_of_every_language_has_a_skill() -> None:
    known = {intent for language in get_languages() for intent in (get_intents(language) or {}).get("intents", {})}
    missing = {name for name in known if name.startswith("Hass")} - SKILLS.keys()
    assert not missing


EXPECTED: list[tuple[str, dict[str, Any], str, tuple[str, ...], Data]] = [
    ("HassTurnOn", {"name": "desk lamp"}, "light.turn_on", ("light.desk_lamp",), {}),
    ("HassTurnOn", {"name": "Garage Door"}, "cover.open_cover", ("cover.garage_door",), {}),
    ("HassTurnOff", {"name": "front door"}, "lock.unlock", ("lock.front_door",), {}),
    ("HassTurnOn", {"name": "Movie Night"}, "scene.turn_on", ("scene.movie_night",), {}),
    ("HassTurnOn", {"name": "Good Night"}, "script.turn_on", ("script.good_night",), {}),
    ("HassTurnOn", {"name": "robot"}, "vacuum.start", ("vacuum.robot",), {}),
    ("HassTurnOn", {"name": "Television"}, "media_player.turn_on", ("media_player.tv",), {}),
    (
        "HassTurnOff",
        {"area": "Kitchen", "domain": "light"},
        "light.turn_off",
        ("light.kitchen_ceiling_light", "light.counter_light"),
        {},
    ),
    (
        "HassTurnOff",
        {"area": "study", "device_class": ("blind", "shade"), "domain": "cover"},
        "cover.close_cover",
        ("cover.office_blinds",),
        {},
    ),
    ("HassTurnOn", {"area": "Office"}, "light.turn_on", ("light.desk_lamp", "light.office_light"), {}),
    (
        "HassLightSet",
        {"name": "Bed Light", "brightness": 50},
        "light.turn_on",
        ("light.bed_light",),
        {"brightness_pct": 50},
    ),
    (
        "HassLightSet",
        {"name": "Bed Light", "brightness_step": -20},
        "light.turn_on",
        ("light.bed_light",),
        {"brightness_step_pct": -20},
    ),
    (
        "HassLightSet",
        {"area": "Living Room", "color": "sky blue"},
        "light.turn_on",
        ("light.living_room_lamp",),
        {"color_name": "skyblue"},
    ),
    (
        "HassLightSet",
        {"name": "Desk Lamp", "temperature": 2700},
        "light.turn_on",
        ("light.desk_lamp",),
        {"color_temp_kelvin": 2700},
    ),
    (
        "HassSetPosition",
        {"name": "Office Blinds", "position": 30},
        "cover.set_cover_position",
        ("cover.office_blinds",),
        {"position": 30},
    ),
    (
        "HassFanSetSpeed",
        {"area": "Bedroom", "percentage": 40},
        "fan.set_percentage",
        ("fan.ceiling_fan",),
        {"percentage": 40},
    ),
    (
        "HassClimateSetTemperature",
        {"temperature": 20.5},
        "climate.set_temperature",
        ("climate.thermostat",),
        {"temperature": 20.5},
    ),
    (
        "HassClimateSetTemperature",
        {"temperature_step": 1},
        "climate.set_temperature",
        ("climate.thermostat",),
        {"temperature": 22},
    ),
    (
        "HassClimateSetFanMode",
        {"name": "Heating", "fan_mode": "low"},
        "climate.set_fan_mode",
        ("climate.thermostat",),
        {"fan_mode": "low"},
    ),
    ("HassMediaPause", {}, "media_player.media_pause", ("media_player.tv",), {}),
    (
        "HassMediaPlayerMute",
        {"name": "TV"},
        "media_player.volume_mute",
        ("media_player.tv",),
        {"is_volume_muted": True},
    ),
    ("HassSetVolume", {"volume_level": 30}, "media_player.volume_set", ("media_player.tv",), {"volume_level": 0.3}),
    (
        "HassSetVolumeRelative",
        {"volume_step": "up"},
        "media_player.volume_set",
        ("media_player.tv",),
        {"volume_level": 0.5},
    ),
    (
        "HassSetVolumeRelative",
        {"volume_step": -50},
        "media_player.volume_set",
        ("media_player.tv",),
        {"volume_level": 0},
    ),
    (
        "HassVacuumCleanArea",
        {"area": "Kitchen"},
        "vacuum.clean_area",
        ("vacuum.robot",),
        {"cleaning_area_id": ["kitchen"]},
    ),
    ("HassVacuumReturnToBase", {"name": "robot"}, "vacuum.return_to_base", ("vacuum.robot",), {}),
    ("HassLawnMowerStartMowing", {}, "lawn_mower.start_mowing", ("lawn_mower.lawn_robot",), {}),
    ("HassShoppingListAddItem", {"item": "eggs"}, "todo.add_item", ("todo.shopping_list",), {"item": "eggs"}),
    ("HassListAddItem", {"item": "mop", "name": "chores"}, "todo.add_item", ("todo.chores",), {"item": "mop"}),
    (
        "HassShoppingListCompleteItem",
        {"item": "MILK"},
        "todo.update_item",
        ("todo.shopping_list",),
        {"item": "milk", "status": "completed"},
    ),
    (
        "HassListRemoveItem",
        {"item": "milk", "name": "Shopping List"},
        "todo.remove_item",
        ("todo.shopping_list",),
        {"item": ["milk"]},
    ),
    (
        "HassStartTimer",
        {"minutes": 5, "name": "eggs"},
        "timer.start",
        (),
        {"minutes": 5, "name": "eggs", "area": "living_room"},
    ),
]


@pytest.mark.parametrize(("name", "slots", "service", "entities", "data"), EXPECTED)
def test_an_intent_becomes_a_call(
    name: str, slots: dict[str, Any], service: str, entities: tuple[str, ...], data: Data
) -> None:
    assert do(name, slots).actions == (Action(service, entities, data),)


def test_all_the_lights_are_all_the_lights() -> None:
    everything = do("HassTurnOff", {"domain": "light"}, response="light_all").actions[0].entities
    assert len(everything) == 16
    assert do("HassTurnOff", {"domain": "light"}).actions[0].entities == everything
    here = do("HassTurnOff", {"domain": "light"}, response="lights_area").actions[0].entities
    assert set(here) == {"light.living_room_lamp", "light.ceiling_light", "light.reading_lamp"}


def test_lights_of_a_floor_are_those_of_its_areas() -> None:
    upstairs = do("HassTurnOn", {"domain": "light", "floor": "Upstairs"}).actions[0].entities
    areas = {FILE.home.by_id[entity].area for entity in upstairs}
    assert areas == {"bedroom", "kids_room", "bathroom", "office"}


@pytest.mark.parametrize(("area", "meant"), [("loft", "light.lamp"), ("den", "light.lamp_2"), ("hall", "light.lamp_3")])
def test_of_several_of_one_name_the_one_here_is_meant(area: str, meant: str) -> None:
    assert do("HassTurnOn", {"name": "Lamp"}, situation(area, TWINS)).actions[0].entities == (meant,)


def test_of_several_of_one_name_none_is_guessed() -> None:
    assert doubt("HassTurnOn", {"name": "Lamp"}, situation(None, TWINS)) == (
        "duplicate_entities",
        ("Loft", "Den", "Hall"),
    )
    assert doubt("HassTurnOn", {"name": "Lamp", "floor": "Down"}, situation(None, TWINS))[1] == ("Den", "Hall")
    assert do("HassTurnOn", {"name": "Lamp", "floor": "Up"}, situation(None, TWINS)).actions[0].entities == (
        "light.lamp",
    )


def test_a_device_that_is_nowhere_is_found_where_it_is_said_to_be() -> None:
    assert do("HassTurnOn", {"name": "Ghost", "area": "Den"}, situation(None, TWINS)).actions[0].entities == (
        "switch.ghost",
    )


@pytest.mark.parametrize(
    ("name", "slots", "key"),
    [
        ("HassTurnOn", {"name": "disco ball"}, "no_entity"),
        ("HassTurnOn", {"name": "Desk Lamp", "area": "Kitchen"}, "no_entity_in_area"),
        ("HassTurnOn", {"name": "Desk Lamp", "floor": "Downstairs"}, "no_entity_in_floor"),
        ("HassTurnOn", {"area": "Dungeon", "domain": "light"}, "no_area"),
        ("HassTurnOn", {"floor": "Seventh", "domain": "light"}, "no_floor"),
        ("HassTurnOn", {"area": "Office", "domain": "fan"}, "no_domain_in_area"),
        ("HassTurnOff", {"area": "Office", "domain": "cover", "device_class": "gate"}, "no_device_class_in_area"),
        ("HassTurnOn", {"name": "Power Usage"}, "feature_not_supported"),
        ("HassLightSet", {"name": "Counter Light", "color": "red"}, "feature_not_supported"),
        ("HassLightSet", {"name": "Counter Light"}, "no_number"),
        ("HassShoppingListCompleteItem", {"item": "caviar"}, "not_on_list"),
        ("HassCancelTimer", {}, "timer_not_found"),
        ("HassStartTimer", {}, "no_number"),
        ("HassGetWeather", {"name": "Atlantis"}, "no_entity"),
    ],
)
def test_what_is_not_there_is_said_not_guessed(name: str, slots: dict[str, Any], key: str) -> None:
    assert doubt(name, slots)[0] == key


def test_lights_without_a_place_ask_for_the_room() -> None:
    key, choices = doubt("HassTurnOn", {"domain": "light"}, situation(None))
    assert key == "which_area"
    assert "Kitchen" in choices


def test_pause_means_what_plays() -> None:
    assert do("HassMediaPause", {}, situation("hall", TWINS)).actions[0].entities == ("media_player.tv",)
    assert do("HassMediaUnpause", {}, situation("hall", TWINS)).actions[0].entities == ("media_player.radio",)
    assert do("HassMediaPause", {"area": "Den"}, situation("hall", TWINS)).actions[0].entities == (
        "media_player.radio",
    )


def test_a_message_goes_to_the_other_rooms() -> None:
    (announce,) = do("HassBroadcast", {"message": "dinner is ready"}).actions
    assert (announce.service, announce.data["message"]) == ("household.announce", "dinner is ready")


def test_time_and_date_are_those_of_the_home() -> None:
    assert str(do("HassGetCurrentTime").facts["time"]) == "14:30:00"
    assert str(do("HassGetCurrentDate").facts["date"]) == "2026-03-02"


@pytest.mark.parametrize(
    ("slots", "matched"),
    [
        ({"domain": "light", "state": "on", "area": "Bedroom"}, ["light.bed_light"]),
        ({"name": "front door", "state": "locked"}, ["lock.front_door"]),
        ({"name": "front door", "state": "unlocked"}, []),
        (  # a contact and a motor are both windows, whichever the sentence was written for
            {"domain": "binary_sensor", "device_class": "window", "state": "closed"},
            ["cover.kitchen_window", "binary_sensor.front_window"],
        ),
        (
            {"domain": "cover", "device_class": "window", "state": "open", "floor": "Upstairs"},
            ["cover.bathroom_window"],
        ),
    ],
)
def test_questions_find_what_is_as_asked(slots: dict[str, Any], matched: list[str]) -> None:
    assert do("HassGetState", slots).facts["matched"] == matched


def test_the_temperature_comes_from_a_sensor_where_there_is_no_thermostat() -> None:
    assert do("HassClimateGetTemperature", {"area": "Office"}).facts["state"] == "sensor.office_temperature"
    assert do("HassClimateGetTemperature").facts["state"] == "climate.thermostat"


async def _timers(*started: dict[str, Any]) -> tuple[Household, Situation]:
    household = await Household(wall=lambda: asyncio.get_running_loop().time()).__aenter__()
    for data in started:
        await household.perform(Action("timer.start", (), data))
    now = datetime.fromtimestamp(asyncio.get_running_loop().time()).astimezone()
    where = Situation(FILE.home, household.states, Context(area="kitchen"), now, household.home)
    return household, where


async def test_timers_are_told_apart() -> None:
    household, where = await _timers(
        {"minutes": 5, "name": "eggs"}, {"minutes": 10, "area": "office"}, {"hours": 1, "area": "kitchen"}
    )
    names = {
        entity: household.states[entity].attributes["seconds"] for entity in household.home.by_id if "timer" in entity
    }

    def meant(slots: Slots) -> float:
        return float(names[do("HassCancelTimer", slots, where).actions[0].entities[0]])

    assert meant({"name": "Eggs"}) == 300
    assert meant({"area": "Office"}) == 600
    assert meant({"start_hours": 1}) == 3600
    assert meant({"start_minutes": 10}) == 600
    assert meant({}) == 3600  # the one of this room
    assert len(do("HassCancelAllTimers", {}, where).actions[0].entities) == 3
    assert doubt("HassPauseTimer", {"name": "cake"}, where)[0] == "timer_not_found"
    assert do("HassDecreaseTimer", {"name": "eggs", "minutes": 1}, where).actions[0].data == {"seconds": -60}
    told = do("HassTimerStatus", {}, where).facts["timers"]
    assert isinstance(told, list)
    assert (told[0]["name"], told[0]["rounded_minutes_left"]) == ("eggs", 5)
    await household.__aexit__(None, None, None)


async def test_of_many_timers_none_is_guessed() -> None:
    household, where = await _timers({"minutes": 5, "area": "office"}, {"minutes": 7, "area": "bedroom"})
    assert doubt("HassCancelTimer", {}, where)[0] == "which_one"
    await household.__aexit__(None, None, None)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, (0, 0, 0)), (59, (0, 0, 59)), (61, (0, 1, 0)), (298, (0, 5, 0)), (3599, (1, 0, 0)), (7261, (2, 1, 0))],
)
def test_the_time_left_is_said_as_people_say_it(seconds: float, said: tuple[int, int, int]) -> None:
    assert tuple(rounded(seconds)) == said


Value = st.one_of(
    st.sampled_from(["Kitchen", "Desk Lamp", "light", "on", "up", "Upstairs", "milk", ""]),
    st.integers(-200, 200),
    st.floats(allow_nan=False, allow_infinity=False),
    st.tuples(st.just("light"), st.just("fan")),
)
Names = st.sampled_from(
    ["name", "area", "floor", "domain", "device_class", "state", "brightness", "position", "item", "volume_step",
     "temperature", "minutes", "hours", "message", "search_query", "volume_level", "percentage", "fan_mode", "color"]
)  # fmt: skip


Areas = st.sampled_from([None, "kitchen", "x"])


@settings(max_examples=500)
@given(st.sampled_from(sorted(SKILLS)), st.dictionaries(Names, Value, max_size=5), Areas)
def test_no_slots_break_a_skill(name: str, slots: dict[str, Any], area: str | None) -> None:
    """Whatever a reading (or a language model) brings, a skill gives calls for devices that are there, or a doubt."""
    try:
        step = do(name, slots, situation(area))
    except Doubtful as error:
        assert error.doubt.key  # noqa: PT017  both ways out are fine
    else:
        assert {entity for action in step.actions for entity in action.entities} <= FILE.home.by_id.keys()


def test_unknown_states_are_no_obstacle() -> None:
    bare = home_from(
        {"areas": [{"name": "Den"}], "entities": [{"name": "Radio", "domain": "media_player", "area": "Den"}]}
    )
    where = situation("den", bare)
    assert do("HassSetVolumeRelative", {"volume_step": "down"}, where).actions[0].service == "media_player.volume_down"
    asked = do("HassGetState", {"name": "Radio", "state": "on"}, where)
    assert (asked.intent.name, asked.facts["names"]) == ("RepUnknown", ["Radio"])
    assert bare.states["media_player.radio"] == State()
