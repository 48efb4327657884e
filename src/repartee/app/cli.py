"""The command line: `repartee COMMAND`. Commands load what they need when they run, so that `--help` is quick."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from repartee import __version__
from repartee.core.errors import BadInput, EngineMissing, ReparteeError
from repartee.core.log_rate import PerKind
from repartee.core.untrusted import mended_text

from . import contract_commands, data_commands, grammar_commands

app = typer.Typer(
    name="repartee",
    help="A local voice assistant for the home that keeps its latency promises.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
errors = Console(stderr=True, highlight=False)
app.add_typer(contract_commands.contract, name="contract")
app.add_typer(contract_commands.profile, name="profile")
app.add_typer(data_commands.data, name="data")
app.command()(contract_commands.bench)
app.command()(contract_commands.report)
app.command()(contract_commands.capacity)
for command in (grammar_commands.parse, grammar_commands.grammar, grammar_commands.suggest):
    app.command()(command)

Config = Annotated[Path | None, typer.Option("--config", help="Settings file (TOML); default ./repartee.toml.")]
HomeOption = Annotated[Path | None, typer.Option("--home", help="JSON file of a home; default: the demo home.")]
Area = Annotated[str | None, typer.Option("--area", help="Where the satellite stands: an area of the home.")]
Language = Annotated[str | None, typer.Option("--language", help="Language, as in en, fr, nl.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


ALWAYS = ("repartee.assembly.mitigation",)
"""Whose warnings are told without -v: something is done that a person allowed, and will wonder about."""


@app.callback(invoke_without_command=True)
def start(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what happens, on standard error.")] = False,
) -> None:
    """A local voice assistant for the home that keeps its latency promises."""
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    for name in ALWAYS:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(PerKind())
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address; another than loopback needs a token.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
) -> None:
    """Start the assistant and its page; one line says when it is ready and where."""
    from .commands.serve import run

    run(settings(config, home, area, language, system={"host": host, "port": port}))


@app.command()
def listen(
    files: Annotated[list[str], typer.Argument(help="Sound files; - is raw 16-bit mono PCM on standard input.")],
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
    json: Json = False,
    keep: Annotated[bool, typer.Option(help="Go on with home and context from file to file.")] = False,
    pace: Annotated[str, typer.Option(help="fast, or realtime (only then are latencies real).")] = "fast",
    rate: Annotated[int, typer.Option(help="Sample rate of standard input, Hz.")] = 16_000,
    stt: Annotated[str | None, typer.Option(help="Engine for speech to text.")] = None,
) -> None:
    """Act on recorded speech."""
    from .commands.listen import Options, run

    if pace not in ("fast", "realtime"):
        raise typer.BadParameter(f"--pace {pace}: it is fast or realtime")
    brain = {"stt": stt} if stt else {}
    raise typer.Exit(run(files, settings(config, home, area, language, brain), Options(json, keep, pace, rate)))


@app.command()
def mic(
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Listen to this machine's microphone until stopped (Ctrl-C). Needs the extra `microphone`."""
    from .commands.mic import run

    run(settings(config, home, area, language), json)


@app.command()
def ptt(
    connect: Annotated[str, typer.Option(help="Address of the server, as it prints it.")] = "http://127.0.0.1:8765/",
    token: Annotated[str | None, typer.Option(envvar="REPARTEE_SYSTEM__TOKEN", help="The server's token.")] = None,
    mode: Annotated[str, typer.Option(help="hold, toggle, or hybrid (hold, and silence ends it too).")] = "hold",
    display: Annotated[str, typer.Option(help="minimal, compact or detailed.")] = "compact",
    global_key: Annotated[str | None, typer.Option(help="A key of the whole desktop, as f9. Extra keyboard.")] = None,
    quiet: Annotated[bool, typer.Option(help="No tones.")] = False,
) -> None:
    """Push a key and talk to a server elsewhere. Loads no model. Needs the extra `microphone`."""
    from .commands.ptt import Options, run, socket_url
    from .ptt.button import Mode
    from .ptt.display import Detail

    if mode not in list(Mode) or display not in list(Detail):
        raise typer.BadParameter(f"--mode is one of {', '.join(Mode)}; --display is one of {', '.join(Detail)}")
    run(Options(socket_url(connect), token, Mode(mode), Detail(display), global_key, not quiet))


@app.command()
def wake(
    files: Annotated[list[Path] | None, typer.Argument(help="Sound files.")] = None,
    words: Annotated[list[str] | None, typer.Option(help="Wake words to listen for, commas between.")] = None,
    evaluate: Annotated[
        Path | None, typer.Option(help="Folder with manifest.jsonl (or folders that have one): how well it hears.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Find wake words in recordings, or measure how well they are found."""
    from .commands.wake import evaluate_folder, find

    audio = settings(config, None, None, None).audio
    if (evaluate is None) == (not files):
        raise typer.BadParameter("give sound files, or --evaluate FOLDER")
    run = find(files or [], words, audio, json) if evaluate is None else evaluate_folder(evaluate, words, audio, json)
    raise typer.Exit(run)


@app.command()
def ask(
    text: Annotated[list[str], typer.Argument(help="What to say.")],
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Act on a typed sentence."""
    from .commands.ask import run

    raise typer.Exit(run(mended_text(" ".join(text)), settings(config, home, area, language), json))


homes = typer.Typer(help="What is in the home, and in what state.", invoke_without_command=True)
app.add_typer(homes, name="home")


@homes.callback()
def home_(
    context: typer.Context,
    home: HomeOption = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """What is in the home, and in what state."""
    if context.invoked_subcommand is None:
        from .commands.inventory import run

        run(settings(config, home, None, None), json)


@homes.command("connect")
def home_connect(
    url: Annotated[str, typer.Argument(help="Address of a Home Assistant, as in the browser.")],
    token: Annotated[str | None, typer.Option(help="Where its token is: env:NAME, file:PATH, keyring:NAME.")] = None,
    keyring: Annotated[bool, typer.Option(help="Keep the token in the machine's keyring, not in a file.")] = False,
    json: Json = False,
) -> None:
    """Connect to a Home Assistant, and say what was found there."""
    from .commands.home import connect

    connect(url, token, keyring=keyring, json=json)


@app.command()
def say(
    text: Annotated[list[str], typer.Argument(help="What to speak.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write a WAV file instead of playing.")] = None,
    language: Language = None,
    config: Config = None,
) -> None:
    """Speak a text."""
    from .commands.say import run

    run(mended_text(" ".join(text)), settings(config, None, None, language), output)


@app.command()
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
    from .commands import voices as listed

    chosen = settings(config, None, None, language)
    if play:
        listed.play(play, text, chosen, output)
    else:
        listed.run(chosen, every, json)


models = typer.Typer(help="Language models.", no_args_is_help=True)
app.add_typer(models, name="llm")


@models.command("check")
def llm_check(
    url: Annotated[str | None, typer.Option(help="A server other than that of the settings.")] = None,
    file: Annotated[Path | None, typer.Option(help="A GGUF file other than that of the settings.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Which language model answers, how fast, and whether it can be held to a form."""
    from repartee.assembly.settings import read_settings

    from .commands.llm import run

    chosen = {"fast": {"url": url or "", "file": file}} if url or file else {}
    raise typer.Exit(run(read_settings(config, {"llm": chosen}), json))


@app.command("settings")
def settings_() -> None:
    """Every setting with its default and unit: a repartee.toml to start from."""
    from .commands.settings import run

    run()


@app.command()
def engines(json: Json = False) -> None:
    """What is installed, what is missing and how to get it."""
    from .commands.engines import run

    run(json)


def settings(
    config: Path | None,
    home: Path | None,
    area: str | None,
    language: str | None,
    brain: dict[str, Any] | None = None,
    system: dict[str, Any] | None = None,
) -> Any:
    """The settings of one command: its options win over environment and file."""
    from repartee.assembly.settings import read_settings

    return read_settings(
        config,
        {
            "home": {"file": home, "area": area},
            "brain": {"language": language, **(brain or {})},
            "system": system or {},
        },
    )


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
