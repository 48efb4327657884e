"""`repartee voices`: which voices there are, and what they sound like."""

from __future__ import annotations

import asyncio
import json as jsonlib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from repartee.assembly.settings import Settings
from repartee.assembly.voice_list import Listed, known_voices
from repartee.core.errors import BadInput
from repartee.core.ports import Synthesizer

from .options import Config, Json, Language, chosen
from .say import spoken

SAMPLE = "The kitchen light is on, and it is 21 degrees outside."


def voices(
    play: Annotated[str | None, typer.Option(help="Say something with this voice.")] = None,
    text: Annotated[str, typer.Option(help="What to say.")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write a WAV file instead of playing.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Of every language.")] = False,
    language: Language = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """The voices there are, and what they sound like."""
    settings = chosen(config, language=language)
    if play:
        _play(play, text, settings, output)
    else:
        _print(settings, every, json)


def _print(settings: Settings, every: bool, json: bool) -> None:
    """`every`: of all languages, not only of the one that is set."""
    language = settings.brain.language.partition("-")[0]
    found = [v for v in known_voices(settings.brain.voices) if every or v.language.partition("-")[0] == language]
    if json:
        for voice in found:
            print(jsonlib.dumps(asdict(voice), ensure_ascii=False))
        return
    table = Table("engine", "voice", "language", "file", box=None)
    for voice in found:
        table.add_row(voice.engine, voice.voice, voice.language, voice.file)
    Console(highlight=False).print(table)


def _play(name: str, text: str, settings: Settings, output: Path | None) -> None:
    """Raises `BadInput` for a voice that there is not."""
    listed = next((voice for voice in known_voices(settings.brain.voices) if voice.voice == name), None)
    if listed is None:
        raise BadInput(f"there is no voice {name!r}; `repartee voices --all` lists them")
    asyncio.run(spoken(_engine(listed, settings.brain.words_per_minute), text or SAMPLE, listed.language, output))


def _engine(listed: Listed, words_per_minute: int) -> Synthesizer:
    from repartee.engines.tts import espeak, piper

    return piper.Engine(words_per_minute, [Path(listed.file)]) if listed.file else espeak.Engine(words_per_minute)
