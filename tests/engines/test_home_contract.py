"""What every back end of a home must do. An engine joins by adding a function to `HOMES`.

A function opens a home that has the devices named in `Given`, the lamps off, the blinds open, all answering. Where it
needs a fixture, the fixture's name is its parameter.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from repartee.core.home_file import HomeFile, home_from
from repartee.core.plan import Action
from repartee.core.ports import HomeBackend
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.home_assistant import HomeAssistant
from repartee.engines.home.mqtt import Broker, Mqtt
from repartee.homes.combined import CombinedHome
from tests.homes.home_assistant import HomeAssistantProcess
from tests.homes.mosquitto import PASSWORD, USER, Mosquitto
from tests.homes.zigbee import Bridge


@dataclass(frozen=True)
class Given:
    home: HomeBackend
    lamp: str = "light.desk_lamp"
    other_lamp: str = "light.bed_light"
    blinds: str = "cover.office_blinds"


REAL = ("light.lamp_12", "light.lamp_13", "cover.study_blinds")
Opens = Callable[[], AbstractAsyncContextManager[Given]]


def furnished() -> HomeFile:
    rows = [
        {"name": "Desk Lamp", "domain": "light", "area": "Office", "state": "off"},
        {"name": "Bed Light", "domain": "light", "area": "Bedroom", "state": "off"},
        {"name": "Office Blinds", "domain": "cover", "area": "Office", "state": "open"},
    ]
    return home_from({"areas": [{"name": "Office"}, {"name": "Bedroom"}], "entities": rows})


@asynccontextmanager
async def demo() -> AsyncIterator[Given]:
    async with DemoHome(furnished()) as home:
        yield Given(home)


@asynccontextmanager
async def slow_demo() -> AsyncIterator[Given]:
    async with DemoHome(furnished(), delay=0.2) as slow:
        yield Given(slow)


def prepared(home_assistant: HomeAssistantProcess) -> HomeAssistant:
    """Its lamps are off, its blinds open."""
    admin = home_assistant.admin()
    for lamp in REAL[:2]:
        admin.call("light.turn_off", lamp)
        admin.change(lamp, {"area_id": "bedroom"})
    admin.call("cover.open_cover", REAL[2])
    admin.close()
    return HomeAssistant(home_assistant.url, lambda: home_assistant.token)


@asynccontextmanager
async def real_home_assistant(home_assistant: HomeAssistantProcess) -> AsyncIterator[Given]:
    async with prepared(home_assistant) as home:
        yield Given(home, *REAL)


@asynccontextmanager
async def real_mqtt(broker: Mosquitto) -> AsyncIterator[Given]:
    async with Bridge(broker), Mqtt(Broker("127.0.0.1", broker.port, USER, lambda: PASSWORD)) as home:
        yield Given(home, "light.desk_lamp", "light.night_lamp", "cover.blinds")


@asynccontextmanager
async def several(home_assistant: HomeAssistantProcess) -> AsyncIterator[Given]:
    """The lamps in the second home, the blinds in the first."""
    async with CombinedHome({"main": DemoHome(furnished()), "second": prepared(home_assistant)}) as both:
        yield Given(both, f"{REAL[0]}@second", f"{REAL[1]}@second")


real = pytest.mark.real_time
HOMES = [
    pytest.param(demo, id="demo"),
    pytest.param(slow_demo, id="slow demo"),
    pytest.param(real_home_assistant, id="home assistant", marks=real),
    pytest.param(real_mqtt, id="mqtt", marks=real),
    pytest.param(several, id="several", marks=real),
]
every_home = pytest.mark.parametrize("opens", HOMES, indirect=True)


@pytest.fixture
def opens(request: pytest.FixtureRequest) -> Opens:
    """How to open one of them; fixtures that it names are started only for it."""
    function = request.param
    return partial(function, *(request.getfixturevalue(name) for name in inspect.signature(function).parameters))


@every_home
async def test_an_entered_home_is_in_sync(opens: Opens) -> None:
    async with opens() as given:
        lamp = given.home.home.by_id[given.lamp]
        assert lamp.name
        assert lamp.area in given.home.home.area_by_id
        assert given.home.states[given.lamp].value == "off"
        assert given.home.states[given.blinds].value == "open"


@every_home
async def test_a_call_is_confirmed_by_the_new_state(opens: Opens) -> None:
    async with opens() as given:
        (effect,) = await given.home.perform(Action("light.turn_on", (given.lamp,), {"brightness_pct": 50}))
        assert (effect.entity, effect.confirmed, effect.error) == (given.lamp, True, None)
        state = given.home.states[given.lamp]
        assert state.value == "on"
        assert state.attributes["brightness"] == pytest.approx(128, abs=1)


@every_home
async def test_one_call_for_several_devices_has_an_effect_for_each(opens: Opens) -> None:
    async with opens() as given:
        effects = await given.home.perform(Action("light.turn_on", (given.lamp, given.other_lamp)))
        assert [effect.entity for effect in effects] == [given.lamp, given.other_lamp]
        assert all(effect.confirmed for effect in effects)


@every_home
async def test_what_is_so_already_is_confirmed_too(opens: Opens) -> None:
    async with opens() as given:
        for _ in range(2):
            (effect,) = await given.home.perform(Action("light.turn_off", (given.lamp,)))
            assert effect.confirmed


@every_home
async def test_one_bad_device_does_not_keep_the_others_from_it(opens: Opens) -> None:
    async with opens() as given:
        effects = await given.home.perform(Action("light.turn_on", ("light.never_was", given.lamp)))
        by_entity = {effect.entity: effect for effect in effects}
        assert by_entity["light.never_was"].error
        assert not by_entity["light.never_was"].confirmed
        assert by_entity[given.lamp].confirmed
        assert given.home.states[given.lamp].value == "on"


@every_home
@pytest.mark.parametrize(
    ("service", "data"),
    [("light.explode", {}), ("light.turn_on", {"brightness_pct": 1000}), ("light.turn_on", {"sparkle": True})],
)
async def test_a_call_that_can_not_be_is_an_error_and_changes_nothing(
    opens: Opens, service: str, data: dict[str, object]
) -> None:
    async with opens() as given:
        (effect,) = await given.home.perform(Action(service, (given.lamp,), data))
        assert effect.error
        assert not effect.confirmed
        assert given.home.states[given.lamp].value == "off"


@every_home
async def test_subscribers_are_told_of_changes_and_of_the_end(opens: Opens) -> None:
    async with opens() as given:
        first, second = given.home.changes(), given.home.changes()
        await given.home.perform(Action("cover.close_cover", (given.blinds,)))
        assert given.home.states[given.blinds].value == "closed"
        async with asyncio.timeout(2):
            assert await anext(first) == given.blinds
            assert await anext(second) == given.blinds
    async with asyncio.timeout(2):
        assert given.blinds not in [told async for told in first]


@every_home
async def test_states_do_not_change_the_version_of_the_home(opens: Opens) -> None:
    async with opens() as given:
        version = given.home.home.version
        await given.home.perform(Action("light.turn_on", (given.lamp,)))
        assert given.home.home.version == version


@every_home
async def test_calls_at_once_are_all_done(opens: Opens) -> None:
    async with opens() as given:
        calls = [Action("light.turn_on", (lamp,)) for lamp in (given.lamp, given.other_lamp)]
        results = await asyncio.gather(*(given.home.perform(call) for call in calls))
        assert [effect.confirmed for effects in results for effect in effects] == [True, True]
