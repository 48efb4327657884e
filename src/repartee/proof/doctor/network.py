"""A server of ours somewhere: how far away it is, what it says of itself, which of its budgets are broken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

import aiohttp

from .finding import Finding, Grade, Part

TRIES = 20
FAR, JITTER = 30.0, 50.0
"""Milliseconds there and back; milliseconds between the median and the worst of twenty."""
SHOWN = 5


async def examine(url: str, token: str | None) -> Part:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(10)) as session:
            trips = [await _round_trip(session, url) for _ in range(TRIES)]
            health = await _told(session, url, "health")
            report = await _told(session, url, "api/report")
    except aiohttp.ClientResponseError as error:
        why = (
            "the token is missing or wrong" if error.status in (401, 403) else f"it answers with status {error.status}"
        )
        return Part("server", why, [_broken(f"{url}: {why}")])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Part("server", "it does not answer", [_broken(f"{url}: {error or 'no answer in 10 s'}")])
    seen = f"{median(trips):.1f} ms there and back, {max(trips):.1f} ms at worst; {report.get('turns', 0)} turns so far"
    return Part("server", seen, [*distance(trips), *components(health), *broken(report)])


def distance(trips: Sequence[float]) -> Iterator[Finding]:
    """Of round trips in ms."""
    middle, worst = median(trips), max(trips)
    if middle > FAR:
        yield Finding(
            "far_server",
            Grade.COSTS,
            f"{middle:.0f} ms there and back",
            f"{middle:.0f} ms on each turn, twice",
            "A cable, or the 5 GHz band; see whether a VPN lies between.",
            2 * middle,
        )
    if worst - middle > JITTER:
        yield Finding(
            "jitter",
            Grade.COSTS,
            f"{middle:.0f} ms in the middle, {worst:.0f} ms at the worst of {len(trips)}",
            f"replies stutter: {worst - middle:.0f} ms are missing now and then",
            "Radio is disturbed or the network is full: a cable, or another channel.",
            worst - middle,
        )


def components(health: Mapping[str, Any]) -> Iterator[Finding]:
    """Those that are not well, by what the server says."""
    for name, told in health.get("components", {}).items():
        if isinstance(told, Mapping) and told.get("status") == "degraded":
            yield Finding(
                f"component_{name}",
                Grade.BROKEN,
                f"{name}: {told.get('reason', told['status'])}",
                "what needs it is answered by something else, or not at all",
                "See the server's log for its first error.",
            )


def broken(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Budgets that the running server does not keep, with its own recommendations."""
    verdicts = [v for v in report.get("verdicts", []) if v.get("outcome") == "broken"]
    advice = [str(r.get("what", "")) for r in report.get("recommendations", [])]
    for verdict in verdicts[:SHOWN]:
        yield Finding(
            f"budget_{verdict['budget']}",
            Grade.COSTS,
            f"{verdict['budget']}: {verdict['figure']:.4g} {verdict['unit']}, promised {verdict['target']:.4g}",
            "a promise is broken",
            next((text for text in advice if text), "See `repartee report` on that machine."),
        )


async def _round_trip(session: aiohttp.ClientSession, url: str) -> float:
    """Milliseconds; the first opens the connection and counts as well."""
    began = time.perf_counter()
    async with session.get(_at(url, "health/live")) as answer:
        answer.raise_for_status()
        await answer.read()
    await asyncio.sleep(0.01)
    return (time.perf_counter() - began - 0.01) * 1000


async def _told(session: aiohttp.ClientSession, url: str, path: str) -> dict[str, Any]:
    async with session.get(_at(url, path)) as answer:
        answer.raise_for_status()
        told = await answer.json()
        return told if isinstance(told, dict) else {}


def _at(url: str, path: str) -> str:
    return f"{url.rstrip('/')}/{path}"


def _broken(evidence: str) -> Finding:
    return Finding(
        "server_away",
        Grade.BROKEN,
        evidence,
        "nobody can speak to it",
        "Start it with `repartee serve`, and give the address that it prints; its token in REPARTEE_SYSTEM__TOKEN.",
    )
