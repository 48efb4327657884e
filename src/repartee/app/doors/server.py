"""Opens the door: binds the port, runs the server until it is told to stop, and says one line when it is ready."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from repartee.assembly.assistant import Assistant
from repartee.core.address import HOST, PORT
from repartee.core.errors import BadSettings
from repartee.core.rate import RateLimit

from .access import Access, TokenFile
from .guard import Door, Guard
from .http.protocol import DeadlineProtocol
from .http.routes import create_app
from .http.setup import Setup
from .socket.messages import MAX_FRAME

MIN_TOKEN = 16
"""Characters of a token worth the name."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens, and who may come in."""

    host: str = HOST
    port: int = PORT
    """0 picks a free one."""
    token: str | None = None
    """Needed for any host but this machine itself."""
    names: Collection[str] = ()
    """Host names under which people reach it, besides its addresses."""
    certificate: Path | None = None
    """PEM file; with it the page is https, which browsers ask for before they give the microphone."""
    key: Path | None = None
    """Of the certificate; None: it is in the same file."""
    tokens: TokenFile | None = None
    """Further ones, by name and scope; None: there are none."""

    @property
    def access(self) -> Access:
        return Access(self.token, self.tokens)


LOOPBACK = Address()


async def run_server(
    assistant: Assistant,
    address: Address = LOOPBACK,
    *,
    sessions: int = 32,
    limit: RateLimit | None = None,
    setup: Setup | None = None,
    announce: Callable[[str], None] = lambda line: print(line, flush=True),
) -> None:
    """Serves the page until SIGINT or SIGTERM. Raises `BadSettings` when it can't listen at `address`.

    `sessions` is how many sockets may be open at once; `limit` is on the requests of one client; `setup` is what the
    page may change; `announce` is handed one line when the server is ready.
    """
    _check(address)
    listener = bind(address)
    own = socket.gethostname().lower()
    door = Door(
        {address.host.lower(), own, f"{own}.local", *map(str.lower, address.names)}, address.access, uploads(assistant)
    )
    app = create_app(assistant, door, sessions, setup)
    config = uvicorn.Config(
        Guard(app, door, limit),
        http=DeadlineProtocol,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=MAX_FRAME,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
        server_header=False,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=MAX_FRAME,
    )
    server = _Server(config, lambda: announce(f"Repartee is ready: {url(listener, address)}"))
    if setup:
        setup.restart.port = listener.getsockname()[1]
        setup.restart.stop = server.stop
    async with contextlib.AsyncExitStack() as stack:
        for part in app.state.entered:
            await stack.enter_async_context(part)
        await server.serve([listener])


def bind(address: Address) -> socket.socket:
    """A listening socket. Raises `BadSettings` that says what to do instead."""
    host, port = address.host, address.port
    if address.token and len(address.token) < MIN_TOKEN and not is_loopback(host):
        raise BadSettings(f"{host} lets other machines in: the token needs at least {MIN_TOKEN} characters")
    if not address.access.asked and not is_loopback(host):
        raise BadSettings(
            f"{host} lets other machines in: make a token (`repartee token new NAME`), set one of at least"
            f" {MIN_TOKEN} characters, or listen on 127.0.0.1"
        )
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OverflowError as error:
        raise BadSettings(f"port {port} does not exist: 0 (any free one) to 65535") from error
    except OSError as error:
        raise BadSettings(_why_not(host, port, error)) from error


def url(listener: socket.socket, address: Address) -> str:
    """The page's address."""
    scheme = "https" if address.certificate else "http"
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = socket.gethostname()
    return f"{scheme}://[{host}]:{port}/" if ":" in host else f"{scheme}://{host}:{port}/"


def uploads(assistant: Assistant) -> dict[str, int]:
    """Bytes of a request's body, by path, where more than usual is to be sent."""
    most = int(assistant.settings.doors.openai.upload_mb * 1e6)
    return {"/v1/audio/transcriptions": most, "/v1/audio/translations": most}


def _check(address: Address) -> None:
    """Raises `BadSettings` for a certificate that can't be used."""
    if address.certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(address.certificate, address.key)
    except OSError as error:  # ssl.SSLError among them
        raise BadSettings(
            f"{address.certificate}: no certificate that can be used with the key {address.key or 'in the same file'}"
            f" ({error.strerror or error}); both are PEM files"
        ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine itself gets there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken by another program: choose another with --port (0 picks a free one)"
    if error.errno == errno.EACCES:
        return f"port {port} is reserved for the system: choose one above 1023 with --port (0 picks a free one)"
    return f"can't listen on {host} port {port}: {error.strerror or error}"


class _Server(uvicorn.Server):
    """uvicorn, that says when it is ready, and ends on a signal instead of dying of it: the home is closed after it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    def stop(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are told to the main thread only
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
