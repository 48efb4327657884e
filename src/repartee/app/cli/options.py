"""Options that several commands have, and the settings that a command's options give."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from repartee.assembly.settings import Settings, read_settings

Config = Annotated[Path | None, typer.Option("--config", help="Settings file (TOML); default ./repartee.toml.")]
HomeOption = Annotated[Path | None, typer.Option("--home", help="JSON file of a home; default: the demo home.")]
Area = Annotated[str | None, typer.Option("--area", help="Where the satellite stands: an area of the home.")]
Language = Annotated[str | None, typer.Option("--language", help="Language, as in en, fr, nl.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Token = Annotated[str | None, typer.Option(envvar="REPARTEE_SYSTEM__TOKEN", help="The server's token.")]
WholeJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def chosen(
    config: Path | None,
    home: Path | None = None,
    area: str | None = None,
    language: str | None = None,
    **sections: dict[str, Any],
) -> Settings:
    """The settings of one command: its options win over environment and file. `sections`: more of them."""
    return read_settings(config, options(home, area, language, **sections))


def options(
    home: Path | None = None, area: str | None = None, language: str | None = None, **sections: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """What the options of one command say: section to key to value."""
    given: dict[str, dict[str, Any]] = {"home": {"file": home, "area": area}, "brain": {"language": language}}
    for name, values in sections.items():
        given[name] = given.get(name, {}) | values
    return given
