"""Turns recorded for a replay, where a person wants that: the sound, what was heard, and what the world was like.

A folder a turn: `turn.json` and, of a spoken one, `sound.flac`. Never a turn with a PIN. They go by age and by size.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from repartee.core.audio import AudioChunk
from repartee.core.conversation import Conversation
from repartee.core.errors import BadInput
from repartee.core.hearing import Hearing
from repartee.core.home import Home, State
from repartee.core.ports import Cursor, Transcriber
from repartee.core.turn import Decision, TurnRecord
from repartee.core.worker import Worker
from repartee.engines.audio import flac
from repartee.stages.act import Backends
from repartee.stages.understand.pin import MASK

from .settings import Settings

log = logging.getLogger(__name__)
FOLDER, TURN, SOUND = "recorded", "turn.json", "sound.flac"
SCHEMA = 1
PACKAGES = ("repartee", "moonshine-voice", "onnxruntime", "numpy")
OPEN = 100
"""Turns that may be under way."""
SECRET: Mapping[str, tuple[str, ...]] = {
    "system": ("token", "certificate", "key", "data"),
    "home": ("home_assistant", "mqtt", "file"),
    "confirmation": ("pin",),
    "llm": ("fast", "good"),
}
"""Settings that are not written down: secrets, and what only this machine has."""
STANDS_FOR_ANY = "0000"
"""A PIN, where one is set."""


@dataclass(frozen=True, slots=True)
class HeardAt:
    """One hearing, and how many chunks of sound the recogniser had been given."""

    chunks: int
    hearing: Hearing


@dataclass(frozen=True, slots=True)
class Stretch:
    """A chunk of the sound, without its samples."""

    start: float
    """Audio seconds."""
    samples: int
    voiced: bool
    unclear: bool


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """All that a turn was decided by, and what came of it."""

    schema: int
    conversation: Conversation
    """Before it."""
    home: Home
    states: dict[str, State]
    household: dict[str, State]
    """Timers, alarms, lists; of an assistant that has them."""
    settings: dict[str, dict[str, Any]]
    versions: dict[str, str]
    record: TurnRecord
    typed: bool
    heard: tuple[HeardAt, ...] = ()
    stretches: tuple[Stretch, ...] = ()


@cache
def _type() -> TypeAdapter[RecordedTurn]:
    return TypeAdapter(RecordedTurn)


def read_turn(folder: Path) -> RecordedTurn:
    """Raises `BadInput` for what is no recorded turn of this version."""
    try:
        data = json.loads((folder / TURN).read_text("utf-8"))
        if data.get("schema") != SCHEMA:
            raise BadInput(f"{folder}: recorded by another version (schema {data.get('schema')}, ours {SCHEMA})")
        return _type().validate_python(data)
    except OSError as error:
        raise BadInput(f"{folder}: no recorded turn ({error.strerror or error})") from error
    except ValidationError as error:
        raise BadInput(f"{folder}: not a recorded turn ({error.error_count()} fields)") from error
    except (ValueError, AttributeError) as error:
        raise BadInput(f"{folder}: not a recorded turn ({error})") from error


def read_sound(folder: Path) -> NDArray[np.int16]:
    """16 kHz; none of a typed turn."""
    file = folder / SOUND
    if not file.is_file():
        return np.zeros(0, np.int16)
    return flac.read(file)


@dataclass
class TurnTap:
    """Satisfies `Transcriber`: a recogniser of one turn, and what goes in and comes out of it."""

    ear: Transcriber
    backends: Backends
    id: str = ""
    conversation: Conversation = field(default_factory=Conversation)
    states: dict[str, State] = field(default_factory=dict)
    household: dict[str, State] = field(default_factory=dict)
    chunks: list[AudioChunk] = field(default_factory=list)
    heard: list[HeardAt] = field(default_factory=list)
    whole: bool = True
    """The turn did not go on after a pause."""

    async def warm(self) -> None:
        await self.ear.warm()

    def close(self) -> None:
        """The recogniser belongs to all turns."""

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        async for hearing in self.ear.transcribe(self._noted(audio), expect):
            self.heard.append(HeardAt(len(self.chunks), hearing))
            yield hearing

    async def _noted(self, audio: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
        async for chunk in audio:
            self.chunks.append(chunk)
            yield chunk

    def begun(self, turn: str, conversation: Conversation) -> None:
        """What it is decided by, as it is now."""
        self.id, self.conversation = turn, conversation
        self.states = dict(self.backends.main.states)
        own = next(iter(self.backends.routes.values()), None)
        self.household = dict(own.states) if own else {}


class Recorder:
    """Writes turns down, on a thread of its own; what can't be written is said, and the assistant goes on."""

    def __init__(self, folder: Path, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self.folder, self._now = folder, now
        self._days, self._most = settings.system.record_days, settings.system.record_mb * 1e6
        self._settings = written(settings)
        self._taps: OrderedDict[str, TurnTap] = OrderedDict()
        self._worker = Worker("recorder")

    def tap(self, ear: Transcriber, backends: Backends) -> TurnTap:
        return TurnTap(ear, backends)

    def begun(self, tap: TurnTap, turn: str, conversation: Conversation) -> None:
        if turn in self._taps:  # it goes on after a pause: what was decided before can't be told apart
            self._taps[turn].whole = False
            return
        tap.begun(turn, conversation)
        self._taps[turn] = tap
        while len(self._taps) > OPEN:
            self._taps.popitem(last=False)

    def finished(self, record: TurnRecord) -> None:
        tap = self._taps.pop(record.id, None)
        if tap is None or not tap.whole or record.decision is Decision.SILENCE or MASK in record.transcript:
            return
        home, chunks = tap.backends.main.home, tuple(tap.chunks)
        turn = RecordedTurn(
            SCHEMA, tap.conversation, home, tap.states, tap.household, self._settings, _versions(), record,
            record.pace == "text", tuple(tap.heard),
            tuple(Stretch(c.start, len(c.samples), c.voiced, c.unclear) for c in chunks),
        )  # fmt: skip
        self._worker.submit(lambda: self._write(turn, chunks))

    def close(self) -> None:
        """What was handed over is still written."""
        self._worker.drain()

    def _write(self, turn: RecordedTurn, chunks: tuple[AudioChunk, ...]) -> None:
        folder = self.folder / turn.record.id
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if chunks:
                flac.write(folder / SOUND, np.concatenate([chunk.samples for chunk in chunks]))
            half = folder / f"{TURN}.half"
            half.write_text(json.dumps(_type().dump_python(turn), default=str, ensure_ascii=False), "utf-8")
            half.replace(folder / TURN)
            self._prune()
        except OSError as error:
            log.error("turn %s can't be recorded: %s", turn.record.id, error)

    def _prune(self) -> None:
        """The oldest go: what is too old, and then what is too much."""
        turns = sorted((p for p in self.folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        sizes = {turn: sum(file.stat().st_size for file in turn.iterdir()) for turn in turns}
        total, oldest = sum(sizes.values()), self._now() - self._days * 86_400
        for turn in turns:
            if total > self._most or turn.stat().st_mtime < oldest:
                shutil.rmtree(turn, ignore_errors=True)
                total -= sizes[turn]


def written(settings: Settings) -> dict[str, dict[str, Any]]:
    """The settings as they are written down: without secrets, and without what only this machine has."""
    sections: dict[str, dict[str, Any]] = settings.model_dump(mode="json")
    for section, keys in SECRET.items():
        for key in keys:
            sections[section].pop(key, None)
    if settings.confirmation.pin.get_secret_value():
        sections["confirmation"]["pin"] = STANDS_FOR_ANY
    return sections


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
