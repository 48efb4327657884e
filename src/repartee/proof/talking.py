"""What a minute of talk costs that is no command, at the pace of life with the microphone open."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from repartee.core.audio import SAMPLE_RATE

from .quality import Quality, talk
from .results import Taken
from .sounds import Samples, load
from .stages import Stand

MINUTE, STRETCH = 60.0, 15.0
"""Seconds in all, and of one sample."""


async def measure_talk(stand: Stand) -> list[Taken]:
    """Nothing where there are no recordings of talk."""
    taken = Taken("talk_cpu", "CPU a second of talk that is no command", stand.provenance)
    taken.provenance = replace(taken.provenance, origin=stand.recordings.origin)
    quality, begun = Quality(stand), time.monotonic()
    for stretch in _stretches(stand):
        cpu = time.process_time()
        await quality.play(stretch, realtime=True)
        taken.samples.append((time.process_time() - cpu) / (len(stretch) / SAMPLE_RATE))
        if time.monotonic() - begun > MINUTE:
            break
    return [taken] if taken.samples else []


def _stretches(stand: Stand) -> list[Samples]:
    """Recordings one after the other, as a conversation goes on."""
    found: list[Samples] = []
    waiting: list[Samples] = []
    for path in talk(stand):
        waiting.append(load(path))
        if sum(map(len, waiting)) >= STRETCH * SAMPLE_RATE:
            found.append(np.concatenate(waiting))
            waiting = []
        if len(found) * STRETCH > MINUTE:
            break
    return found
