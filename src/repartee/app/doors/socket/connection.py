"""One page's (or program's) conversation over a WebSocket. docs/socket.md is the reference: messages, limits, codes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, MutableMapping
from contextlib import suppress
from random import Random
from typing import Any, Final
from weakref import WeakSet

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from repartee import __version__
from repartee.app.doors.closing import BAD_FRAME, GONE, NONSENSE, SLOW, close
from repartee.app.doors.views import as_text, home_view, household_view, state_view
from repartee.assembly.assistant import Assistant
from repartee.assembly.skills.help import examples_of
from repartee.assembly.skills.language import words_of
from repartee.contract.verdict import Measurement
from repartee.core.audio import SAMPLE_RATE
from repartee.core.channel import Channel
from repartee.core.errors import BadAudio, BadText, ReparteeError
from repartee.core.feed import Happening, HomeChanged, HouseholdChanged
from repartee.core.turn import Event, Finished, Picked, TurnRecord
from repartee.core.untrusted import read_json
from repartee.engines.audio import browser
from repartee.session import Session

from .messages import Answer, Ask, End, Held, Incoming, Listen, Played, Stop, event_view, what_is_wrong
from .ptt_timing import Button, release_to_action

PATIENCE: Final = 10.0
"""Seconds without sound while listening, after which the page is taken for gone."""
SETTLING: Final = 1.0
"""Seconds an interrupted turn has to settle before it is cut off."""
MISTAKES: Final = 10
"""Messages that make no sense before the socket is closed."""


class Connection:
    """One socket: it reads here, one task writes, one tells what happens, one is the turn."""

    def __init__(
        self,
        ws: WebSocket,
        assistant: Assistant,
        session: Session,
        sink: browser.Sink,
        outbox: browser.Outbox,
        sources: WeakSet[browser.Source],
    ) -> None:
        """`sources`: where those that listen are noted."""
        self._ws, self._sources = ws, sources
        self._assistant = assistant
        self._session, self._sink, self._outbox = session, sink, outbox
        self._source: browser.Source | None = None
        self._released: tuple[Button, float] | None = None
        """The newest press, and the audio second at which its sound was over."""
        self._turn: asyncio.Task[None] | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            feed = self._assistant.feed.subscribe(self._concerns)
            tasks = [group.create_task(task) for task in (self._write(), self._tell(feed))]
            try:
                await self._greet()
                await self._read(group)
            except WebSocketDisconnect:
                pass  # a page may go at any moment; what it was saying is dropped below
            finally:
                await self._drop_turn()
                for channel in (feed, self._outbox):
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
                **self._say_so(),
            }
        )

    def _say_so(self) -> dict[str, Any]:
        """What a person may say here, in the language of this session, and how to take something back."""
        context = self._session.conversation.context
        words = words_of(context.language.partition("-")[0], "examples")
        examples = examples_of(self._assistant.backend.home.entities, context.language, context.area, Random(0))
        return {"language": context.language, "undo": words["undo"], "examples": [*examples, words["timer"]]}

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
                await self._send({"type": "error", "code": "bad_message", "message": what_is_wrong(error)})
        return await close(self._ws, NONSENSE, f"{MISTAKES} messages that make no sense")

    async def _take(self, message: MutableMapping[str, Any], group: asyncio.TaskGroup) -> None:
        sound = message.get("bytes")
        if sound is not None:
            if self._source:
                self._source.feed(sound)
            return
        match Incoming.validate_python(read_json(message["text"])):
            case Listen(held=held):
                await self._end_turn()
                self._source = browser.Source()
                self._sources.add(self._source)
                self._turn = group.create_task(self._listen(self._source, held))
            case Held(held=held):
                self._session.hold(held)
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

    async def _listen(self, source: browser.Source, held: bool) -> None:
        async def turns() -> None:
            async for _ in self._session.listen(source, held):
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
            if button:
                self._released = (button, self._source.clock.now())
                self._measured(button.figures())
            self._source.end()
            self._source = None

    def _done(self, record: TurnRecord) -> None:
        """The first turn that a release has ended tells how long that took."""
        if self._released:
            took = release_to_action(*self._released, record)
            if took is not None:
                self._measured({"ptt_release_to_action": took})
        self._released = None

    def _measured(self, figures: Mapping[str, float]) -> None:
        """Metric to its figure, told by who has a button."""
        self._assistant.telemetry.told([Measurement(metric, value) for metric, value in figures.items()])

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
        self._outbox.close()  # whoever waits for room is let go

    def _concerns(self, happening: Happening) -> Happening | None:
        """What happens here, at home, and what came of the turns of others."""
        mine = happening.session in ("", self._session.id) or isinstance(happening.what, Finished)
        return happening if mine else None

    async def _tell(self, feed: Channel[Happening]) -> None:
        """The whole home first, then every change; the whole again where we fell behind or the home itself changed."""
        seen = feed.dropped
        await self._send_home()
        await self._send_household()
        async for happening in feed:
            if feed.dropped != seen:
                seen = feed.dropped
                await self._send_home()
                await self._send_household()
            await self._tell_one(happening.what, happening.session)

    async def _tell_one(self, what: Event | HomeChanged | HouseholdChanged, session: str) -> None:
        match what:
            case HomeChanged(entity=""):
                await self._send_home()
            case HomeChanged(entity=entity):
                state = state_view(self._assistant.backend.states[entity])
                await self._send({"type": "state", "entity": entity, "state": state})
            case HouseholdChanged():
                await self._send_household()
            case Finished(record=record) if session != self._session.id:
                await self._send({"type": "recorded", "record": record.as_json()})
            case _:
                if isinstance(what, Finished):
                    self._done(what.record)
                await self._send(event_view(what))

    async def _send_home(self) -> None:
        backend = self._assistant.backend
        await self._send({"type": "home"} | home_view(backend.home, backend.states))

    async def _send_household(self) -> None:
        """All of it whenever something changes: it is little, and things come and go."""
        household = self._assistant.household
        await self._send({"type": "household"} | household_view(household.home, household.states))


def _lost(chunks: int) -> str:
    return f"{chunks * 0.02:.1f} s of sound came faster than it could be heard and is lost"
