"""`repartee memory`: what people told the assistant, for them."""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from repartee.assembly.memory_book import open_book
from repartee.core.errors import BadInput
from repartee.core.memory import Fact
from repartee.core.private import open_private
from repartee.core.untrusted import mended_text

from .options import Config, Json, Language, chosen

memory = typer.Typer(help="What you told it: listed, searched, told, corrected, forgotten.", no_args_is_help=True)
Text = Annotated[list[str], typer.Argument(help="In words.")]
Past = Annotated[bool, typer.Option("--past", help="Also what does not hold any more.")]


@memory.command("list")
def list_(past: Past = False, config: Config = None, json: Json = False) -> None:
    """All facts, oldest first."""

    async def run() -> Sequence[Fact]:
        async with open_book(chosen(config), writes=False) as book:
            return await book.facts(past)

    _show(asyncio.run(run()), json)


@memory.command()
def find(text: Text, language: Language = None, config: Config = None, json: Json = False) -> None:
    """The facts that fit a question best."""
    settings = chosen(config, language=language)

    async def run() -> Sequence[Fact]:
        async with open_book(settings, writes=False) as book:
            return [known.fact for known in await book.find(_words(text), settings.brain.language)]

    _show(asyncio.run(run()), json)


@memory.command()
def add(text: Text, language: Language = None, config: Config = None, json: Json = False) -> None:
    """Remembers a sentence. The assistant must not be running: say it to it then."""
    settings = chosen(config, language=language)

    async def run() -> Sequence[Fact]:
        async with open_book(settings, writes=True) as book:
            return await book.tell(_words(text), settings.brain.language)

    _show(asyncio.run(run()), json)


@memory.command()
def correct(
    number: Annotated[int, typer.Argument(help="Of the fact, as `list` shows it.")],
    text: Text,
    language: Language = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """What is so instead. The assistant must not be running."""
    settings = chosen(config, language=language)

    async def run() -> Sequence[Fact]:
        async with open_book(settings, writes=True) as book:
            return [await book.correct(number, _words(text), settings.brain.language)]

    _show(asyncio.run(run()), json)


@memory.command()
def forget(
    numbers: Annotated[list[int] | None, typer.Argument(help="Of facts, as `list` shows them.")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="All of them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """For good. The assistant must not be running."""
    if bool(numbers) is everything:
        raise BadInput("give the numbers of facts, or --everything")
    if everything and not yes and input("Forget everything, for good? [y/N] ").strip().casefold() not in ("y", "yes"):
        raise typer.Exit(1)

    async def run() -> int:
        async with open_book(chosen(config), writes=True) as book:
            return await book.forget(None if everything else numbers)

    print(f"{asyncio.run(run())} forgotten")


@memory.command()
def export(
    config: Config = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; default: print.")] = None,
) -> None:
    """All, also what does not hold any more: one JSON object a line."""

    async def run() -> Sequence[Fact]:
        async with open_book(chosen(config), writes=False) as book:
            return await book.facts(past=True)

    lines = "".join(jsonlib.dumps(fact.as_json(), ensure_ascii=True) + "\n" for fact in asyncio.run(run()))
    if output is None:
        sys.stdout.write(lines)
        return
    with open_private(output) as file:
        file.write(lines)


def _show(facts: Sequence[Fact], json: bool) -> None:
    if json:
        for fact in facts:
            print(jsonlib.dumps(fact.as_json(), ensure_ascii=False))
        return
    table = Table("number", "fact", "kind", "told", box=None)
    for fact in facts:
        told = datetime.fromtimestamp(fact.learned, UTC).astimezone().strftime("%Y-%m-%d")
        table.add_row(str(fact.id), fact.text + (" (past)" if fact.until else ""), fact.kind, told)
    Console(highlight=False, markup=False).print(table)


def _words(text: list[str]) -> str:
    return mended_text(" ".join(text))
