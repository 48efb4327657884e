"""Keys: from the terminal, or (extra `keyboard`) from the whole desktop.

A terminal tells when a key is pressed, and again and again while it is held, but never that it was let go: a key is up
when its repeats stop. The first repeat comes after up to 0.6 s, later ones every 30 ms or so.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from repartee.core.channel import Channel
from repartee.core.distribution import install
from repartee.core.errors import BadInput, EngineMissing

FIRST_REPEAT = 0.6
NEXT_REPEAT = 0.15
"""Seconds without a repeat, after which the key is up."""
QUIT = "qQ\x03\x04"


class Key(StrEnum):
    DOWN = "down"
    UP = "up"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Press:
    """`at`: seconds of the loop's time at which it happened."""

    key: Key
    at: float


Keys = Channel[Press]


class Repeats:
    """Makes presses and releases of the characters that a terminal sends."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._loop = asyncio.get_running_loop()
        self._up: asyncio.TimerHandle | None = None

    def typed(self, characters: str) -> None:
        for character in characters:
            if character in QUIT:
                self._keys.push(Press(Key.QUIT, self._loop.time()))
            elif character in " \r\n":
                self._held()

    def _held(self) -> None:
        patience = NEXT_REPEAT if self._up else FIRST_REPEAT
        if self._up:
            self._up.cancel()
        else:
            self._keys.push(Press(Key.DOWN, self._loop.time()))
        self._up = self._loop.call_later(patience, self._released)

    def _released(self) -> None:
        self._up = None
        self._keys.push(Press(Key.UP, self._loop.time()))


@contextmanager
def terminal(keys: Keys) -> Iterator[None]:
    """Space or Enter is the button, q ends. The terminal is as it was afterwards. Raises `BadInput` without one."""
    if not sys.stdin.isatty():
        raise BadInput("ptt needs a terminal for its key; or give --global-key (extra `keyboard`)")
    import termios
    import tty

    loop, descriptor, repeats = asyncio.get_running_loop(), sys.stdin.fileno(), Repeats(keys)
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, lambda: repeats.typed(os.read(descriptor, 64).decode("utf-8", "ignore")))
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def desktop(keys: Keys, name: str) -> Iterator[None]:
    """The key of this name (`f9`, `ctrl_r`, or a letter), whichever window is in front. Raises `EngineMissing`."""
    keyboard, loop = _pynput(), asyncio.get_running_loop()
    wanted = getattr(keyboard.Key, name, None) or (keyboard.KeyCode.from_char(name) if len(name) == 1 else None)
    if wanted is None:
        raise BadInput(f"--global-key {name}: no such key; a letter, or a name such as f9, ctrl_r, pause")

    def told(kind: Key, key: Any) -> None:
        if key == wanted:
            loop.call_soon_threadsafe(keys.push, Press(kind, loop.time()))

    with keyboard.Listener(on_press=lambda key: told(Key.DOWN, key), on_release=lambda key: told(Key.UP, key)):
        yield


def _pynput() -> Any:
    try:
        from pynput import keyboard
    except ImportError as error:  # also where there is no desktop
        remedy = f"{install('keyboard')}, on a desktop ({str(error).splitlines()[0]})"
        raise EngineMissing("keyboard", remedy) from error
    return keyboard
