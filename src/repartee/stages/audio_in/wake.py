"""Wake words: finds them in a stream of sound, and asks for a second opinion where the first is unsure.

The first stage runs on all sound, so it must be cheap; the second is asked rarely, so it may cost something. Opinions
are added as log odds, as for two witnesses who do not know of each other. What the second may say is bounded, and it is
not asked where it can't change the answer.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.ports import AudioSource, WakeWord
from repartee.core.wake import Detection

from .noise_gate import NoiseGate
from .word_end import AFTER, BEFORE, end_of_word

FOR, AGAINST = 3.0, 2.0
"""Log odds that the second stage can add and take: it saves a word mumbled, and vetoes one half heard."""
NOTICED = 6.3
"""Log odds against a word up to which it is a candidate: the first stage climbs for a tenth of a second. At 7 a
quiet room's noise would be one too."""
WITHIN = 0.4
"""Seconds within which a word is settled."""
MEMORY = 1.5
"""Seconds of sound before the word was noticed that the second stage is given: a word lasts one at most."""
STEP = 1280
"""Samples for which the second stage may keep the loop."""

SKIP = 0.06
"""Seconds after the first stage noticed the word from which sound is handed on: its end is no speech to answer, and
people go on in one breath."""
LEAD_IN = 25
"""Chunks of silence that the first stage hears when sound begins."""
HISTORY = 1.0
"""Seconds kept while asleep: a word is settled within half of it."""


@dataclass(frozen=True, slots=True)
class WakeRules:
    """How easily which word wakes us."""

    sensitivity: Mapping[str, float] = field(default_factory=dict)
    """0 (hardly ever) to 1 (at the slightest sign), by word; 0.5 where a word is not named: as its model is meant."""
    refractory: float = 1.0
    """Seconds after a word in which none is noticed."""

    def lean(self, word: str) -> float:
        """Log odds in favour of the word before anything was heard."""
        return 4.0 * (self.sensitivity.get(word, 0.5) - 0.5)


@dataclass(slots=True)
class _Candidate:
    """A word that seems to be being said. `first`: the most that the first stage has said for it, log odds."""

    word: str
    fired: float
    first: float


class WakeDetector:
    """One stream's ear for wake words. `second`: None does without a second opinion."""

    def __init__(self, first: WakeWord, second: WakeWord | None, rules: WakeRules) -> None:
        self._first, self._second, self._rules = first, second, rules
        self._recent = np.zeros(int(MEMORY * SAMPLE_RATE), np.int16)
        self._candidates: dict[str, _Candidate] = {}
        self._heard: dict[str, float] = {}
        """What the second stage has said (the most, log odds) since it was asked; empty: it was not."""
        self._passed: set[str] = set()
        """Words that were settled and are still in the first stage's ear."""
        self._deaf_until = -math.inf
        self.start()

    def start(self) -> None:
        """Sound follows that has nothing to do with what was before: a new stream, or one with a hole."""
        self._first.reset()
        self._recent[:] = 0
        self._deaf_until = -math.inf
        for state in (self._candidates, self._heard, self._passed):
            state.clear()

    async def hear(self, chunk: AudioChunk) -> Detection | None:
        """The next stretch of sound (at most 80 ms, so that a word is noticed when it is over)."""
        self._recent = np.concatenate([self._recent, chunk.samples])[-len(self._recent) :]
        scores = self._first.spot(chunk.samples)
        self._notice({w: _log_odds(score) + self._rules.lean(w) for w, score in scores.items()}, chunk.end)
        if not self._candidates:
            self._heard.clear()
            return None
        if any(self._unsure(candidate) for candidate in self._candidates.values()):
            await self._ask(chunk)
        settled = [self._settled(candidate, chunk.end) for candidate in list(self._candidates.values())]
        return max(filter(None, settled), key=lambda detection: detection.score, default=None)

    def _notice(self, odds: Mapping[str, float], now: float) -> None:
        for word, value in odds.items():
            if value < -NOTICED:
                self._passed.discard(word)
            elif word in self._candidates:
                self._candidates[word].first = max(self._candidates[word].first, value)
            elif word not in self._passed and now >= self._deaf_until:
                self._candidates[word] = _Candidate(word, now, value)

    def _unsure(self, candidate: _Candidate) -> bool:
        """Whether another opinion is wanted, and may change anything. Asked early, it is there when it counts."""
        return self._second is not None and candidate.word in self._second.words and candidate.first < AGAINST

    async def _ask(self, chunk: AudioChunk) -> None:
        assert self._second is not None
        sound = chunk.samples
        if not self._heard:
            self._second.reset()
            sound = self._recent
        for at in range(0, len(sound), STEP):
            for word, score in self._second.spot(sound[at : at + STEP]).items():
                self._heard[word] = max(self._heard.get(word, -math.inf), _log_odds(score))
            await asyncio.sleep(0)

    def _settled(self, candidate: _Candidate, now: float) -> Detection | None:
        """Of one that is now known to be the word, or that was not confirmed for long enough."""
        odds = candidate.first + self._opinion(candidate.word)
        confirmed = odds >= 0.0
        if not confirmed and now - candidate.fired < WITHIN:
            return None
        self._passed.add(candidate.word)
        del self._candidates[candidate.word]
        if confirmed:
            self._deaf_until = now + self._rules.refractory
            self._passed |= self._candidates.keys()
            self._candidates.clear()
        elif candidate.first < 0.0:
            return None  # not even the first stage alone would have believed it
        return Detection(candidate.word, 1.0 / (1.0 + math.exp(-odds)), candidate.fired, now, confirmed)

    def _opinion(self, word: str) -> float:
        """Log odds that the second stage adds; a word of which it knows nothing is the first one's alone to decide."""
        if self._second is None or word not in self._second.words:
            return 0.0
        return max(-AGAINST, min(FOR, self._heard.get(word, -AGAINST)))


class WakeGate:
    """A microphone that is closed until a wake word is said, and again when the conversation is over."""

    def __init__(self, source: AudioSource, waking: WakeDetector, window: float) -> None:
        """`window`: seconds after the word, or after a question of ours, in which speech is waited for."""
        self._source, self._waking, self._window = source, waking, window
        self.clock = source.clock
        self._asleep: deque[AudioChunk] = deque()
        self._gate = NoiseGate()
        self._skipped: deque[AudioChunk] = deque(maxlen=LEAD_IN)
        self._from = self._until = -math.inf
        self._held = False
        self._now = 0.0
        self._woken: Detection | None = None
        self._around: deque[AudioChunk] = deque()
        """Sound around the newest word, by which its end is found."""

    def hold(self) -> Detection | None:
        """Somebody speaks: stay open until `cooldown`. The word that woke us, the first time it is asked."""
        self._held = True
        woken, self._woken = self._woken, None
        return woken and replace(woken, ended=self._ended(woken))

    def cooldown(self, asked: bool) -> None:
        """That was it; `asked`: an answer is expected, without a wake word."""
        self._held = False
        self._until = self._now + self._window if asked else -math.inf

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        async for chunk in self._source:
            if abs(chunk.start - self._now) > HISTORY:
                self._waking.start()  # sound was lost: what comes has nothing to do with what was
                self._asleep.clear()
            self._now = chunk.end
            self._remember(chunk)
            found = await self._spotted(chunk)
            awake = self._held or chunk.end <= self._until
            if found and found.confirmed:
                self._woken, self._until = found, chunk.end + self._window
                self._from = found.fired + SKIP
            if awake:
                if chunk.end > self._from:
                    yield chunk
                continue
            self._asleep.append(chunk)
            if self._asleep[0].end < chunk.end - HISTORY:
                self._asleep.popleft()
            if found and found.confirmed:
                for kept in self._asleep:
                    if kept.end > self._from:
                        yield kept
                self._asleep.clear()

    def _remember(self, chunk: AudioChunk) -> None:
        if self._woken and chunk.start > self._woken.fired + AFTER:
            return
        self._around.append(chunk)
        while self._around[0].end < chunk.end - BEFORE - AFTER - WITHIN:
            self._around.popleft()

    def _ended(self, word: Detection) -> float | None:
        """Seconds of the audio clock."""
        begin = self._around[0].start
        end = end_of_word(
            np.concatenate([chunk.samples for chunk in self._around]), round((word.fired - begin) * SAMPLE_RATE)
        )
        return None if end is None else begin + end / SAMPLE_RATE

    async def _spotted(self, chunk: AudioChunk) -> Detection | None:
        """Nothing is looked for in silence; when there is sound, first in what was just before it."""
        if not self._gate.loud(chunk.samples):
            self._skipped.append(chunk)
            return None
        found = [await self._waking.hear(quiet) for quiet in self._skipped]
        self._skipped.clear()
        return await self._waking.hear(chunk) or next(filter(None, found), None)


def _log_odds(probability: float) -> float:
    """Of 0.0001 to 0.9999; no witness is surer than that."""
    p = min(max(probability, 1e-4), 1.0 - 1e-4)
    return math.log(p / (1.0 - p))
