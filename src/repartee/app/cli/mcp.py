"""`repartee mcp`: the tools for agents over standard input and output."""

from __future__ import annotations

import asyncio

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.core.distribution import install
from repartee.core.errors import EngineMissing

from .options import Area, Config, HomeOption, Language, chosen


def mcp(home: HomeOption = None, area: Area = None, language: Language = None, config: Config = None) -> None:
    """Be an MCP server for the agent that starts this command. Needs the extra `mcp`."""
    asyncio.run(_serve(chosen(config, home, area, language)))


async def _serve(settings: Settings) -> None:
    try:
        from repartee.app.doors.mcp.door import open_server
    except ImportError as error:
        raise EngineMissing("mcp", f"{error}; {install('mcp')}") from error
    from repartee.app.doors.speech import Speech

    async with open_assistant(settings, patient=True) as assistant:
        await open_server(Speech(assistant)).run_stdio_async()
