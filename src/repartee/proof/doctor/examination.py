"""The whole examination: part after part, each at its own risk, within about a minute."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from repartee.assembly.settings import Settings

from . import choices, home, machine, microphone, models, network, slow_turns
from .finding import Finding, Part


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look at besides the settings."""

    url: str = ""
    """A running server; empty: none."""
    token: str | None = None
    """The server's."""
    recording: Path | None = None
    """Of the microphone; none: it is opened."""
    played: Path | None = None
    """What the loudspeaker played meanwhile."""


async def examine(settings: Settings, wanted: Wanted, progress: Callable[[str], None]) -> list[Part]:
    """Raises `BadInput` for a recording that can't be read; everything else that is wrong is a finding."""

    async def at_once(part: Part) -> Part:
        return part

    steps: list[tuple[str, Callable[[], Awaitable[Part]]]] = [
        ("microphone", lambda: microphone.examine(settings, wanted.recording, wanted.played)),
        ("machine", lambda: machine.examine(settings)),
        ("models", lambda: models.examine(settings)),
        ("home", lambda: home.examine(settings)),
        ("settings", lambda: at_once(choices.examine(settings))),
        ("turns", lambda: at_once(slow_turns.examine(settings))),
    ]
    if wanted.url:
        steps.append(("server", lambda: network.examine(wanted.url, wanted.token)))
    parts = []
    for name, step in steps:
        progress(f"looking at: {name}")
        parts.append(await step())
    return parts


def mend(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Applies what is safe; what was done, and why it could not be (empty: it was)."""
    told = []
    for finding in findings:
        if finding.fix:
            try:
                finding.fix.apply()
            except OSError as error:
                told.append((finding.fix.does, error.strerror or str(error)))
            else:
                told.append((finding.fix.does, ""))
    return told
