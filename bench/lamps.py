"""Twenty lamps behind a broker that answer as Zigbee2MQTT does, in a process of their own."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from tests.homes.zigbee import LIGHT, Bridge, row

LAMPS = 20


@dataclass(frozen=True)
class Place:
    """Where the broker is."""

    port: int


async def main(port: int) -> None:
    async with Bridge(Place(port)) as bridge:
        await bridge.tell("bridge/groups", [])
        await bridge.tell("bridge/devices", [row(number + 1, f"Lamp {number}", LIGHT) for number in range(LAMPS)])
        for number in range(LAMPS):
            await bridge.report(f"Lamp {number}", {"state": "OFF"})
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
