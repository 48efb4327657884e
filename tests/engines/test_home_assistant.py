"""Against a real Home Assistant on loopback, and against what can go wrong between us and it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from websockets.asyncio.server import ServerConnection, serve

from repartee.core.channel import Channel
from repartee.core.errors import BadSettings, Refused, Unreachable
from repartee.core.intent import Intent
from repartee.core.plan import Action, Effect, Plan, Step
from repartee.engines.home.home_assistant import HomeAssistant, socket
from repartee.homes.guarded import GuardedHome
from repartee.stages.act import Backends, act
from tests.homes.fixtures import HOUSE, absent
from tests.homes.home_assistant import Admin, HomeAssistantProcess, free_port
from tests.homes.install import NotInstalled
from tests.homes.proxy import BadWire

pytestmark = pytest.mark.real_time
T = TypeVar("T")
LIMIT = 30.0
"""Seconds after which a test has failed: nothing may hang."""


def to(
    home_assistant: HomeAssistantProcess, wire: BadWire | None = None, *, confirm_within: float = 2.0
) -> HomeAssistant:
    url = wire.url if wire else home_assistant.url
    return HomeAssistant(url, lambda: home_assistant.token, confirm_within=confirm_within)


async def until(changes: Channel[str], true: Callable[[], bool]) -> None:
    """Until it is true, looked at with every change."""
    async with asyncio.timeout(LIMIT):
        while not true():
            await anext(changes)


async def in_time(call: Awaitable[T], seconds: float) -> T:
    async with asyncio.timeout(seconds):
        return await call


def told(effects: object) -> dict[str, str | None]:
    assert isinstance(effects, list)
    assert all(isinstance(effect, Effect) for effect in effects)
    assert all(effect.confirmed == (effect.error is None) for effect in effects)
    return {effect.entity: effect.error for effect in effects}


async def test_entered_it_is_in_sync_with_names_places_and_states(
    home_assistant: HomeAssistantProcess, admin: Admin
) -> None:
    study = admin.area("Study", ["Den"])
    admin.change("light.lamp_7", {"area_id": study, "aliases": ["Reading Light"]})
    admin.call("light.turn_on", "light.lamp_7", {"brightness": 77})
    device = next(row for row in admin.ask("config/device_registry/list") if row["name"] == "Bed Light")
    admin.ask("config/device_registry/update", {"device_id": device["id"], "area_id": study})
    admin.expose(["light.lamp_8"], yes=False)
    async with to(home_assistant) as home:
        assert home.server == home_assistant.version
        assert home.trouble is None
        lamp = home.home.by_id["light.lamp_7"]
        assert (lamp.name, lamp.area, lamp.aliases) == ("Lamp 7", study, ("Reading Light",))
        assert home.home.area_named("den") == home.home.area_by_id[study]
        assert home.states["light.lamp_7"].value == "on"
        assert home.states["light.lamp_7"].attributes["brightness"] == 77
        assert home.home.by_id["light.bed_light"].area == study, "the area of its device"
        assert "light.lamp_8" not in home.home.by_id, "not exposed, not sayable"
        assert "light.lamp_8" in home.states
        assert home.home.by_id["sensor.outside_temperature"].device_class == "temperature"
    admin.expose(["light.lamp_8"], yes=True)


async def test_many_entities_in_one_call_each_confirmed_by_its_state(home_assistant: HomeAssistantProcess) -> None:
    lamps = tuple(f"light.lamp_{number}" for number in range(20))
    async with to(home_assistant) as home:
        effects = await home.perform(Action("light.turn_on", lamps, {"brightness_pct": 40}))
        assert told(effects) == dict.fromkeys(lamps)
        assert {home.states[lamp].attributes["brightness"] for lamp in lamps} == {102}
        again = await home.perform(Action("light.turn_on", lamps, {"brightness_pct": 40}))
        assert told(again) == dict.fromkeys(lamps), "what was so before is confirmed too"
        assert told(await home.perform(Action("homeassistant.turn_off", lamps))) == dict.fromkeys(lamps)
        assert {home.states[lamp].value for lamp in lamps} == {"off"}


async def test_each_entity_tells_its_own_story(home_assistant: HomeAssistantProcess) -> None:
    async with to(home_assistant, confirm_within=1.0) as home:
        story = told(
            await home.perform(
                Action(
                    "light.turn_on",
                    ("light.lamp_1", "light.deaf_lamp", "light.slow_lamp", "light.gone_lamp", "light.nowhere"),
                )
            )
        )
        assert story == {
            "light.lamp_1": None,
            "light.deaf_lamp": "Deaf Lamp did not answer",
            "light.slow_lamp": None,
            "light.gone_lamp": "Gone Lamp is not available at the moment",
            "light.nowhere": "nowhere is no longer there",
        }
        broken = told(await home.perform(Action("light.turn_on", ("light.broken_lamp", "light.lamp_1"))))
        assert broken["light.broken_lamp"] == "Broken Lamp failed: The Broken Lamp has burnt out"


@pytest.mark.parametrize(
    ("service", "entity", "data", "value"),
    [
        ("switch.turn_on", "switch.coffee_machine", {}, "on"),
        ("cover.set_cover_position", "cover.study_blinds", {"position": 40}, "open"),
        ("cover.close_cover", "cover.study_blinds", {}, "closed"),
        ("lock.unlock", "lock.garden_gate", {}, "unlocked"),
        ("lock.lock", "lock.garden_gate", {}, "locked"),
        ("media_player.volume_set", "media_player.bedroom", {"volume_level": 0.35}, "playing"),
        ("media_player.media_pause", "media_player.bedroom", {}, "paused"),
        ("climate.set_temperature", "climate.heatpump", {"temperature": 23}, "heat"),
        ("fan.set_percentage", "fan.living_room_fan", {"percentage": 66}, "on"),
        ("humidifier.turn_off", "humidifier.humidifier", {}, "off"),
        ("vacuum.start", "vacuum.0_ground_floor", {}, "cleaning"),
        ("light.toggle", "light.kitchen_lights", {}, "off"),
        ("homeassistant.turn_on", "light.kitchen_lights", {}, "on"),
    ],
)
async def test_devices_of_all_kinds_are_confirmed_by_what_they_are_afterwards(
    home_assistant: HomeAssistantProcess, service: str, entity: str, data: dict[str, object], value: str
) -> None:
    async with to(home_assistant) as home:
        assert told(await home.perform(Action(service, (entity,), data))) == {entity: None}
        assert home.states[entity].value == value


async def test_what_shows_in_no_state_is_confirmed_by_the_answer(home_assistant: HomeAssistantProcess) -> None:
    async with to(home_assistant) as home:
        assert told(await home.perform(Action("persistent_notification.create", (), {"message": "hi"}))) == {"": None}
        bad = told(await home.perform(Action("light.explode", ())))
        assert bad[""] is not None
        assert "light.explode" in bad[""]
        wrong = told(await home.perform(Action("light.turn_on", ("light.lamp_1",), {"brightness": "very"})))
        assert "brightness" in str(wrong["light.lamp_1"])


async def test_changes_in_home_assistant_arrive_by_themselves(
    home_assistant: HomeAssistantProcess, admin: Admin
) -> None:
    async with to(home_assistant) as home:
        changes = home.changes()
        before = home.home.version

        admin.call("switch.turn_on", "switch.ac")
        admin.call("switch.turn_off", "switch.ac")
        await until(changes, lambda: home.states["switch.ac"].value == "off")

        admin.change("light.lamp_2", {"name": "Moon Lamp"})
        await until(changes, lambda: home.home.by_id["light.lamp_2"].name == "Moon Lamp")
        assert home.home.version.number > before.number
        assert home.home.version[:2] == before[:2]

        admin.change("light.lamp_2", {"name": None, "aliases": ["Glow"]})
        await until(changes, lambda: home.home.by_id["light.lamp_2"].names == ("Lamp 2", "Glow"))

        attic = admin.area("Attic")
        admin.change("light.lamp_2", {"area_id": attic})
        await until(changes, lambda: home.home.by_id["light.lamp_2"].area == attic)

        admin.expose(["light.lamp_2"], yes=False)
        await until(changes, lambda: "light.lamp_2" not in home.home.by_id)

        admin.ask("config/area_registry/delete", {"area_id": attic})
        await until(changes, lambda: home.home.area_named("Attic") is None)

        admin.expose(["light.lamp_2"], yes=True)
        admin.change("light.lamp_2", {"new_entity_id": "light.moved"})
        await until(changes, lambda: "light.moved" in home.home.by_id and "light.lamp_2" not in home.home.by_id)
        admin.change("light.moved", {"new_entity_id": "light.lamp_2"})
        await until(changes, lambda: "light.lamp_2" in home.home.by_id)


async def test_states_alone_do_not_make_a_new_version(home_assistant: HomeAssistantProcess) -> None:
    async with to(home_assistant) as home:
        before, number = home.home.version, home.states.number
        await home.perform(Action("light.toggle", ("light.lamp_3",)))
        assert home.home.version == before
        assert home.states.number > number


async def test_an_entity_removed_between_understanding_and_doing(
    home_assistant: HomeAssistantProcess, admin: Admin
) -> None:
    async with to(home_assistant) as home:
        changes = home.changes()
        planned = Action("light.turn_on", ("light.lamp_19", "light.lamp_4"))
        admin.change("light.lamp_19", {"new_entity_id": "light.elsewhere"})
        racing = told(await home.perform(planned))
        assert racing["light.lamp_4"] is None
        assert racing["light.lamp_19"] == "Lamp 19 is no longer there"
        await until(changes, lambda: "light.elsewhere" in home.home.by_id)
        admin.change("light.elsewhere", {"new_entity_id": "light.lamp_19"})
        await until(changes, lambda: "light.lamp_19" in home.home.by_id)


async def test_two_clients_switch_the_same_lamp(home_assistant: HomeAssistantProcess) -> None:
    async with to(home_assistant) as one, to(home_assistant) as other:
        on = [one.perform(Action("light.turn_on", ("light.lamp_5",))) for _ in range(25)]
        off = [other.perform(Action("light.turn_off", ("light.lamp_5",))) for _ in range(25)]
        stories = await in_time(asyncio.gather(*(call for pair in zip(on, off, strict=True) for call in pair)), LIMIT)
        assert all(len(story) == 1 for story in stories)
        for story in stories:
            assert told(story)["light.lamp_5"] in (None, "Lamp 5 did not answer")
        assert told(await one.perform(Action("light.turn_on", ("light.lamp_5",)))) == {"light.lamp_5": None}
        changes = other.changes()
        await until(changes, lambda: other.states["light.lamp_5"].value == one.states["light.lamp_5"].value == "on")


async def test_killed_in_the_middle_of_a_call_and_started_again(home_assistant: HomeAssistantProcess) -> None:
    home_assistant.stop()  # so that it has written down what it knows
    home_assistant.start()
    async with to(home_assistant, confirm_within=5) as home:
        await until(home.changes(), lambda: "light.slow_lamp" in home.home.by_id)
        before = home.home
        call = asyncio.create_task(home.perform(Action("light.toggle", ("light.slow_lamp", "light.lamp_6"))))
        await until(home.changes(), lambda: home.states["light.lamp_6"].value == "on")
        gone = home.changes()
        home_assistant.kill()
        story = told(await in_time(call, 4))
        assert story == {
            "light.lamp_6": None,
            "light.slow_lamp": "Slow Lamp did not answer before the home went away",
        }
        await until(gone, lambda: home.trouble is not None)
        assert home.states["light.lamp_6"].value is None, "nobody knows"
        with pytest.raises(Unreachable):
            await home.perform(Action("light.turn_on", ("light.lamp_6",)))
        assert home.home == before, "the names are still known"

        back = home.changes()
        await asyncio.to_thread(home_assistant.start)
        await until(back, lambda: home.trouble is None and home.states["light.lamp_6"].value == "off")
        assert told(await home.perform(Action("light.turn_on", ("light.lamp_6",)))) == {"light.lamp_6": None}
        await until(back, lambda: home.home.entities == before.entities)


async def test_an_answer_that_takes_five_seconds_is_not_waited_for(home_assistant: HomeAssistantProcess) -> None:
    async with BadWire(home_assistant.port) as wire, to(home_assistant, wire, confirm_within=0.5) as home:
        wire.delay = 5.0
        with pytest.raises(Unreachable, match="does not answer"):
            await in_time(home.perform(Action("light.toggle", ("light.lamp_9",))), 1.5)
        wire.delay = 0.0
        assert told(await home.perform(Action("light.turn_on", ("light.lamp_10",)))) == {"light.lamp_10": None}
        assert home.connections == 1, "slow is not dead"


async def test_a_line_that_is_dead_without_being_closed_is_noticed_and_replaced(
    home_assistant: HomeAssistantProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "PATIENCE", 0.5)
    async with BadWire(home_assistant.port) as wire, to(home_assistant, wire, confirm_within=0.5) as home:
        changes = home.changes()
        wire.silent = True
        with pytest.raises(Unreachable):
            await in_time(home.perform(Action("light.turn_on", ("light.lamp_11",))), 1.5)
        await until(changes, lambda: home.trouble is not None)
        wire.silent = False
        await until(changes, lambda: home.trouble is None)
        assert wire.connections > 1
        assert told(await home.perform(Action("light.turn_on", ("light.lamp_11",)))) == {"light.lamp_11": None}


async def test_a_silent_line_is_noticed_though_nobody_asks_anything(
    home_assistant: HomeAssistantProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "PATIENCE", 0.2)
    monkeypatch.setattr(socket, "IDLE", 0.2)
    async with BadWire(home_assistant.port) as wire, to(home_assistant, wire) as home:
        changes = home.changes()
        wire.silent = True
        await until(changes, lambda: home.trouble is not None)
        wire.silent = False
        await until(changes, lambda: home.trouble is None)


async def test_a_cut_wire_in_the_middle_of_a_call(home_assistant: HomeAssistantProcess) -> None:
    async with BadWire(home_assistant.port) as wire, to(home_assistant, wire) as home:
        changes = home.changes()
        call = asyncio.create_task(home.perform(Action("light.toggle", ("light.deaf_lamp",))))
        await asyncio.sleep(0)
        wire.cut()
        with pytest.raises(Unreachable, match="lost"):
            await in_time(call, 1)
        await until(changes, lambda: home.connections == 2)


async def test_a_connection_that_breaks_in_the_middle_of_a_call_is_not_noticed_by_the_person(
    home_assistant: HomeAssistantProcess,
) -> None:
    async with BadWire(home_assistant.port) as wire, GuardedHome(to(home_assistant, wire), "home") as home:
        await home.perform(Action("light.turn_off", ("light.slow_lamp",)))
        call = asyncio.create_task(home.perform(Action("light.turn_on", ("light.slow_lamp",))))
        await asyncio.sleep(0)
        wire.cut()
        assert told(await in_time(call, LIMIT)) == {"light.slow_lamp": None}
        assert wire.connections == 2


async def test_a_plan_in_which_home_assistant_dies_tells_of_each_step(home_assistant: HomeAssistantProcess) -> None:
    """What was confirmed before is done, what came after is not, and nobody waits longer than the deadline."""
    async with BadWire(home_assistant.port) as wire, GuardedHome(to(home_assistant, wire), "home") as home:
        lamp, deaf = "light.lamp_15", "light.deaf_lamp"
        await home.perform(Action("light.turn_off", (lamp,)))
        steps = (
            Step(Intent("HassTurnOn"), (Action("light.turn_on", (lamp,)),), group=0),
            Step(Intent("HassTurnOn"), (Action("light.turn_on", (deaf,)),), group=1, after=(0,)),
            Step(Intent("HassTurnOn"), (Action("light.toggle", (lamp,)),), group=2, after=(1,)),
        )
        changes = home.changes()
        plan = asyncio.create_task(act(Plan(steps), Backends(home), asyncio.get_running_loop().time() + 3))
        await until(changes, lambda: home.states[lamp].value == "on")
        wire.silent = True
        wire.cut()
        first, second, third = await in_time(plan, 5)
        assert first.effects[0].confirmed
        assert second.effects[0].error
        assert third.effects[0].error


async def test_a_revoked_token_is_said_and_never_written_down(
    home_assistant: HomeAssistantProcess, admin: Admin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = admin.new_token("to be revoked")
    async with HomeAssistant(home_assistant.url, lambda: token) as home:
        changes = home.changes()
        admin.revoke("to be revoked")
        await until(changes, lambda: "token" in str(home.trouble))
        with pytest.raises(Refused, match="new token") as refused:
            await home.perform(Action("light.turn_on", ("light.lamp_1",)))
        assert refused.value.key == "refused"
    assert token not in caplog.text
    assert token not in repr(vars(home))


async def test_a_wrong_token_is_refused_at_the_door(home_assistant: HomeAssistantProcess) -> None:
    with pytest.raises(Refused, match="does not accept the token"):
        await in_time(HomeAssistant(home_assistant.url, lambda: "wrong").__aenter__(), LIMIT)


@pytest.mark.parametrize("url", ["", "homeassistant.local", "ftp://home", "http://", "http://me:secret@home:8123"])
def test_an_address_that_is_none_says_what_one_looks_like(url: str) -> None:
    with pytest.raises(BadSettings, match=r"http://homeassistant\.local:8123"):
        HomeAssistant(url, lambda: "")


async def test_nobody_at_the_address() -> None:
    with pytest.raises(Unreachable, match="can't be reached"):
        await in_time(HomeAssistant(f"http://127.0.0.1:{free_port()}", lambda: "").__aenter__(), LIMIT)


async def test_a_server_in_trouble_answers_500() -> None:
    async def trouble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(trouble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match="status 500"):
            await in_time(HomeAssistant(f"http://127.0.0.1:{port}", lambda: "").__aenter__(), LIMIT)


@pytest.mark.parametrize(
    "answers",
    [
        ["what?"],
        ["[]"],
        ['{"type": "auth_required"}', '{"type": "hello"}'],
        ['{"type": "auth_required"}', '{"type": "auth_ok"}', '[{"id": 2, "type": "event", "event": {"a": 3}}]'],
        ['{"type": "auth_required"}', '{"type": "auth_ok"}', '{"id": 2, "type": "event", "event": {"a": {"x": 1}}}'],
        ['{"type": "auth_required"}', '{"type": "auth_ok"}', "[1, 2]"],
        ['{"type": "auth_required"}', '{"type": "auth_ok"}', "not json at all"],
        ['{"type": "auth_required"}', '{"type": "auth_ok"}'],
    ],
)
async def test_something_that_is_no_home_assistant_never_hangs(answers: list[str]) -> None:
    async def speak(connection: ServerConnection) -> None:
        for answer in answers:
            await connection.send(answer)
        async for _ in connection:
            pass

    async with serve(speak, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        home = HomeAssistant(f"http://127.0.0.1:{port}", lambda: "", connect_within=0.5)
        with pytest.raises(Unreachable):
            await in_time(home.__aenter__(), LIMIT)


async def test_a_home_assistant_that_lacks_a_registry_still_serves() -> None:
    """An old version knows no floors, a plain user may not read what is exposed: both are noted, neither stops us."""
    results = {
        "subscribe_entities": None,
        "config/area_registry/list": [{"area_id": "kitchen", "name": "Kitchen"}],
        "config/device_registry/list": [],
        "config/entity_registry/get_entries": {"light.lamp": {"area_id": "kitchen", "aliases": [None, "Glow"]}},
    }
    states = {"light.lamp": {"s": "on", "a": {"friendly_name": "Lamp"}}, "lock.door": {"s": "locked", "a": {}}}

    async def speak(connection: ServerConnection) -> None:
        await connection.send('{"type": "auth_required", "ha_version": "2022.4.0"}')
        await connection.recv()
        await connection.send('{"type": "auth_ok", "ha_version": "2022.4.0"}')
        async for message in connection:
            request = json.loads(message)
            number, kind = request["id"], request["type"]
            known = {"id": number, "type": "result", "success": True, "result": results.get(kind)}
            code = "unauthorized" if "expose" in kind else "unknown_command"
            unknown = {"id": number, "type": "result", "success": False, "error": {"code": code, "message": "no"}}
            await connection.send(json.dumps(known if kind in results else unknown))
            if kind == "subscribe_entities":
                await connection.send(json.dumps({"id": number, "type": "event", "event": {"a": states}}))

    async with serve(speak, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with HomeAssistant(f"http://127.0.0.1:{port}", lambda: "") as home:
            assert home.notes == {
                "floors": "unknown_command",
                "exposed": "unauthorized",
                "expose_new": "unauthorized",
            }
            assert [(e.id, e.area, e.aliases) for e in home.home.entities] == [("light.lamp", "kitchen", ("Glow",))]


@pytest.mark.full
async def test_a_version_with_floors(tmp_path: Path) -> None:
    """2025.4.4 on Python 3.13: what came since the version that the other tests run against."""
    try:
        process = HomeAssistantProcess(tmp_path / "config", HOUSE, "2025.4.4")
    except NotInstalled as error:
        absent(f"no Home Assistant 2025.4.4 to test with: {error}")
    with process:
        admin = process.admin()
        floor = admin.ask("config/floor_registry/create", {"name": "Attic", "aliases": ["Top"]})
        loft = admin.area("Loft")
        admin.ask("config/area_registry/update", {"area_id": loft, "floor_id": floor["floor_id"]})
        admin.change("light.lamp_1", {"area_id": loft, "aliases": ["Glow"]})
        async with to(process) as home:
            assert home.server == "2025.4.4"
            assert home.notes == {}
            top = home.home.floor_named("top")
            assert top is not None
            assert home.home.area_by_id[loft].floor == top.id
            assert home.home.by_id["light.lamp_1"].aliases == ("Glow",)
            lamps = tuple(f"light.lamp_{number}" for number in range(20))
            on = await home.perform(Action("light.turn_on", lamps, {"brightness_pct": 40}))
            assert told(on) == dict.fromkeys(lamps)
            changes = home.changes()
            admin.ask("config/floor_registry/update", {"floor_id": floor["floor_id"], "name": "Roof"})
            await until(changes, lambda: home.home.floor_named("Roof") is not None)
            admin.change("light.lamp_1", {"name": "Moon"})
            await until(changes, lambda: home.home.by_id["light.lamp_1"].name == "Moon")
        admin.close()
