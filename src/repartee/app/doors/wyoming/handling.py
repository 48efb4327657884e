"""`transcript` and `recognize`: a sentence is carried out, or told as an intent for Home Assistant to act on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, Final

from wyoming.handle import Handled, HandledChunk, HandledStart, HandledStop, NotHandled
from wyoming.intent import Entity, Intent, IntentsStart, IntentsStop, NotRecognized

from repartee.app.doors.speech import Asker, Speech, area_of, understood
from repartee.assembly.assistant import Assistant
from repartee.core.intent import Context, Part
from repartee.core.turn import TurnRecord

from .sending import Send

Told = Mapping[str, Any]


NAMELESS: Final = 20.0
"""Seconds for which a conversation without an id may go on: Home Assistant 2025.4 sends none, and without it a
question could not be answered. Longer, and what is said in another room would be taken for a part of it."""


def asker(assistant: Assistant, context: Told | None, language: str | None, peer: str) -> Asker:
    """Who speaks, as Home Assistant tells it: the conversation's id, the satellite or device and so the area.

    `peer`: the address it comes from.
    """
    told = context if isinstance(context, Mapping) else {}
    areas = assistant.settings.doors.wyoming.areas
    ids = [told.get(key) for key in ("satellite_id", "device_id")]
    named = [areas.get(one) for one in ids if isinstance(one, str)]
    area = area_of(assistant, told.get("area"), told.get("area_id"), *named, assistant.settings.home.area)
    conversation = told.get("conversation_id")
    if not isinstance(conversation, str) or not conversation:
        return Asker(f"from {peer}", area, language, NAMELESS)
    return Asker(conversation[:200], area, language)


async def handle(speech: Speech, text: str, who: Asker, context: Told | None, send: Send) -> None:
    """`handled` or `not-handled`; a reply that comes in pieces is streamed before."""
    pieces: list[str] = []
    async with aclosing(speech.answer(text, who)) as answer:
        async for piece in answer:
            if isinstance(piece, TurnRecord):
                await _end(piece, "".join(pieces), len(pieces) > 1, context, send)
            else:
                await _stream(piece, pieces, context, send)


async def _stream(piece: str, pieces: list[str], context: Told | None, send: Send) -> None:
    """The first waits for a second: a reply of one piece is told with what came of it."""
    pieces.append(piece)
    if len(pieces) == 2:
        await send(HandledStart(_context(context)))
        await send(HandledChunk(pieces[0]))
    if len(pieces) > 1:
        await send(HandledChunk(piece))


async def _end(record: TurnRecord, text: str, streamed: bool, context: Told | None, send: Send) -> None:
    reply = text or record.reply
    await send((Handled if understood(record) else NotHandled)(reply, _context(context)))
    if streamed:
        await send(HandledStop())


async def recognize(assistant: Assistant, text: str, who: Asker, context: Told | None, send: Send) -> None:
    """What was meant; nothing is done here."""
    language = who.language or assistant.settings.brain.language
    readings = assistant.parse(text, Context(who.area, language=language))
    best = readings[0] if readings else None
    if best is None or best.doubt or not best.parts or any(part.when for part in best.parts):
        await send(NotRecognized(None, _context(context)))
        return
    if len(best.parts) > 1:
        await send(IntentsStart(_context(context)))
    for part in best.parts:
        await send(Intent(part.intent.name, _entities(part), None, _context(context)))
    if len(best.parts) > 1:
        await send(IntentsStop(_context(context)))


def _entities(part: Part) -> list[Entity]:
    return [Entity(name, list(v) if isinstance(v, tuple) else v) for name, v in part.intent.slots.items()]


def _context(context: Told | None) -> dict[str, Any] | None:
    return dict(context) if isinstance(context, Mapping) else None
