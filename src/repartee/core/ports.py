"""What the house asks of its engines. A port is a Protocol of one verb; an engine is one small file that has it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .audio import AudioChunk
from .channel import Channel
from .clock import Clock
from .hearing import Hearing
from .home import Home, States
from .intent import Context, Reading, Status
from .memory import Fact, Query, Recollection
from .plan import Action, Effect
from .prompt import Prompt
from .turn import TurnRecord


class AudioSource(Protocol):
    """Sound coming in: microphone, browser, file, standard input. Owns the mapping from audio seconds to loop time."""

    @property
    def clock(self) -> Clock: ...

    def __aiter__(self) -> AsyncIterator[AudioChunk]:
        """16 kHz chunks of 10-80 ms without holes in `start`; a hole is a stall and was counted."""
        ...


class AudioSink(Protocol):
    """Sound going out: loudspeaker, browser, file, nowhere."""

    async def play(self, chunk: AudioChunk) -> None:
        """Waits while the device is full; never drops."""
        ...

    async def drain(self) -> None:
        """Until the last sample was heard."""
        ...

    def stop(self) -> None:
        """Silence, now: what was not heard yet never will be."""
        ...

    def hold(self) -> None:
        """Silence, now, and what was not heard yet waits for `resume` (or `stop`). Held already: nothing."""
        ...

    def resume(self) -> None:
        """Goes on where it was held. Not held: nothing."""
        ...


class VoiceActivity(Protocol):
    """How likely is speech?"""

    frame: int
    """Samples it looks at, at 16 kHz."""

    def speech(self, frame: NDArray[np.int16]) -> float:
        """Probability (0-1) of speech in one frame, given those before. Costs microseconds, so it is not async."""
        ...

    def reset(self) -> None:
        """Forget what was before."""
        ...


class EchoCanceller(Protocol):
    """Takes out of one sound what is left in it of another."""

    block: int
    """Samples it works on, at 16 kHz."""
    theirs: float
    """Mean square of what was left of the last block and can't come from what was playing."""

    def played(self, chunk: AudioChunk, begins: bool) -> NDArray[np.int16]:
        """Sound on its way to the loudspeaker, at 16 kHz; it goes on with the chunk before, or `begins` anew."""
        ...

    def begins(self) -> None:
        """What plays next may lie a little sooner or later in what is heard than what played before."""
        ...

    def cancel(self, heard: NDArray[np.int16], playing: NDArray[np.int16]) -> NDArray[np.int16]:
        """One block of each, of the same time; the echo is late by up to half a second: `heard` without it."""
        ...


class WakeWord(Protocol):
    """Was one of the words said that call us?"""

    @property
    def words(self) -> Sequence[str]:
        """What it listens for, as people say it: `hey jarvis`."""
        ...

    def spot(self, samples: NDArray[np.int16]) -> Mapping[str, float]:
        """The highest probability (0-1) of each word within these samples (16 kHz, any number), given those before.

        One half is where the word's model is meant to be believed. Too few samples to say anew: what was said last.
        """
        ...

    def reset(self) -> None:
        """Forget what was before."""
        ...


class Cursor(Protocol):
    """A place in what may be said: immutable, cheap to keep by the hundred. An engine maps its own pieces on it.

    Text is as the grammar normalises it: lower case, words separated by one space, no punctuation. Numbers may be
    written in digits or words.
    """

    def step(self, text: str) -> Cursor | None:
        """The place after these further characters; None where nothing sayable goes on like this."""
        ...

    def letters(self) -> str | None:
        """The characters that may come next; None: any (free text)."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the sentence may end here."""
        ...

    @property
    def key(self) -> Hashable:
        """Equal keys (within one grammar version) have equal futures: for an engine's memory of mapped pieces."""
        ...


class Model(Protocol):
    """An engine that has something to load."""

    async def warm(self) -> None:
        """Loads it now, so that the first person does not wait for it."""
        ...

    def close(self) -> None:
        """Gives back threads and memory; returns at once."""
        ...


class Transcriber(Model, Protocol):
    """Speech to text."""

    def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        """Of one utterance: partial hearings while it goes on, one final hearing after the last chunk, nothing more.

        `audio` is 16 kHz with `voiced` set. At the first unvoiced chunk after speech, a full hearing of all so far is
        due (the utterance may be over), and where nothing was said since, the final one is the same without new work.
        `expect` is the beginning of what may be said; an engine that can't be steered ignores it. No speech at all
        gives a final hearing with empty text.
        """
        ...


class Synthesizer(Model, Protocol):
    """Text to speech."""

    def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        """Streams; the first chunk comes before the rest exists. Text that can't be spoken gives no chunks."""
        ...


class Understanding(Protocol):
    """Words to intents, for one home in one language. Pure: the same question, the same answer."""

    @property
    def version(self) -> Hashable:
        """Of home and sentences together; a cache of answers is right exactly as long as this stays equal."""
        ...

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        """Ranked, best first; empty where nothing fits. Any text whatever; never an exception."""
        ...

    def status(self, text: str, context: Context) -> Status:
        """How far the sentence has got."""
        ...

    def expect(self, context: Context) -> Cursor | None:
        """The beginning of what may be said; None from one that can't say."""
        ...


class HomeBackend(AbstractAsyncContextManager["HomeBackend"], Protocol):
    """Devices. Entered: connected and in sync."""

    @property
    def home(self) -> Home:
        """The newest snapshot."""
        ...

    @property
    def states(self) -> States:
        """Live: kept up to date by subscription, never by polling."""
        ...

    async def perform(self, action: Action) -> Sequence[Effect]:
        """One service call; returns when every entity's new state is confirmed or given up, an effect an entity.

        Raises `Unreachable` when the back end is away; a single device that fails is an effect with an error.
        """
        ...

    def changes(self) -> Channel[str]:
        """A new subscription: the id of each entity whose state changed; `""` when the home itself did."""
        ...


class TurnStore(Protocol):
    """Remembers turns. Never in the turn's way: writing happens elsewhere."""

    connections: int
    """Open to a database."""

    def record(self, turn: TurnRecord) -> None: ...

    async def recent(self, limit: int) -> Sequence[TurnRecord]:
        """Newest first."""
        ...

    async def close(self) -> None:
        """Returns when all is on disk."""
        ...


class Notebook(Protocol):
    """Small things that outlive the process: timers, alarms, lists."""

    async def write(self, kind: str, key: str, value: Mapping[str, object] | None) -> None:
        """None forgets it. Returns when a kill can't undo it any more."""
        ...

    async def read(self, kind: str) -> Mapping[str, Mapping[str, object]]:
        """All of a kind, by key."""
        ...


class LanguageModel(Model, Protocol):
    """Messages to text, token by token."""

    def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Pieces of the answer as they come; closing the iterator ends the generation before its next token.

        Where the prompt has a form, the pieces together are JSON of it, as far as the model can be held to it: whoever
        reads it checks all the same. Raises `ModelError`: away, busy, stalled, garbled.
        """
        ...


class Embedder(Model, Protocol):
    """Texts to points: what means the same lies close."""

    name: str
    """Of the model; vectors of two models can't be compared."""
    width: int
    """Numbers of a vector."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (texts, width), each row of length 1; a text without words gives some vector all the same."""
        ...


class Memory(Protocol):
    """Facts that outlive the process."""

    version: int
    """Goes up with every change; what was found before may be told again as long as this stays equal."""

    async def add(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        """As they are kept now. The same in other words is merged with what is there; what contradicts a fact that
        holds ends it, and both stay. Returns when a kill can't undo it any more."""
        ...

    async def search(self, query: Query) -> Sequence[Recollection]:
        """Best first."""
        ...

    async def forget(self, ids: Sequence[int] | None) -> int:
        """How many are gone, for good; None: all that there are."""
        ...

    async def export(self) -> Sequence[Fact]:
        """All, also what does not hold any more; oldest first."""
        ...

    async def close(self) -> None: ...
