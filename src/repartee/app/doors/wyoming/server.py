"""Opens the Wyoming door: binds its port, lets in whom the settings allow, and tells the network that it is here."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from repartee import __version__
from repartee.app.doors.speech import Speech
from repartee.assembly.door_settings import WyomingSettings
from repartee.core.errors import BadSettings

from .connection import Connection
from .wire import MAX_HEADER

log = logging.getLogger(__name__)
SERVICE = "_wyoming._tcp.local."


@asynccontextmanager
async def wyoming_door(speech: Speech, announce: Callable[[str], None] = lambda _: None) -> AsyncIterator[str]:
    """Open for as long as it is entered; gives its address. `announce` is handed one line when it is ready.

    Raises `BadSettings` when it can't listen there.
    """
    settings = speech.assistant.settings.doors.wyoming
    connections = Connections(speech, settings)
    try:
        server = await asyncio.start_server(connections.take, settings.host, settings.port, limit=MAX_HEADER)
    except OSError as error:
        where = f"{settings.host} port {settings.port}"
        raise BadSettings(f"doors.wyoming: can't listen on {where}: {error.strerror or error}") from error
    async with AsyncExitStack() as stack:
        stack.push_async_callback(connections.end)
        stack.callback(server.close)
        port = server.sockets[0].getsockname()[1]
        if settings.announce and not _loopback(settings.host):
            await stack.enter_async_context(announced(settings.host, port))
        uri = f"tcp://{settings.host}:{port}"
        announce(f"Wyoming is ready: {uri}")
        yield uri


class Connections:
    """All that are open."""

    def __init__(self, speech: Speech, settings: WyomingSettings) -> None:
        self._speech, self._most = speech, settings.connections
        self._networks = [ipaddress.ip_network(network) for network in settings.allow]
        self._open: dict[Connection, asyncio.Task[None] | None] = {}

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._welcome(writer.get_extra_info("peername")):
            writer.transport.abort()
            return
        if len(self._open) >= self._most:
            min(self._open, key=lambda one: one.last).close()
        connection = Connection(reader, writer, self._speech)
        self._open[connection] = asyncio.current_task()
        try:
            await connection.run()
        finally:
            del self._open[connection]

    async def end(self) -> None:
        """Returns when all are closed."""
        tasks = {task for task in self._open.values() if task}
        for connection in list(self._open):
            connection.close()
        if tasks:
            await asyncio.wait(tasks, timeout=2)

    def __len__(self) -> int:
        return len(self._open)

    def _welcome(self, peer: Sequence[object] | None) -> bool:
        """This machine itself always; others as the settings say."""
        try:
            address = ipaddress.ip_address(str(peer[0]).partition("%")[0]) if peer else None
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return mapped is not None and (mapped.is_loopback or any(mapped in network for network in self._networks))


@asynccontextmanager
async def announced(host: str, port: int) -> AsyncIterator[None]:
    """By mDNS, so that Home Assistant finds it by itself. Where the network does not let us, only that is missing."""
    from zeroconf import Error
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    name = socket.gethostname().partition(".")[0]
    service = AsyncServiceInfo(
        SERVICE, f"repartee-{name}.{SERVICE}", port=port, server=f"{name}.local.",
        parsed_addresses=own_addresses(host), properties={"version": __version__},
    )  # fmt: skip
    zeroconf = AsyncZeroconf()
    try:
        try:
            await zeroconf.async_register_service(service, allow_name_change=True)
        except (OSError, Error) as error:
            log.error("the Wyoming door is not announced to the network: %s", error)
        yield
    finally:
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


def own_addresses(host: str) -> list[str]:
    """Under which others reach us."""
    if not ipaddress.ip_address(host).is_unspecified:
        return [host]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it chooses the way out
        except OSError:
            return []
        return [str(probe.getsockname()[0])]


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
