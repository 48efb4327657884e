"""`repartee serve`: the assistant and its page."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from repartee.app.server import Address, serve
from repartee.assembly.assistant import open_assistant
from repartee.assembly.settings import Settings


def run(settings: Settings) -> None:
    """Until SIGINT or SIGTERM. Raises `BadSettings` where it can't listen."""
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    system = settings.system
    token = system.token.get_secret_value() if system.token else None
    async with open_assistant(settings) as assistant:
        await serve(assistant, Address(system.host, system.port, token), sessions=system.max_sessions)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop
