"""What must live as long as the process: an item's error is that item's, and work that ends all the same begins again.

Beside the turn's edge this is the one place that catches whatever comes: a thread or task that many things lean on may
not end because of one of them (docs/decisions/045-duties.md).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from .backoff import pauses

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 30.0
"""Seconds until work that ended begins again: at first, at most."""
HEALED = 60.0
"""Seconds after which the pauses are short again, and health no longer speaks of the last restart."""
CLOSES_WITHIN = 1.5
"""Seconds in which what is told to end says good-bye (to a broker, say); told again sooner, it would leave without."""
LAST_TRIES = 3
"""Times that a thread begins again which was told to end and breaks."""
QUIET = 60.0
"""Seconds from one log line about failed items to the next."""


@dataclass(frozen=True, slots=True)
class DutyHealth:
    """How one of them fares."""

    name: str
    alive: bool
    """Whether it is at work now; what was never started or was told to end is not missed."""
    restarts: int
    failures: int
    """Items that went wrong."""
    reason: str
    """For people."""
    recent: bool
    """Whether it was restarted within the last `HEALED` seconds."""


class Duty:
    """One long-lived task (`start`) or thread (`start_thread`); `stop` ends it, nothing else does."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.restarts = self.failures = 0
        self.task: asyncio.Task[None] | None = None
        self.thread: threading.Thread | None = None
        self._clock = clock
        self._wanted = self._paused = False
        self._ended_at = self._logged_at = float("-inf")
        self._why = ""
        self._waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)

    @property
    def health(self) -> DutyHealth:
        running = bool(self.task and not self.task.done()) or bool(self.thread and self.thread.is_alive())
        alive = (running and not self._paused) or not self._wanted
        recent = self._clock() - self._ended_at < HEALED
        reason = "at work" if alive else f"stopped: {self._why}; it begins again"
        if alive and self.restarts:
            reason += f"; restarted {self.restarts} times, the last time after: {self._why}"
        if self.failures:
            reason += f"; {self.failures} items went wrong"
        return DutyHealth(self.name, alive, self.restarts, self.failures, reason, recent)

    @contextmanager
    def item(self) -> Iterator[None]:
        """Whatever goes wrong inside is told and counted, and the work goes on with the next item.

        Being cancelled oneself is no error of the item; awaiting somebody else's cancelled future is.
        """
        with _edge(self.failed):
            yield

    def failed(self, error: BaseException) -> None:
        """An item went wrong."""
        self.failures += 1
        now = self._clock()
        if now - self._logged_at >= QUIET:
            self._logged_at = now
            log.error("%s: an item went wrong (%d so far): %s", self.name, self.failures, _told(error), exc_info=error)

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        """In a running loop: does `work` from now on, anew whenever it ends."""
        self._wanted = True
        self.task = asyncio.create_task(self._keep(work), name=self.name)
        self.task.add_done_callback(lambda task: self._gone(task, work))

    def start_thread(self, work: Callable[[], None]) -> None:
        """The same on a thread of its own. `work` returns where it was told to end, and raises otherwise."""
        self._wanted = True
        self.thread = threading.Thread(target=self._keep_thread, args=(work,), name=self.name, daemon=True)
        self.thread.start()

    async def stop(self) -> None:
        """Ends a task, and returns when it has ended."""
        self._wanted = False
        while self.task and not self.task.done():
            self.task.cancel()  # again where it was swallowed, as `asyncio.wait_for` could before Python 3.12
            await asyncio.wait({self.task}, timeout=CLOSES_WITHIN)

    def join(self, timeout: float | None = None) -> None:
        """Waits for a thread whose work was told to end."""
        self._wanted = False
        if self.thread:
            self.thread.join(timeout)

    async def _keep(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            with _edge(self._broke):
                await work()
                self._ended("it ended by itself")
            await asyncio.sleep(next(self._waits))
            self._paused = False

    def _broke(self, error: BaseException) -> None:
        self._ended(_told(error), error)

    def _keep_thread(self, work: Callable[[], None]) -> None:
        tries = LAST_TRIES
        while tries:
            with _edge(self._broke, BaseException):  # a library's SystemExit, too: on a thread it would end unheard
                work()
                return
            tries -= not self._wanted
            time.sleep(next(self._waits))
            self._paused = False

    def _gone(self, task: asyncio.Task[None], work: Callable[[], Awaitable[None]]) -> None:
        """Cancelled by somebody who had no business to."""
        loop = task.get_loop()
        if self._wanted and task is self.task and not loop.is_closed():
            self._ended("somebody cancelled it")
            loop.call_later(next(self._waits), self._again, task, work)

    def _again(self, task: asyncio.Task[None], work: Callable[[], Awaitable[None]]) -> None:
        if self._wanted and task is self.task:
            self._paused = False
            self.start(work)

    def _ended(self, why: str, error: BaseException | None = None) -> None:
        now = self._clock()
        if now - self._ended_at > LONGEST_PAUSE + HEALED:
            self._waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
        self._paused, self._why, self._ended_at = True, why, now
        self.restarts += 1
        log.error("%s stopped (%s) and begins again: restart %d", self.name, why, self.restarts, exc_info=error)


@runtime_checkable
class Supervised(Protocol):
    """What has work that must live."""

    @property
    def duties(self) -> Sequence[Duty]: ...


def duties_of(*things: object) -> Sequence[Duty]:
    """All their duties; a thing that has none gives none."""
    return [duty for thing in things if isinstance(thing, Supervised) for duty in thing.duties]


@contextmanager
def _edge(broke: Callable[[BaseException], None], more: type[BaseException] = Exception) -> Iterator[None]:
    """Hands on whatever goes wrong inside (of `more`, too), but for one's own cancellation."""
    try:
        yield
    except asyncio.CancelledError as error:
        if _cancelled_itself():
            raise
        broke(error)
    except (Exception, more) as error:  # the edge of a duty: it must not end by what breaks in it
        broke(error)


def _cancelled_itself() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread without a loop
        return False
    return task is not None and task.cancelling() > 0


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
