"""Two versions of the assistant measured in turn on one machine, so that whatever happens to it happens to both."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from repartee.core.errors import BadInput, ReparteeError

from .comparison import Outcome, paired
from .results import Earlier, parsed

SLICE = 12.0
"""Seconds of one bench; as many of each version as there is time for, three at least."""
FEWEST = 3


def command_of(folder: Path) -> Path:
    """The command of another version: of a checkout, or of an environment. Raises `BadInput`."""
    for place in (folder / ".venv" / "bin", folder / "bin", folder / "Scripts"):
        if (place / "repartee").is_file():
            return (place / "repartee").absolute()
    raise BadInput(f"{folder}: no repartee in it; give a checkout after `make env`, or a virtual environment")


def against(folder: Path, seconds: float, progress: Callable[[str], None]) -> Outcome:
    """Single stages of the version there (old) and of this one (new). Raises `BadInput`, `ReparteeError`."""
    commands = {"old": command_of(folder), "new": Path(sys.executable).with_name("repartee")}
    rounds = max(FEWEST, round(seconds / 2 / SLICE))
    runs: dict[str, list[Earlier]] = {"old": [], "new": []}
    for number in range(rounds):
        for which in ("old", "new") if number % 2 == 0 else ("new", "old"):
            progress(f"round {number + 1} of {rounds}: {which}")
            runs[which].append(_run(commands[which]))
    return paired(runs["old"], runs["new"])


def _run(command: Path) -> Earlier:
    arguments = [str(command), "bench", "--no-turns", "--seconds", f"{SLICE:g}", "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20 * SLICE, check=False)  # noqa: S603
    if not done.stdout.startswith("{"):
        last = done.stderr.strip().splitlines()[-1:]
        raise ReparteeError(f"{command}: {' '.join(last) or 'no result'}")
    return parsed(done.stdout.splitlines()[0], command)
