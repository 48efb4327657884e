"""All open sockets of one server: who is let in, and what a socket is given to talk with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from weakref import WeakSet

from fastapi import WebSocket

from repartee.app.doors.closing import BUSY, NONSENSE, close
from repartee.assembly.assistant import Assistant
from repartee.core.channel import Channel
from repartee.core.errors import BadInput, EngineMissing
from repartee.engines.audio import browser

from .connection import Connection

OUTBOX: Final = 256
"""Messages and frames that may wait for a page that reads slowly."""


class Sockets:
    """All open sockets of one server; no more than `limit` of them."""

    def __init__(self, assistant: Assistant, limit: int) -> None:
        self._assistant = assistant
        self._limit = limit
        assistant.telemetry.session_limit = limit
        self._sources: WeakSet[browser.Source] = WeakSet()
        assistant.telemetry.resources.sized("buffers", lambda: sum(source.waiting for source in self._sources))

    async def take(self, ws: WebSocket, area: str | None, language: str | None, wake_words: Sequence[str] = ()) -> None:
        """From the handshake to the close. `wake_words`: those that open the microphone; none: it is open."""
        await ws.accept()
        telemetry = self._assistant.telemetry
        if telemetry.sessions >= self._limit:
            await close(ws, BUSY, f"{self._limit} conversations are open; try again later")
            return
        if telemetry.mitigations.active("cpu_peak"):
            await close(ws, BUSY, "the processor has no room for another conversation; try again later")
            return
        telemetry.sessions += 1
        try:
            outbox: browser.Outbox = Channel(OUTBOX)
            sink = browser.Sink(outbox)
            session = self._assistant.session(sink, area, language, wake_words=wake_words)
            await Connection(ws, self._assistant, session, sink, outbox, self._sources).run()
        except (BadInput, EngineMissing) as error:
            await close(ws, NONSENSE, str(error))
        finally:
            telemetry.sessions -= 1
