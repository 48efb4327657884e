"""Push-to-talk without keyboard, sound card or network: what the program itself does with a press."""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import SimpleQueue
from types import TracebackType


class OwnPath:
    """What the program itself does between a key and the first sample, and after the last."""

    def __init__(self) -> None:
        self._keys: SimpleQueue[float] = SimpleQueue()
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._ring: deque[bytes] = deque((bytes(640) for _ in range(10)), maxlen=10)
        self._sent: SimpleQueue[bytes] = SimpleQueue()
        self._keyboard = threading.Thread(target=self._type, daemon=True)

    def __enter__(self) -> OwnPath:
        self._keyboard.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wanted.put(False)
        self._keyboard.join()

    def press(self) -> None:
        """From another thread, as a keyboard's hook hands it over."""
        self._wanted.put(True)
        self._keys.get()

    def start(self) -> None:
        """What was heard just before the key goes out first."""
        for chunk in self._ring:
            self._sent.put(chunk)

    def stop(self) -> None:
        """What still waits goes out."""
        while not self._sent.empty():
            self._sent.get()

    def _type(self) -> None:
        while self._wanted.get():
            self._keys.put(time.perf_counter())
