"""The commands that prove: doctor, load, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path | None, typer.Option("--config", help="Settings file (TOML); default ./repartee.toml.")]
Json = Annotated[bool, typer.Option("--json", help="The whole result as one JSON object.")]
Token = Annotated[str | None, typer.Option(envvar="REPARTEE_SYSTEM__TOKEN", help="The server's token.")]


def doctor(
    url: Annotated[str, typer.Argument(help="A running server to look at too, as it prints its address.")] = "",
    home: Annotated[
        Path | None, typer.Option("--home", help="JSON file of a home; default: that of the settings.")
    ] = None,
    recording: Annotated[
        Path | None, typer.Option(help="Ten seconds of your microphone with somebody speaking; default: open it.")
    ] = None,
    played: Annotated[Path | None, typer.Option(help="What the loudspeaker played while it was recorded.")] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Do what is safe: rights of files, missing folders, caches.")
    ] = False,
    bundle: Annotated[Path | None, typer.Option(help="Archive (.zip) for a bug report to write.")] = None,
    words: Annotated[bool, typer.Option("--words", help="The bundle may hold what was said, and names.")] = False,
    sound: Annotated[bool, typer.Option("--sound", help="The bundle may hold the recording.")] = False,
    token: Token = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Say why it is slow or hears badly here, with the evidence, what it costs, and what to change.

    Takes less than a minute; nothing is sent anywhere. Exit code: 0 nothing found, 1 something found, 2 bad use.
    """
    from repartee.assembly.settings import read_settings
    from repartee.proof.doctor.examination import Wanted

    from .commands import doctor as command

    settings = read_settings(config, {"home": {"file": home}})
    options = command.Options(json, fix, bundle, words, sound)
    raise typer.Exit(command.run(settings, Wanted(url, token, recording, played), options))
