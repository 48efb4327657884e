"""One connection of the Wyoming door: events come in order, at most one listens and one speaks or answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, Final

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, Eventable
from wyoming.info import Describe
from wyoming.intent import Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped
from wyoming.wake import Detect

from repartee.app.doors.speech import Speech, said
from repartee.core.channel import Channel
from repartee.core.errors import BadAudio, BadInput, ReparteeError
from repartee.engines.audio.fed import Pcm, Source
from repartee.stages.speak import once

from .handling import asker, handle, recognize
from .hearing import detect, transcribe
from .info import info
from .speaking import language_of, synthesize
from .wire import BadEvent, read_event, write_event

log = logging.getLogger(__name__)
FIRST_WITHIN: Final = 30.0
"""Seconds in which somebody who has connected says something."""
IDLE: Final = 600.0
"""Seconds without an event after which a connection is closed."""
MISTAKES: Final = 10
"""Events that make no sense before the connection is closed."""
MAX_SENTENCE: Final = 1000
"""Characters of a sentence for us."""
MAX_SPEECH: Final = 10_000
"""Characters of one text to be spoken."""
WRONG = (BadInput, KeyError, TypeError, ValueError, AttributeError)
"""What an event with the wrong fields comes to."""


class Connection:
    """From the first event to the last."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, speech: Speech) -> None:
        self._reader, self._writer, self._speech = reader, writer, speech
        self._settings = speech.assistant.settings.doors.wyoming
        self._peer = str((writer.get_extra_info("peername") or ("somebody",))[0])
        self._sending = asyncio.Lock()
        self._asked: Transcribe | Detect | None = None
        """What is to be done with the sound that comes next."""
        self._source: Source | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._words: Channel[str] | None = None
        """Of a text that is being sent piece by piece."""
        self._characters = 0
        self._doing: asyncio.Task[None] | None = None
        self.last = monotonic()
        """When something came; seconds."""

    async def run(self) -> None:
        try:
            await self._read()
        except BadEvent as error:
            with suppress(ConnectionError):
                await self._send(Error(str(error), "bad_event"))
        except (ConnectionError, TimeoutError):
            pass  # gone, or silent for too long
        finally:
            for task in filter(None, (self._hearing, self._doing)):
                task.cancel()
                await asyncio.wait({task})
            self._writer.close()

    def close(self) -> None:
        """Ends it from outside."""
        self._writer.transport.abort()

    async def _read(self) -> None:
        mistakes, idle = 0, FIRST_WITHIN
        while mistakes < MISTAKES and (event := await read_event(self._reader, idle)):
            idle, self.last = IDLE, monotonic()
            try:
                await self._take(event)
            except WRONG as error:
                mistakes += 1
                why = str(error) if isinstance(error, BadInput) else f"{event.type[:40]}: a field is missing or wrong"
                await self._send(Error(why, "bad_event"))

    async def _take(self, event: Event) -> None:
        """Events that nobody here knows are let be: the protocol grows."""
        kind = event.type
        if AudioChunk.is_type(kind):
            await self._hear(event)
        elif Describe.is_type(kind):
            await self._send(info(self._speech.assistant))
        elif Ping.is_type(kind):
            await self._send(Pong(Ping.from_event(event).text))
        elif Transcribe.is_type(kind):
            self._expect(Transcribe.from_event(event))
        elif Detect.is_type(kind):
            self._expect(Detect.from_event(event))
        elif AudioStart.is_type(kind):
            self._begin(_form(event))
        elif AudioStop.is_type(kind):
            await self._end()
        elif Transcript.is_type(kind) or Recognize.is_type(kind):
            await self._sentence(event)
        else:
            await self._speech_event(event)

    # ---------------------------------------------------------------- listening

    def _expect(self, asked: Transcribe | Detect) -> None:
        self._allowed("listen")
        self._drop()
        self._asked = asked

    def _begin(self, form: Pcm) -> None:
        self._allowed("listen")
        self._drop()
        asked, self._asked = self._asked or Transcribe(), None
        source = self._source = Source(form)
        if isinstance(asked, Detect):
            work = detect(self._speech.assistant, asked, source, self._send)
        else:
            work = transcribe(self._speech, asked, source, self._send, self._settings.early)
        self._hearing = asyncio.create_task(self._told(work, source))

    async def _hear(self, event: Event) -> None:
        if self._source is None:
            if self._asked is None:
                return  # what follows a transcript is nobody's
            self._begin(_form(event))
        if self._source and event.payload:
            await self._source.feed(event.payload)

    async def _end(self) -> None:
        if self._source:
            await self._source.end()
        self._source = None

    def _drop(self) -> None:
        if self._hearing:
            self._hearing.cancel()
        self._source = None

    # ---------------------------------------------------------------- answering and speaking

    async def _sentence(self, event: Event) -> None:
        self._allowed("act")
        self._end_words()
        text = said(event.data["text"], MAX_SENTENCE)
        context, language = event.data.get("context"), event.data.get("language")
        who = asker(self._speech.assistant, context, language, self._peer)
        if Recognize.is_type(event.type) or self._settings.intent:
            await self._do(partial(recognize, self._speech.assistant, text, who, context, self._send))
        else:
            await self._do(partial(handle, self._speech, text, who, context, self._send))

    async def _speech_event(self, event: Event) -> None:
        if Synthesize.is_type(event.type):
            if self._words is None:  # else it is the whole of what comes in pieces, for servers that can't take those
                self._allowed("speak")
                asked = Synthesize.from_event(event)
                words = once(said(asked.text, MAX_SPEECH))
                language = language_of(self._speech, asked.voice)
                await self._do(partial(synthesize, self._speech, words, language, self._send))
        elif SynthesizeStart.is_type(event.type):
            self._allowed("speak")
            language = language_of(self._speech, SynthesizeStart.from_event(event).voice)
            self._end_words()
            self._words, self._characters = Channel[str](MAX_SPEECH), 0
            await self._do(partial(self._stream, self._words, language))
        elif SynthesizeChunk.is_type(event.type) and self._words is not None:
            text = said(SynthesizeChunk.from_event(event).text, MAX_SPEECH - self._characters)
            self._characters += len(text)
            self._words.push(text)
        elif SynthesizeStop.is_type(event.type):
            self._end_words()

    def _end_words(self) -> None:
        if self._words is not None:
            self._words.close()
            self._words = None

    async def _stream(self, words: Channel[str], language: str | None) -> None:
        await synthesize(self._speech, words, language, self._send)
        await self._send(SynthesizeStopped())

    async def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """One after the other: what is asked meanwhile waits, and so does who asks."""
        if self._doing:
            await asyncio.wait({self._doing})
        self._doing = asyncio.create_task(self._told(work()))

    async def _told(self, work: Coroutine[Any, Any, None], source: Source | None = None) -> None:
        """What can be expected to go wrong is told to the client."""
        try:
            await work
        except ReparteeError as error:
            with suppress(ConnectionError):
                await self._send(Error(str(error), error.key))
        except ConnectionError:
            self.close()
        finally:
            if source:
                source.abandon()

    def _allowed(self, scope: str) -> None:
        if scope not in self._settings.scopes:
            raise BadInput(f"this door does not {scope}: `scopes` in [doors.wyoming]")

    async def _send(self, event: Eventable) -> None:
        async with self._sending:
            await write_event(event.event(), self._writer)


def _form(event: Event) -> Pcm:
    """Raises `BadAudio` for what is no format of sound."""
    told = [event.data.get(key) for key in ("rate", "width", "channels")]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in told):
        raise BadAudio("rate, width and channels of the sound are whole numbers")
    return Pcm(*told)  # type: ignore[arg-type]  # just looked at
