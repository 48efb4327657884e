"""One client's conversation: its events in, ours out; what is heard and answered is a session's."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Final

import numpy as np
import soxr
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from repartee.app.doors.closing import BUSY, NONSENSE, SLOW, close
from repartee.assembly.assistant import Assistant
from repartee.core.audio import SAMPLE_RATE
from repartee.core.channel import Channel
from repartee.core.errors import BadInput, BadText, ReparteeError
from repartee.core.turn import Event, Finished, Heard, Replying, Started
from repartee.core.untrusted import read_json
from repartee.engines.audio import browser
from repartee.session import Session

from .events import RATE, Append, Incoming, ItemCreate, SessionUpdate, Simple, Truncate, new_id, outgoing, user_item
from .response import Response
from .sink import Sink

OUTBOX: Final = 1024
MISTAKES: Final = 10
"""Events that make no sense before the connection is closed."""


async def take(ws: WebSocket, assistant: Assistant, area: str | None, language: str | None) -> None:
    """From the handshake to the close."""
    await ws.accept(subprotocol="realtime" if "realtime" in ws.scope.get("subprotocols", ()) else None)
    telemetry = assistant.telemetry
    if telemetry.sessions >= assistant.settings.system.max_sessions:
        await close(ws, BUSY, "too many conversations are open; try again later")
        return
    telemetry.sessions += 1
    try:
        await Connection(ws, assistant, area, language).run()
    except BadInput as error:
        await close(ws, NONSENSE, str(error))
    finally:
        telemetry.sessions -= 1


class Connection:
    def __init__(self, ws: WebSocket, assistant: Assistant, area: str | None, language: str | None) -> None:
        self._ws = ws
        self._outbox: Channel[str] = Channel(OUTBOX)
        self._session: Session = assistant.session(Sink(self._sounds), area, language)
        self._id = new_id("sess")
        self._audio, self._detects = True, True
        self._source: browser.Source | None = None
        self._resampler = soxr.ResampleStream(RATE, SAMPLE_RATE, 1, "int16")
        self._work: asyncio.Task[None] | None = None
        self._text = ""
        """Of the newest item that nobody has answered."""
        self._item = ""
        """Of the newest thing that was said."""
        self._response: Response | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            events = self._session.events()
            tasks = [group.create_task(self._write()), group.create_task(self._follow(events))]
            try:
                self._tell("session.created", session=self._described())
                await self._read()
            except WebSocketDisconnect:
                pass  # a client may go at any moment
            finally:
                await self._drop()
                events.close()
                self._outbox.close()
                for task in tasks:
                    task.cancel()

    async def _read(self) -> None:
        mistakes = 0
        while mistakes < MISTAKES:
            message = await self._ws.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                value = read_json(message.get("text") or "")
                await self._take(Incoming.validate_python(value))
            except (ValidationError, BadInput, BadText) as error:
                mistakes += 1
                self._error(_wrong(error))
        await close(self._ws, NONSENSE, f"{MISTAKES} events that make no sense")

    async def _take(self, event: Any) -> None:
        match event:
            case Append(audio=audio):
                await self._append(audio)
            case SessionUpdate():
                self._update(event)
            case ItemCreate(item=item):
                self._text = " ".join(part.text for part in item.content)
                told = user_item(new_id("item"), [{"type": "input_text", "text": self._text}])
                self._tell("conversation.item.added", previous_item_id=None, item=told)
                self._tell("conversation.item.done", previous_item_id=None, item=told)
            case Truncate():
                self._session.stop()
                where = {"item_id": event.item_id, "content_index": event.content_index}
                self._tell("conversation.item.truncated", **where, audio_end_ms=event.audio_end_ms)
            case Simple(type="response.create"):
                await self._respond()
            case Simple(type="response.cancel"):
                self._session.stop()
            case Simple(type="input_audio_buffer.clear"):
                await self._drop()
                self._tell("input_audio_buffer.cleared")
            case Simple():
                self._commit()

    def _update(self, event: SessionUpdate) -> None:
        if event.session.output_modalities is not None:
            self._audio = "audio" in event.session.output_modalities
        if event.session.audio and event.session.audio.input:
            told = event.session.audio.input
            if "turn_detection" in told.model_fields_set:
                self._detects = told.turn_detection is not None
        self._tell("session.updated", session=self._described())

    async def _append(self, audio: str) -> None:
        try:
            pcm = base64.b64decode(audio, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadInput("audio: not base64") from error
        if len(pcm) % 2:
            raise BadInput("audio: not whole 16-bit samples")
        if self._source is None:
            await self._drop()
            self._source = browser.Source()
            self._work = asyncio.create_task(self._listen(self._source))
        samples = self._resampler.resample_chunk(np.frombuffer(pcm, "<i2"))
        self._source.feed(np.asarray(samples).astype("<i2", copy=False).tobytes())

    def _commit(self) -> None:
        """Without detection of turns: what was sent is one sentence; `response.create` has it answered."""
        if self._detects:
            raise BadInput("turns are detected here; a commit is for `turn_detection: null`")
        if self._source is None:
            raise BadInput("the input audio buffer is empty")
        self._item = self._item or new_id("item")
        self._tell("input_audio_buffer.committed", previous_item_id=None, item_id=self._item)

    async def _respond(self) -> None:
        if self._source and not self._detects:
            self._source.end()
            self._source = None
        elif self._text:
            text, self._text = self._text, ""
            await self._drop()
            self._work = asyncio.create_task(self._or_tell(self._session.ask(text)))
        elif not self._source:
            raise BadInput("there is nothing to respond to")

    async def _listen(self, source: browser.Source) -> None:
        async def turns() -> None:
            async for _ in self._session.listen(source, held=not self._detects):
                pass  # told through the events

        await self._or_tell(turns())

    async def _or_tell(self, work: Awaitable[object]) -> None:
        try:
            await work
        except ReparteeError as error:
            self._error(str(error), "server_error")

    async def _drop(self) -> None:
        """What is being heard is forgotten, what is being said is cut off."""
        self._source = None
        if self._work:
            self._session.stop()
            self._work.cancel()
            await asyncio.wait({self._work})
            self._work = None

    # ---------------------------------------------------------------- what happens

    async def _follow(self, events: Channel[Event]) -> None:
        async for event in events:
            match event:
                case Started():
                    self._item = new_id("item")
                    if self._source and self._detects:
                        at = round(self._source.clock.now() * 1000)
                        self._tell("input_audio_buffer.speech_started", audio_start_ms=at, item_id=self._item)
                case Heard(text=text, final=True):
                    self._heard(text)
                case Replying(text=text):
                    self._responding().says(text)
                case Finished(record=record):
                    if self._response or record.reply:
                        self._responding().end(record)
                    self._response = None

    def _heard(self, text: str) -> None:
        if self._source and self._detects:
            at = round(self._source.clock.now() * 1000)
            self._tell("input_audio_buffer.speech_stopped", audio_end_ms=at, item_id=self._item)
            self._tell("input_audio_buffer.committed", previous_item_id=None, item_id=self._item)
        told = user_item(self._item, [{"type": "input_audio", "transcript": text}])
        self._tell("conversation.item.added", previous_item_id=None, item=told)
        self._tell("conversation.item.done", previous_item_id=None, item=told)
        done = "conversation.item.input_audio_transcription.completed"
        self._tell(done, item_id=self._item, content_index=0, transcript=text)

    def _responding(self) -> Response:
        """Begun where it is not: its text and its sound come by different ways."""
        if self._response is None:
            self._response = Response(self._outbox, audio=self._audio)
        return self._response

    def _sounds(self, pcm: bytes) -> None:
        if self._audio:
            self._responding().sounds(pcm)

    def _described(self) -> dict[str, Any]:
        form = {"type": "audio/pcm", "rate": RATE}
        detection = {"type": "server_vad", "create_response": True, "interrupt_response": True}
        hears = {"format": form, "turn_detection": detection if self._detects else None}
        told = {"type": "realtime", "object": "realtime.session", "id": self._id, "model": "repartee"}
        modalities = ["audio"] if self._audio else ["text"]
        return {**told, "output_modalities": modalities, "audio": {"input": hears, "output": {"format": form}}}

    def _error(self, message: str, kind: str = "invalid_request_error") -> None:
        self._tell("error", error={"type": kind, "code": None, "message": message, "param": None, "event_id": None})

    def _tell(self, kind: str, **fields: Any) -> None:
        self._outbox.push(outgoing(kind, **fields))

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect):
            async for message in self._outbox:
                if self._outbox.dropped:
                    await close(self._ws, SLOW, "this connection is read too slowly")
                    break
                await self._ws.send_text(message)
        self._outbox.close()


def _wrong(error: ValidationError | BadInput) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        return f"{where}: {first['msg']}" if where else first["msg"]
    return str(error)
