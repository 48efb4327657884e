"""The home: does it answer and how fast, what is away, which names are mixed up, does its clock agree with ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from statistics import median

import aiohttp

from repartee.assembly.confusable_names import confusable_names
from repartee.assembly.home_settings import HomeAssistantSettings, HomeSettings, MqttSettings
from repartee.assembly.homes import open_home
from repartee.assembly.secret import read_secret
from repartee.assembly.settings import Settings
from repartee.core.errors import BadInput, HomeError, Refused
from repartee.core.home import Home, States
from repartee.engines.home.home_assistant import socket

from .finding import Finding, Grade, Part

TRIES = 10
SLOW_MS, SKEW = 50.0, 30.0
"""Milliseconds there and back, seconds between its clock and ours, from which on it is told."""
WITHIN = 15.0
"""Seconds in which a home must be there."""
AWAY = ("unavailable",)
SHOWN = 5
NAMES = frozenset({"light", "switch", "fan", "cover", "lock", "climate", "media_player", "vacuum", "scene", "script"})
"""Domains that people name when they speak."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How a home answers, by back end."""

    round_trip_ms: Mapping[str, float] = field(default_factory=dict)
    """Median."""
    skew_s: float | None = None
    """Its clock against ours; None: it does not tell."""


async def examine(settings: Settings) -> Part:
    chosen = settings.home
    began = time.perf_counter()
    try:
        async with asyncio.timeout(WITHIN):
            async with open_home(chosen).backend as backend:
                opened = (time.perf_counter() - began) * 1000
                home, states = backend.home, backend.states
                answers = await answers_of(chosen)
                found = [*judged(home, states), *slow(answers)]
    except Refused as error:
        return Part("home", "it does not let us in", [_broken("home_refused", str(error), "Make a new token.")])
    except (HomeError, BadInput, TimeoutError) as error:
        told = str(error) or f"no answer in {WITHIN:g} s"
        return Part(
            "home", "it is away", [_broken("home_away", told, "See that it runs, and that its address is right.")]
        )
    trips = ", ".join(f"{name} {ms:.1f} ms there and back" for name, ms in answers.round_trip_ms.items())
    seen = f"{len(home.entities)} devices in {len(home.areas)} areas, opened in {opened:.0f} ms"
    return Part("home", "; ".join(filter(None, (seen, trips))), found)


def judged(home: Home, states: States) -> Iterator[Finding]:
    """What is in it."""
    spoken = [entity for entity in home.entities if entity.domain in NAMES]
    away = [entity for entity in home.entities if states[entity.id].value in AWAY]
    if away:
        yield Finding(
            "unavailable",
            Grade.BROKEN,
            f"{len(away)} of {len(home.entities)} are unavailable: {_some([e.name for e in away])}",
            f"{100 * len(away) / len(home.entities):.0f} % of the devices do nothing when they are asked to",
            "See to their batteries and radio, or hide them from voice assistants.",
        )
    pairs = confusable_names(spoken)
    if pairs:
        names = {entity.id for pair in pairs for entity in pair}
        yield Finding(
            "confusable_names",
            Grade.COSTS,
            _some([f"{one.name} ~ {other.name}" for one, other in pairs]),
            f"{100 * len(names) / len(spoken):.0f} % of the names that people say are asked about, or mixed up",
            "Rename one of each pair, or give it an alias that sounds different.",
        )
    without = [entity.name for entity in spoken if entity.area is None and entity.domain not in ("scene", "script")]
    if home.areas and len(without) * 5 > len(spoken):
        yield Finding(
            "without_area",
            Grade.COSTS,
            f"{len(without)} of {len(spoken)}: {_some(without)}",
            '"the lights in the kitchen" does not reach them',
            "Give each its area in the home's pages.",
        )
    if not home.entities:
        yield _broken("empty_home", "no device is exposed", "Expose devices to voice assistants in the home's pages.")


def slow(answers: Answers) -> Iterator[Finding]:
    for name, ms in answers.round_trip_ms.items():
        if ms > SLOW_MS:
            yield Finding(
                "slow_home",
                Grade.COSTS,
                f"{name} answers a ping after {ms:.0f} ms (median of {TRIES})",
                f"{ms:.0f} ms and more on each command",
                "Put both on one machine or on a cable; see what keeps it busy.",
                ms,
            )
    if answers.skew_s is not None and abs(answers.skew_s) > SKEW:
        yield Finding(
            "clock_differs",
            Grade.COSTS,
            f"the home's clock is {answers.skew_s:+.0f} s from ours",
            '"at seven" is another time there than here',
            "Switch on time from the network on both machines.",
        )


async def answers_of(chosen: HomeSettings) -> Answers:
    """Measured anew, beside the open connection."""
    trips: dict[str, float] = {}
    skew = None
    if chosen.file is None and chosen.home_assistant:
        trips["Home Assistant"], skew = await _home_assistant(chosen.home_assistant)
    if chosen.file is None and chosen.mqtt:
        trips["the MQTT broker"] = await _broker(chosen.mqtt)
    return Answers(trips, skew)


async def _home_assistant(chosen: HomeAssistantSettings) -> tuple[float, float | None]:
    """Milliseconds of a ping on its socket; seconds of its clock ahead of ours."""
    async with aiohttp.ClientSession() as session:
        line = await socket.connect(session, chosen.url, read_secret(chosen.token))
        listening = asyncio.create_task(line.listen())
        took = []
        for _ in range(TRIES):
            began = time.perf_counter()
            await line.ask({"type": "ping"})
            took.append((time.perf_counter() - began) * 1000)
        await line.close()
        await listening
        async with session.get(chosen.url) as answer:
            date = answer.headers.get("date")
        return median(took), parsedate_to_datetime(date).timestamp() - time.time() if date else None


async def _broker(chosen: MqttSettings) -> float:
    """Milliseconds until it takes a connection."""
    took = []
    for _ in range(TRIES):
        began = time.perf_counter()
        _, writer = await asyncio.open_connection(chosen.host, chosen.port)
        took.append((time.perf_counter() - began) * 1000)
        writer.close()
    return median(took)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _broken(name: str, evidence: str, advice: str) -> Finding:
    return Finding(name, Grade.BROKEN, evidence, "no device can be asked or told anything", advice)
