"""Every key of every profile that ships is fed, or says why it is not: a promise that nobody measures is none.

Fed by the product as it runs here (real server, sockets, engines; speech of its own voice), or by `repartee bench`, of
which the kept baseline tells. What neither can tell stands in the budgets with what it needs.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from repartee.assembly.telemetry import sampling
from repartee.contract import SHIPPED, Outcome, load_profile
from tests import sound
from tests.fakes.serving import Page, page, serving

pytestmark = pytest.mark.real_time
ROOT = Path(__file__).parents[2]
BASELINES = ROOT / "docs" / "baseline"
CROWDED = ROOT / "bench" / "results" / "crowded.json"
"""A run on a machine that others were busy on: it shows what is measured, never how fast."""
NOT_MEASURED = Outcome.NOT_MEASURED.value
REASONS = re.compile(
    r"needs [a-z]"  # what is not here: a GPU, a language model, a crowd, a room
    r"|(repartee|python -m bench) \w+"  # another command measures it
    r"|[a-z][^:]* yet$"  # not in the product
    r"|(no API|SQLite)"  # there is no such thing in this house
)
FRAME = 640
"""Bytes: 20 ms."""
CROWD = (6, 16, 31)
"""Fewest people of the tiers beyond the first."""
PATIENCE = 40.0


async def spoken_turn(one: Page, text: str, *, held: bool) -> None:
    """At the pace of life, with a button or without."""
    samples, _ = sound.utterance(text)
    await one.send(type="listen", held=held)
    pcm, loop = samples.astype("<i2").tobytes(), asyncio.get_running_loop()
    begin = loop.time()
    for number, at in enumerate(range(0, len(pcm) - FRAME, FRAME)):
        await asyncio.sleep(max(0.0, begin + number * 0.02 - loop.time()))
        await one.socket.send(pcm[at : at + FRAME])
    button = {"key_press": 1.0, "recording_start": 2.0, "recording_stop": 1.0}
    await one.send(type="end", **({"button": button} if held else {}))
    await one.until("finished", PATIENCE)


async def spoken_over(one: Page) -> None:
    """Two sentences with a moment between: the second is said over the long reply to the first."""
    first, second = (sound.utterance(text, after=3.0)[0] for text in ("what can you do", "stop please"))
    await one.send(type="listen", held=False)
    pcm, loop = np.concatenate([first, second]).astype("<i2").tobytes(), asyncio.get_running_loop()
    begin = loop.time()
    for number, at in enumerate(range(0, len(pcm) - FRAME, FRAME)):
        await asyncio.sleep(max(0.0, begin + number * 0.02 - loop.time()))
        await one.socket.send(pcm[at : at + FRAME])
    await one.send(type="end")
    with suppress(TimeoutError):  # however many turns came of it
        while await one.until("finished", 6.0):
            pass


async def crowd_of(stack: AsyncExitStack, url: str, people: list[Page], many: int) -> None:
    while len(people) < many:
        people.append(await stack.enter_async_context(page(url)))
        await people[-1].until("home")


async def lived(url: str, assistant: Assistant) -> None:
    """Turns by voice, by button and by text, alone and in a crowd; a sample of the process while each is there."""
    telemetry, people = assistant.telemetry, list[Page]()
    async with AsyncExitStack() as stack:
        await crowd_of(stack, url, people, 1)
        await spoken_turn(people[0], "turn on the kitchen lights", held=False)
        await spoken_turn(people[0], "turn off the kitchen lights", held=True)
        await spoken_turn(people[0], "turn on the lights", held=False)
        await spoken_over(people[0])
        for many in (1, *CROWD):
            await crowd_of(stack, url, people, many)
            for _ in range(2):  # what was said before comes from a cache
                await people[0].send(type="ask", text="turn on the kitchen lights")
                await people[0].until("finished", PATIENCE)
            await asyncio.sleep(1.0)
            telemetry.sampled(telemetry.resources.sample())


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[str, Assistant]]:
    async with open_assistant(Settings(system=System(data=folder))) as assistant:
        await assistant.warm()
        async with sampling(assistant.telemetry), serving(assistant) as url:
            yield url, assistant


async def judged(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Profile to budget to its verdict, as the server tells them after some life."""
    async with running(folder) as (url, assistant):
        await lived(url, assistant)
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            told = {name: (await http.get("/api/report", params={"profile": name})).json() for name in SHIPPED}
            assert (await http.get("/api/report", params={"profile": "/etc/passwd"})).status_code == 404
    return {name: {row["budget"]: row for row in report["verdicts"]} for name, report in told.items()}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    return asyncio.run(judged(tmp_path_factory.mktemp("fed")))


@cache
def benched() -> frozenset[tuple[str, str]]:
    """(metric, budget) that the kept runs of `repartee bench` have a figure for."""
    rows = [json.loads(file.read_text("utf-8")) for file in (*BASELINES.glob("*.json"), CROWDED)]
    verdicts = [verdict for row in rows for verdict in row["verdicts"]]
    return frozenset((v["metric"], v["budget"]) for v in verdicts if v["figure"] is not None)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_promise_is_unfed(name: str, told: dict[str, dict[str, dict[str, Any]]]) -> None:
    unfed = [
        budget.key
        for budget in load_profile(name)
        if not budget.absent
        and told[name][budget.key]["outcome"] == NOT_MEASURED
        and (budget.metric.name, budget.key) not in benched()
    ]
    assert unfed == [], "feed it, or say in the budget what it needs"


@pytest.mark.parametrize("name", SHIPPED)
def test_no_excuse_is_stale(name: str, told: dict[str, dict[str, dict[str, Any]]]) -> None:
    """What says that nobody measures it is measured by nobody; and it says what is needed, or who does."""
    profile = load_profile(name)
    excused = [b for b in profile if b.absent]
    assert [b.key for b in excused if not REASONS.match(b.absent)] == []
    needs = ("needs ", "repartee ", "python -m bench ")
    stale = [b.key for b in excused if told[name][b.key]["outcome"] != NOT_MEASURED and not b.absent.startswith(needs)]
    assert stale == []
    assert [d.name for d in profile.derivations if d.elsewhere and not REASONS.match(d.elsewhere)] == []


def test_the_running_product_feeds_the_turn_and_the_process(told: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Not the bench alone: these are what people live with."""
    fed = {name: {k for k, row in rows.items() if row["outcome"] != NOT_MEASURED} for name, rows in told.items()}
    assert {
        "action_all.p95",
        "decode_final.p95",
        "barge_in_stop.p95",
        "ptt_press_to_recording.p95",
        "memory.max",
    } <= fed["moonshot"]
    assert {"tier_6_15_cpu.mean", "tier_16_30_memory.value", "tier_31_up_response.p95"} <= fed["alice"]
    assert {"end_to_end.p95", "error_rate.value", "cache_intent.value"} <= fed["alice"]
    assert {"key_press.p95", "total.p95"} <= fed["ptt"]


def test_derived_promises_are_derived_from_what_is_measured(told: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Orac's stages and what else is derived: each rests on a metric that is fed, or says what it needs."""
    fed = {metric for metric, _ in benched()}
    fed |= {r["metric"] for rows in told.values() for r in rows.values() if r["outcome"] != NOT_MEASURED}
    assert {d.name for d in load_profile("orac").derivations if not d.elsewhere and d.metric.name not in fed} == set()
