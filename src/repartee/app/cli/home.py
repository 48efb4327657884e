"""`repartee home`: what is there, room by room, and in what state."""

from __future__ import annotations

import asyncio
import sys

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from repartee.assembly.homes import left_out
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.core.home import Entity, Home, States
from repartee.core.untrusted import write_json

from .home_connect import connect
from .options import Config, HomeOption, Json, chosen

home = typer.Typer(help="What is in the home, and in what state.", invoke_without_command=True)
home.command("connect")(connect)


@home.callback()
def show_home(context: typer.Context, file: HomeOption = None, config: Config = None, json: Json = False) -> None:
    """What is in the home, and in what state."""
    if context.invoked_subcommand is None:
        asyncio.run(_print_home(chosen(config, file), json))


async def _print_home(settings: Settings, json: bool) -> None:
    async with open_assistant(settings) as assistant:
        home, states = assistant.backend.home, assistant.backend.states
        if json:
            for entity in home.entities:
                print(write_json(_row(entity, home, states)))
        else:
            _table(home, states)
        for line in left_out(assistant.backend):
            print(line, file=sys.stderr)


def _row(entity: Entity, home: Home, states: States) -> dict[str, object]:
    area = home.area_by_id.get(entity.area or "")
    floor = home.floor_by_id.get(area.floor or "") if area else None
    state = states[entity.id]
    return {
        "entity": entity.id,
        "name": entity.name,
        "aliases": list(entity.aliases),
        "area": area.name if area else None,
        "floor": floor.name if floor else None,
        "state": state.value,
        "attributes": dict(state.attributes),
    }


def _table(home: Home, states: States) -> None:
    table = Table("", "", "", box=None, show_header=False)
    rows = [_row(entity, home, states) for entity in home.entities]
    before = None
    for row in sorted(rows, key=lambda row: (str(row["floor"] or "~"), str(row["area"] or "~"), str(row["entity"]))):
        place = " · ".join(str(part) for part in (row["floor"], row["area"]) if part) or "everywhere"
        if place != before:
            table.add_row(Text(place, style="bold"))
            before = place
        table.add_row(f"  {row['name']}", str(row["entity"]), str(row["state"] or "?"))
    Console(highlight=False).print(table)
