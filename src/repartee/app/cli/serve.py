"""`repartee serve`: the assistant and its page."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated

import typer

from repartee.app.doors.access import FILE, TokenFile
from repartee.app.doors.http.setup import Restart, Setup
from repartee.app.doors.server import Address, run_server
from repartee.assembly.assistant import Assistant, data_folder
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.assembly.settings_file import SettingsFile
from repartee.assembly.telemetry import sampling
from repartee.core.rate import RateLimit

from .options import Area, Config, HomeOption, Language, options


def serve(
    host: Annotated[str | None, typer.Option(help="Address; another than loopback needs a token.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
) -> None:
    """Start the assistant and its page; one line says when it is ready and where."""
    file = SettingsFile(config, options(home, area, language, system={"host": host, "port": port}))
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve_again(file))


async def _serve_again(file: SettingsFile) -> None:
    """Begins anew with what the file says by then, as long as the page asks for it."""
    restart = Restart(wanted=True)
    while restart.wanted:
        restart = Restart(port=restart.port)
        await _serve(file.read(), Setup(file, restart))


async def _serve(settings: Settings, setup: Setup) -> None:
    system, known = settings.system, setup.restart.port
    async with open_assistant(settings, patient=True) as assistant, sampling(assistant.telemetry):
        warming = asyncio.create_task(assistant.warm_up())  # while the page is being opened
        try:
            async with other_doors(assistant):
                await run_server(
                    assistant,
                    replace(address(settings), port=known) if known else address(settings),
                    sessions=system.max_sessions,
                    limit=RateLimit(system.requests_per_second, system.requests_at_once),
                    setup=setup,
                )
        finally:
            warming.cancel()


@asynccontextmanager
async def other_doors(assistant: Assistant) -> AsyncIterator[None]:
    """Those with a port of their own; what is switched off is not even loaded."""
    if not assistant.settings.doors.wyoming.on:
        yield
        return
    from repartee.app.doors.speech import Speech
    from repartee.app.doors.wyoming.server import wyoming_door

    async with wyoming_door(Speech(assistant), lambda line: print(line, flush=True)):
        yield


def address(settings: Settings) -> Address:
    """Where the settings say that the server listens, and whom it lets in."""
    system, data = settings.system, data_folder(settings)
    token = system.token.get_secret_value() if system.token else None
    kept = TokenFile(data / FILE) if data else None
    return Address(system.host, system.port, token, system.names, system.certificate, system.key, kept)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop where there is one: a third less time on the socket."""
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop
