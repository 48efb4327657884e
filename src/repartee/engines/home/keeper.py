"""What is in memory goes to the notebook, again and again until it is there. Memory is what counts while we run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from repartee.core.backoff import pauses
from repartee.core.duty import Duty
from repartee.core.errors import ReparteeError
from repartee.core.ports import Notebook

log = logging.getLogger(__name__)
PATIENCE = 0.5
"""Seconds that a person's turn waits to hear that something is on disk."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between tries while the disk takes nothing."""
LAST_TRY = 3.0
"""Seconds that the end waits for what is not on disk yet."""
Value = Mapping[str, object] | None
Key = tuple[str, str]
"""Kind, and key within it."""


def _answer() -> asyncio.Future[bool]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False)
class _Note:
    """The newest of one key that is not on disk yet."""

    value: Value
    kept: asyncio.Future[bool] = field(default_factory=_answer)
    missed: bool = False
    """Whether somebody was told that it is not kept."""


class Keeper:
    """`kept` says whether it is on disk within a moment; what is not is tried again for as long as it takes."""

    def __init__(self, notebook: Notebook | None, name: str = "household-notes") -> None:
        """None: nothing is to outlive the process, and all is well with that. `name`: for health."""
        self._notebook = notebook
        self._notes: dict[Key, _Note] = {}
        self._in_hand: dict[Key, _Note] = {}
        self._more = asyncio.Event()
        self.trouble: str | None = None
        """Why nothing can be written now."""
        self.missed = 0
        """Changes that were told to hold only until the next restart."""
        self.duty = Duty(name)

    def start(self) -> None:
        if self._notebook:
            self.duty.start(self._write)

    @property
    def unkept(self) -> int:
        """Things that a restart now would lose, or bring back."""
        return sum(note.missed for note in {**self._in_hand, **self._notes}.values())

    def put(self, kind: str, key: str, value: Value) -> _Note | None:
        """In the background. None of `value` forgets it."""
        if self._notebook is None:
            return None
        before = self._notes.get((kind, key))
        note = _Note(value, missed=bool(before and before.missed))
        if before and not before.kept.done():
            note.kept = before.kept  # whoever waits for the older one waits for this
        self._notes[kind, key] = note
        self._more.set()
        return note

    async def kept(self, kind: str, key: str, value: Value) -> bool:
        """Whether it is on disk. Whoever waits may be cancelled; it is written all the same."""
        note = self.put(kind, key, value)
        if note is None:
            return True
        await asyncio.wait({note.kept}, timeout=PATIENCE)
        if note.kept.done() and note.kept.result():
            return True
        note.missed = True
        self.missed += 1
        return False

    async def close(self) -> None:
        """Returns when all is on disk, or can't be."""
        if self._notebook is None:
            return
        for note in [*self._in_hand.values(), *self._notes.values()]:
            if note.kept.done():
                note.kept = _answer()
        last = {note.kept for note in [*self._in_hand.values(), *self._notes.values()]}
        self._more.set()
        if last:
            await asyncio.wait(last, timeout=LAST_TRY)
        await self.duty.stop()
        if lost := len(self._notes) + len(self._in_hand):
            log.error("%d things of the household are not on disk: %s", lost, self.trouble or "no time was left")

    async def _write(self) -> None:
        self._notes = {**self._in_hand, **self._notes}  # of a life before, where that ended in the middle
        waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            if not self._notes:
                self._more.clear()
                await self._more.wait()
            self._in_hand, self._notes = self._notes, {}
            written = await asyncio.gather(*(self._one(key, note.value) for key, note in self._in_hand.items()))
            refused = {}
            for (key, note), kept in zip(self._in_hand.items(), written, strict=True):
                if not kept:
                    refused[key] = note
                if not note.kept.done():
                    note.kept.set_result(kept)
            self._in_hand, self._notes = {}, {**refused, **self._notes}
            if refused:
                self._more.clear()
                await _moment(self._more, next(waits))
            else:
                self.trouble, waits = None, pauses(FIRST_PAUSE, LONGEST_PAUSE)

    async def _one(self, key: Key, value: Value) -> bool:
        assert self._notebook
        with self.duty.item():
            try:
                await self._notebook.write(*key, value)
            except ReparteeError as error:
                if self.trouble is None:
                    log.error("what the household keeps can't be written: %s; it holds until the next restart", error)
                self.trouble = str(error)
            else:
                return True
        return False


async def _moment(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
