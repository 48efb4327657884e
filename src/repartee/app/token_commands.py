"""`repartee token`: who may come in, and for what; `cli` hangs it in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

token = typer.Typer(help="Tokens that let programs and people in.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="Settings file (TOML); default ./repartee.toml.")]
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
    from .commands import token as command

    command.new(name, scope or ["listen", "speak", "act"], config)


@token.command("list")
def list_(
    config: Config = None, json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False
) -> None:
    """The tokens there are."""
    from .commands import token as command

    command.show(config, json)


@token.command()
def revoke(name: Name, config: Config = None) -> None:
    """Refuse a token from now on, in a running server too."""
    from .commands import token as command

    command.revoke(name, config)
