"""The bodies of requests: all of one, in time, of bounded size, and with nothing in it that can't be said."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from repartee.core.errors import BadText
from repartee.core.untrusted import read_json

MAX_BODY: Final = 64 * 1024
"""Bytes of any request's body."""
BODY_WITHIN: Final = 10.0
"""Seconds for all of it, and one more for so many bytes:"""
SLOWEST: Final = 1_000_000


class BadBody(Exception):
    """`status`: of the answer; None: the client is gone."""

    def __init__(self, status: int | None, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


async def checked(receive: Receive, headers: Headers, most: int = MAX_BODY) -> Receive:
    """The same request with its whole body at hand, at most so many bytes. Raises `BadBody`."""
    within = BODY_WITHIN + most / SLOWEST
    try:
        async with asyncio.timeout(within):
            body = await _whole(receive, most)
    except TimeoutError as error:
        raise BadBody(408, f"the body has not come within {within:g} s") from error
    if body and _is_json(headers.get("content-type", "")):
        try:
            read_json(body)
        except BadText as error:
            raise BadBody(422, f"body: {error}") from error
    return _again(body, receive)


async def _whole(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadBody(None, "the client went away")
        body += message.get("body", b"")
        if len(body) > most:
            raise BadBody(413, f"at most {most} bytes")
        if not message.get("more_body"):
            return bytes(body)


def _is_json(content_type: str) -> bool:
    """What says nothing is taken for JSON by the routes too."""
    return not content_type or "json" in content_type.lower()


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
