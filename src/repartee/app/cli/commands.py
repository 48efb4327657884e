"""The command line: `repartee COMMAND`. A command is declared in the module of its name, loaded when it is called."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from typer.core import TyperGroup

from repartee import __version__
from repartee.core.errors import BadInput, EngineMissing, ReparteeError
from repartee.core.log_rate import PerKind

COMMANDS: Final = {
    "contract": "The budgets: shown, checked, and given to other programs.",
    "profile": "Where the time goes inside a running assistant, and at its start.",
    "data": "What is kept: shown, exported, deleted.",
    "memory": "What you told it: listed, searched, told, corrected, forgotten.",
    "token": "Tokens that let programs and people in.",
    "bench": "Measure every stage and the whole turn on this machine; say which promises are kept.",
    "doctor": "Say why it is slow or hears badly here, with the evidence, what it costs, and what to change.",
    "report": "What the assistant's performance log says: budgets, changes, what would help.",
    "why": "What was heard, which words meant what, where the time went, and which promise broke.",
    "replay": "Run recorded turns again in virtual time, and show what is decided otherwise, and how much later.",
    "load": "Let many people speak at once; say what becomes of their sentences, and of the machine.",
    "compare": "Let us and others do the same work: right, quick, CPU, memory, start, side by side.",
    "capacity": "How many people this machine carries, by what a turn was measured to take.",
    "parse": "What a sentence means in a home: intent, slots, plan, and whether it would act at once.",
    "grammar": "The size of the automaton, how long it took to build, and a drawing of a small part of it.",
    "suggest": "How far a sentence has got, and what may follow.",
    "serve": "Start the assistant and its page; one line says when it is ready and where.",
    "mcp": "Be an MCP server for the agent that starts this command. Needs the extra `mcp`.",
    "listen": "Act on recorded speech.",
    "mic": "Listen to this machine's microphone until stopped (Ctrl-C). Needs the extra `microphone`.",
    "ptt": "Push a key and talk to a server elsewhere. Loads no model. Needs the extra `microphone`.",
    "wake": "Find wake words in recordings, or measure how well they are found.",
    "ask": "Act on a typed sentence.",
    "home": "What is in the home, and in what state.",
    "say": "Speak a text.",
    "voices": "The voices there are, and what they sound like.",
    "llm": "Language models.",
    "settings": "Every setting with its default and unit: a repartee.toml to start from.",
    "engines": "What is installed, what is missing and how to get it.",
}
"""Command to its line in `repartee --help`, which loads none of them."""
ELSEWHERE: Final = {"parse": "grammar", "suggest": "grammar"}
"""Command to its module, where that has another name."""

ALWAYS: Final = ("repartee.assembly.mitigation",)
"""Whose warnings are told without -v: something is done that a person allowed, and will wonder about."""

errors = Console(stderr=True, highlight=False)


def load(name: str) -> Any:
    """The command called `name`, of the module that declares it."""
    declared: typer.Typer | Callable[..., None] = getattr(
        import_module(f"repartee.app.cli.{ELSEWHERE.get(name, name)}"), name
    )
    if isinstance(declared, typer.Typer):
        return typer.main.get_command(declared)
    alone = typer.Typer(add_completion=False, context_settings=HELP)
    alone.command(name)(declared)
    return typer.main.get_command(alone)


class LazyGroup(TyperGroup):
    """Loads the module of a command once it is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args and args[0] in COMMANDS:
            self.add_command(load(args[0]), args[0])
        return super().resolve_command(ctx, args)


HELP: Final = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    name="repartee",
    cls=LazyGroup,
    help="A local voice assistant for the home that keeps its latency promises.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)


def _listed() -> None:
    """What stands for a command until it is loaded."""


for command, line in COMMANDS.items():
    app.command(command, short_help=line)(_listed)


@app.callback(invoke_without_command=True)
def start(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what happens, on standard error.")] = False,
) -> None:
    """A local voice assistant for the home that keeps its latency promises."""
    if not logging.getLogger().handlers:  # in somebody's process the log is theirs
        _log_to_terminal(verbose)
    if version:
        print(__version__)
        raise typer.Exit


def _log_to_terminal(verbose: bool) -> None:
    handler = logging.StreamHandler()
    handler.addFilter(PerKind())
    level = logging.INFO if verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", handlers=[handler])
    for name in ALWAYS:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)


def main() -> None:
    """Exit codes: 0, 1 something failed, 2 bad use."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without an é shows a question mark, not a traceback
    try:
        app()
    except (BadInput, EngineMissing) as error:
        errors.print(f"repartee: {error}", style="red", markup=False)
        sys.exit(2)
    except ReparteeError as error:
        errors.print(f"repartee: {error}", style="red", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
