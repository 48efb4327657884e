"""The server as programs meet it: what it answers, whom it lets in, and what becomes of bad input. A fake assistant."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket as sockets
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from repartee.app.doors.bodies import MAX_BODY
from repartee.app.doors.closing import BUSY
from repartee.app.doors.server import Address, bind
from repartee.app.doors.socket import connection
from repartee.app.doors.socket.messages import MAX_FRAME
from repartee.assembly.door_settings import DoorSettings
from repartee.assembly.settings import ConfirmationSettings, Settings, System
from repartee.core.errors import BadSettings
from repartee.core.home import State
from repartee.stages.understand.pin import PinTries
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.serving import IN_TIME, page, serving

pytestmark = pytest.mark.real_time
TOKEN = "a token of some length"  # noqa: S105  # nobody's
GIGABYTE = 1 << 30
REPLY = 4 * 2 * 2205 - 2
"""Bytes of the fake's: four chunks of 100 ms, but for the first sample: it is silent."""


def client(url: str, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=IN_TIME)


# ---------------------------------------------------------------- HTTP


async def test_the_page_and_everything_it_needs_comes_from_here_and_from_nowhere_else() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        answer = await http.get("/")
        policy = answer.headers["content-security-policy"]
        assert answer.status_code == 200
        assert "default-src 'none'" in policy
        assert "http" not in policy
        names = set(re.findall(r'(?:src|href)="([^"#]+)', answer.text))
        while names:
            part = await http.get(name := names.pop())
            assert part.status_code == 200, name
            assert not re.search(r"""(?<!placeholder=)["'(]https?://(?!www\.w3\.org/)""", part.text), name
            names |= {n for n in re.findall(r'from "./([^"]+)"|addModule\("([^"]+)"', part.text) for n in n if n}


async def test_the_home_is_told_with_its_states() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        home = (await http.get("/api/home")).json()
        assert [floor["name"] for floor in home["floors"]] == ["Ground floor"]
        lamp = next(entity for entity in home["entities"] if entity["id"] == "light.lamp")
        assert lamp["area"] == "living_room"
        assert lamp["state"] == {"value": "off", "attributes": {"brightness": 128}}


async def test_a_sentence_over_http_is_acted_on_answered_and_remembered() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        record = (await http.post("/api/ask", json={"text": "turn on the lamp"})).json()
        assert record["decision"] == "acted"
        assert record["actions"][0]["confirmed"] is True
        assert assistant.backend.states["light.lamp"].value == "on"
        assert (await http.get("/api/turns")).json()[0]["turn"] == record["turn"]


async def test_a_service_call_answers_with_what_was_confirmed() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        call = {"service": "light.turn_on", "entities": ["light.lamp"], "data": {"brightness_pct": 40}}
        answer = await http.post("/api/perform", json=call)
        assert answer.json()["effects"] == [
            {
                "entity": "light.lamp",
                "service": "light.turn_on",
                "data": {"brightness_pct": 40},
                "confirmed": True,
                "error": None,
                "kept": True,
            }
        ]


UNLOCK = {"service": "lock.unlock", "entities": ["lock.front_door"]}


def guarded(**confirmation: Any) -> Settings:
    return Settings(system=System(data=Path("-")), confirmation=ConfirmationSettings(**confirmation))


async def test_a_call_that_a_voice_would_be_asked_about_wants_a_yes() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        asked = await http.post("/api/perform", json=UNLOCK)
        assert (asked.status_code, asked.json()["wants"]) == (409, "confirmed")
        assert asked.json()["detail"] == "Really unlock Front door?"
        assert assistant.backend.states["lock.front_door"].value == "locked"
        assert (await http.post("/api/perform", json=UNLOCK | {"service": "lock.lock"})).status_code == 200
        assert (await http.post("/api/perform", json=UNLOCK | {"confirmed": True})).status_code == 200
        assert assistant.backend.states["lock.front_door"].value == "unlocked"


async def test_a_call_wants_the_pin_and_wrong_ones_lock_it_for_voices_too() -> None:
    async with (
        fake_assistant(settings=guarded(pin="4711")) as assistant,
        serving(assistant) as url,
        client(url) as http,
    ):
        asked = await http.post("/api/perform", json=UNLOCK | {"confirmed": True})
        assert (asked.status_code, asked.json()["wants"]) == (409, "pin")
        for _ in range(5):
            answer = await http.post("/api/perform", json=UNLOCK | {"pin": "1234"})
            assert answer.status_code == 403
            assert "1234" not in answer.text
        assert assistant.pins.locked
        assert (await http.post("/api/perform", json=UNLOCK | {"pin": "4711"})).status_code == 403
        assistant.pins.tries = PinTries()
        assert (await http.post("/api/perform", json=UNLOCK | {"pin": "4711"})).status_code == 200
        assert assistant.backend.states["lock.front_door"].value == "unlocked"


async def test_what_may_never_be_done_is_not_done_by_a_call_either() -> None:
    async with (
        fake_assistant(settings=guarded(never=["lock.unlock"], many=0)) as assistant,
        serving(assistant) as url,
        client(url) as http,
    ):
        answer = await http.post("/api/perform", json=UNLOCK | {"confirmed": True})
        assert answer.status_code == 403
        assert assistant.backend.states["lock.front_door"].value == "locked"


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/api/perform", {"service": "light.turn_on", "entities": ["light.moon"]}, 404, "light.moon"),
        ("/api/perform", {"service": "turn it on", "entities": ["light.lamp"]}, 422, "service"),
        ("/api/perform", {"service": "light.turn_on", "entities": []}, 422, "entities"),
        ("/api/ask", {"text": ""}, 422, "text"),
        ("/api/ask", {"text": "x" * 1001}, 422, "text"),
        ("/api/ask", {"sentence": "turn on the lamp"}, 422, "text"),
    ],
)
async def test_a_request_that_makes_no_sense_is_told_what_is_wrong(
    path: str, body: dict[str, Any], status: int, says: str
) -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        answer = await http.post(path, json=body)
        assert answer.status_code == status
        assert says in answer.text
        assert isinstance(assistant.backend, RecordingHome)
        assert not assistant.backend.performed


async def test_a_body_is_limited_whether_it_says_its_length_or_not() -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * (MAX_BODY // 10)

    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        answer = await http.post("/api/ask", content=b"x" * (MAX_BODY + 1))
        assert answer.status_code == 413
        answer = await http.post("/api/ask", content=endless(), headers={"content-type": "application/json"})
        assert answer.status_code == 413
        assert (await http.get("/api/health")).status_code == 200


async def test_everything_the_server_offers_is_documented() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        paths = (await http.get("/api/openapi.json")).json()["paths"]
        assert {"/api/home", "/api/ask", "/api/perform", "/api/turns", "/api/budgets", "/api/health"} <= set(paths)
        assert all("summary" in way and way.get("description") for path in paths.values() for way in path.values())


# ---------------------------------------------------------------- who may come in


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8470", "localhost.evil.example", "", "[", "a b"])
async def test_a_name_that_is_not_ours_is_refused(host: str) -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        assert (await http.get("/api/home", headers={"host": host})).status_code in (400, 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"])
async def test_another_site_in_the_same_browser_gets_nothing(origin: str) -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, client(url) as http:
        assert (await http.post("/api/ask", json={"text": "x"}, headers={"origin": origin})).status_code == 403
        with pytest.raises(InvalidStatus) as refused:
            async with page(url, origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_our_own_page_comes_in() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url, origin=url.rstrip("/")) as one:
        assert (await one.until("hello"))["rate"] == 16_000


async def test_without_the_token_there_is_only_the_way_to_hand_it_in() -> None:
    async with (
        fake_assistant() as assistant,
        serving(assistant, Address(port=0, token=TOKEN)) as url,
        client(url) as http,
    ):
        assert (await http.get("/api/home")).status_code == 401
        assert (await http.get("/api/home", headers={"authorization": "Bearer wrong"})).status_code == 401
        assert (await http.get("/")).headers["location"] == "enter.html"
        assert (await http.get("/enter.html")).status_code == 200
        assert (await http.get("/api/health")).status_code == 200
        assert (await http.post("/api/enter", json={"token": "wrong"})).status_code == 401
        async with page(url) as one:
            assert await one.close_code() == 4401


async def test_the_token_or_the_cookie_it_gives_opens_everything() -> None:
    async with (
        fake_assistant() as assistant,
        serving(assistant, Address(port=0, token=TOKEN)) as url,
        client(url) as http,
    ):
        assert (await http.get("/api/home", headers={"authorization": f"Bearer {TOKEN}"})).status_code == 200
        entered = await http.post("/api/enter", json={"token": TOKEN})
        cookie = entered.headers["set-cookie"]
        assert TOKEN not in cookie
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert (await http.get("/")).status_code == 200
        async with page(url, cookie=cookie.split(";")[0]) as one:
            assert await one.until("hello")


@pytest.mark.parametrize("token", [None, "short"])
def test_beyond_this_machine_only_with_a_token(token: str | None) -> None:
    with pytest.raises(BadSettings, match="token"):
        bind(Address("0.0.0.0", 0, token))  # noqa: S104


def test_a_port_that_is_taken_says_what_to_do() -> None:
    with bind(Address(port=0)) as taken, pytest.raises(BadSettings, match="--port"):
        bind(Address(port=taken.getsockname()[1]))


@pytest.mark.parametrize("host", ["999.1.1.1", "no.such.host.invalid"])
def test_an_address_that_is_not_ours_is_a_clear_error(host: str) -> None:
    with pytest.raises(BadSettings, match=host):
        bind(Address(host, 0, TOKEN))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Self-signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    openssl = shutil.which("openssl") or pytest.skip("needs openssl to make a certificate")
    one, key = folder / "certificate.pem", folder / "key.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([openssl, *made, "-out", one, "-keyout", key], check=True, capture_output=True)  # noqa: S603
    return one, key


async def test_with_a_certificate_the_page_is_https_and_its_cookie_too(certificate: tuple[Path, Path]) -> None:
    address = Address(port=0, token=TOKEN, certificate=certificate[0], key=certificate[1])
    async with fake_assistant() as assistant, serving(assistant, address) as url:
        assert url.startswith("https://")
        async with httpx.AsyncClient(base_url=url, verify=False) as http:  # noqa: S501  # our own, of a minute ago
            assert "Secure" in (await http.post("/api/enter", json={"token": TOKEN})).headers["set-cookie"]


async def test_a_certificate_that_is_none_says_so(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    for wrong in (tmp_path / "absent.pem", certificate[1]):
        with pytest.raises(BadSettings, match=wrong.name):
            async with (
                fake_assistant() as assistant,
                serving(assistant, Address(port=0, certificate=wrong, key=certificate[1])),
            ):
                pass


async def test_a_name_that_was_given_is_ours() -> None:
    async with (
        fake_assistant() as assistant,
        serving(assistant, Address(port=0, names=["home.example"])) as url,
        client(url) as http,
    ):
        assert (await http.get("/api/home", headers={"host": "Home.example:8765"})).status_code == 200


# ---------------------------------------------------------------- the socket


async def test_a_spoken_turn_from_the_first_sample_to_the_last() -> None:
    async with fake_assistant("turn on the lamp") as assistant, serving(assistant) as url, page(url) as one:
        assert (await one.until("home"))["entities"]
        await one.send(type="listen")
        await one.speak(1.0)
        await one.send(type="end")
        record = (await one.until("finished"))["record"]
        assert record["transcript"] == "turn on the lamp"
        heard = [m["text"] for m in one.told if m["type"] == "heard"]
        assert heard[-1] == "turn on the lamp"
        assert len(heard) > 2
        kinds = [m["type"] for m in one.told]
        assert [k for k in kinds if k in ("started", "replying", "finished")] == ["started", "replying", "finished"]
        assert [k for k in kinds if k in ("speaking", "spoken")] == ["speaking", "spoken"]
        assert next(m for m in one.told if m["type"] == "state")["state"]["value"] == "on"
        assert len(one.sound) == REPLY


async def test_a_typed_turn() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.send(type="ask", text="turn off the lamp")
        assert (await one.until("finished"))["record"]["reply"] == "Turned off the light"


async def test_a_new_press_cuts_the_reply_off_and_the_cut_turn_is_still_told() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.send(type="ask", text="tell me a story")
        await one.until("speaking")
        await one.send(type="listen")
        await one.until("finished")
        (cut,) = [message["record"] for message in one.told if message["type"] == "finished"]
        assert cut["error"] == "interrupted"
        assert "silence" in [message["type"] for message in one.told] or await one.until("silence")


async def test_stop_forgets_what_was_being_said() -> None:
    async with fake_assistant("turn on the lamp") as assistant, serving(assistant) as url, page(url) as one:
        await one.send(type="listen")
        await one.speak(1.0)
        await one.send(type="stop")
        await one.send(type="ask", text="hello")
        await one.until("finished")
        assert assistant.backend.states["light.lamp"].value == "off"


async def test_every_page_sees_every_change_and_the_whole_home_when_it_was_renamed() -> None:
    home = RecordingHome()
    async with fake_assistant(backend=home) as assistant, serving(assistant) as url, page(url) as one, page(url) as two:
        for p in (one, two):
            await p.until("home")
        home.set_state("sensor.temperature", State("22.0"))
        assert (await one.until("state"))["state"]["value"] == "22.0"
        home.rename("light.lamp", "Big lamp")
        for p in (one, two):
            assert "Big lamp" in [entity["name"] for entity in (await p.until("home"))["entities"]]


async def test_a_page_that_fell_behind_gets_the_whole_home() -> None:
    home = RecordingHome()
    async with fake_assistant(backend=home) as assistant, serving(assistant) as url, page(url) as one:
        await one.until("home")
        for degrees in range(3000):  # more at once than a subscription holds
            home.set_state("sensor.temperature", State(str(degrees)))
        newest = (await one.until("home"))["entities"][-1]
        assert newest["state"]["value"] == "2999"


# ---------------------------------------------------------------- bad input on the socket


@pytest.mark.parametrize("text", ["hello", "[]", '{"type":"sing"}', '{"type":"ask"}', '{"type":"ask","text":""}', "{"])
async def test_a_message_nobody_understands_is_answered_and_the_talk_goes_on(text: str) -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.socket.send(text)
        assert (await one.until("error"))["code"] == "bad_message"
        await one.send(type="ask", text="turn on the lamp")
        assert await one.until("finished")


async def test_nothing_but_nonsense_ends_the_talk() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        for _ in range(10):
            await one.socket.send("la la la")
        assert await one.close_code() == 1008


async def test_half_a_sample_ends_the_talk_and_nothing_is_done() -> None:
    async with fake_assistant("turn on the lamp") as assistant, serving(assistant) as url, page(url) as one:
        await one.send(type="listen")
        await one.speak(0.5)
        await one.socket.send(b"\0" * 641)
        assert await one.close_code() == 1007
        assert "641" in (one.socket.close_reason or "")
        assert assistant.backend.states["light.lamp"].value == "off"


async def test_sound_that_nobody_asked_for_is_ignored() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.speak(0.5)
        await one.send(type="ask", text="turn on the lamp")
        assert await one.until("finished")


@pytest.mark.parametrize("message", [b"\0" * (MAX_FRAME + 2), "x" * (MAX_FRAME + 2)])
async def test_a_message_that_is_too_large_ends_the_talk(message: bytes | str) -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.send(type="listen")
        await one.socket.send(message)
        assert await one.close_code() == 1009


async def test_a_gigabyte_is_refused_at_its_announcement() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.until("hello")
        one.socket.transport.write(struct.pack("!BBQ4s", 0x82, 0x80 | 127, GIGABYTE, b"mask"))
        assert await one.close_code() == 1009


async def served(url: str) -> bool:
    """Whether a page was let in and answered."""
    async with page(url) as one:
        try:
            await one.send(type="ask", text="hello")
            return bool(await one.until("finished"))
        except ConnectionClosed:
            return await one.close_code() != BUSY


async def test_who_vanishes_in_the_middle_of_a_word_leaves_nothing_behind() -> None:
    async with fake_assistant("turn on the lamp") as assistant, serving(assistant, sessions=1) as url:
        async with page(url) as one:
            await one.send(type="listen")
            await one.speak(1.0)
            await one.until("heard")
            one.socket.transport.abort()
        async with asyncio.timeout(IN_TIME):
            while not await served(url):  # there is room for one
                pass
        assert assistant.backend.states["light.lamp"].value == "off"


async def test_a_microphone_that_falls_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.05)
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.send(type="listen")
        assert await one.close_code() == 4408


async def test_an_area_that_is_not_there_is_said() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url, "?area=moon") as one:
        assert await one.close_code() == 1008
        assert "moon" in (one.socket.close_reason or "")


async def test_twenty_at_once_are_all_served_to_the_end() -> None:
    async def turn(url: str) -> str:
        async with page(url) as one:
            await one.send(type="listen")
            await one.speak(1.0)
            await one.send(type="end")
            record = (await one.until("finished"))["record"]
            assert len(one.sound) == REPLY
            return str(record["turn"])

    async with fake_assistant("turn on the lamp") as assistant, serving(assistant) as url:
        turns = await asyncio.gather(*(turn(url) for _ in range(20)))
    assert len(set(turns)) == 20


async def test_one_too_many_is_told_to_come_back_and_then_served() -> None:
    async with fake_assistant() as assistant, serving(assistant, sessions=2) as url:
        async with page(url) as one, page(url) as two, page(url) as three:
            await one.until("hello")
            await two.until("hello")
            assert await three.close_code() == 1013
        async with page(url) as four:
            assert await four.until("hello")


async def test_a_server_that_stops_says_so() -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.until("home")
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await one.until("never")
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012


# ---------------------------------------------------------------- the command


def test_serve_says_one_line_and_ends_well_on_a_signal() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.assistant"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        address = re.fullmatch(r"Repartee is ready: (http://127\.0\.0\.1:\d+/)\n", line)
        assert address
        assert httpx.get(address[1] + "api/health").json()["status"] == "ok"
        os.kill(process.pid, signal.SIGTERM)
        rest, errors = process.communicate(timeout=IN_TIME)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_a_free_port_is_really_bound() -> None:
    with bind(Address(port=0)) as listener, sockets.create_connection(listener.getsockname(), timeout=1) as one:
        assert one.getpeername() == listener.getsockname()


async def test_a_page_that_is_switched_off_is_not_there_and_its_health_is() -> None:
    async with fake_assistant() as assistant:
        shut = assistant.settings.model_copy(update={"doors": DoorSettings(page=False)})
        async with serving(replace(assistant, settings=shut)) as url, client(url) as http:
            assert [(await http.get(path)).status_code for path in ("", "api/home", "app.js")] == [404] * 3
            assert (await http.get("health/live")).status_code == 200
