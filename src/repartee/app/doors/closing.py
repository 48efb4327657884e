"""Closing a WebSocket: its code, a reason that fits its frame, and no fuss about a client that has gone already."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from fastapi import WebSocket, WebSocketDisconnect

from repartee.core.untrusted import mended_text

MAX_REASON: Final = 123
"""Bytes of the reason in a close frame (RFC 6455, 5.5.1)."""
BAD_FRAME, NONSENSE, BUSY, GONE, SLOW = 1007, 1008, 1013, 4408, 4413
"""Close codes; docs/socket.md says what each means."""


async def close(ws: WebSocket, code: int, reason: str = "") -> None:
    """Says why and goes. Starlette raises `RuntimeError` where the other side has closed before."""
    with suppress(WebSocketDisconnect, RuntimeError):
        await ws.close(code, fitting(reason))


def fitting(reason: str) -> str:
    """As much of it as the frame holds, cut between characters."""
    return mended_text(reason).encode()[:MAX_REASON].decode(errors="ignore")
