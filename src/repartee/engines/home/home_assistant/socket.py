"""One WebSocket to Home Assistant: questions matched to answers, events handed to whoever subscribed.

Protocol: developers.home-assistant.io/docs/api/websocket. The token goes into one message and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from repartee.core.errors import BadSettings, BadText, HomeError, Refused, Unreachable
from repartee.core.untrusted import mend_json, write_json

MOST_BYTES = 64_000_000
"""Of one message; the states of 10,000 entities are about 5 MB."""
IDLE = 15.0
"""Seconds without a word from Home Assistant after which it is asked whether it is still there."""
PATIENCE = 10.0
"""Seconds it may take to say anything; then the line is dead, whatever the operating system believes."""

Message = Mapping[str, Any]


class NotAnswered(HomeError):
    """Home Assistant answered with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code, self.message = code, message


def socket_url(url: str) -> str:
    """`http://host:8123` as people know it, to the address of the socket; raises `BadSettings`."""
    scheme, _, rest = url.strip().rstrip("/").partition("://")
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if scheme not in schemes or not rest or "@" in rest:
        raise BadSettings(f"{url!r} is no address of a Home Assistant; it looks like http://homeassistant.local:8123")
    return f"{schemes[scheme]}://{rest.removesuffix('/api/websocket')}/api/websocket"


class Socket:
    """Open it with `connect`, let a task `listen` as long as it lives, then ask."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse, version: str) -> None:
        self.version = version
        """Of Home Assistant, such as `2024.3.3`."""
        self.heard = 0.0
        """Loop time of its last message."""
        self._connection = connection
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Callable[[Message], None]] = {}
        self._doubt = asyncio.Event()

    async def send(self, message: Message, listener: Callable[[Message], None] | None = None) -> asyncio.Future[Any]:
        """Sends one command; the future holds its result, `NotAnswered` or `Unreachable`.

        Where the command subscribes, events go to `listener`, which must not wait for anything.
        """
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_seen)
        self._answers[number] = answer
        if listener:
            self._listeners[number] = listener
        try:
            await self._connection.send_str(write_json({"id": number, **message}))
        except (aiohttp.ClientError, ConnectionError) as error:
            del self._answers[number]
            raise Unreachable("the connection to Home Assistant was lost") from error
        return answer

    async def ask(self, message: Message) -> Any:
        """The result of one command."""
        return await (await self.send(message))

    def doubt(self) -> None:
        """Somebody waited in vain: ask now whether it is still there."""
        self._doubt.set()

    async def listen(self) -> None:
        """Until the connection ends. Whoever still waits for an answer is told so."""
        keep_alive = asyncio.create_task(self._keep_alive(), name="home-assistant-keep-alive")
        try:
            async for message in self._connection:
                self.heard = asyncio.get_running_loop().time()
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            keep_alive.cancel()
            lost = Unreachable("the connection to Home Assistant was lost")
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(lost)
            await self.close()

    async def close(self) -> None:
        """Ends it; a dead line is not waited for longer than a second."""
        with contextlib.suppress(TimeoutError, aiohttp.ClientError):
            await asyncio.wait_for(self._connection.close(), 1.0)

    def _take(self, text: str) -> None:
        """What can't be read is nothing we asked for; whoever waits for it runs into their deadline."""
        try:
            data = mend_json(text)
        except BadText:
            return
        for message in data if isinstance(data, list) else [data]:
            if isinstance(message, dict) and isinstance(message.get("id"), int):
                self._dispatch(message)

    def _dispatch(self, message: Message) -> None:
        number, event, error = message["id"], message.get("event"), message.get("error")
        if message.get("type") == "event":
            if (listener := self._listeners.get(number)) and isinstance(event, dict):
                listener(event)
        elif (answer := self._answers.pop(number, None)) and not answer.done():
            if message.get("success", True):
                answer.set_result(message.get("result"))
            else:
                told = error if isinstance(error, dict) else {}
                answer.set_exception(NotAnswered(str(told.get("code")), str(told.get("message"))))

    async def _keep_alive(self) -> None:
        """Notices a connection that is dead without having been closed."""
        clock = asyncio.get_running_loop().time
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._doubt.wait(), IDLE)
            asked = clock()
            if not self._doubt.is_set() and asked - self.heard < IDLE:
                continue
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.ask({"type": "ping"})
            except TimeoutError:
                if self.heard < asked:
                    return await self.close()
            self._doubt.clear()


def _seen(answer: asyncio.Future[Any]) -> None:
    """An answer that is no longer awaited may be an error without a warning in the log."""
    if not answer.cancelled():
        answer.exception()


async def connect(session: aiohttp.ClientSession, url: str, token: str) -> Socket:
    """An authenticated socket. Raises `Unreachable`, `Refused` (the token), `BadSettings` (the address)."""
    address = socket_url(url)
    try:
        connection = await session.ws_connect(address, max_msg_size=MOST_BYTES, compress=0)
    except aiohttp.WSServerHandshakeError as error:
        raise Unreachable(f"{url} answers with status {error.status} instead of Home Assistant's socket") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(f"{url} can't be reached: {error}") from error
    try:
        hello = await _next(connection, url)
        await connection.send_str(write_json({"type": "auth", "access_token": token}))
        answer = await _next(connection, url)
        if answer.get("type") == "auth_invalid":
            raise Refused(f"{url} does not accept the token; make a new one with `repartee home connect {url}`")
        if answer.get("type") != "auth_ok":
            raise Unreachable(f"{url} does not speak like a Home Assistant: it said {str(answer)[:80]}")
    except BaseException:
        await connection.close()
        raise
    socket = Socket(connection, str(answer.get("ha_version") or hello.get("ha_version") or "unknown"))
    socket.heard = asyncio.get_running_loop().time()
    # Many events at once come in one message: twenty lamps are read in one go.
    await socket.send({"type": "supported_features", "features": {"coalesce_messages": 1}})
    return socket


async def _next(connection: aiohttp.ClientWebSocketResponse, url: str) -> Message:
    try:
        message = await connection.receive()
        data = mend_json(message.data) if message.type is aiohttp.WSMsgType.TEXT else None
    except (aiohttp.ClientError, BadText, OSError) as error:
        raise Unreachable(f"{url} broke off while we said hello: {error}") from error
    if not isinstance(data, dict):
        raise Unreachable(f"{url} broke off while we said hello")
    return data
