"""How much memory each part takes: how far the resident memory grew while it was loaded. And how long that took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


class Footprints:
    """By component. What is loaded meanwhile by another thread counts too: load one after the other."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.bytes: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        """Of all loading, the modules that it imports among them."""

    @contextmanager
    def loading(self, component: str, *, again: bool = False) -> Iterator[None]:
        """Adds what is loaded inside. `again`: it is made anew each time, so the largest counts, not the sum."""
        before, began = self._process.memory_info().rss, time.perf_counter()
        try:
            yield
        finally:
            grown = max(0, self._process.memory_info().rss - before)
            self.seconds[component] = self.seconds.get(component, 0.0) + time.perf_counter() - began
            so_far = self.bytes.get(component, 0)
            self.bytes[component] = max(so_far, grown) if again else so_far + grown
