"""Echo: takes our own voice out of what the microphone hears.

We know what we play and when. A canceller subtracts what the room makes of it, and says how much of the rest can't be
ours. Where that is little beside what was heard, only we were speaking, and the room's own noise is passed on instead:
neither a gate nor a wake word nor the recogniser ever hears us.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import Clock
from repartee.core.ports import AudioSink, AudioSource, EchoCanceller

from .loudness import RoomLevel, power

TAIL = 0.6
"""Seconds for which the room, the network and the sound card may go on with our voice after we think it is over."""
SMOOTH = 0.04
"""Seconds over which levels are compared."""
TAKEN = 6.0
"""dB between all that is heard and what can't be ours, from which on only we are speaking. A person as loud as our
echo costs three, one as loud as our loudspeaker one."""
RISE = 1.35
"""The factor by which the room may become louder in a second."""
LOUDEST_ROOM = 300.0
"""Root mean square of the noise that stands in for our voice, at most (full scale 32767)."""


class Loudspeaker:
    """A sink that remembers what it plays, on the clock of the microphone that may hear it."""

    def __init__(self, sink: AudioSink, canceller: EchoCanceller) -> None:
        self._sink, self._canceller = sink, canceller
        self._playing: deque[tuple[int, NDArray[np.int16]]] = deque()
        self._until = 0
        self._held: list[NDArray[np.int16]] | None = None
        """What waits while we are held."""
        self._clock: Clock | None = None

    def open(self, clock: Clock) -> None:
        """A microphone is open, and `clock` is its time; what was played before is forgotten."""
        self.resume()
        self._clock, self._until = clock, 0
        self._playing.clear()

    def close(self) -> None:
        """No microphone is open."""
        self.resume()
        self._clock = None
        self._playing.clear()

    async def play(self, chunk: AudioChunk) -> None:
        if self._clock:
            now = _sample(self._clock.now())
            begins = now > self._until and self._held is None
            sound = self._canceller.played(chunk, begins)
            if begins:
                self._canceller.begins()
            if self._held is None:
                self._append(sound, now)
            else:
                self._held.append(sound)
        await self._sink.play(chunk)

    async def drain(self) -> None:
        await self._sink.drain()

    def stop(self) -> None:
        if self._clock:
            self._cut(_sample(self._clock.now()))
        self._held = None
        self._sink.stop()

    def hold(self) -> None:
        if self._clock and self._held is None:
            self._held = self._cut(_sample(self._clock.now()))
            self._sink.hold()

    def resume(self) -> None:
        if self._clock and self._held is not None:
            for sound in self._held:
                self._append(sound, _sample(self._clock.now()))
            self._canceller.begins()
            self._held = None
            self._sink.resume()

    @property
    def held(self) -> bool:
        return self._held is not None

    @property
    def speaking(self) -> bool:
        """Whether something is heard just now."""
        return self._clock is not None and _sample(self._clock.now()) < self._until

    def _append(self, sound: NDArray[np.int16], now: int) -> None:
        start = max(now, self._until)
        self._playing.append((start, sound))
        self._until = start + len(sound)

    def _cut(self, now: int) -> list[NDArray[np.int16]]:
        """Nothing plays from sample `now` on; what would have."""
        rest = [sound[max(0, now - start) :] for start, sound in self._playing if start + len(sound) > now]
        kept = [(start, sound[: now - start]) for start, sound in self._playing if start < now]
        self._playing, self._until = deque(kept), min(self._until, now)
        return rest

    @property
    def silent(self) -> bool:
        """Nothing is playing, nor was since `between` was last asked."""
        return not self._playing

    def between(self, begin: int, end: int) -> NDArray[np.int16]:
        """What we play from sample `begin` to `end` of the microphone's time; asked in order of time."""
        while self._playing and self._playing[0][0] + len(self._playing[0][1]) <= begin:
            self._playing.popleft()
        playing = np.zeros(end - begin, np.int16)
        for start, sound in self._playing:
            if start >= end:
                break
            at = max(0, start - begin)
            part = sound[max(0, begin - start) : end - start]
            playing[at : at + len(part)] = part
        return playing


class EchoCancelled:
    """What the microphone of `source` hears without what `loudspeaker` plays."""

    def __init__(self, source: AudioSource, loudspeaker: Loudspeaker, canceller: EchoCanceller) -> None:
        self._source, self._loudspeaker, self._canceller = source, loudspeaker, canceller
        self.clock = source.clock
        loudspeaker.open(source.clock)
        self._active_until = -math.inf
        self._heard = self._theirs = 0.0
        """Mean squares, smoothed."""
        self._room = RoomLevel(RISE)
        """While we are silent."""
        self._noise = np.random.default_rng(0)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        size, rest, begin = self._canceller.block, np.empty(0, np.int16), 0
        async for chunk in self._source:
            if abs(_sample(chunk.start) - begin - len(rest)) > 1:
                rest, begin = rest[:0], _sample(chunk.start)  # a hole in time
            sound = np.concatenate([rest, chunk.samples])
            whole = len(sound) // size * size
            rest = sound[whole:]
            if whole:
                yield AudioChunk(self._cleaned(sound[:whole], begin), SAMPLE_RATE, begin / SAMPLE_RATE)
                begin += whole
        if len(rest):
            yield AudioChunk(rest, SAMPLE_RATE, begin / SAMPLE_RATE)

    def _cleaned(self, heard: NDArray[np.int16], begin: int) -> NDArray[np.int16]:
        """Whole blocks; where nothing plays they are no work."""
        if begin >= self._active_until and self._loudspeaker.silent:
            self._learn_room(heard)
            return heard
        size = self._canceller.block
        return np.concatenate([self._clean(heard[at : at + size], begin + at) for at in range(0, len(heard), size)])

    def _clean(self, heard: NDArray[np.int16], begin: int) -> NDArray[np.int16]:
        playing = self._loudspeaker.between(begin, begin + len(heard))
        if playing.any():
            self._active_until = begin + _sample(TAIL)
        if begin >= self._active_until:
            self._learn_room(heard)
            return heard
        left = self._canceller.cancel(heard, playing)
        return left if self._somebody_else(heard) else self._silence(len(heard))

    def _somebody_else(self, heard: NDArray[np.int16]) -> bool:
        keep = math.exp(-len(heard) / (SMOOTH * SAMPLE_RATE))
        self._heard = keep * self._heard + (1 - keep) * power(heard)
        self._theirs = keep * self._theirs + (1 - keep) * self._canceller.theirs
        return 10 * math.log10((self._heard + 1) / (self._theirs + 1)) < TAKEN

    def _learn_room(self, heard: NDArray[np.int16]) -> None:
        self._room.hear(math.sqrt(power(heard)), len(heard) / SAMPLE_RATE)

    def _silence(self, count: int) -> NDArray[np.int16]:
        return self._noise.normal(0.0, min(self._room.level, LOUDEST_ROOM), count).astype(np.int16)


def _sample(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
