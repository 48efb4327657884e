"""The one adapter between the doors of speech and the assistant: hear, speak, answer. Doors translate, nothing else."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace
from time import monotonic

from repartee.assembly.assistant import Assistant
from repartee.core.audio import AudioChunk
from repartee.core.clock import Time
from repartee.core.errors import BadInput
from repartee.core.ports import AudioSource
from repartee.core.turn import Decision, Replying, TurnRecord, Utterance
from repartee.engines.audio import nowhere
from repartee.session import Session
from repartee.stages.speak import sentences

CONVERSATIONS = 256
"""That are remembered at once; the one that was silent for longest is forgotten for a new one."""


_NOTHING: tuple[AudioChunk, ...] = ()


class Mute:
    """A voice for those who only read the reply."""

    async def warm(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        for chunk in _NOTHING:
            yield chunk

    def close(self) -> None:
        """Nothing to give back."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who says a sentence, and where."""

    conversation: str = ""
    """Its id, so that "turn it off" means something; empty: a conversation of one sentence."""
    area: str | None = None
    """Id, name or alias."""
    language: str | None = None
    lasts: float = 3600.0
    """Seconds of silence after which a conversation is forgotten."""


@dataclass
class _Conversation:
    session: Session
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One sentence after the other: the next must not cut the one before off."""
    said: float = 0.0
    """When the last sentence was said; monotonic seconds."""


class Speech:
    """Of one assistant; all doors of speech share it."""

    def __init__(self, assistant: Assistant, time: Time = monotonic) -> None:
        self.assistant, self._time = assistant, time
        mute = replace(assistant.models, voice=Mute())
        self._mute = replace(assistant, models=mute, alerts=None)  # what rings is told to those who can hear it
        self._conversations: OrderedDict[tuple[str, str | None, str | None], _Conversation] = OrderedDict()

    async def transcribe(self, source: AudioSource, language: str | None = None) -> AsyncGenerator[Utterance, None]:
        """What is said, utterance by utterance, heard with this home's sentences in mind. Nothing is done about it."""
        session = self._mute.session(nowhere.Sink(), language=language, person=False)
        async for utterance in session.transcribe(source):
            yield utterance

    async def synthesize(
        self, words: AsyncIterator[str], language: str | None = None
    ) -> AsyncGenerator[AudioChunk, None]:
        """Words as they come to sound, sentence by sentence."""
        spoken = language or self.assistant.settings.brain.language
        async for sentence in sentences(words, spoken):
            async for chunk in self.assistant.models.voice.synthesize(sentence, spoken):
                yield chunk

    async def answer(self, text: str, asker: Asker) -> AsyncGenerator[str | TurnRecord, None]:
        """Acts on a sentence: pieces of the reply as they come, then the turn. Raises `BadInput` for a bad place."""
        conversation = self._conversation(asker)
        async with conversation.turn:
            events = conversation.session.events()
            asking = asyncio.create_task(conversation.session.ask(text))
            asking.add_done_callback(lambda _: events.close())
            told = ""
            try:
                async for event in events:
                    if isinstance(event, Replying) and len(event.text) > len(told):
                        yield event.text[len(told) :]
                        told = event.text
                yield await asking
            finally:
                events.close()
                if not asking.done():
                    conversation.session.stop()
                    await asyncio.wait({asking})

    async def ask(self, text: str, asker: Asker) -> TurnRecord:
        """The same, whole."""
        record: TurnRecord | None = None
        async for piece in self.answer(text, asker):
            record = piece if isinstance(piece, TurnRecord) else record
        assert record is not None, "an answer ends with its turn"
        return record

    def doubt(self, asker: Asker) -> str | None:
        """The key of the question that is open in a conversation; None: none is."""
        kept = self._conversations.get(_key(asker))
        question = kept.session.conversation.question if kept else None
        return question.doubt.key if question else None

    def rename(self, before: Asker, after: Asker) -> None:
        """What was said under one id goes on under another."""
        kept = self._conversations.pop(_key(before), None)
        if kept:
            self._conversations[_key(after)] = kept

    def _conversation(self, asker: Asker) -> _Conversation:
        key = _key(asker)
        kept, now = self._conversations.pop(key, None), self._time()
        if kept is None or (now - kept.said > asker.lasts and not kept.turn.locked()):
            kept = _Conversation(self._mute.session(nowhere.Sink(), asker.area, asker.language))
        kept.said = now
        if asker.conversation:
            self._conversations[key] = kept
            if len(self._conversations) > CONVERSATIONS:
                self._conversations.popitem(last=False)
        return kept


def _key(asker: Asker) -> tuple[str, str | None, str | None]:
    return asker.conversation, asker.area, asker.language


def understood(record: TurnRecord) -> bool:
    """Whether it was a sentence for us, done or asked about."""
    return record.decision in (Decision.ACTED, Decision.ASKED) and not record.failed


def area_of(assistant: Assistant, *names: object) -> str | None:
    """The first of these that is an area of the home."""
    for name in names:
        found = assistant.backend.home.area_named(name) if isinstance(name, str) and name else None
        if found:
            return found.id
    return None


def said(text: object, most: int) -> str:
    """A text that somebody sent. Raises `BadInput`."""
    if not isinstance(text, str):
        raise BadInput("the text is missing, or is none")
    if len(text) > most:
        raise BadInput(f"a text of {len(text)} characters; at most {most} are taken")
    return text
