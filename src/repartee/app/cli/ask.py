"""`repartee ask`: a typed sentence."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.contract import load_profile, loosest
from repartee.core.turn import Decision
from repartee.core.untrusted import mended_text
from repartee.engines.audio import nowhere
from repartee.observe.judged import judged

from .console import show, show_json
from .options import Area, Config, HomeOption, Json, Language, chosen


def ask(
    text: Annotated[list[str], typer.Argument(help="What to say.")],
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Act on a typed sentence."""
    said = mended_text(" ".join(text))
    raise typer.Exit(asyncio.run(_ask(said, chosen(config, home, area, language), json)))


async def _ask(text: str, settings: Settings, json: bool) -> int:
    """0 when it was understood and nothing failed."""
    async with open_assistant(settings) as assistant:
        record = await assistant.session(nowhere.Sink()).ask(text)
    if json:
        show_json(record)
    else:
        contract = judged(record, loosest(load_profile(settings.contract.profile))).lines()
        show(record, Console(highlight=False), contract=contract)
    failed = record.error or record.decision is Decision.REJECTED or any(e.error for e in record.effects)
    return int(bool(failed))
