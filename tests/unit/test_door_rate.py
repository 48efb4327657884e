"""How often one client may knock."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from repartee.app.doors.guard import SLOW_DOWN, Door, Guard
from repartee.core.rate import RateLimit


async def hello(_: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def knocking(limit: RateLimit | None, address: str = "192.0.2.1") -> TestClient:
    app = Starlette(routes=[Route("/", hello), WebSocketRoute("/socket", talk)])
    return TestClient(Guard(app, Door(), limit), "http://localhost", client=(address, 1))


def test_a_client_that_knocks_too_often_is_told_when_to_come_back() -> None:
    limit = RateLimit(1, burst=3, time=lambda: 0.0)
    client = knocking(limit)
    assert [client.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/")
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert "too often" in refused.json()["detail"]
    with client.websocket_connect("ws://localhost/socket") as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_text()
    assert closed.value.code == SLOW_DOWN


def test_another_client_is_not_held_up_and_without_a_limit_nobody_is() -> None:
    limit = RateLimit(1, burst=1, time=lambda: 0.0)
    one, other, free = knocking(limit), knocking(limit, "192.0.2.2"), knocking(None)
    assert [one.get("/").status_code for _ in range(2)] == [200, 429]
    with other.websocket_connect("ws://localhost/socket") as socket:
        assert socket.receive_text() == "hello"
    assert {free.get("/").status_code for _ in range(50)} == {200}
