"""`repartee home connect URL`: from an address to a home that can be spoken to, and what is worth knowing about it."""

from __future__ import annotations

import asyncio
import getpass
import json as jsonlib
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from repartee.assembly.findings import Found, look, whole_address
from repartee.assembly.secret import keep_secret, read_secret
from repartee.assembly.settings import FILE, user_folder
from repartee.core.errors import BadSettings, Refused

from .options import Json

VARIABLE = "REPARTEE_HOME_TOKEN"
TRIES = 3
"""Times a person may paste a token."""
SHOWN = 12
"""Lines of one finding; the rest is counted."""
HOW_TO = """\
Repartee needs a token of your Home Assistant. In its pages:
  your name (bottom left) → Security → Long-lived access tokens → Create token, name it "Repartee".
Paste it here; it is not shown."""


def connect(
    url: Annotated[str, typer.Argument(help="Address of a Home Assistant, as in the browser.")],
    token: Annotated[str | None, typer.Option(help="Where its token is: env:NAME, file:PATH, keyring:NAME.")] = None,
    keyring: Annotated[bool, typer.Option(help="Keep the token in the machine's keyring, not in a file.")] = False,
    json: Json = False,
) -> None:
    """Connect to a Home Assistant, and say what was found there."""
    url = whole_address(url)
    place = token or (f"env:{VARIABLE}" if os.environ.get(VARIABLE) else None)
    found, place = asyncio.run(_with(url, place)) if place else _ask(url, keyring)
    settings = _settings(url, place)
    if json:
        print(jsonlib.dumps({**asdict(found), "token": place, "settings": settings}, ensure_ascii=False))
    else:
        _print_found(found, Console(highlight=False))
        _write_down(settings, Console(highlight=False))


async def _with(url: str, place: str) -> tuple[Found, str]:
    return await look(url, read_secret(place)), place


def _ask(url: str, keyring: bool) -> tuple[Found, str]:
    """Asks for a token until Home Assistant takes it, then keeps it."""
    name = "home-assistant"
    place = f"keyring:{name}" if keyring else f"file:{user_folder() / (name + '.token')}"
    interactive = sys.stdin.isatty()
    if interactive:
        print(HOW_TO, file=sys.stderr)
    for attempt in range(TRIES if interactive else 1):
        token = (getpass.getpass("Token: ") if interactive else sys.stdin.readline()).strip()
        if not token:
            raise BadSettings(f"no token; paste it, or put it in {VARIABLE}, or name its place with --token file:PATH")
        try:
            found = asyncio.run(look(url, token))
        except Refused:
            if not interactive or attempt == TRIES - 1:
                raise
            print("Home Assistant does not accept this token. Is it whole?", file=sys.stderr)
        else:
            keep_secret(place, token)
            return found, place
    raise AssertionError("unreachable")


def _print_found(found: Found, console: Console) -> None:
    total = sum(found.entities.values())
    console.print(f"[green]Connected[/] to Home Assistant {found.server}.")
    console.print(f"{total} entities can be spoken to, {found.hidden} are not exposed.")
    console.print("  " + ", ".join(f"{count} {domain}" for domain, count in found.entities.items()), markup=False)
    console.print(f"{len(found.areas)} areas: {', '.join(found.areas) or 'none'}", markup=False)
    console.print(f"{len(found.floors)} floors: {', '.join(found.floors) or 'none'}", markup=False)
    _list(console, 'Without an area, so "the lights in the kitchen" does not reach them:', found.without_area)
    _list(console, "Sound alike and will be confused; rename one:", [f"{a}  ~  {b}" for a, b in found.confusable_names])
    for note in found.notes:
        console.print(f"[yellow]Note[/] {note}")


def _list(console: Console, title: str, lines: tuple[str, ...] | list[str]) -> None:
    if not lines:
        return
    console.print(f"[yellow]{title}[/]")
    for line in lines[:SHOWN]:
        console.print(f"  {line}", markup=False)
    if len(lines) > SHOWN:
        console.print(f"  and {len(lines) - SHOWN} more")


def _settings(url: str, place: str) -> str:
    return f"[home.home_assistant]\nurl = {jsonlib.dumps(url)}\ntoken = {jsonlib.dumps(place)}\n"


def _write_down(settings: str, console: Console) -> None:
    """Into the user's settings file where there is none; an existing one is a person's own and is left alone."""
    own = next((path for path in (Path(FILE), user_folder() / FILE) if path.exists()), None)
    if own:
        console.print(f"\nAdd this to {own}:\n\n{settings}", markup=False)
        return
    path = user_folder() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings)
    console.print(f"\nWritten to {path}. Now try:  repartee ask turn on the kitchen lights", markup=False)
