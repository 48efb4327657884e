"""`repartee mic`: this machine's microphone and loudspeaker."""

from __future__ import annotations

import asyncio

from rich.console import Console

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.contract import load_profile, loosest
from repartee.engines.audio.microphone import Sink, Source
from repartee.observe.judged import judged

from .console import show, show_json
from .options import Area, Config, HomeOption, Json, Language, chosen


def mic(
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Listen to this machine's microphone until stopped (Ctrl-C). Needs the extra `microphone`."""
    asyncio.run(_mic(chosen(config, home, area, language), json))


async def _mic(settings: Settings, json: bool) -> None:
    console, budgets = Console(highlight=False), loosest(load_profile(settings.contract.profile))
    async with open_assistant(settings) as assistant:
        source, session = Source(), assistant.session(Sink(), wake_words=settings.audio.wake_words)
        await assistant.warm()
        if not json:
            words = " or ".join(f"“{word}”" for word in settings.audio.wake_words)
            console.print(f"Listening. {f'Say {words}' if words else 'Speak'}; Ctrl-C ends.", style="bold")
        async for record in session.listen(source):
            if json:
                show_json(record)
            else:
                show(record, console, contract=judged(record, budgets).lines())
