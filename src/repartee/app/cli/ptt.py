"""`repartee ptt`: talk to a server that runs elsewhere, by a key."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import typer
from rich.console import Console

from repartee.app.ptt.button import Button, Mode
from repartee.app.ptt.client import Client
from repartee.app.ptt.display import Detail, Display
from repartee.app.ptt.keys import Keys, desktop, terminal
from repartee.app.ptt.statistics import Statistics
from repartee.core.address import PORT
from repartee.core.backoff import pauses
from repartee.core.errors import BadInput, Unreachable
from repartee.engines.audio.microphone import Sink, Source

SERVER = f"http://127.0.0.1:{PORT}/"
TRIES = 20
"""Times that a server may be away before we give up."""


@dataclass(frozen=True, slots=True)
class Options:
    url: str
    token: str | None
    mode: Mode
    detail: Detail
    global_key: str | None
    tones: bool


def ptt(
    connect: Annotated[str, typer.Option(help="Address of the server, as it prints it.")] = SERVER,
    token: Annotated[str | None, typer.Option(envvar="REPARTEE_SYSTEM__TOKEN", help="The server's token.")] = None,
    mode: Annotated[str, typer.Option(help="hold, toggle, or hybrid (hold, and silence ends it too).")] = "hold",
    display: Annotated[str, typer.Option(help="minimal, compact or detailed.")] = "compact",
    global_key: Annotated[str | None, typer.Option(help="A key of the whole desktop, as f9. Extra keyboard.")] = None,
    quiet: Annotated[bool, typer.Option(help="No tones.")] = False,
) -> None:
    """Push a key and talk to a server elsewhere. Loads no model. Needs the extra `microphone`."""
    if mode not in list(Mode) or display not in list(Detail):
        raise typer.BadParameter(f"--mode is one of {', '.join(Mode)}; --display is one of {', '.join(Detail)}")
    options = Options(socket_url(connect), token, Mode(mode), Detail(display), global_key, not quiet)
    asyncio.run(_ptt(options))


def socket_url(address: str) -> str:
    """The server's socket, of the address that it prints when it starts. Raises `BadInput`."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    scheme = {"http": "ws", "https": "wss", "": "ws"}.get(parts.scheme, parts.scheme)
    if scheme not in ("ws", "wss") or not parts.hostname:
        raise BadInput(f"--connect {address}: give the address the server prints, such as {SERVER}")
    path = parts.path if parts.path.strip("/") else "/api/socket"
    return urlunsplit((scheme, parts.netloc, path, parts.query, ""))


async def _ptt(options: Options) -> None:
    """Reconnects, waiting longer each time, until the person leaves."""
    keys, statistics = Keys(64), Statistics()
    display = Display(options.detail, Console(highlight=False))
    client = Client(Button(options.mode), keys, Sink(), display, statistics, options.tones)
    waits = pauses(0.5, 10.0)
    with _keyboard(options, keys):
        try:
            while True:
                try:
                    display.say(f"{options.url}: {_hint(options)}")
                    return await client.talk(options.url, options.token, Source())
                except Unreachable as error:
                    statistics.reconnects += 1
                    if statistics.reconnects > TRIES:
                        raise
                    display.problem(str(error))
                    await asyncio.sleep(next(waits))
        finally:
            display.summary(statistics)


def _keyboard(options: Options, keys: Keys) -> AbstractContextManager[None]:
    return desktop(keys, options.global_key) if options.global_key else terminal(keys)


def _hint(options: Options) -> str:
    key = options.global_key or "space"
    held = f"press {key}, speak, press again" if options.mode is Mode.TOGGLE else f"hold {key} and speak"
    return f"{held}; q ends"
