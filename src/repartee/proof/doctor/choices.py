"""Settings that cost: what differs from the default and is paid for in every turn; secrets that others can read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from repartee.assembly.assistant import data_folder
from repartee.assembly.settings import Audio, Brain, Contract, Settings

from .finding import Finding, Fix, Grade, Part

WORTH_MS = 100.0
"""From here on a wait is told."""
SAMPLE_MS = 0.15
"""CPU of one sample of the profiler, about (bench/results/measuring.json)."""
WAITS = {
    "wait_closed": "sentences that can't go on",
    "wait_complete": "sentences that may be over",
    "wait_likely": "sentences that make no sense yet",
    "wait_open": "unfinished sentences",
    "wait_free": "sentences that are no command",
}


def examine(settings: Settings) -> Part:
    found = [*waits(settings.audio), *engines(settings), *exposed(settings)]
    return Part("settings", "waits, engines, echo, profiler, who can read the data", found)


def waits(audio: Audio) -> Iterator[Finding]:
    usual = Audio()
    for name, whom in WAITS.items():
        longer = (getattr(audio, name) - getattr(usual, name)) * 1000
        if longer >= WORTH_MS:
            yield Finding(
                f"setting_{name}",
                Grade.COSTS,
                f"{name} = {getattr(audio, name):g} s; the default is {getattr(usual, name):g} s",
                f"{longer:.0f} ms longer after {whom}",
                f"Take `{name}` out of [audio] if nobody is cut off by the default.",
                longer,
            )


def engines(settings: Settings) -> Iterator[Finding]:
    brain, audio, contract = settings.brain, settings.audio, settings.contract
    usual, usually = Brain(), Contract()
    if brain.stt_width > usual.stt_width:
        yield Finding(
            "setting_stt_width",
            Grade.COSTS,
            f"stt_width = {brain.stt_width}; the default is {usual.stt_width}",
            f"up to {100 * (brain.stt_width / usual.stt_width - 1):.0f} % more work for each sentence,"
            " and nothing more is heard (docs/hearing.md)",
            "Take `stt_width` out of [brain].",
        )
    if audio.echo == "none" and audio.barge_in:
        yield Finding(
            "setting_echo",
            Grade.COSTS,
            'echo = "none" with barge_in = true',
            "with a loudspeaker replies interrupt themselves",
            '`echo = "kalman"` in [audio], unless headphones are worn.',
        )
    if contract.profiler > 4 * usually.profiler:
        percent = contract.profiler * SAMPLE_MS / 10
        yield Finding(
            "setting_profiler",
            Grade.COSTS,
            f"profiler = {contract.profiler:g} samples a second",
            f"about {percent:.1f} % of a core, always",
            f"`profiler = {usually.profiler:g}` in [contract].",
        )


def exposed(settings: Settings) -> Iterator[Finding]:
    """What holds words or secrets and can be read by everybody on this machine."""
    if os.name != "posix":
        return
    folder = data_folder(settings)
    if folder and folder.is_dir():
        for path in [folder, *sorted(p for p in folder.iterdir() if p.is_file())]:
            if path.stat().st_mode & 0o077:
                yield _readable(path, "what was said at home", 0o700 if path.is_dir() else 0o600)
    chosen = settings.home.home_assistant
    if chosen and chosen.token.startswith("file:"):
        token = Path(chosen.token.removeprefix("file:")).expanduser()
        if token.is_file() and token.stat().st_mode & 0o077:
            yield _readable(token, "the home's token", 0o600)


def _readable(path: Path, what: str, mode: int) -> Finding:
    return Finding(
        "readable",
        Grade.NOTE,
        f"{path} can be read by other users of this machine",
        f"they can read {what}",
        f"chmod {mode:o} {path}",
        fix=Fix(f"chmod {mode:o} {path}", lambda: path.chmod(mode)),
    )
