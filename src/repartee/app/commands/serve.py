"""`repartee serve`: the assistant and its page."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace

from repartee.app.ops_routes import OpsRoutes
from repartee.app.server import Address, serve
from repartee.assembly.assistant import Assistant, data_folder, open_assistant
from repartee.assembly.mitigation import Mitigations
from repartee.assembly.settings import Settings
from repartee.assembly.telemetry import Telemetry, sampling
from repartee.contract.files import load_profile
from repartee.core.errors import ReparteeError
from repartee.core.rate import RateLimit


def run(settings: Settings) -> None:
    """Until a signal ends it."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    system = settings.system
    token = system.token.get_secret_value() if system.token else None
    async with open_assistant(settings, patient=True) as assistant:
        telemetry = _telemetry(settings)
        for name, cache in assistant.understandings.caches().items():
            telemetry.cached(name, cache)
        telemetry.components(assistant.footprints)
        telemetry.answering, telemetry.connections = assistant.answering, lambda: assistant.store.connections
        assistant = replace(assistant, finished=telemetry.finished, mitigations=telemetry.mitigations)
        ops = OpsRoutes(telemetry, assistant, assistant.breakers, assistant.limiter)
        warming = asyncio.create_task(_warm(assistant, ops))  # while the page is being opened
        try:
            async with sampling(telemetry):
                await serve(
                    assistant,
                    Address(system.host, system.port, token, system.names, system.certificate, system.key),
                    profile=settings.contract.profile,
                    sessions=system.max_sessions,
                    limit=RateLimit(system.requests_per_second, system.requests_at_once),
                    ops=ops,
                )
        finally:
            warming.cancel()


async def _warm(assistant: Assistant, ops: OpsRoutes) -> None:
    """What can't be loaded is told by `/health`, and by the turn that needs it."""
    try:
        await assistant.warm()
    except ReparteeError as error:
        ops.problem = str(error)
        return
    ops.ready = True


def _telemetry(settings: Settings) -> Telemetry:
    chosen, folder = settings.contract, data_folder(settings)
    journal = folder / "performance.jsonl" if folder and chosen.log else None
    telemetry = Telemetry(load_profile(chosen.profile), Mitigations(chosen.actions), journal, chosen.traces)
    if chosen.profiler:
        telemetry.profiled(chosen.profiler)
    return telemetry


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop where there is one: a third less time on the socket."""
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop
