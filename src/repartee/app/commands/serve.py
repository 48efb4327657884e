"""`repartee serve`: the assistant and its page."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from repartee.app.doors.server import Address, serve
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from repartee.assembly.telemetry import sampling
from repartee.core.rate import RateLimit


def run(settings: Settings) -> None:
    """Until a signal ends it."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    system = settings.system
    async with open_assistant(settings, patient=True) as assistant, sampling(assistant.telemetry):
        warming = asyncio.create_task(assistant.warm_up())  # while the page is being opened
        try:
            await serve(
                assistant,
                address(system),
                sessions=system.max_sessions,
                limit=RateLimit(system.requests_per_second, system.requests_at_once),
            )
        finally:
            warming.cancel()


def address(system: System) -> Address:
    """Where the settings say that the server listens."""
    token = system.token.get_secret_value() if system.token else None
    return Address(system.host, system.port, token, system.names, system.certificate, system.key)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop where there is one: a third less time on the socket."""
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop
