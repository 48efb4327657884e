"""Listen: finds the utterances in a stream of sound, and where each of them ends."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import Clock
from repartee.core.hearing import Clarity
from repartee.core.intent import Status
from repartee.core.ports import AudioSource, VoiceActivity

from .loudness import RoomLevel, block_levels

RELEASED = "released"
"""The wait class of a turn whose sound ended: the button was released, the file is over."""
TOO_LONG = "too long"
INSISTS = 16
"""A frame no louder than the room is silent, whatever the gate says; only one that insists for so many frames, half a
second, is believed: then somebody speaks very softly."""
HANGOVER = 0.15
"""Seconds for which a gate may still say "speech" after the last of it."""

BLOCK = 80
"""Samples (5 ms) whose loudness is compared with the room's."""
ABOVE = 2.0
"""Speech is louder than the room by this factor (6 dB)."""
RISE, SMOOTH = 1.5, 0.09
"""The factor by which the room may become louder in a second: what a gate has not yet noticed is speech, perhaps. The
seconds over which its level is taken."""
HOLE = 0.02
"""Seconds of sound that are missing, from which on what comes does not go on with what was."""


@dataclass(frozen=True, slots=True)
class Endpointing:
    """How speech is told from silence, and how long a silence ends a turn. Seconds of audio."""

    threshold: float = 0.5
    """Probability of speech from which a frame is voiced; it stays voiced down to this minus 0.15."""
    onset: float = 0.06
    """Of voiced sound that make an utterance."""
    pre_roll: float = 0.5
    """Before the first voiced frame, handed to the recogniser too."""
    closed: float = 0.14
    complete: float = 0.35
    likely: float = 0.8
    """Where a complete sentence makes no sense in the home as it is ("turn off the lights", and all are off here): what
    follows will."""
    open: float = 1.5
    impossible: float = 1.25
    """Where nothing sayable begins like this."""
    faint: float = 0.25
    """At least, where a second look may change what was heard."""
    doubtful: float = 0.7
    """At least, where else a question would be asked, or nothing done."""
    free: float = 0.7
    """Wait after the last voiced sample, by how far the sentence has got."""
    longest: float = 30.0
    """An utterance is ended after this, whatever is said."""

    def wait(self, endpoint: Endpoint) -> float:
        """Seconds of silence that end a turn."""
        match endpoint.clarity:
            case Clarity.CLEAR:
                least = 0.0
            case Clarity.FAINT:
                least = self.faint
            case Clarity.DOUBTFUL:
                least = self.doubtful
        return max(least, self._for_more(endpoint))

    def _for_more(self, endpoint: Endpoint) -> float:
        """The same for somebody who may go on."""
        match endpoint.status:
            case Status.CLOSED:
                return self.closed
            case Status.COMPLETE:
                return self.complete if endpoint.sensible and not endpoint.lasting else self.likely
            case Status.OPEN:
                return self.open
            case Status.IMPOSSIBLE:
                return self.impossible
            case Status.FREE:
                return self.free


@dataclass(slots=True)
class Endpoint:
    """The end of one utterance as it is being decided: the turn writes what it expects, listening reads it."""

    status: Status = Status.FREE
    """How far the words so far have got."""
    clarity: Clarity = Clarity.CLEAR
    sensible: bool = True
    """Whether they make sense in the home as it is."""
    lasting: bool = False
    """Whether what they ask for can't be taken back; then it is waited for certainty."""
    speech_end: float = 0.0
    """Audio seconds of the last voiced sample so far."""
    reason: str = RELEASED
    """Why the utterance ended: a `Status`, or RELEASED, or TOO_LONG."""
    decided: float = 0.0
    """Audio seconds (of the clock) at which that was decided."""


class Utterances(Protocol):
    """Gives one utterance after the other."""

    def utterance(self, endpoint: Endpoint) -> AsyncIterator[AudioChunk]:
        """To the end of the turn; says in `endpoint` where and why it ended."""
        ...


class Endpointer:
    """The ear of one session. Frames are pulled from the source only while somebody waits for one."""

    def __init__(self, source: AudioSource, gate: VoiceActivity, timing: Endpointing, held: bool = False) -> None:
        """`held`: a button is held down, so that no silence ends an utterance."""
        self._timing, self.held = timing, held
        self._gate = gate
        gate.reset()
        self.clock: Clock = source.clock
        self._frames = _frames(source, gate.frame)
        self._recent: deque[AudioChunk] = deque(maxlen=_count(timing.pre_roll + timing.onset, gate.frame))
        self._gated = False
        self._quiet = self._run = 0
        self._heard_to = 0.0
        self._floor = NoiseFloor()
        self.onset_at: float | None = None
        """Audio seconds of the first voiced sample of the utterance that has begun; None while nobody speaks."""

    async def onset(self, until: float = math.inf) -> bool | None:
        """Waits until somebody speaks. False: the source has ended. None: nobody has up to `until` (audio seconds).
        Asked again before `utterance`: the same answer."""
        if self.onset_at is not None:
            return True
        needed = _count(self._timing.onset, self._gate.frame)
        while self._heard_to < until:
            frame = await anext(self._frames, None)
            if frame is None:
                return False
            chunk = self._judged(frame)
            if self._recent and chunk.start - self._recent[-1].end > HOLE:
                self._recent.clear()  # what was before is no pre-roll of what comes now
                self._run = 0
            self._recent.append(chunk)
            self._run = self._run + 1 if chunk.voiced else 0
            if self._run >= needed:
                self.onset_at, self._run = self._recent[-self._run].start, 0
                return True
        return None

    async def utterance(self, endpoint: Endpoint) -> AsyncIterator[AudioChunk]:
        """From before the onset to the end of the turn, `voiced` set; says in `endpoint` where and why it ended."""
        assert self.onset_at is not None, "wait for the onset first"
        begin = self.onset_at
        endpoint.reason = RELEASED
        for chunk in self._take_recent():
            self._note_end(chunk, endpoint)
            yield chunk
        async for frame in self._frames:
            chunk = self._judged(frame)
            self._note_end(chunk, endpoint)
            yield chunk if endpoint.clarity is Clarity.CLEAR else replace(chunk, unclear=True)
            if reason := self._over(chunk, begin, endpoint):
                endpoint.reason = reason
                break
        endpoint.decided = self.clock.now()

    def _over(self, chunk: AudioChunk, begin: float, endpoint: Endpoint) -> str | None:
        if not self.held and chunk.end - endpoint.speech_end >= self._timing.wait(endpoint):
            return endpoint.status.value
        return TOO_LONG if chunk.end - begin >= self._timing.longest else None

    def _take_recent(self) -> list[AudioChunk]:
        recent = list(self._recent)
        self._recent.clear()
        self.onset_at = None
        return recent

    def _judged(self, frame: AudioChunk) -> AudioChunk:
        """`voiced`, as the gate and the room's noise say it together: a gate goes on for up to half a second."""
        self._heard_to = frame.end
        probability = self._gate.speech(frame.samples)
        self._gated = probability >= self._timing.threshold - 0.15 * self._gated
        if not self._gated:
            self._floor.hear(frame.samples)
        self._quiet = 0 if self._floor.last_loud(frame.samples) else self._quiet + 1
        return replace(frame, voiced=self._gated and not 0 < self._quiet < INSISTS)

    def _note_end(self, chunk: AudioChunk, endpoint: Endpoint) -> None:
        """A gate goes on for a frame or two after the last sound; one that goes on for longer knows better than we."""
        if not chunk.voiced:
            return
        if loud := self._floor.last_loud(chunk.samples):
            endpoint.speech_end = chunk.start + loud / SAMPLE_RATE
        elif chunk.end - endpoint.speech_end > HANGOVER:
            endpoint.speech_end = chunk.end


class NoiseFloor:
    """How loud the room is when nobody speaks: a gate judges frames of 32 ms, people stop within one."""

    def __init__(self) -> None:
        self._room = RoomLevel(RISE, SMOOTH)

    def hear(self, silence: NDArray[np.int16]) -> None:
        self._room.hear(float(block_levels(silence, BLOCK).mean()), len(silence) / SAMPLE_RATE)

    def last_loud(self, samples: NDArray[np.int16]) -> int:
        """Samples up to the end of the last block that is louder than the room; 0 where none is."""
        loud = np.flatnonzero(block_levels(samples, BLOCK) > self._room.level * ABOVE)
        return int(loud[-1] + 1) * BLOCK if len(loud) else 0


def _count(seconds: float, frame: int) -> int:
    return max(1, round(seconds * SAMPLE_RATE / frame))


async def _frames(source: AudioSource, size: int) -> AsyncIterator[AudioChunk]:
    """The same sound in frames of `size` samples; the last, shorter one is filled up with silence."""
    waiting: list[NDArray[np.int16]] = []
    have, start = 0, 0.0
    async for chunk in source:
        if have and abs(chunk.start - start - have / SAMPLE_RATE) > HOLE:
            yield AudioChunk(np.pad(np.concatenate(waiting), (0, size - have)), SAMPLE_RATE, start)
            waiting, have = [], 0
        start = chunk.start if not have else start
        waiting.append(chunk.samples)
        have += len(chunk.samples)
        if have < size:
            continue
        sound = np.concatenate(waiting)
        for at in range(0, have - size + 1, size):
            yield AudioChunk(sound[at : at + size], SAMPLE_RATE, start + at / SAMPLE_RATE)
        rest = have // size * size
        waiting, have, start = [sound[rest:]], have - rest, start + rest / SAMPLE_RATE
    if have:
        yield AudioChunk(np.pad(np.concatenate(waiting), (0, size - have)), SAMPLE_RATE, start)
