"""`repartee profile`: flame graphs of a running assistant, and what its start is spent on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.proof import profiler

SERVER = "repartee.app.commands.serve"


def cpu(output: Path, pid: int | None, seconds: float, rate: int) -> None:
    """Writes the profile and says where."""
    profiler.flame(output, pid or profiler.running(), seconds, rate)
    print(output)


def memory(output: Path, arguments: Sequence[str]) -> None:
    """Writes the profile and says where."""
    profiler.heap(output, arguments)
    print(output)


def start(module: str, least: float, settings: Settings) -> None:
    """A tree of imports, slowest first; then what opening and warming the assistant takes, by part."""
    roots = profiler.imports(module)
    print(f"{sum(root.total_ms for root in roots):8.1f} ms importing {module} (a fresh Python; its own start included)")
    for line in profiler.tree(roots, least):
        print(line)
    parts, whole = asyncio.run(_parts(settings))
    print(f"{whole:8.1f} ms opening and warming the assistant, the imports of its engines included")
    for name, ms in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"{ms:8.1f} ms               {name}")
    print(f"{whole - sum(parts.values()):8.1f} ms               the rest")


async def _parts(settings: Settings) -> tuple[dict[str, float], float]:
    began = time.perf_counter()
    async with open_assistant(settings) as assistant:
        await assistant.warm()
        whole = (time.perf_counter() - began) * 1000
        return {name: seconds * 1000 for name, seconds in assistant.telemetry.footprints.seconds.items()}, whole
