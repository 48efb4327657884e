"""`repartee serve`: the assistant and its page."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from repartee.app.server import Address, serve
from repartee.assembly.assistant import open_assistant
from repartee.assembly.settings import Settings


def run(settings: Settings) -> None:
    """Until a signal ends it."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    system = settings.system
    token = system.token.get_secret_value() if system.token else None
    async with open_assistant(settings) as assistant:
        warming = asyncio.create_task(assistant.warm())  # while the page is being opened
        try:
            await serve(assistant, Address(system.host, system.port, token), sessions=system.max_sessions)
        finally:
            warming.cancel()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop where there is one: a third less time on the socket."""
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop
