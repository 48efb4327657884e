"""uvicorn's HTTP with deadlines: who connects has so long to say what they want, and only so many may be about to.

Without it a client that sends a header a minute, or nothing at all, holds a connection for ever, before anybody could
ask for a token.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HEADERS_WITHIN: Final = 10.0
"""Seconds from the connection (or the first byte of a further request) to the last header."""
HALF_OPEN: Final = 64
"""Connections that have not said yet what they want; one more, and the oldest is closed."""

_half_open: WeakKeyDictionary[ServerState, dict[DeadlineProtocol, None]] = WeakKeyDictionary()


class DeadlineProtocol(H11Protocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._others = _half_open.setdefault(server_state, {})
        self._deadline: asyncio.TimerHandle | None = None
        self._is_socket = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._update_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._settled()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._update_deadline()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._is_socket = True
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._update_deadline()

    def _update_deadline(self) -> None:
        """The clock runs while nothing is being answered; a byte now and then does not stop it."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if self._is_socket or answering or self.transport.is_closing():
            self._settled()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEADERS_WITHIN, self._give_up)
            self._others[self] = None
            if len(self._others) > HALF_OPEN:
                next(iter(self._others))._give_up()

    def _settled(self) -> None:
        self._others.pop(self, None)
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._settled()
        self.transport.close()
