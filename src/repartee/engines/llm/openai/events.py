"""Server-sent events, as the HTML standard has them, in whatever pieces the network brings them."""

from __future__ import annotations

from collections.abc import AsyncIterator

LONGEST = 1_000_000
"""Bytes of one event."""


class TooLong(Exception):
    """An event that has no end."""


async def events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The data of each event; comments, names and ids are passed over. Raises `TooLong`."""
    held, data = b"", list[str]()
    async for piece in pieces:
        held += piece
        half = b"\r" if held.endswith(b"\r") else b""  # perhaps of a line end whose other half is still to come
        *lines, held = held.removesuffix(half).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        held += half
        if len(held) > LONGEST:
            raise TooLong
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[5:].removeprefix(b" ").decode("utf-8", "replace"))
            elif not line and data:
                yield "\n".join(data)
                data.clear()
    if held.startswith(b"data:"):
        data.append(held[5:].strip().decode("utf-8", "replace"))
    if data:
        yield "\n".join(data)
