"""The people of a load: as many as a shape says, who speak when it says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from .shape import Phase
from .spoken import Spoken
from .uttered import Line, Refused, Uttered

TICK = 0.25
"""Seconds between looks at how many there should be."""
AGAIN = 10.0
"""Seconds after which who was refused tries once more."""
PAUSE = 0.5
"""Seconds between an answer and the next sentence of who speaks without a break."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of the load."""

    phase: str
    at: float
    """Loop time at which it was begun."""
    users: int
    """Who were there."""
    uttered: Uttered


@dataclass(frozen=True, slots=True)
class Turned:
    """Somebody who was not let in."""

    phase: str
    at: float
    ms: float
    politely: bool
    why: str


class Crowd:
    """`live` through each phase; `said` and `refused` grow meanwhile."""

    def __init__(self, line: Callable[[], Line], spoken: Sequence[Spoken], seed: int = 0) -> None:
        self._line, self._spoken = line, spoken
        self._random = random.Random(seed)
        self._idle: list[Line] = []
        self._busy: set[asyncio.Task[None]] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._refused_at: list[float] = []
        self._lines: list[Line] = []
        self._next = 0
        self._broken: BaseException | None = None
        self.said: list[Said] = []
        self.refused: list[Turned] = []
        self.nobody_free = 0
        """Sentences that nobody said, because all were speaking or listening to a reply."""

    @property
    def users(self) -> int:
        """Who are let in."""
        return len(self._idle) + len(self._busy)

    @property
    def speaking(self) -> int:
        return len(self._busy)

    @property
    def late(self) -> list[float]:
        """Milliseconds by which frames were sent too late, of all."""
        return [ms for line in self._lines for ms in line.late]

    async def live(self, phase: Phase, enough: Callable[[], bool] = lambda: False) -> None:
        """Through the whole phase, or until there is `enough`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        end = began + phase.seconds
        due = began + (self._random.expovariate(phase.rate) if phase.rate else 0.0)
        looked = 0.0
        while (now := loop.time()) < end and not enough():
            if self._broken:
                raise self._broken
            if now - looked >= TICK:
                looked = now
                self._people(phase, phase.users_at((now - began) / phase.seconds))
            if phase.at_once:
                while self._idle and len(self._busy) < phase.at_once:
                    self._speak(phase, PAUSE * self._random.random())
            elif phase.rate and now >= due:
                self._arrive(phase)
                due += self._random.expovariate(phase.rate)
            await asyncio.sleep(min(TICK / 5, max(0.001, (due if phase.rate else end) - loop.time())))

    async def leave(self) -> None:
        """What is being said is answered first."""
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=30)
        for task in [*self._opening, *self._busy]:
            task.cancel()
        await asyncio.gather(*(line.close() for line in self._idle))
        self._idle.clear()

    def _people(self, phase: Phase, wanted: int) -> None:
        """Lets in who is missing, sends home who is too many; who was refused tries again later."""
        now = asyncio.get_running_loop().time()
        self._refused_at = [at for at in self._refused_at if now - at < AGAIN]
        missing = wanted - self.users - len(self._opening) - len(self._refused_at)
        for _ in range(max(0, missing)):
            self._spawn(self._opening, self._enter(phase))
        for _ in range(min(max(0, self.users - wanted), len(self._idle))):
            self._spawn(self._opening, self._idle.pop().close())

    async def _enter(self, phase: Phase) -> None:
        line = self._line()
        try:
            await line.open()
        except Refused as error:
            now = asyncio.get_running_loop().time()
            self._refused_at.append(now)
            self.refused.append(Turned(phase.name, now, error.ms, error.politely, str(error)))
            await line.close()
        else:
            self._lines.append(line)
            self._idle.insert(0, line)

    def _arrive(self, phase: Phase) -> None:
        if self._idle:
            self._speak(phase, 0.0)
        else:
            self.nobody_free += 1

    def _speak(self, phase: Phase, after: float) -> None:
        line = self._idle.pop(self._random.randrange(len(self._idle)))
        spoken = self._spoken[self._next % len(self._spoken)]
        self._next += 1
        self._spawn(self._busy, self._say(phase, line, spoken, after))

    async def _say(self, phase: Phase, line: Line, spoken: Spoken, after: float) -> None:
        await asyncio.sleep(after)
        at, users = asyncio.get_running_loop().time(), self.users
        uttered = await line.say(spoken)
        self.said.append(Said(phase.name, at, users, uttered))
        if line.why:
            await line.close()
        else:
            self._idle.insert(0, line)

    def _spawn(self, into: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        into.add(task)
        task.add_done_callback(lambda done: self._over(into, done))

    def _over(self, into: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        into.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._broken = error
