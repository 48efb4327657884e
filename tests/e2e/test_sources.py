"""No budget without a source: each of each shipped profile is fed by the running product (spoken to, woken, spoken
over, its button pressed, through the real paths), by `repartee bench`, or says why by neither."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from rich.console import Console
from websockets.exceptions import ConnectionClosed

from repartee.app.cli.ptt import socket_url
from repartee.app.ptt.button import Button, Mode
from repartee.app.ptt.client import Client
from repartee.app.ptt.display import Detail
from repartee.app.ptt.keys import Key, Keys
from repartee.app.ptt.statistics import Statistics
from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from repartee.assembly.telemetry import Telemetry, sampling
from repartee.contract import SHIPPED, Budget, Metric, Source, load_profile
from repartee.core.audio import SAMPLE_RATE
from repartee.observe import Monitor
from tests.e2e.test_ptt_client import FallbackTranscriber, Microphone, Noting, press
from tests.fakes.serving import Page, page, serving
from tests.sound import Samples, noisy, silence, spoken

pytestmark = pytest.mark.real_time
WITHIN = 60.0
COMMAND = "turn off the hallway light"


@asynccontextmanager
async def product(folder: Path) -> AsyncIterator[tuple[Assistant, Telemetry, str]]:
    """As `repartee serve` puts it together, its clock of resources a hundred times as fast."""
    async with open_assistant(Settings(system=System(data=folder))) as assistant:
        now = iter(range(0, 10_000_000, 30))
        assistant.telemetry.resources._clock = lambda: float(next(now))
        await assistant.warm()
        async with sampling(assistant.telemetry), serving(assistant) as url:
            yield assistant, assistant.telemetry, url


async def say(one: Page, sound: Samples) -> None:
    """As a microphone does: by its own clock, until the page is gone."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    with suppress(ConnectionClosed):
        for at in range(0, len(sound), 320):
            await asyncio.sleep(begin + at / SAMPLE_RATE - loop.time())
            await one.socket.send(sound[at : at + 320].astype("<i2").tobytes())


async def spoken_over(url: str, shared: Path) -> None:
    """A question with a long answer, and somebody who does not wait for its end: a person, for a voice that is our own
    is taken out of what is heard."""
    command, rate = sf.read(str(shared / "audio" / "home_commands" / "cancel_all_timers.wav"), dtype="int16")
    assert rate == SAMPLE_RATE
    async with page(url) as one:
        await one.send(type="listen")
        saying = asyncio.create_task(say(one, noisy(np.concatenate([silence(0.3), spoken("what is on"), silence(30)]))))
        await one.until("speaking", WITHIN)
        saying.cancel()
        saying = asyncio.create_task(say(one, noisy(np.concatenate([command, silence(30)]))))
        await one.until("finished", WITHIN)
        await one.until("finished", WITHIN)
        saying.cancel()


async def asked(url: str) -> None:
    """What may go on ("... in the kitchen") is waited for longer: a class of its own."""
    async with page(url) as one:
        await one.send(type="listen")
        words = spoken("turn off all lights")
        saying = asyncio.create_task(say(one, noisy(np.concatenate([silence(0.3), words, silence(30)]))))
        await one.until("finished", WITHIN)
        saying.cancel()


async def woken(url: str, shared: Path) -> None:
    word, _ = sf.read(str(shared / "audio" / "wake_mixed" / "alexa_pm_1.wav"), dtype="int16")
    async with page(url, "?wake=alexa") as one:
        await one.send(type="listen")
        sound = np.concatenate([silence(1.0), word, silence(0.8), spoken(COMMAND), silence(30)])
        saying = asyncio.create_task(say(one, noisy(sound)))
        await one.until("finished", WITHIN)
        saying.cancel()


async def pressed(url: str) -> Statistics:
    keys, statistics, microphone = Keys(16), Statistics(), Microphone()
    display = Noting(Detail.COMPACT, Console(file=io.StringIO()))
    display.answered = asyncio.Event()
    client = Client(Button(Mode.HOLD), keys, FallbackTranscriber(), display, statistics)
    talking = asyncio.create_task(client.talk(socket_url(url), None, microphone))
    await asyncio.sleep(0.3)
    await press(keys, Key.DOWN)
    await microphone.say(spoken("turn on the hallway light"))
    await press(keys, Key.UP)
    await asyncio.wait_for(display.answered.wait(), WITHIN)
    await press(keys, Key.QUIT)
    await asyncio.wait_for(talking, WITHIN)
    return statistics


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> list[Monitor]:
    """What was measured by the server and by the client of the button."""

    async def use() -> list[Monitor]:
        async with product(tmp_path_factory.mktemp("data")) as (assistant, telemetry, url):
            await spoken_over(url, shared)
            await asked(url)
            await woken(url, shared)
            statistics = await pressed(url)
            for _ in range(60):
                telemetry.sampled(telemetry.resources.sample())
            shown = telemetry.exporter.exposition().decode()
            for series in (
                'ptt_seconds_count{step="release_to_action"}',
                'wake_seconds_count{step="confirmed"}',
                "barge_in_stop_seconds_count",
            ):
                assert re.search(rf"^repartee_{re.escape(series)} [1-9]", shown, re.MULTILINE), series
            assert assistant.backend.states["light.hallway_light"].value == "on"
            return [telemetry.monitor, statistics.monitor.monitor]

    return asyncio.run(use())


def budgets() -> Iterator[Budget]:
    for name in SHIPPED:
        yield from load_profile(name)


def test_what_runs_feeds_every_budget_that_it_can(fed: list[Monitor]) -> None:
    def told(budget: Budget) -> bool:
        return any(monitor.ledger.figure(budget) for monitor in fed)

    living = [budget for budget in budgets() if budget.metric.source is not Source.BENCH]
    assert not [budget.key for budget in living if not told(budget) and not budget.absent]
    excused = [
        b for b in living if b.absent and not b.absent.startswith("needs ")
    ]  # a need is met here: time goes fast
    assert not [b.key for b in excused if told(b)], "measured, and yet it says that it is not"


def test_baselines_have_what_targets_are_derived_from(fed: list[Monitor]) -> None:
    def told(metric: Metric) -> bool:
        return any(series.metric == metric.name for monitor in fed for series in monitor.ledger)

    derived = [d for name in SHIPPED for d in load_profile(name).derivations]
    assert not [d.name for d in derived if not told(d.metric) and not d.elsewhere]
