"""What must live goes on living, whatever is done to it, and says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from repartee.core.duty import HEALED, Duty


def work_that(*errors: BaseException | None) -> tuple[list[int], Callable[[], Awaitable[None]]]:
    """Each life ends with the next error (None: by returning); the one after the last goes on for ever."""
    lives: list[int] = []
    endings = list(errors)

    async def work() -> None:
        lives.append(len(lives))
        if not endings:
            await asyncio.Event().wait()
        error = endings.pop(0)
        if error is not None:
            raise error

    return lives, work


@pytest.mark.parametrize(
    "error",
    [ValueError("no"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), asyncio.CancelledError(), None],
)
async def test_work_that_ends_begins_again(error: BaseException | None) -> None:
    duty = Duty("watch", asyncio.get_running_loop().time)
    lives, work = work_that(error, error)
    duty.start(work)
    await asyncio.sleep(10)
    assert len(lives) == 3
    assert (duty.health.alive, duty.health.recent, duty.health.restarts) == (True, True, 2)
    await asyncio.sleep(HEALED)
    assert not duty.health.recent
    await duty.stop()


async def test_work_that_somebody_cancels_begins_again() -> None:
    duty = Duty("watch")
    lives, work = work_that()
    duty.start(work)
    await asyncio.sleep(1)
    assert duty.task is not None
    duty.task.cancel()
    await asyncio.sleep(1)
    assert (len(lives), duty.health.alive, duty.restarts) == (2, True, 1)
    await duty.stop()


async def test_what_is_told_to_end_ends_and_is_not_missed() -> None:
    duty = Duty("watch")
    lives, work = work_that()
    duty.start(work)
    await asyncio.sleep(1)
    await duty.stop()
    await asyncio.sleep(100)
    assert (len(lives), duty.restarts, duty.health.alive) == (1, 0, True)


async def test_while_it_waits_to_begin_again_health_says_that_it_is_not_at_work() -> None:
    duty = Duty("watch", asyncio.get_running_loop().time)
    _, work = work_that(*[OSError("the disk is gone")] * 50)
    duty.start(work)
    await asyncio.sleep(100)  # the pauses are long by now
    assert not duty.health.alive
    assert "the disk is gone" in duty.health.reason
    assert duty.restarts < 20
    await duty.stop()


async def test_an_items_error_is_that_items() -> None:
    duty = Duty("watch")
    done = []

    async def work() -> None:
        for item in range(5):
            with duty.item():
                if item == 1:
                    raise KeyError("a field")
                if item == 3:
                    other = asyncio.get_running_loop().create_future()
                    other.cancel()
                    await other
                done.append(item)
        await asyncio.Event().wait()

    duty.start(work)
    await asyncio.sleep(1)
    assert (done, duty.failures, duty.restarts) == ([0, 2, 4], 2, 0)
    assert "2 items went wrong" in duty.health.reason
    await duty.stop()
    assert duty.task is not None
    assert duty.task.cancelled()


def test_a_thread_that_breaks_begins_again() -> None:
    duty, lives = Duty("writer"), []

    def work() -> None:
        lives.append(time.monotonic())
        if len(lives) < 3:
            raise (SystemExit("a library") if len(lives) == 1 else LookupError("something"))

    duty.start_thread(work)
    duty.join(5)
    assert (len(lives), duty.restarts) == (3, 2)
