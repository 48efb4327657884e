"""Full collections come while nobody is answered."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from repartee.assembly import gc_schedule


class Knot:
    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_died_after_it_was_settled_is_found_the_next_time() -> None:
    knot = Knot()
    gone = weakref.ref(knot)
    gc_schedule.settle()
    del knot
    gc.collect()
    assert gone() is not None, "frozen"
    gc_schedule.settle()
    assert gone() is None


async def test_nobody_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, settled, until = asyncio.get_running_loop(), list[float](), gc_schedule.EVERY + 30
    monkeypatch.setattr(gc_schedule, "settle", lambda: settled.append(loop.time()))
    began = loop.time()
    tidying = asyncio.create_task(gc_schedule.collect_when_idle(lambda: int(loop.time() - began < until), lambda: 0.0))
    await asyncio.sleep(2 * gc_schedule.EVERY + 100)
    tidying.cancel()
    assert settled[0] - began == pytest.approx(until, abs=gc_schedule.LOOKS)
    assert settled[1] - settled[0] == pytest.approx(gc_schedule.EVERY, abs=gc_schedule.LOOKS)


@pytest.mark.parametrize(
    ("grown", "answering", "settles"),
    [
        (gc_schedule.GROWN - 1, 0, False),
        (gc_schedule.GROWN, 0, True),
        (gc_schedule.GROWN, 1, False),
        (gc_schedule.TOO_MUCH, 1, True),
    ],
)
async def test_what_was_used_up_is_given_back_soon(
    monkeypatch: pytest.MonkeyPatch, grown: float, answering: int, settles: bool
) -> None:
    used, settled = [100e6], list[float]()

    def settle() -> None:
        settled.append(used[0])
        used[0] = 100e6

    monkeypatch.setattr(gc_schedule, "settle", settle)
    tidying = asyncio.create_task(gc_schedule.collect_when_idle(lambda: answering, lambda: used[0]))
    await asyncio.sleep(1)
    used[0] += grown
    await asyncio.sleep(3 * gc_schedule.LOOKS)
    tidying.cancel()
    assert settled == ([100e6 + grown] if settles else [])
