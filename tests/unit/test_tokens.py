"""Tokens: made, told apart by what they grant, revoked; and the guard that asks for them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from repartee.app.doors.access import FILE, Access, Scope, TokenFile
from repartee.app.doors.guard import COOKIE, FORBIDDEN, NEEDED, UNAUTHORISED, Door, Guard, needed
from repartee.app.doors.http.routes import create_app
from repartee.core.errors import BadInput
from tests.fakes.assistant import still_assistant

MASTER = "the one of the settings"


@pytest.fixture
def kept(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "data" / FILE)


async def hello(_: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def client(access: Access) -> TestClient:
    paths = ("/v1/audio/transcriptions", "/v1/audio/speech", "/api/ask", "/metrics", "/v1/models", "/app.js")
    routes = [*(Route(path, hello) for path in paths), WebSocketRoute("/api/socket", talk)]
    return TestClient(Guard(Starlette(routes=routes), Door(access=access)), "http://localhost")


def statuses(client: TestClient, secret: str) -> list[int]:
    paths = ("/v1/audio/transcriptions", "/v1/audio/speech", "/api/ask", "/metrics", "/v1/models", "/app.js")
    return [client.get(path, headers={"authorization": f"Bearer {secret}"}).status_code for path in paths]


def test_a_token_opens_what_it_grants_and_nothing_else(kept: TokenFile) -> None:
    listen, speak = kept.add("ears", [Scope.LISTEN]), kept.add("mouth", [Scope.SPEAK])
    act, admin = kept.add("hands", [Scope.ACT]), kept.add("owner", [Scope.ADMIN])
    door = client(Access(MASTER, kept))
    assert statuses(door, listen) == [200, 403, 403, 403, 200, 200]
    assert statuses(door, speak) == [403, 200, 403, 403, 200, 200]
    assert statuses(door, act) == [403, 403, 200, 403, 200, 200]
    assert statuses(door, admin) == statuses(door, MASTER) == [200] * 6
    assert statuses(door, "no such token") == [401] * 6
    assert statuses(door, "") == [401] * 6


def test_a_refusal_says_what_is_missing(kept: TokenFile) -> None:
    secret = kept.add("ears", [Scope.LISTEN])
    answer = client(Access(None, kept)).get("/api/ask", headers={"authorization": f"Bearer {secret}"})
    assert answer.json()["detail"] == "the token 'ears' does not grant 'act', only: listen"


def test_the_socket_closes_with_its_reason(kept: TokenFile) -> None:
    act, listen = kept.add("hands", [Scope.ACT]), kept.add("ears", [Scope.LISTEN])
    door = client(Access(None, kept))
    for secret, code in ((listen, FORBIDDEN), ("wrong", UNAUTHORISED)):
        headers = {"authorization": f"Bearer {secret}"}
        with (
            door.websocket_connect("ws://localhost/api/socket", headers=headers) as socket,
            pytest.raises(WebSocketDisconnect) as closed,
        ):
            socket.receive_text()
        assert closed.value.code == code
    headers = {"authorization": f"Bearer {act}"}
    with door.websocket_connect("ws://localhost/api/socket", headers=headers) as socket:
        assert socket.receive_text() == "hello"


def test_what_is_revoked_is_refused_at_once_its_cookie_too(kept: TokenFile) -> None:
    secret = kept.add("hands", [Scope.ACT])
    kept.add("other", [Scope.ACT])
    access = Access(None, TokenFile(kept.path))
    door = client(access)
    door.cookies.set(COOKIE, access.pass_of(secret))
    assert door.get("/api/ask").status_code == 200
    kept.revoke("hands")
    assert door.get("/api/ask").status_code == 401
    assert statuses(door, secret)[2] == 401


def test_nobody_is_asked_where_there_is_no_token_at_all(kept: TokenFile) -> None:
    door = client(Access(None, kept))
    assert door.get("/metrics").status_code == 200
    kept.add("first", [Scope.ACT])
    assert door.get("/metrics").status_code == 401


def test_no_token_is_kept_itself_and_only_this_user_reads_the_file(kept: TokenFile) -> None:
    secret = kept.add("hands", [Scope.ACT])
    assert secret not in kept.path.read_text()
    if os.name == "posix":
        assert kept.path.stat().st_mode & 0o777 == 0o600


def test_names_that_are_taken_or_none_are_refused(kept: TokenFile) -> None:
    kept.add("kitchen tablet", [Scope.ACT])
    for name in ("kitchen tablet", "", "a\nb", "x" * 65, "-"):
        with pytest.raises(BadInput):
            kept.add(name, [Scope.ACT])
    with pytest.raises(BadInput, match="no token 'garage'"):
        kept.revoke("garage")


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '[{"name": "a"}]', '{"a": 1}', '[{"name":"a","digest":"b","scopes":["x"],"made":1}]']
)
def test_a_broken_file_lets_nobody_in(kept: TokenFile, text: str) -> None:
    kept.path.parent.mkdir(parents=True)
    kept.path.write_text(text)
    with pytest.raises(BadInput, match=FILE):
        Access(None, kept).of("anything")


def test_what_is_written_is_read_again(kept: TokenFile) -> None:
    kept.add("a", [Scope.LISTEN, Scope.SPEAK])
    again = TokenFile(kept.path).tokens()["a"]
    assert again.scopes == ("listen", "speak")
    assert json.loads(kept.path.read_text())[0]["name"] == "a"


def test_every_route_needs_what_it_is_listed_for() -> None:
    """A new route must say what it needs: the page's files alone need nothing."""
    app = create_app(still_assistant(), Door(), 1)
    listed = tuple(beginning for beginning, _ in NEEDED)
    assert all(path.startswith(listed) for path in app.openapi()["paths"])
    assert needed("/api/anything/new") is Scope.ADMIN
    assert needed("/app.js") is None
