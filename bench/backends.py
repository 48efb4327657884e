"""What it costs to act on a home: against a real Home Assistant and a real Mosquitto that this starts itself.

Home Assistant, its registries and its socket are real, and so is the broker; the devices behind them switch at once
(tests/homes/testhouse, bench/lamps.py), so that the figures are those of the way there and back, not of somebody's
lamps. The broker is as it is installed: with Nagle's algorithm.
The demo home is beside them: what acting costs where there is no way at all.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.homes.home_assistant import Admin, HomeAssistantProcess
from tests.homes.mosquitto import PASSWORD, USER, Mosquitto

from bench.figures import spread
from bench.homes import enlarged
from bench.lamps import LAMPS
from bench.record import real, save
from repartee.core.breaker import Breaker
from repartee.core.home import Home, HomeVersion
from repartee.core.home_file import home_from
from repartee.core.intent import Intent
from repartee.core.plan import Action, Plan, Step
from repartee.core.ports import HomeBackend
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.home_assistant import HomeAssistant
from repartee.engines.home.mqtt import Broker, Mqtt
from repartee.stages.act import Backends, act

ENTITIES = 1000
CALLS = 300
CONNECTS = 15
RENAMES = 25
DOMAINS = ("light", "switch", "cover", "lock")


def house(entities: int) -> list[dict[str, Any]]:
    """Rows of the test house, the first twenty of them lamps."""
    made = enlarged(Home(HomeVersion("house", 0, 0)), entities)
    rows = [{"name": f"Lamp {number}", "domain": "light"} for number in range(20)]
    return rows + [
        {"name": entity.name, "domain": entity.domain if entity.domain in DOMAINS else "light"}
        for entity in made.entities[20:]
    ]


async def timed(count: int, work: Callable[[int], Awaitable[object]]) -> list[float]:
    times = []
    for number in range(count):
        began = time.perf_counter()
        await work(number)
        times.append((time.perf_counter() - began) * 1000)
    return times


async def dispatch(home: HomeBackend, lamps: int) -> dict[str, float]:
    """Plan to confirmed state change, through the executor; on and off in turn, so that each changes something."""
    backends = Backends(home)
    entities = tuple(f"light.lamp_{number}" for number in range(lamps))

    async def once(number: int) -> None:
        service = "light.turn_on" if number % 2 else "light.turn_off"
        plan = Plan((Step(Intent("HassTurnOn"), (Action(service, entities),)),))
        (outcome,) = await act(plan, backends)
        if not all(effect.confirmed for effect in outcome.effects):
            raise RuntimeError(f"not confirmed: {outcome.effects}")

    await timed(20, once)
    return spread(await timed(CALLS, once), 3)


async def connects(process: HomeAssistantProcess) -> dict[str, float]:
    """Address to a home in sync: names, places, exposure, states, all subscriptions."""

    async def once(_: int) -> None:
        async with HomeAssistant(process.url, lambda: process.token) as home:
            if len(home.home.entities) < ENTITIES:
                raise RuntimeError(f"only {len(home.home.entities)} entities")

    return spread(await timed(CONNECTS, once), 3)


async def renames(home: HomeAssistant, admin: Admin) -> dict[str, float]:
    """Another client renames a lamp, until our home has the name."""
    changes = home.changes()

    async def once(number: int) -> None:
        name = f"Renamed {number}"
        await asyncio.to_thread(admin.change, "light.lamp_3", {"name": name})
        while home.home.by_id["light.lamp_3"].name != name:
            await anext(changes)

    return spread(await timed(RENAMES, once), 3)


async def against(process: HomeAssistantProcess) -> dict[str, Any]:
    admin = process.admin()
    async with HomeAssistant(process.url, lambda: process.token) as home:
        found: dict[str, Any] = {
            "dispatch_one_ms": await dispatch(home, 1),
            "dispatch_twenty_ms": await dispatch(home, 20),
            "rename_visible_ms": await renames(home, admin),
        }
    found["connect_and_sync_ms"] = await connects(process)
    admin.close()
    return found


async def behind_a_broker(broker: Mosquitto) -> dict[str, Any]:
    """The lamps are in another process, as Zigbee2MQTT is."""
    lamps = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.lamps", str(broker.port), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert lamps.stdout
        await lamps.stdout.readline()
        async with Mqtt(Broker("127.0.0.1", broker.port, USER, lambda: PASSWORD)) as home:
            return {"dispatch_one_ms": await dispatch(home, 1), "dispatch_twenty_ms": await dispatch(home, LAMPS)}
    finally:
        lamps.terminate()
        await lamps.wait()


async def inside_the_process() -> dict[str, Any]:
    rows = [{"name": f"Lamp {number}", "domain": "light", "state": "off"} for number in range(LAMPS)]
    async with DemoHome(home_from({"entities": rows})) as home:
        return {"dispatch_one_ms": await dispatch(home, 1), "dispatch_twenty_ms": await dispatch(home, LAMPS)}


def breaker() -> dict[str, float]:
    """Processor time of a call that does nothing, in microseconds; median of rounds."""

    def empty(count: int) -> float:
        began = time.process_time()
        for _ in range(count):
            pass
        return time.process_time() - began

    def guarded(count: int) -> float:
        circuit = Breaker("bench")
        began = time.process_time()
        for _ in range(count):
            with circuit:
                pass
        return time.process_time() - began

    count = 20_000
    rounds = sorted((guarded(count) - empty(count)) / count * 1e6 for _ in range(100))
    return {"p50_us": round(rounds[50], 3), "p95_us": round(rounds[95], 3), "n": count * len(rounds)}


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        HomeAssistantProcess(Path(folder) / "config", house(ENTITIES)) as process,
    ):
        found = asyncio.run(against(process))
        found = {"home_assistant": process.version, "entities": ENTITIES, **found, "breaker_call": breaker()}
    with tempfile.TemporaryDirectory() as folder, Mosquitto(Path(folder)) as broker:
        found["mqtt"] = {"broker": broker.version, **asyncio.run(behind_a_broker(broker))}
    found["demo"] = asyncio.run(inside_the_process())
    save("homes", found, real(), ("aiohttp", "aiomqtt"))
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
