"""A wire that can be bad: between a client and a server on loopback, it delays, falls silent or breaks."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType


class BadWire:
    """Passes bytes on both ways. `delay` in seconds holds each answer back; `silent` swallows everything both ways
    while the sockets stay open, as a cable does that was pulled; `cut` closes what is open."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.delay = 0.0
        self.silent = False
        self.port = 0
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> BadWire:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        there = asyncio.create_task(self._pump(reader, far_writer, late=False))
        back = asyncio.create_task(self._pump(far_reader, writer, late=True))
        self._tasks |= {there, back}
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        if not self.silent:
            for end in (writer, far_writer):
                end.transport.abort()
                self._open.discard(end)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool) -> None:
        """Delayed bytes keep their order and their distance: each is passed on `delay` after it came."""
        with contextlib.suppress(ConnectionError):
            loop = asyncio.get_running_loop()
            while data := await reader.read(65536):
                if self.silent:
                    continue
                if late and self.delay:
                    loop.call_later(self.delay, writer.write, data)
                else:
                    writer.write(data)
                    await writer.drain()
