"""`repartee capacity`: how many people this machine carries, by a baseline."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from repartee.contract import Profile, load_profile
from repartee.core.errors import BadInput
from repartee.proof import results
from repartee.proof.capacity import Service, breaks, carried, load


def capacity(
    baseline: Annotated[Path, typer.Argument(help="A file that `repartee bench -o FOLDER` wrote (JSON).")],
    profile: Annotated[str, typer.Option(help="Promises by the number of people.")] = "alice",
    turns_per_hour: Annotated[
        float, typer.Option(help="How often one person speaks in the busiest hour.", min=0.01, max=3600)
    ] = 30.0,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """How many people this machine carries, by what a turn was measured to take."""
    chosen, service = load_profile(profile), _service(baseline)
    tiers = sorted({budget.users for budget in chosen if budget.users})
    if not tiers:
        raise BadInput(f"the profile {chosen.name} promises nothing by the number of people; alice does")
    most = carried(service, chosen, turns_per_hour)
    counts = sorted({1, *(end for tier in tiers for end in tier if end < 1000), most, most + 1} - {0})
    if json:
        rows = [_row(service, chosen, users, turns_per_hour) for users in counts]
        print(jsonlib.dumps({"carried": most, "turns_per_hour": turns_per_hour, "rows": rows}))
        return
    console = Console(highlight=False)
    console.print(_table(service, chosen, counts, turns_per_hour))
    console.print(
        f"{most} people, each speaking {turns_per_hour:g} times an hour at the busiest, are carried with every promise"
        f" of {chosen.name} kept; from {most + 1} on: scale out. A turn takes {service.seconds:.2f} s of CPU"
        f" (n={service.n}, {baseline.name}). Computed, not lived: a load test tells."
    )


def _table(service: Service, profile: Profile, counts: list[int], turns_per_hour: float) -> Table:
    table = Table(box=None)
    for head in ("people", "busy", "CPU", "p95 wait", "p95 answer", "not kept"):
        table.add_column(head, justify="left" if head == "not kept" else "right")
    for users in counts:
        row = _row(service, profile, users, turns_per_hour)
        endless = row["p95_wait_ms"] is None
        wait = ("no end", "no end") if endless else (f"{row['p95_wait_ms']:,.0f} ms", f"{row['p95_answer_ms']:,.0f} ms")
        table.add_row(
            str(users), f"{row['busy']:.0%}", f"{row['cpu_percent']:.0f} %", *wait, ", ".join(row["not_kept"])
        )
    return table


def _row(service: Service, profile: Profile, users: int, turns_per_hour: float) -> dict[str, Any]:
    there = load(service, users, turns_per_hour)
    endless = there.busy >= 1
    return {
        "people": users,
        "busy": round(there.busy, 4),
        "cpu_percent": round(there.cpu_percent, 1),
        "p95_wait_ms": None if endless else round(there.wait_ms, 1),
        "p95_answer_ms": None if endless else round(there.answer_ms, 1),
        "not_kept": [budget.key for budget in breaks(service, profile, users, turns_per_hour)],
    }


def _service(baseline: Path) -> Service:
    """Raises `BadInput`."""
    found: dict[str, list[float]] = {}
    for taken in results.taken(baseline):
        if taken.provenance.warm:
            found.setdefault(taken.metric, []).extend(taken.samples)
    memory = max(found.get("process_memory", [0.0]))
    return Service.measured(found.get("turn_cpu", []), found.get("turn_answered", []), memory)
