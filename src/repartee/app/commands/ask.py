"""`repartee ask`: a typed sentence."""

from __future__ import annotations

import asyncio

from rich.console import Console

from repartee.app.console import show, show_json
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.contract import load_profile, loosest
from repartee.core.turn import Decision
from repartee.engines.audio import nowhere
from repartee.observe.judged import judged


def run(text: str, settings: Settings, json: bool) -> int:
    """0 when it was understood and nothing failed."""
    return asyncio.run(_ask(text, settings, json))


async def _ask(text: str, settings: Settings, json: bool) -> int:
    async with open_assistant(settings) as assistant:
        record = await assistant.session(nowhere.Sink()).ask(text)
    if json:
        show_json(record)
    else:
        contract = judged(record, loosest(load_profile(settings.contract.profile))).lines()
        show(record, Console(highlight=False), contract=contract)
    failed = record.error or record.decision is Decision.REJECTED or any(e.error for e in record.effects)
    return int(bool(failed))
