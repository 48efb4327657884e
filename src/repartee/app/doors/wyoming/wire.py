"""Events of the Wyoming protocol, read and written. A header line of JSON, then data, then payload, of told lengths.

What is read is bounded before it is read: a header that lies about its lengths costs nobody memory, and one that is
begun and not ended costs nobody time.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from wyoming.event import Event, async_write_event

from repartee.core.errors import BadInput, BadText
from repartee.core.untrusted import read_json

MAX_HEADER: Final = 64 * 1024
MAX_DATA: Final = 256 * 1024
MAX_PAYLOAD: Final = 1024 * 1024
"""Bytes; of sound at 16 kHz half a minute."""
WITHIN: Final = 10.0
"""Seconds from the first byte of an event to its last."""
SENT_WITHIN: Final = 10.0
"""Seconds in which a client must take what it is sent."""


class BadEvent(BadInput):
    """What was sent is no event: where one ends and the next begins is not known any more."""


async def read_event(reader: asyncio.StreamReader, idle: float | None = None) -> Event | None:
    """The next event; None: the other side has gone. `reader` must have the limit `MAX_HEADER`.

    Raises `BadEvent`, and `TimeoutError` where nothing has begun within `idle` seconds.
    """
    async with asyncio.timeout(idle):
        first = await reader.read(1)
    if not first:
        return None
    try:
        async with asyncio.timeout(WITHIN):
            return await _rest(first, reader)
    except TimeoutError as error:
        raise BadEvent(f"an event was begun and not ended within {WITHIN:g} s") from error
    except asyncio.IncompleteReadError:
        return None


async def write_event(event: Event, writer: asyncio.StreamWriter) -> None:
    """Raises `ConnectionError` for a client that is gone, or does not take what it is sent."""
    try:
        async with asyncio.timeout(SENT_WITHIN):
            await async_write_event(event, writer)
    except TimeoutError as error:
        writer.transport.abort()
        raise ConnectionResetError("the client does not read what it is sent") from error


async def _rest(first: bytes, reader: asyncio.StreamReader) -> Event | None:
    try:
        line = first if first == b"\n" else first + await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        raise BadEvent(f"a header of more than {MAX_HEADER} bytes") from error
    header = _object(line, "header")
    kind = header.get("type")
    if not isinstance(kind, str):
        raise BadEvent("a header without a type")
    sizes = _length(header, "data_length", MAX_DATA), _length(header, "payload_length", MAX_PAYLOAD)
    data = header.get("data") or {}
    if not isinstance(data, dict):
        raise BadEvent("data is an object")
    if sizes[0]:
        data = {**data, **_object(await reader.readexactly(sizes[0]), "data")}
    return Event(kind, data, await reader.readexactly(sizes[1]) if sizes[1] else None)


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        found = read_json(text)
    except BadText as error:
        raise BadEvent(f"{what}: {error}") from error
    if not isinstance(found, dict):
        raise BadEvent(f"{what}: an object is expected")
    return found


def _length(header: dict[str, Any], key: str, most: int) -> int:
    told = header.get(key)
    if told is None:
        return 0
    if isinstance(told, bool) or not isinstance(told, int) or not 0 <= told <= most:
        raise BadEvent(f"{key} is a whole number from 0 to {most}")
    return told
