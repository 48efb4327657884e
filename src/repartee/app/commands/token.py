"""`repartee token`: makes, shows and revokes tokens."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from repartee.app.doors.access import FILE, Scope, TokenFile
from repartee.assembly.assistant import data_folder
from repartee.assembly.settings import read_settings
from repartee.core.errors import BadInput


def new(name: str, scopes: Sequence[str], config: Path | None) -> None:
    """The token alone on standard output, so that a script can take it."""
    unknown = [scope for scope in scopes if scope not in list(Scope)]
    if unknown:
        raise BadInput(f"there is no scope {unknown[0]!r}; there are: {', '.join(Scope)}")
    kept = _kept(config)
    first = not kept.tokens()
    secret = kept.add(name, {Scope(scope) for scope in scopes})
    print(secret)
    print("Shown once. Send it as `Authorization: Bearer TOKEN`, or hand it in on the page.", file=sys.stderr)
    if first:
        print("From now on the server asks everybody for a token, on this machine too.", file=sys.stderr)


def show(config: Path | None, json: bool) -> None:
    tokens = _kept(config).tokens().values()
    if json:
        for token in tokens:
            print(jsonlib.dumps({"name": token.name, "scopes": list(token.scopes), "made": token.made}))
        return
    table = Table("name", "scopes", "made", box=None)
    for token in tokens:
        made = datetime.fromtimestamp(token.made).astimezone().isoformat(" ", "minutes")
        table.add_row(token.name, ", ".join(token.scopes), made)
    Console(highlight=False).print(table)


def revoke(name: str, config: Path | None) -> None:
    _kept(config).revoke(name)


def _kept(config: Path | None) -> TokenFile:
    folder = data_folder(read_settings(config))
    if folder is None:
        raise BadInput("no token can be kept: `data` in [system] is `-`; `token` in [system] is one")
    return TokenFile(folder / FILE)
