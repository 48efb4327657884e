"""`transcribe` and `detect`: what is done with the sound that follows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.wake import Detect, Detection, NotDetected

from repartee.app.doors.speech import Speech
from repartee.assembly.assistant import Assistant
from repartee.assembly.wake import known_words, waker
from repartee.core.errors import BadInput
from repartee.engines.audio.fed import Source

from .info import word_id
from .sending import Send


async def transcribe(speech: Speech, request: Transcribe, source: Source, send: Send, early: bool) -> None:
    """One transcript; `early`: of the first sentence, as soon as it is over, else of all sound."""
    texts: list[str] = []
    async with aclosing(speech.transcribe(source, request.language)) as utterances:
        async for utterance in utterances:
            if utterance.text:
                if not texts:
                    await send(TranscriptStart(language=request.language))
                await send(TranscriptChunk(f" {utterance.text}" if texts else utterance.text))
                texts.append(utterance.text)
            if early and texts:
                break
    source.abandon()
    await send(Transcript(" ".join(texts), language=request.language))
    if texts:
        await send(TranscriptStop())


async def detect(assistant: Assistant, request: Detect, source: Source, send: Send) -> None:
    """Every wake word in the sound; raises `BadInput` for one that nobody knows here."""
    words = _words(assistant, request.names)
    gate = waker(assistant.settings.audio, words, assistant.models.breakers)(source)
    found = False
    async for _ in gate:
        word = gate.hold()
        gate.cooldown(asked=False)
        if word:
            found = True
            await send(Detection(word_id(word.word), round(word.fired * 1000)))
    if not found:
        await send(NotDetected())


def _words(assistant: Assistant, names: Sequence[str] | None) -> list[str]:
    known = {word_id(word): word for word in known_words(assistant.settings.audio)}
    if not names:
        return list(known.values())
    unknown = [name for name in names if word_id(name) not in known]
    if unknown:
        raise BadInput(f"no such wake word here: {unknown[0][:40]!r}; there are {', '.join(known)}")
    return [known[word_id(name)] for name in names]
