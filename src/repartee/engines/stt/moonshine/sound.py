"""The sound of one utterance while it comes in."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk


class Ahead:
    """Sound, with a look at what comes next."""

    def __init__(self, audio: AsyncIterator[AudioChunk]) -> None:
        self._audio = audio
        self._following: deque[asyncio.Future[AudioChunk | None]] = deque()

    def __aiter__(self) -> AsyncIterator[AudioChunk]:
        return self

    async def __anext__(self) -> AudioChunk:
        chunk = await (self._following[0] if self._following else self.following())
        self._following.popleft()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def following(self) -> asyncio.Future[AudioChunk | None]:
        """The chunk after those already asked for, which are still to come; None: there is none."""
        if not self._following or self._following[-1].done():
            self._following.append(asyncio.ensure_future(anext(self._audio, None)))
        return self._following[-1]

    def close(self) -> None:
        """What is waited for is not wanted any more."""
        for future in self._following:
            future.cancel()


class Growing:
    """The utterance so far in one piece: room doubles, so that a minute of speech is copied a few times at most."""

    CLICK = 0.4
    """Seconds of voiced sound that are perhaps no word: a cough, a click, "um" ..."""
    PAUSE = 0.3
    """... where at least so long a silence follows."""

    def __init__(self, room: int = 10 * SAMPLE_RATE) -> None:
        self._room = np.empty(room, np.int16)
        self._used = 0
        self._words = 0
        self._voiced = self._silent = self._dropped = 0
        self.end = 0.0

    def append(self, chunk: AudioChunk) -> None:
        needed = self._used + len(chunk.samples)
        if needed > len(self._room):
            self._room = np.concatenate([self._room, np.empty(max(needed, len(self._room)), np.int16)])
        self._room[self._used : needed] = chunk.samples
        self._note(chunk)
        self._used, self.end = needed, chunk.end

    def take(self) -> NDArray[np.int16]:
        """All of it, which is then forgotten."""
        taken = self.samples.copy()
        self._used = self._words = 0
        return taken

    def _note(self, chunk: AudioChunk) -> None:
        if not chunk.voiced:
            self._silent += len(chunk.samples)
            return
        pause = int(self.PAUSE * SAMPLE_RATE)
        if 0 < self._voiced <= self.CLICK * SAMPLE_RATE and self._silent >= pause:
            self._words, self._dropped = self._used - pause, self._voiced
        self._voiced, self._silent = self._voiced + len(chunk.samples), 0

    @property
    def voiced(self) -> float:
        """Seconds of voiced sound, without what was perhaps no word."""
        return (self._voiced - self._dropped) / SAMPLE_RATE

    @property
    def samples(self) -> NDArray[np.int16]:
        """A view, shape (n,); what is there never changes."""
        return self._room[: self._used]

    @property
    def words(self) -> NDArray[np.int16]:
        """The same without what was perhaps no word and came before a pause."""
        return self._room[self._words : self._used]
