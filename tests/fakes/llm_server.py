"""An OpenAI-compatible server that does what a script says, over real HTTP. Every figure measured with it is `mock`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Script = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request, and the answer as it is being written."""

    def __init__(self, request: web.Request, body: dict[str, Any]) -> None:
        self.request, self.body = request, body
        self.response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        self.sent = 0
        """Tokens."""

    async def begin(self) -> None:
        if not self.response.prepared:
            await self.response.prepare(self.request)

    async def raw(self, data: bytes) -> None:
        await self.begin()
        await self.response.write(data)

    async def event(self, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        await self.raw(f"data: {text}\n\n".encode())

    async def token(self, text: str, finish: str | None = None) -> None:
        self.sent += 1
        await self.event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})

    async def tokens(self, texts: Sequence[str], each: float = 0.0) -> None:
        for text in texts:
            await self.token(text)
            await asyncio.sleep(each)

    async def done(self) -> None:
        await self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        await self.event("[DONE]")

    def cut(self) -> None:
        """Closes the connection, as a server that is killed does."""
        assert self.request.transport is not None
        self.request.transport.abort()


class ScriptedServer:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.exchanges: list[Exchange] = []
        self.url = ""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.headers.append(dict(request.headers))
        exchange = Exchange(request, body)
        self.exchanges.append(exchange)
        try:
            await self.script(exchange)
        except Refuse as refuse:
            return web.json_response(
                {"error": {"message": refuse.message}}, status=refuse.status, headers=refuse.headers
            )
        except Whole as whole:
            return web.json_response(whole.answer)
        return exchange.response

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "scripted"}]})


class Refuse(Exception):
    def __init__(self, status: int, message: str = "no", **headers: str) -> None:
        self.status, self.message, self.headers = status, message, headers


class Whole(Exception):
    """An answer in one piece, from a server that does not stream."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(script)
    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", server.chat), web.get("/v1/models", server.models)])
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
