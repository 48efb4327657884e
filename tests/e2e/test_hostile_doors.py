"""The doors of the real server at their worst: nothing unspeakable, slow, half-open or foreign takes it away."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from repartee.app.doors import bodies
from repartee.app.doors.closing import MAX_REASON, fitting
from repartee.app.doors.http import protocol
from repartee.app.doors.server import Address
from repartee.assembly.assistant import Assistant
from repartee.core.errors import BadSettings
from repartee.core.home import State
from repartee.core.rate import RateLimit
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.serving import IN_TIME, page, serving
from tests.hostile import ANY_TEXT, ANYTHING, deep

pytestmark = pytest.mark.real_time
TOKEN = "a token of some length"  # noqa: S105  # nobody's
UNSPEAKABLE = [
    "NaN", "Infinity", "-Infinity", "1e999", "9" * 400, r'"\ud800"', deep(1000), deep(30_000), '"' + "x" * 50_000 + '"',
    '{"a":' * 1000 + "1" + "}" * 1000, "[1, NaN]",
]  # fmt: skip


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever was sent, nothing of ours was surprised by it."""
    caplog.set_level(logging.INFO)
    yield
    surprised = [
        record for record in caplog.get_records("call") if record.exc_info or "Traceback" in record.getMessage()
    ]
    assert not surprised, surprised[0]


def client(url: str, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=IN_TIME)


@asynccontextmanager
async def raw(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1].strip("/")))
    try:
        yield reader, writer
    finally:
        writer.close()


@pytest.mark.parametrize("value", UNSPEAKABLE, ids=range(len(UNSPEAKABLE)))
async def test_what_can_not_be_said_is_refused_over_http(value: str) -> None:
    async with (
        fake_assistant() as assistant,
        serving(assistant) as url,
        client(url, **{"content-type": "application/json"}) as http,
    ):
        call = '{"service": "light.turn_on", "entities": ["light.lamp"], "data": {"x": ' + value + "}}"
        for path, body in (
            ("/api/perform", call),
            ("/api/ask", '{"text": ' + value + "}"),
            ("/api/ask", value),
            ("/api/enter", '{"token": ' + value + "}"),
        ):
            answer = await http.post(path, content=body.encode())
            if len(value) < 40_000 or path != "/api/perform":
                assert 400 <= answer.status_code < 500, (path, answer.text[:200])
            json.loads(answer.content, parse_constant=pytest.fail)
        assert (await http.get("/api/home")).status_code == 200


@pytest.mark.parametrize("value", UNSPEAKABLE, ids=range(len(UNSPEAKABLE)))
async def test_what_can_not_be_said_is_answered_on_the_socket_and_the_talk_goes_on(value: str) -> None:
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        await one.socket.send('{"type": "ask", "text": ' + value + "}")
        assert (await one.until("error"))["code"] == "bad_message"
        await one.socket.send('{"type": "played", "utterance": ' + value + "}")
        assert (await one.until("error"))["code"] == "bad_message"
        await one.send(type="ask", text="turn on the lamp")
        assert await one.until("finished")


async def test_what_a_home_says_goes_out_as_valid_json() -> None:
    home = RecordingHome()
    async with (
        fake_assistant(backend=home) as assistant,
        serving(assistant) as url,
        page(url) as one,
        client(url) as http,
    ):
        await one.until("home")
        home.set_state("light.lamp", State("on\ud800", {"brightness": float("inf"), "x": 10**400, "y": [float("nan")]}))
        told = await one.until("state")
        assert told["state"] == {"value": "on\ufffd", "attributes": {"brightness": None, "x": None, "y": [None]}}
        answer = await http.get("/api/home")
        json.loads(answer.content, parse_constant=pytest.fail)


@contextmanager
def one_server() -> Iterator[tuple[asyncio.Runner, str]]:
    """A server that lives through many examples; what one of them did to it, the next would find."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> str:
            assistant = await stack.enter_async_context(fake_assistant())
            return await stack.enter_async_context(serving(assistant))

        try:
            yield runner, runner.run(begin())
        finally:
            runner.run(stack.aclose())


MESSAGES = st.lists(
    ANY_TEXT
    | ANYTHING
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["ask", "listen", "end", "stop", "played"])},
        optional={"text": ANY_TEXT, "utterance": ANYTHING, "button": ANYTHING},
    )
    | st.binary(max_size=20),
    max_size=8,
)


def test_whatever_is_sent_on_the_socket_the_server_lives() -> None:
    with one_server() as (runner, url):

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(MESSAGES)
        def examples(messages: list[Any]) -> None:
            runner.run(sent(messages, url))

        examples()


async def sent(messages: list[Any], url: str) -> None:
    async with page(url) as one:
        try:
            for message in messages:
                await one.socket.send(message if isinstance(message, bytes) else _text(message))
            await one.send(type="ask", text="turn on the lamp")
            await one.until("finished")
        except ConnectionClosed:
            assert await one.close_code() in (1007, 1008, 1009)
    async with client(url) as http:
        assert (await http.get("/api/health")).status_code == 200


def _text(message: object) -> str:
    try:
        return json.dumps(message, default=str, skipkeys=True)
    except ValueError:
        return str(message).encode("utf-8", "replace").decode()


def test_whatever_body_is_sent_it_is_answered() -> None:
    async def posted(path: str, value: Any, text: str, url: str) -> None:
        async with client(url) as http:
            for body in (_text(value), _text({"text": text}), _text({"service": "light.turn_on", "data": value})):
                answer = await http.post(path, content=body, headers={"content-type": "application/json"})
                assert answer.status_code < 500
                json.loads(answer.content, parse_constant=pytest.fail)

    with one_server() as (runner, url):

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(["/api/ask", "/api/perform", "/api/enter"]), ANYTHING, ANY_TEXT)
        def examples(path: str, value: Any, text: str) -> None:
            runner.run(posted(path, value, text, url))

        examples()


async def test_who_does_not_say_what_they_want_in_time_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADERS_WITHIN", 0.4)
    async with fake_assistant() as assistant, serving(assistant, Address(port=0, token=TOKEN)) as url:
        async with raw(url) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\n")
            for _ in range(20):  # a header now and then does not help
                writer.write(b"X-A: b\r\n")
                await asyncio.sleep(0.05)
                if reader.at_eof():
                    break
            async with asyncio.timeout(1):
                assert await reader.read() == b""
        async with raw(url) as (reader, writer):  # the same on a connection that was answered before
            writer.write(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\nGET")
            async with asyncio.timeout(5):
                assert b"ok" in await reader.read()


async def test_only_so_many_may_be_about_to_say_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HALF_OPEN", 5)
    async with fake_assistant() as assistant, serving(assistant) as url:
        idle = [await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1].strip("/"))) for _ in range(12)]
        async with client(url) as http:
            assert (await http.get("/api/health")).status_code == 200
        async with asyncio.timeout(IN_TIME):
            for reader, _ in idle[:7]:
                assert await reader.read() == b"", "the oldest were closed"
        for _, writer in idle:
            writer.close()


async def test_a_body_is_waited_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_WITHIN", 0.2)
    async with fake_assistant() as assistant, serving(assistant) as url, raw(url) as (reader, writer):
        writer.write(b"POST /api/enter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{")
        async with asyncio.timeout(5):
            assert b"408" in await reader.readline()


async def test_without_the_token_no_body_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADERS_WITHIN", 0.2)
    async with (
        fake_assistant() as assistant,
        serving(assistant, Address(port=0, token=TOKEN)) as url,
        raw(url) as (reader, writer),
    ):
        writer.write(b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n{")
        async with asyncio.timeout(5):
            assert b"401" in await reader.readline()
            while await reader.readline():
                writer.write(b"x")


async def test_a_foreign_page_does_not_use_up_the_rate_of_the_household() -> None:
    async with fake_assistant() as assistant, serving(assistant, limit=RateLimit(0.001, 3)) as url, client(url) as http:
        for _ in range(20):
            assert (await http.get("/api/home", headers={"origin": "http://evil.example"})).status_code == 403
        assert [(await http.get("/api/home")).status_code for _ in range(4)] == [200, 200, 200, 429]


async def test_the_reason_of_a_close_fits_its_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    def strict(*_: Any, **__: Any) -> Any:
        raise BadSettings("é" * 500)

    monkeypatch.setattr(Assistant, "session", strict)
    async with fake_assistant() as assistant, serving(assistant) as url, page(url) as one:
        assert await one.close_code() == 1008
        assert one.socket.close_reason == "é" * (MAX_REASON // 2)


@given(ANY_TEXT)
def test_any_reason_fits(reason: str) -> None:
    assert len(fitting(reason).encode()) <= MAX_REASON


async def test_sixty_pages_that_vanish_leave_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        fake_assistant() as assistant,
        serving(assistant, Address(port=0, token=TOKEN)) as url,
        serving(assistant) as free,
    ):
        for number in range(60):
            async with page(free) as one:
                if number % 3:
                    await one.send(type="listen")
                    await one.speak(0.2)
                one.socket.transport.abort()
            async with page(url) as one:
                one.socket.transport.abort()
        await asyncio.sleep(0.3)
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not lines, lines[0]
