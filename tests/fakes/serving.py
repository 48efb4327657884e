"""The real server around an assistant, for as long as a test needs it."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from repartee.app.doors.server import Address, run_server
from repartee.assembly.assistant import Assistant
from repartee.core.rate import RateLimit

QUIET = (np.arange(320) % 7 - 3).astype("<i2").tobytes()
IN_TIME = 10.0
"""Seconds after which a test gives up waiting."""
CLOSING = 0.5
"""Seconds for the farewell of a page that has left messages unread, which are in the way of the server's."""


@asynccontextmanager
async def serving(
    assistant: Assistant,
    address: Address | None = None,
    sessions: int = 32,
    limit: RateLimit | None = None,
) -> AsyncIterator[str]:
    """Gives the page's address; the server ends as it does for a person, on a signal."""
    said: asyncio.Queue[str] = asyncio.Queue()
    running = asyncio.create_task(
        run_server(assistant, address or Address(port=0), sessions=sessions, limit=limit, announce=said.put_nowait)
    )
    line = asyncio.create_task(said.get())
    await asyncio.wait({running, line}, timeout=IN_TIME, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        line.cancel()
        running.result()
    try:
        yield line.result().split()[-1]
    finally:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(running, IN_TIME)


class Page:
    """A client of the socket that remembers what it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []
        self.sound = b""

    async def until(self, kind: str, within: float = IN_TIME) -> dict[str, Any]:
        """Reads on to the next message of this type. Raises `ConnectionClosed` with the code where there is none."""
        async with asyncio.timeout(within):
            while True:
                message = await self.socket.recv()
                if isinstance(message, bytes):
                    self.sound += message
                    continue
                self.told.append(json.loads(message))
                if self.told[-1]["type"] == "spoken":
                    await self.send(type="played", utterance=self.told[-1]["utterance"])
                if self.told[-1]["type"] == kind:
                    return self.told[-1]

    async def send(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def speak(self, seconds: float) -> None:
        """A quiet room and then a tone, in frames of 20 ms, faster than it would be spoken."""
        for _ in range(25):
            await self.socket.send(QUIET)
        frame = (np.sin(np.arange(320) / 5) * 9000).astype("<i2").tobytes()
        for _ in range(round(seconds * 50)):
            await self.socket.send(frame)

    async def close_code(self) -> int | None:
        """Waits for the server to close."""
        async with asyncio.timeout(IN_TIME):
            await self.socket.wait_closed()
        return self.socket.close_code


@asynccontextmanager
async def page(url: str, query: str = "", **headers: str) -> AsyncIterator[Page]:
    where = url.replace("http:", "ws:") + "api/socket" + query
    options: dict[str, Any] = {"compression": None, "max_size": None, "close_timeout": CLOSING}
    async with connect(where, additional_headers=headers, **options) as socket:
        yield Page(socket)
