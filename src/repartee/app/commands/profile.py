"""`repartee profile`: flame graphs of a running assistant, and what its start is spent on."""

from __future__ import annotations

from pathlib import Path

from repartee.proof import profiler

SERVER = "repartee.app.commands.serve"


def cpu(output: Path, pid: int | None, seconds: float, rate: int) -> None:
    """Writes the profile and says where."""
    profiler.flame(output, pid or profiler.running(), seconds, rate)
    print(output)


def start(module: str, least: float) -> None:
    """A tree of imports, slowest first."""
    roots = profiler.imports(module)
    print(f"{sum(root.total_ms for root in roots):8.1f} ms in all (a fresh Python; its own start included)")
    for line in profiler.tree(roots, least):
        print(line)
