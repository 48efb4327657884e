"""How `repartee parse`, `grammar` and `suggest` are called. What they do is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[Path | None, typer.Option("--home", help="JSON file of a home; default: the demo home.")]
HomesOption = Annotated[Path | None, typer.Option("--homes", help="JSON file of several homes, by name.")]
LanguageOption = Annotated[str, typer.Option("--language", help="Language, as in en, fr, nl.")]
FolderOption = Annotated[Path | None, typer.Option("--sentences", help="Folder of your own sentences.")]
AreaOption = Annotated[str | None, typer.Option("--area", help="Where the satellite stands.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def parse(
    text: Annotated[list[str] | None, typer.Argument(help="A sentence; without one, JSON lines are read.")] = None,
    home: HomeOption = None,
    homes: HomesOption = None,
    language: LanguageOption = "en",
    area: AreaOption = None,
    reference: Annotated[str | None, typer.Option(help="hassil: Home Assistant's recogniser instead.")] = None,
    sentences: FolderOption = None,
    json: JsonOption = False,
) -> None:
    """What a sentence means in a home: intent, slots, plan, and whether it would act at once."""
    from .commands.grammar import parse, read_homes

    parse(" ".join(text or []), area, read_homes(home, homes, language, reference, sentences), json)


def grammar(
    home: HomeOption = None,
    language: LanguageOption = "en",
    sentences: FolderOption = None,
    say: Annotated[str, typer.Option(help="Draw what may follow these words, as Graphviz text.")] = "",
    json: JsonOption = False,
) -> None:
    """The size of the automaton, how long it took to build, and a drawing of a small part of it."""
    from .commands.grammar import grammar

    grammar(home, language, sentences, say, json)


def suggest(
    text: Annotated[str, typer.Argument(help="The beginning of a sentence.")],
    home: HomeOption = None,
    language: LanguageOption = "en",
    area: AreaOption = None,
    sentences: FolderOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many words at most.")] = 20,
    json: JsonOption = False,
) -> None:
    """How far a sentence has got, and what may follow."""
    from .commands.grammar import compiled_home, suggest

    place, compiled = compiled_home(home, language, sentences)
    suggest(text, place, compiled, area, limit, json)
