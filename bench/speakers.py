"""One, five and twenty people at once, each with a recorded command at the pace of life, through one assistant.

Every turn must end and be answered. The loudspeaker counts underruns: a reply that stops because its next sound is
late, while somebody else's words are being decoded.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.figures import SHARED, spread
from bench.record import real, save
from bench.turns import opened
from repartee.assembly.assistant import Assistant
from repartee.core.audio import AudioChunk
from repartee.core.turn import TurnRecord
from repartee.engines.audio import file
from repartee.proof.outcomes import expected

AT_ONCE = (1, 5, 20)
LATE = 0.005
"""Seconds: less is a timer's jitter."""


class Loudspeaker:
    """Plays at the pace of life, and takes sound up to 0.2 s ahead."""

    AHEAD = 0.2

    def __init__(self) -> None:
        self._until = 0.0
        self.underruns = 0

    async def play(self, chunk: AudioChunk) -> None:
        now = time.monotonic()
        self.underruns += 0 < self._until < now - LATE
        self._until = max(self._until, now) + chunk.seconds
        await asyncio.sleep(self._until - now - self.AHEAD)

    async def drain(self) -> None:
        await asyncio.sleep(max(0.0, self._until - time.monotonic()))
        self._until = 0.0

    def stop(self) -> None:
        self._until = 0.0

    def hold(self) -> None:
        """Nobody is heard over these replies."""

    def resume(self) -> None:
        """Nothing was held."""


async def say(assistant: Assistant, path: Path, after: float) -> tuple[TurnRecord | None, int]:
    loudspeaker = Loudspeaker()
    await asyncio.sleep(after)
    async with assistant.with_fresh_home() as fresh:
        async for record in fresh.session(loudspeaker).listen(file.Source(path, realtime=True)):
            return record, loudspeaker.underruns
    return None, loudspeaker.underruns


async def crowd(assistant: Assistant, paths: Sequence[Path], people: int) -> dict[str, Any]:
    """They begin within a second."""
    began = time.process_time()
    told = await asyncio.gather(*(say(assistant, paths[n % len(paths)], n / people) for n in range(people)))
    records = [record for record, _ in told if record is not None]
    acted = [s.end - r.speech_end for r in records for s in r.spans if s.stage == "act" and s.end is not None]
    return {
        "people": people,
        "turns_lost": people - len(records),
        "turns_broken": sum(record.error is not None for record in records),
        "act_after_speech_end_ms": spread([1000 * seconds for seconds in acted]),
        "underruns": sum(underruns for _, underruns in told),
        "cpu_s": round(time.process_time() - began, 2),
    }


async def measure(folder: Path, home: Path) -> list[dict[str, Any]]:
    paths = [folder / row.file for row in expected(folder)]
    async with opened(home) as assistant:
        return [await crowd(assistant, paths, people) for people in AT_ONCE]


def main() -> None:
    figures = asyncio.run(measure(SHARED / "audio" / "home_commands", SHARED / "homes" / "recorded_40.json"))
    print(json.dumps(figures, indent=1))
    save("speakers", {"crowds": figures}, real(pace="realtime"), ("moonshine-voice", "onnxruntime"))


if __name__ == "__main__":
    main()
