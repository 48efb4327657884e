"""`repartee data`: what is kept about people, for them; `cli` hangs it in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(help="What is kept: shown, exported, deleted.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="Settings file (TOML); default ./repartee.toml.")]
What = Annotated[
    list[str] | None, typer.Option("--what", help="turns, household, memory or sound; several times. Default: all.")
]
Person = Annotated[str | None, typer.Option("--person", help="Only what is known to be of this person.")]
Since = Annotated[str | None, typer.Option("--since", help="Only from this date (2026-03-01) or time on.")]
Until = Annotated[str | None, typer.Option("--until", help="Only before this date or time.")]


@data.command()
def show(
    what: What = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """How much of what is kept where, and for how long."""
    from .commands import data as command

    command.show(command.selected(config, what, person, since, until), json)


@data.command()
def export(
    what: What = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    config: Config = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; default: print.")] = None,
) -> None:
    """Everything, one JSON object a line."""
    from .commands import data as command

    command.export(command.selected(config, what, person, since, until), output)


@data.command()
def delete(
    what: What = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Deletes it, for good. The assistant must not be running."""
    from .commands import data as command

    raise typer.Exit(command.delete(command.selected(config, what, person, since, until), yes=yes))
