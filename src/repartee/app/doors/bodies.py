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
"""Seconds for all of it."""


class BadBody(Exception):
    """`status`: of the answer; None: there is nobody left to answer to."""

    def __init__(self, status: int | None, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


async def checked(receive: Receive, headers: Headers) -> Receive:
    """The same request with its whole body at hand. Raises `BadBody`."""
    try:
        async with asyncio.timeout(BODY_WITHIN):
            body = await _whole(receive)
    except TimeoutError as error:
        raise BadBody(408, f"the body has not come within {BODY_WITHIN:g} s") from error
    if body and _is_json(headers.get("content-type", "")):
        try:
            read_json(body)
        except BadText as error:
            raise BadBody(422, f"body: {error}") from error
    return _again(body, receive)


async def _whole(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadBody(None, "the client went away")
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            raise BadBody(413, f"at most {MAX_BODY} bytes")
        if not message.get("more_body"):
            return body


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
