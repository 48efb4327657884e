"""One page's (or program's) conversation over a WebSocket. docs/socket.md is the reference: messages, limits, codes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any, Final, Literal
from weakref import WeakSet

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from repartee import __version__
from repartee.core.audio import SAMPLE_RATE
from repartee.core.channel import Channel
from repartee.core.errors import BadAudio, BadInput, BadText, EngineMissing, ReparteeError
from repartee.core.turn import Acted, Asking, Event, Finished, Heard, Replying, Started, TurnRecord
from repartee.core.untrusted import read_json
from repartee.engines.audio import browser
from repartee.turn import Picked

from .closing import close
from .ports import Assistant, OpsRoutes, Session
from .ptt_timing import Button, release_to_action
from .views import as_text, home_view, household_view, state_view

MAX_FRAME: Final = 64 * 1024
"""Bytes of any message or frame: two seconds of sound."""
MAX_TEXT: Final = 1000
"""Characters of a typed sentence."""
OUTBOX: Final = 256
"""Messages and frames that may wait for a page that reads slowly."""
PATIENCE: Final = 10.0
"""Seconds without sound while listening, after which the page is taken for gone."""
SETTLING: Final = 1.0
"""Seconds an interrupted turn has to settle before it is cut off."""
MISTAKES: Final = 10
"""Messages nobody understands before the socket is closed."""

BAD_FRAME, NONSENSE, BUSY, GONE, SLOW = 1007, 1008, 1013, 4408, 4413
"""Close codes; docs/socket.md says what each means."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Listen(_Message):
    """Frames of sound follow."""

    type: Literal["listen"]


class End(_Message):
    """No more sound: the button was released."""

    type: Literal["end"]
    button: Button | None = None
    """What the press took, where a button was pressed and let go."""


class Ask(_Message):
    type: Literal["ask"]
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Answer(_Message):
    """One of the choices of an open question was picked."""

    type: Literal["answer"]
    question: Annotated[str, Field(max_length=64)]
    choice: Annotated[int, Field(ge=0, lt=100)]


class Stop(_Message):
    """Cancel what is being heard, said or done."""

    type: Literal["stop"]


class Played(_Message):
    type: Literal["played"]
    utterance: int


Incoming = TypeAdapter[Listen | End | Ask | Answer | Stop | Played](
    Annotated[Listen | End | Ask | Answer | Stop | Played, Field(discriminator="type")]
)


class Sockets:
    """All open sockets of one server; no more than `limit` of them."""

    def __init__(self, assistant: Assistant, limit: int, ops: OpsRoutes | None = None) -> None:
        self._assistant = assistant
        self._ops = ops
        self._limit = limit
        self._open = 0
        self._sources: WeakSet[browser.Source] = WeakSet()
        if ops:
            ops.sized("buffers", lambda: sum(source.waiting for source in self._sources))

    async def take(self, ws: WebSocket, area: str | None, language: str | None, wake_words: Sequence[str] = ()) -> None:
        """From the handshake to the close. `wake_words`: those that open the microphone; none: it is open."""
        await ws.accept()
        if self._open >= self._limit:
            await close(ws, BUSY, f"{self._limit} conversations are open; try again later")
            return
        if self._ops and self._ops.full:
            await close(ws, BUSY, "the processor has no room for another conversation; try again later")
            return
        self._count(1)
        try:
            outbox: browser.Outbox = Channel(OUTBOX)
            sink = browser.Sink(outbox)
            session = self._assistant.session(sink, area, language, wake_words=wake_words)
            await Conversation(ws, self._assistant, session, sink, outbox, self._sources, self._ops).run()
        except (BadInput, EngineMissing) as error:
            await close(ws, NONSENSE, str(error))
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        if self._ops:
            self._ops.connected(change)


class Conversation:
    """One socket: it reads here, a task writes, three more tell what happens, one is the turn."""

    def __init__(
        self,
        ws: WebSocket,
        assistant: Assistant,
        session: Session,
        sink: browser.Sink,
        outbox: browser.Outbox,
        sources: WeakSet[browser.Source],
        ops: OpsRoutes | None,
    ) -> None:
        """`sources`: where those that listen are noted."""
        self._ws, self._sources = ws, sources
        self._assistant, self._ops = assistant, ops
        self._session, self._sink, self._outbox = session, sink, outbox
        self._source: browser.Source | None = None
        self._released: tuple[Button, float] | None = None
        """The newest press, and the audio second at which its sound was over."""
        self._turn: asyncio.Task[None] | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            events, changes = self._session.events(), self._assistant.backend.changes()
            things = self._assistant.household.changes()
            told = [self._write(), self._tell_turns(events), self._tell_home(changes), self._tell_household(things)]
            tasks = [group.create_task(task) for task in told]
            try:
                await self._greet()
                await self._read(group)
            except WebSocketDisconnect:
                pass  # a page may go at any moment; what it was saying is dropped below
            finally:
                await self._drop_turn()
                for channel in (events, changes, things, self._outbox):
                    channel.close()
                for task in tasks:
                    task.cancel()

    async def _greet(self) -> None:
        await self._send(
            {
                "type": "hello",
                "version": __version__,
                "rate": SAMPLE_RATE,
                "engines": dict(self._assistant.engines),
            }
        )

    async def _read(self, group: asyncio.TaskGroup) -> None:
        mistakes = 0
        while mistakes < MISTAKES:
            try:
                async with asyncio.timeout(PATIENCE if self._source else None):
                    message = await self._ws.receive()
            except TimeoutError:
                return await close(self._ws, GONE, f"no sound for {PATIENCE:.0f} s while listening")
            if message["type"] == "websocket.disconnect":
                return None
            try:
                await self._take(message, group)
            except BadAudio as error:
                return await close(self._ws, BAD_FRAME, str(error))
            except (ValidationError, BadText) as error:
                mistakes += 1
                await self._send({"type": "error", "code": "bad_message", "message": _what_is_wrong(error)})
        return await close(self._ws, NONSENSE, f"{MISTAKES} messages that make no sense")

    async def _take(self, message: MutableMapping[str, Any], group: asyncio.TaskGroup) -> None:
        sound = message.get("bytes")
        if sound is not None:
            if self._source:
                self._source.feed(sound)
            return
        match Incoming.validate_python(read_json(message["text"])):
            case Listen():
                await self._end_turn()
                self._source = browser.Source()
                self._sources.add(self._source)
                self._turn = group.create_task(self._listen(self._source))
            case Ask(text=text):
                await self._end_turn()
                self._turn = group.create_task(self._ask(text))
            case Answer(question=question, choice=choice):
                await self._end_turn()
                self._turn = group.create_task(self._ask(Picked(question, choice)))
            case End(button=button):
                self._end_source(button)
            case Stop():
                await self._end_turn()
            case Played(utterance=utterance):
                self._sink.played(utterance)

    async def _listen(self, source: browser.Source) -> None:
        async def turns() -> None:
            async for _ in self._session.listen(source):
                pass  # told through the events

        await self._or_tell(turns())
        if source.dropped:
            await self._send({"type": "error", "code": "sound_lost", "message": _lost(source.dropped)})

    async def _ask(self, said: str | Picked) -> None:
        await self._or_tell(self._session.ask(said))

    async def _or_tell(self, turn: Awaitable[object]) -> None:
        """What can be expected to go wrong outside a turn's own care: an engine that is not there."""
        try:
            await turn
        except ReparteeError as error:
            await self._send({"type": "error", "code": type(error).__name__, "message": str(error)})

    def _end_source(self, button: Button | None) -> None:
        if self._source:
            if button and self._ops:
                self._released = (button, self._source.clock.now())
                self._ops.measured(button.figures())
            self._source.end()
            self._source = None

    def _done(self, record: TurnRecord) -> None:
        """The first turn that a release has ended tells how long that took."""
        if self._released and self._ops:
            took = release_to_action(*self._released, record)
            if took is not None:
                self._ops.measured({"ptt_release_to_action": took})
        self._released = None

    async def _end_turn(self) -> None:
        """A new press of the button, or a new sentence, ends what is going on: barge-in."""
        if self._turn and not self._source:
            self._session.stop()
            await asyncio.wait({self._turn}, timeout=SETTLING)  # an interrupted turn is still told and remembered
        await self._drop_turn()

    async def _drop_turn(self) -> None:
        """What is being heard is forgotten: ending the source instead would act on half a sentence."""
        self._source = None
        if self._turn:
            self._session.stop()
            self._turn.cancel()
            await asyncio.wait({self._turn})
            self._turn = None

    async def _send(self, message: dict[str, Any]) -> None:
        await self._outbox.send(as_text(message))

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect):
            async for message in self._outbox:
                if self._outbox.dropped:
                    await close(self._ws, SLOW, "this socket is read too slowly")
                    break
                if isinstance(message, str):
                    await self._ws.send_text(message)
                else:
                    await self._ws.send_bytes(message)
        self._outbox.close()  # nobody waits for room that will never be

    async def _tell_turns(self, events: Channel[Event]) -> None:
        async for event in events:
            if isinstance(event, Finished):
                self._done(event.record)
            await self._send(event_view(event))

    async def _tell_home(self, changes: Channel[str]) -> None:
        """The whole home first, then every change; the whole again where the home itself changed or we fell behind."""
        backend, seen = self._assistant.backend, changes.dropped
        await self._send({"type": "home"} | home_view(backend.home, backend.states))
        async for entity in changes:
            if entity and changes.dropped == seen:
                await self._send({"type": "state", "entity": entity, "state": state_view(backend.states[entity])})
            else:
                seen = changes.dropped
                await self._send({"type": "home"} | home_view(backend.home, backend.states))

    async def _tell_household(self, changes: Channel[str]) -> None:
        """All of it whenever something changes: it is little, and things come and go."""
        household = self._assistant.household
        await self._send({"type": "household"} | household_view(household.home, household.states))
        async for _ in changes:
            await self._send({"type": "household"} | household_view(household.home, household.states))


def event_view(event: Event) -> dict[str, Any]:
    """What observers of a turn are told."""
    match event:
        case Started(turn=turn):
            return {"type": "started", "turn": turn}
        case Heard(turn=turn, text=text, final=final):
            return {"type": "heard", "turn": turn, "text": text, "final": final}
        case Acted(turn=turn, effects=effects):
            return {"type": "acted", "turn": turn, "actions": [asdict(effect) for effect in effects]}
        case Asking(turn=turn, question=question, choices=choices):
            return {"type": "asking", "turn": turn, "question": question, "choices": list(choices)}
        case Replying(turn=turn, text=text):
            return {"type": "replying", "turn": turn, "text": text}
        case Finished(record=record):
            return {"type": "finished", "record": record.as_json()}


def _what_is_wrong(error: ValidationError | BadText) -> str:
    if isinstance(error, BadText):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]


def _lost(chunks: int) -> str:
    return f"{chunks * 0.02:.1f} s of sound came faster than it could be heard and is lost"
