"""A profile of this process that is always on: a few times a second, what each thread is doing, counted by call stack.

It shows where time goes over hours, not within a millisecond. `bench/results/measuring.json` says what it costs.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import FrameType

from ..core.duty import Duty

RATE = 5.0
"""Samples a second."""
MOST = 5_000
"""Different stacks that are kept apart."""
DEEPEST = 40
"""Frames of a stack, from the inside."""
OTHER = "(other stacks)"
HALF = 1800.0
"""Seconds of a half of what is remembered: between half an hour and an hour."""
WAITING = frozenset(
    {
        ("selectors.py", "select"),
        ("threading.py", "wait"),
        ("threading.py", "_wait_for_tstate_lock"),
        ("threading.py", "join"),
        ("queue.py", "get"),
        ("thread.py", "_worker"),
        ("runners.py", "run"),
        ("base_events.py", "run_until_complete"),
        ("journal.py", "_write_all"),
        ("duty.py", "_keep_thread"),
    }
)
"""(file, function) in which a thread waits for work: such a stack costs nothing and is not counted."""


class Stacks:
    """`start`, read `collapsed` at any time, `stop`."""

    def __init__(self, rate: float = RATE, still: Callable[[], bool] = lambda: True) -> None:
        """`rate`: samples a second. `still`: asked each time; no sample is taken while it says no."""
        self._pause, self._still = 1 / rate, still
        self._before, self._now, self._since = Counter[str](), Counter[str](), time.monotonic()
        self._end = threading.Event()
        self.duty = Duty("profiler")
        self.samples = 0
        self.cpu = 0.0
        """Seconds that taking them has cost."""

    def start(self) -> None:
        self.duty.start_thread(self._run)

    def stop(self) -> None:
        self._end.set()
        self.duty.join()

    def collapsed(self) -> str:
        """The last half hour and more: `thread;outer;...;inner count` a line, the commonest first, as flame graph
        programs (speedscope, flamegraph.pl, inferno) read it."""
        both = self._before + self._now
        return "".join(f"{stack} {count}\n" for stack, count in both.most_common())

    def sample(self) -> None:
        """One look at all threads but this one."""
        began, own = time.thread_time(), threading.get_ident()
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        for ident, frame in sys._current_frames().items():
            code = frame.f_code
            if ident != own and (code.co_filename.rpartition("/")[2], code.co_name) not in WAITING:
                self._count(f"{names.get(ident, 'unknown')};{_stack(frame)}")
        self.samples += 1
        self.cpu += time.thread_time() - began

    def _run(self) -> None:
        while not self._end.wait(self._pause):
            with self.duty.item():
                if self._still():
                    self.sample()
            if time.monotonic() - self._since > HALF:
                self._before, self._now, self._since = self._now, Counter(), time.monotonic()

    def _count(self, stack: str) -> None:
        self._now[stack if stack in self._now or len(self._now) < MOST else OTHER] += 1


def _stack(frame: FrameType | None) -> str:
    """From the outermost (of the innermost `DEEPEST`) to the innermost."""
    names: list[str] = []
    while frame is not None and len(names) < DEEPEST:
        code = frame.f_code
        names.append(f"{code.co_qualname} ({code.co_filename.rpartition('/')[2]}:{code.co_firstlineno})")
        frame = frame.f_back
    return ";".join(reversed(names))
