"""Our side of the model's process: starts it, asks it, hears it, ends it. A thread reads what it says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from repartee.core.errors import ModelAway

MODULE = "repartee.engines.llm.llama.child"
ENDED: dict[str, Any] = {"failed": "its process ended"}
Messages = asyncio.Queue[dict[str, Any]]


class ModelProcess:
    """Belongs to no event loop: answers go to the loop that asked."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._answers: dict[int, tuple[asyncio.AbstractEventLoop, Messages]] = {}
        self._last = 0
        self._ended = False
        self._lock = threading.Lock()
        threading.Thread(target=self._hear, name="llm", daemon=True).start()

    @classmethod
    def start(cls, wanted: Mapping[str, Any]) -> ModelProcess:
        """With the model loaded; takes half a second and more. Raises `ModelAway` that says why it can't be."""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(  # noqa: S603  # ourselves
            [sys.executable, "-m", MODULE], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.write(json.dumps(dict(wanted)).encode() + b"\n")
            process.stdin.flush()
        first = json.loads(process.stdout.readline() or b'{"failed": "its process crashed"}')
        if "failed" in first:
            process.kill()
            process.wait()
            raise ModelAway(f"{wanted['file']} can't be loaded as a language model: {first['failed']}")
        return cls(process)

    @property
    def alive(self) -> bool:
        return not self._ended and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, body: Mapping[str, Any]) -> tuple[int, Messages]:
        """The request's number, and where its answer comes: `text`s, then `done` or `failed`."""
        answers = Messages()
        with self._lock:
            self._last += 1
            number = self._last
            self._answers[number] = (asyncio.get_running_loop(), answers)
            if self._ended:
                answers.put_nowait(ENDED)
        self._write({"id": number, "body": dict(body)})
        return number, answers

    def leave(self, number: int) -> None:
        """The rest of this answer is not wanted, if there is any."""
        with self._lock:
            left = self._answers.pop(number, None)
        if left is not None:
            self._write({"cancel": number})

    def finished(self, number: int) -> None:
        with self._lock:
            self._answers.pop(number, None)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            with self._lock:
                waiting = self._answers.get(message["id"])
            if waiting:
                _hand(waiting, message)
        with self._lock:
            left, self._answers, self._ended = self._answers, {}, True
        for waiting in left.values():
            _hand(waiting, ENDED)

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it has ended: whoever waits is told so
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()


def _hand(waiting: tuple[asyncio.AbstractEventLoop, Messages], message: dict[str, Any]) -> None:
    loop, answers = waiting
    with contextlib.suppress(RuntimeError):  # that loop is gone, and whoever asked with it
        loop.call_soon_threadsafe(answers.put_nowait, message)
