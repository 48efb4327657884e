"""Push-to-talk for `repartee bench`: the real client in its own process, against a real server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from repartee.app.cli.ptt import socket_url
from repartee.contract import Origin
from repartee.core.errors import ReparteeError
from repartee.proof.recordings import synthesised
from repartee.proof.results import Taken
from repartee.proof.stages import Stand
from repartee.proof.starts import started

STEPS: Mapping[str, tuple[str, str]] = {
    "key_press": ("ptt_key_press", "from the key to the code that sees it"),
    "recording_start": ("ptt_recording_start", "from there to the first sample sent"),
    "recording_stop": ("ptt_recording_stop", "from letting go to the last sample sent"),
    "total": ("ptt_total", "one use of the button"),
    "tone": ("ptt_tone", "the tone handed to the loudspeaker"),
    "display": ("ptt_display", "the display changed"),
}
SHARE, ONE = 0.15, 4.0
"""Of the bench's time, and seconds of one press with its answer."""
FEWEST, MOST = 2, 25


async def measure_ptt(stand: Stand, folder: Path, seconds: float, progress: Callable[[str], None]) -> list[Taken]:
    """A key that a program presses, and a sentence of our own voice: latencies prove nothing about people, memory and
    processor of the client are what they are. Raises `ReparteeError` where the client breaks."""
    presses = max(FEWEST, min(MOST, round(seconds * SHARE / ONE)))
    progress(f"push-to-talk, {presses} presses")
    sentence = (await synthesised(stand.assistant.models.voice, folder)).files[0]
    async with started(folder) as server:
        found = await _trial(socket_url(server.url), sentence, presses)
    real, made = stand.provenance, replace(stand.provenance, origin=Origin.SYNTHETIC)
    steps = found["steps"]
    rows = [Taken(metric, what, made, samples=steps.get(step, [])) for step, (metric, what) in STEPS.items()]
    begun = [a + b for a, b in zip(steps["key_press"], steps["recording_start"], strict=True)]
    return [
        *rows,
        Taken("ptt_press_to_recording", "from the key to the first sample sent", made, samples=begun),
        Taken("ptt_release_to_action", "from letting go until the client is told that it is done", made,
              samples=found["release_to_action"]),
        Taken("ptt_client_memory", "the push-to-talk client", real, samples=[found["memory_mb"]]),
        Taken("ptt_client_cpu", "the push-to-talk client, nobody presses", real, samples=found["idle_percent"]),
        Taken("ptt_recording_cpu", "the push-to-talk client while it sends", real, samples=found["recording_percent"]),
    ]  # fmt: skip


async def _trial(url: str, sentence: Path, presses: int) -> dict[str, Any]:
    command = (sys.executable, "-m", "repartee.app.ptt.trial", url, str(sentence), str(presses))
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, errors = await process.communicate()
    if process.returncode:
        raise ReparteeError(f"the push-to-talk client broke: {errors.decode(errors='replace').strip()[-300:]}")
    found: dict[str, Any] = json.loads(out)
    return found
