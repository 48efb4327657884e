"""Ducking: playback is held at the first clear sound that is not ours. Whether it is speech takes longer to know.

A detector of speech is sure after a tenth of a second, for some people after half of one; loudness is known after two
frames. So the playback is held first, goes on where it stopped when it was a door or a cup, and is stopped for good
by whoever knows that somebody speaks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from repartee.core.audio import AudioChunk
from repartee.core.ports import AudioSource

from .echo import Loudspeaker
from .noise_gate import NoiseGate

CLEAR = 3.2
"""A sound is clear that is this much louder than the room (10 dB)."""
SURE = 0.03
"""Seconds of clear sound that hold the playback."""
GOES_ON = 0.3
"""Seconds after the last sound in which the playback goes on."""
LONGEST = 1.0
"""Seconds after which it goes on in any case: what sounds so long and is no speech is a machine."""

AGAIN, SELDOM = 0.5, 16.0
"""Seconds after a hold that came to nothing in which there is no other; each one doubles them, up to the second, until
somebody did speak: otherwise washing dishes would make the reply stutter."""


class Ducking:
    """The same sound, of a microphone without our own voice; `loudspeaker` is held while it seems to be somebody's."""

    def __init__(self, source: AudioSource, loudspeaker: Loudspeaker) -> None:
        self._source, self._loudspeaker = source, loudspeaker
        self.clock = source.clock
        self._gate = NoiseGate(GOES_ON)
        self._clear = 0.0
        """Seconds of clear sound until now."""
        self._since: float | None = None
        """Audio seconds at which this sound held the playback; None: it did not."""
        self._heard_out = False
        """Whether the sound that goes on is one that we have been silent for long enough."""
        self._not_before, self._again = 0.0, AGAIN

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        async for chunk in self._source:
            self._hear(chunk)
            yield chunk

    def _hear(self, chunk: AudioChunk) -> None:
        loud = self._gate.loud(chunk.samples)
        self._clear = self._clear + chunk.seconds if self._gate.above > CLEAR else 0.0
        if not loud:
            self._heard_out = False
        if self._since is None:
            if self._clear >= SURE and not self._heard_out and self._may_hold(chunk.end):
                self._since = chunk.end
                self._loudspeaker.hold()
        elif not self._loudspeaker.held:
            self._since, self._again = None, AGAIN  # somebody did speak
        elif not loud or chunk.end - self._since > LONGEST:
            self._go_on(chunk.end)

    def _may_hold(self, now: float) -> bool:
        return self._loudspeaker.speaking and now >= self._not_before

    def _go_on(self, now: float) -> None:
        self._since, self._heard_out = None, True
        self._not_before = now + self._again
        self._again = min(SELDOM, 2 * self._again)
        self._loudspeaker.resume()
