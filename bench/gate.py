"""`python -m bench.gate`: is our own code more work than when it was last looked at? Exact, on any machine.

Counts Python's instructions of pieces of work that need no model, and holds them against `bench/gate.json`. More than
the contract tolerates (10 %): exit code 1, and the piece is named. `--renew` writes the file: do that in the change
that makes something dearer on purpose, and say why. Counts depend on the version of Python; the file has a column for
each, and one that is not there is told and not judged.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np

from repartee.assembly.homes import open_home
from repartee.assembly.mitigation import Mitigations
from repartee.assembly.settings import Settings
from repartee.assembly.skills import load_skills
from repartee.assembly.telemetry import Telemetry
from repartee.contract import Measurement, Provenance, load_profile
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import FastClock
from repartee.core.conversation import Conversation
from repartee.core.intent import Context
from repartee.engines.echo.kalman import Engine as Canceller
from repartee.engines.vad import fake as vad
from repartee.grammar import CompiledHome, compile_home
from repartee.languages.data import sentences
from repartee.observe import Monitor, Sketch
from repartee.proof.comparison import limit_percent
from repartee.proof.counting import instructions
from repartee.proof.stages import measured_turn
from repartee.stages.act import Backends, act
from repartee.stages.audio_in.endpointer import Endpoint, Endpointer, Endpointing
from repartee.stages.reply import Replies
from repartee.stages.understand.planning import decide, plan

FILE = Path(__file__).with_name("gate.json")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SAID = (
    "turn on the bed light",
    "turn off all lights",
    "set the bed light to fifty percent",
    "close the kitchen window and turn on the ceiling lights",
    "what is the temperature in the kitchen",
    "turn on the bad light",
    "sing me a song about the sea",
    "set a timer for ten minutes",
)
HERE = Context()
Work = Callable[[], object]


class Noise:
    """Ten seconds: a room, and somebody in it."""

    def __init__(self) -> None:
        self.clock = FastClock()
        level = np.where(np.arange(10 * SAMPLE_RATE) // SAMPLE_RATE % 2, 2000, 20)
        self.sound = (np.random.default_rng(0).normal(0, 1, len(level)) * level).astype(np.int16)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        for at in range(0, len(self.sound), 320):
            yield AudioChunk(self.sound[at : at + 320], SAMPLE_RATE, at / SAMPLE_RATE)


def pieces() -> Iterator[tuple[str, Work]]:
    """Each as it is the second time: what is kept from the first is there."""
    home = open_home(Settings().home)
    data = sentences("en")
    grammar = compile_home(home.backend.home, "en", data)
    yield "compile the demo home's grammar", lambda: compile_home(home.backend.home, "en", data)
    yield "read eight sentences", lambda: [grammar.parse(text, HERE) for text in SAID]
    yield "follow eight sentences word by word", lambda: _follow(grammar)
    backends = Backends(home.backend)
    yield "plan, do and answer three of them", lambda: asyncio.run(_do(grammar, backends))
    yield "listen to ten seconds", lambda: asyncio.run(_listen())
    canceller = Canceller()
    yield "cancel the echo of a second", lambda: _cancel(canceller)
    telemetry = Telemetry(load_profile(), Mitigations())
    yield "judge ten turns", lambda: [telemetry.finished(measured_turn(number)) for number in range(10)]
    yield "one scrape", lambda: asyncio.run(_scrape(telemetry))
    monitor = Monitor()
    yield "a hundred measurements", lambda: _measure(monitor)
    yield "percentiles of ten thousand values", lambda: Sketch([1.0 + n % 997 for n in range(10_000)]).quantile(0.99)


def _follow(grammar: CompiledHome) -> None:
    for text in SAID:
        words = text.split()
        for count in range(1, len(words) + 1):
            grammar.status(" ".join(words[:count]), HERE)


async def _do(grammar: CompiledHome, backends: Backends) -> None:
    skills, replies, loop = load_skills(), Replies(), asyncio.get_running_loop()
    async with backends.main:
        for text in SAID[:3]:
            reading = decide(grammar.parse(text, HERE), 0.8)
            assert reading is not None
            now = backends.situation(Conversation(HERE))
            outcomes = await act(plan(reading, skills, now), backends, loop.time() + 5)
            replies.render(outcomes, now.home, now.states, "en")


async def _listen() -> None:
    endpointer = Endpointer(Noise(), vad.Engine(), Endpointing())
    while await endpointer.onset():
        async for _ in endpointer.utterance(Endpoint()):
            pass


def _cancel(canceller: Canceller) -> None:
    sound = np.random.default_rng(1).normal(0, 1000, SAMPLE_RATE).astype(np.int16)
    for at in range(0, len(sound) - canceller.block, canceller.block):
        canceller.cancel(sound[at : at + canceller.block], sound[at : at + canceller.block])


async def _scrape(telemetry: Telemetry) -> None:
    figures = [Measurement("turn_action", float(n), {"wait_class": "closed"}) for n in range(10)]
    telemetry.told(figures, Provenance())
    await telemetry.exporter.scrape()


def _measure(monitor: Monitor) -> None:
    for _ in range(100):
        with monitor.measure("nothing"):
            pass


def counted() -> dict[str, int]:
    """Thousands would do, but the numbers are exact: they are written as they are."""
    found = {}
    for name, work in pieces():
        work()
        found[name] = instructions(work)
    return found


def judged(now: dict[str, int], before: dict[str, int], limit: float) -> list[str]:
    """What is dearer by more than `limit` percent, in words."""
    return [
        f"{name}: {count:,} instructions, {count / before[name] - 1:.0%} more than {before[name]:,}"
        for name, count in now.items()
        if name in before and count > before[name] * (1 + limit / 100)
    ]


def main(arguments: list[str]) -> int:
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of a set must not count
        again = [sys.executable, "-m", "bench.gate", *arguments]
        return subprocess.run(again, env={**os.environ, "PYTHONHASHSEED": "0"}, check=False).returncode  # noqa: S603
    if unknown := set(arguments) - {"--renew"}:
        print(f"unknown: {', '.join(sorted(unknown))}; there is only --renew", file=sys.stderr)
        return 2
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    now = counted()
    if arguments:
        FILE.write_text(json.dumps({**kept, PYTHON: now}, indent=1) + "\n")
    before = kept.get(PYTHON, {}) if not arguments else now
    for name, count in now.items():
        print(f"{count:>10,} {f'{count / before[name]:.3f}' if name in before else 'new':>6}  {name}")
    if not before:
        print(f"No counts for Python {PYTHON} in {FILE.name}: nothing is judged; --renew adds them.")
    worse = judged(now, before, limit_percent())
    for line in worse:
        print(line, file=sys.stderr)
    return int(bool(worse))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
