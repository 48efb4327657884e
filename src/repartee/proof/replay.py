"""A recorded turn once more, on its own clock: with nothing changed, and with other models or settings.

Unchanged, the recogniser's own hearings are given again at the same places in the sound: what it looks at when depends
on how busy the machine was, and only what we make of it is replayed. Where something that hears is changed, the sound
is heard anew. Time on the wall stands still at the turn's own.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from repartee.assembly.assistant import Assistant
from repartee.assembly.audio_models import AudioModels
from repartee.assembly.conversing import NONE as NOTHING_MORE
from repartee.assembly.opening import open_assistant
from repartee.assembly.recording import TURN, HeardAt, RecordedTurn, read_sound, read_turn
from repartee.assembly.settings import Settings
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import Clock, FastClock, TextClock
from repartee.core.errors import BadInput, BadSettings
from repartee.core.hearing import Hearing
from repartee.core.home import State, States
from repartee.core.home_file import HomeFile
from repartee.core.ports import Cursor
from repartee.core.turn import Decision, Event, TurnRecord
from repartee.core.when import when_as_json
from repartee.engines.audio import nowhere
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.household import Household
from repartee.engines.home.kept import as_note
from repartee.engines.tts import fake as silent
from repartee.stages.audio_in.endpointer import Endpoint
from repartee.stages.speak import SpeechQueue
from repartee.turn import Turn

from .sounds import Samples, Source, quiet

AFTERWARDS = 2.0
"""Seconds of the room's own noise after a sound that is heard anew: another wait may be longer than the old one."""
HEARS = ("brain.stt", "brain.stt_model", "brain.stt_width", "audio.")
"""Settings by which the sound is heard; a change of one hears it anew."""
Settable = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One turn, then and now."""

    turn: RecordedTurn
    record: TurnRecord | None
    """None: nothing came of it."""
    anew: bool
    """The sound was heard anew."""

    @property
    def before(self) -> dict[str, Any]:
        return decided(self.turn.record, self.turn)

    @property
    def now(self) -> dict[str, Any]:
        return decided(self.record, self.turn) if self.record else {"decision": Decision.SILENCE.value}

    @property
    def equal(self) -> bool:
        """Bit for bit."""
        return _bytes(self.before) == _bytes(self.now)

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What is another now: name to before and now."""
        before, now = self.before, self.now
        return {k: (before.get(k), now.get(k)) for k in before | now if before.get(k) != now.get(k)}

    def times(self) -> dict[str, tuple[float | None, float | None]]:
        """Stage to when it was over after the last voiced sample, ms: lived then, computed now."""
        then, now = _ends(self.turn.record), _ends(self.record) if self.record else {}
        return {stage: (then.get(stage), now.get(stage)) for stage in then | now}


def decided(record: TurnRecord, turn: RecordedTurn) -> dict[str, Any]:
    """What it was taken for and what came of it; no times, and no ids that are drawn for what is new."""
    known = turn.states | turn.household
    parts = record.reading.parts if record.reading else ()
    return {
        "transcript": record.transcript,
        "decision": record.decision.value,
        "plan": [
            [p.intent.name, dict(p.intent.slots), p.group, list(p.after), when_as_json(p.when) if p.when else None]
            for p in parts
        ],
        "question": record.question,
        "alternatives": list(record.alternatives),
        "actions": [
            asdict(e) if e.entity in known else asdict(replace(e, entity=f"{e.entity.partition('.')[0]} (new)"))
            for e in record.effects
        ],
        "reply": record.reply,
        "wait_class": record.wait_class,
    }


def turns_in(folder: Path) -> list[Path]:
    """The folder itself where it is a turn, or all that are in it. Raises `BadInput` where there is none."""
    if (folder / TURN).is_file():
        return [folder]
    found = sorted(path.parent for path in folder.glob(f"*/{TURN}")) if folder.is_dir() else []
    if not found:
        raise BadInput(f"{folder}: no recorded turn there; `record = true` in [system] records them")
    return found


def changes_of(given: Sequence[str]) -> dict[str, Any]:
    """`section.key=value` each, the value as in TOML (or plain text). Raises `BadSettings`."""
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name.count(".") != 1:
            raise BadSettings(f"--set {text}: give section.key=value, as audio.wait_closed=0.3")
        try:
            found[name.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[name.strip()] = value.strip()
    return found


def hears_anew(changed: Settable) -> bool:
    return any(name == part or (part.endswith(".") and name.startswith(part)) for name in changed for part in HEARS)


async def replay(folders: Sequence[Path], changed: Settable) -> AsyncIterator[Replayed]:
    """One after the other; turns of the same settings share an assistant. Raises `BadInput`, `BadSettings`."""
    anew, opened = hears_anew(changed), ""
    turns = sorted(((read_turn(folder), folder) for folder in folders), key=lambda t: _bytes(t[0].settings))
    stack: list[tuple[RecordedTurn, Path]] = []
    for turn, folder in turns:
        if stack and _bytes(turn.settings) != opened:
            async for done in _together(stack, changed, anew):
                yield done
            stack = []
        opened = _bytes(turn.settings)
        stack.append((turn, folder))
    async for done in _together(stack, changed, anew):
        yield done


async def _together(
    turns: Sequence[tuple[RecordedTurn, Path]], changed: Settable, anew: bool
) -> AsyncIterator[Replayed]:
    if not turns:
        return
    async with _assistant(turns[0][0], changed, anew) as assistant:
        for turn, folder in turns:
            async with in_its_place(assistant, turn) as there:
                if anew and not turn.typed:
                    yield Replayed(turn, await _heard_anew(there, turn, read_sound(folder)), True)
                else:
                    yield Replayed(turn, await _as_it_was(there, turn, read_sound(folder)), False)


@asynccontextmanager
async def _assistant(turn: RecordedTurn, changed: Settable, anew: bool) -> AsyncIterator[Assistant]:
    """With the turn's settings, changed; it keeps nothing and tells nobody."""
    sections = deepcopy(turn.settings)
    sections["system"] |= {"data": "-", "record": False}
    sections["contract"] |= {"log": False, "traces": None, "profiler": 0.0}
    for name, value in changed.items():
        section, key = name.split(".")
        sections.setdefault(section, {})[key] = value
    settings = Settings.model_validate(sections)
    names = dict(turn.record.engines)
    models = None if anew else AudioModels(_Recorded(()), silent.Engine(), {"vad": "silero", **names, "tts": "fake"})
    async with open_assistant(settings, models=models) as assistant:
        yield replace(assistant, conversing=NOTHING_MORE, recorder=None, alerts=None)


@asynccontextmanager
async def in_its_place(assistant: Assistant, turn: RecordedTurn) -> AsyncIterator[Assistant]:
    """In the home as it was, at the time that it was."""

    def wall() -> float:
        return turn.record.at

    zone, sun = assistant.household.zone, assistant.household.sun
    file = HomeFile(turn.home, States(dict(turn.states)))
    async with DemoHome(file) as home, Household(_Notes(turn.household), (), wall, zone, sun) as household:
        yield replace(assistant, backend=home, household=household)


async def _as_it_was(assistant: Assistant, turn: RecordedTurn, sound: Samples) -> TurnRecord:
    services = replace(assistant.services(turn.conversation.language), ear=_Recorded(turn.heard), begun=_nobody)
    clock: Clock = TextClock() if turn.typed else FastClock(asyncio.get_running_loop().time)
    again = Turn(services, turn.conversation, clock, SpeechQueue(nowhere.Sink()), _told)
    if turn.typed:
        await again.answer(turn.record.transcript)
    else:
        await again.listen(_Listened(turn, sound, clock))
        await again.answer()
    return again.record()


async def _heard_anew(assistant: Assistant, turn: RecordedTurn, sound: Samples) -> TurnRecord | None:
    """The first turn that comes of the sound."""
    session = assistant.session(nowhere.Sink(), language=turn.conversation.language)
    session.conversation = turn.conversation
    samples = np.concatenate([sound, quiet(sound, AFTERWARDS)])
    async for record in session.listen(Source(samples)):
        return record if record.decision is not Decision.SILENCE else None
    return None


def _nobody(turn: str, before: object) -> None:
    """Nobody wants to know."""


def _told(event: Event) -> None:
    """Nobody listens."""


class _Recorded:
    """Satisfies `Transcriber`: what was heard then, at the same places in the sound."""

    def __init__(self, heard: Sequence[HeardAt]) -> None:
        self._heard = heard

    async def warm(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to give back."""

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        waiting, given = list(self._heard), 0
        async for _ in audio:
            given += 1
            while waiting and waiting[0].chunks <= given and not waiting[0].hearing.final:
                yield waiting.pop(0).hearing
        for late in waiting:
            yield late.hearing


class _Listened:
    """Stands where the endpointer did: the same sound, ended at the same place for the same reason."""

    def __init__(self, turn: RecordedTurn, sound: Samples, clock: Clock) -> None:
        self._turn, self._sound, self.clock = turn, sound, clock
        self.held, self.onset_at = False, 0.0

    async def utterance(self, endpoint: Endpoint) -> AsyncIterator[AudioChunk]:
        at, record = 0, self._turn.record
        endpoint.speech_end = record.speech_end
        for stretch in self._turn.stretches:
            samples = self._sound[at : at + stretch.samples]
            at += stretch.samples
            self.clock.heard(stretch.start + stretch.samples / SAMPLE_RATE)
            yield AudioChunk(samples, SAMPLE_RATE, stretch.start, stretch.voiced, stretch.unclear)
        endpoint.reason, endpoint.decided = record.wait_class, self.clock.now()


class _Notes:
    """Satisfies `Notebook`: the household's things as they were."""

    def __init__(self, states: Mapping[str, State]) -> None:
        self._states = states

    async def write(self, kind: str, key: str, value: Mapping[str, object] | None) -> None:
        """Forgotten with the replay."""

    async def read(self, kind: str) -> Mapping[str, Mapping[str, object]]:
        return {e: as_note(state) for e, state in self._states.items() if e.partition(".")[0] == kind}


def _bytes(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)


def _ends(record: TurnRecord) -> dict[str, float]:
    ended = [span for span in record.spans if span.end is not None]
    return {s.stage: round((s.end - record.speech_end) * 1000, 1) for s in ended if s.end is not None}
