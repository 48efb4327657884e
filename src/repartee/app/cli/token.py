"""`repartee token`: makes, shows and revokes tokens."""

from __future__ import annotations

import json as jsonlib
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from repartee.app.doors.access import FILE, Scope, TokenFile
from repartee.assembly.assistant import data_folder
from repartee.assembly.settings import read_settings
from repartee.core.errors import BadInput

from .options import Config, Json

token = typer.Typer(help="Tokens that let programs and people in.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What the token is called.")]


@token.command()
def new(
    name: Name,
    scope: Annotated[
        list[str] | None, typer.Option(help="listen, speak, act or admin; several times. Default: listen, speak, act.")
    ] = None,
    config: Config = None,
) -> None:
    """Make a token. It is shown once, and only a digest of it is kept."""
    scopes = scope or ["listen", "speak", "act"]
    unknown = [scope for scope in scopes if scope not in list(Scope)]
    if unknown:
        raise BadInput(f"there is no scope {unknown[0]!r}; there are: {', '.join(Scope)}")
    kept = _kept(config)
    first = not kept.tokens()
    secret = kept.add(name, {Scope(scope) for scope in scopes})
    print(secret)  # alone on standard output, so that a script can take it
    print("Shown once. Send it as `Authorization: Bearer TOKEN`, or hand it in on the page.", file=sys.stderr)
    if first:
        print("From now on the server asks everybody for a token, on this machine too.", file=sys.stderr)


@token.command("list")
def show(config: Config = None, json: Json = False) -> None:
    """The tokens there are."""
    tokens = _kept(config).tokens().values()
    if json:
        for one in tokens:
            print(jsonlib.dumps({"name": one.name, "scopes": list(one.scopes), "made": one.made}))
        return
    table = Table("name", "scopes", "made", box=None)
    for one in tokens:
        made = datetime.fromtimestamp(one.made).astimezone().isoformat(" ", "minutes")
        table.add_row(one.name, ", ".join(one.scopes), made)
    Console(highlight=False).print(table)


@token.command()
def revoke(name: Name, config: Config = None) -> None:
    """Refuse a token from now on, in a running server too."""
    _kept(config).revoke(name)


def _kept(config: Path | None) -> TokenFile:
    folder = data_folder(read_settings(config))
    if folder is None:
        raise BadInput("no token can be kept: `data` in [system] is `-`; `token` in [system] is one")
    return TokenFile(folder / FILE)
