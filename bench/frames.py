"""How much of our own code a spoken turn runs: functions, modules, and how deep they call. Counted, not timed.

A person who reads along follows these. Recorded speech where it is, else speech that the product makes itself.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import repartee
from bench.figures import SHARED
from bench.record import machine, save
from bench.turns import opened, recordings
from repartee.assembly.assistant import Assistant
from repartee.contract.provenance import Provenance
from repartee.core.turn import TurnRecord
from repartee.engines.audio import file, nowhere

OWN = str(Path(repartee.__file__).parent) + "/"


class Calls:
    """What ran: our functions by module, and the longest chain of them on one stack."""

    def __init__(self) -> None:
        self.functions: set[tuple[str, str]] = set()
        self.deepest: tuple[str, ...] = ()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """On this thread, the loop's: models run on their own threads, which are not looked into."""
        sys.setprofile(self._called)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _called(self, frame: FrameType, event: str, _: Any) -> None:
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(OWN):
            return
        self.functions.add((name.removeprefix(OWN), frame.f_code.co_qualname))
        stack = tuple(own(frame))
        if len(stack) > len(self.deepest):
            self.deepest = stack

    @property
    def modules(self) -> set[str]:
        return {module for module, _ in self.functions}


def own(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        if frame.f_code.co_filename.startswith(OWN):
            yield f"{frame.f_code.co_filename.removeprefix(OWN)} {frame.f_code.co_qualname}"
        frame = frame.f_back


async def followed(files: Sequence[Path], home: Path | None) -> dict[str, object]:
    """A turn each, on the models as they are once the assistant is warm."""
    async with opened(home) as assistant:
        calls, records = Calls(), list[TurnRecord]()
        await heard(assistant, files[0], Calls())
        for path in files:
            records += await heard(assistant, path, calls)
    rooms = sorted({module.split("/")[0] for module in calls.modules})
    return {
        "turns": len(records),
        "decisions": sorted({record.decision.value for record in records}),
        "functions": len(calls.functions),
        "modules": len(calls.modules),
        "rooms": rooms,
        "deepest_stack": len(calls.deepest),
        "deepest": list(reversed(calls.deepest)),
    }


async def heard(assistant: Assistant, path: Path, calls: Calls) -> list[TurnRecord]:
    """From the first frame of sound to the record."""
    async with assistant.with_fresh_home() as fresh:
        session = fresh.session(nowhere.Sink())
        with calls.counted():
            return [record async for record in session.listen(file.Source(path))]


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        origin, files, home = recordings(SHARED, Path(scratch))
        one = next((path for path in files if "Standing_Light" in path.name), files[0])
        figures = {"one_turn": asyncio.run(followed([one], home)), "several": asyncio.run(followed(files[:10], home))}
    save("frames", figures, Provenance(origin, "fast", True, {}, machine()), ("moonshine-voice",))
    for name, found in figures.items():
        print(f"{name}: { ({key: value for key, value in found.items() if key != 'deepest'}) }")


if __name__ == "__main__":
    main()
