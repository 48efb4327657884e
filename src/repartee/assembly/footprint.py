"""How much memory each part takes: how far the resident memory grew while it was loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil


class Footprints:
    """Component to bytes. What is loaded meanwhile by another thread counts too: load one after the other."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.bytes: dict[str, int] = {}

    @contextmanager
    def loading(self, component: str, *, again: bool = False) -> Iterator[None]:
        """Adds what is loaded inside. `again`: it is made anew each time, so the largest counts, not the sum."""
        before = self._process.memory_info().rss
        try:
            yield
        finally:
            grown = max(0, self._process.memory_info().rss - before)
            so_far = self.bytes.get(component, 0)
            self.bytes[component] = max(so_far, grown) if again else so_far + grown
