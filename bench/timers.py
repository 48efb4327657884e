"""How far a timer drifts: a real household on the real clock, told to ring in an hour (or `REPARTEE_TIMER_SECONDS`)."""

from __future__ import annotations

import asyncio
import os
import time

from bench.record import real, save
from repartee.core.plan import Action
from repartee.engines.home.household import Household


async def drift(seconds: float) -> dict[str, float]:
    """Milliseconds late (+) on the monotonic clock and on the wall's, of one timer."""
    async with Household() as household:
        alerts = household.alerts()
        began, began_wall = time.monotonic(), time.time()
        (effect,) = await household.perform(Action("timer.start", (), {"seconds": seconds}))
        assert effect.confirmed, effect.error
        await anext(alerts)
        return {
            "timer_s": seconds,
            "late_ms": round((time.monotonic() - began - seconds) * 1000, 2),
            "late_on_the_wall_ms": round((time.time() - began_wall - seconds) * 1000, 2),
            "must_be_below_ms": 50,
        }


def main() -> None:
    figures = asyncio.run(drift(float(os.environ.get("REPARTEE_TIMER_SECONDS", "3600"))))
    save("timer_drift", figures, real())
    print(figures)


if __name__ == "__main__":
    main()
