"""Who may come in: everything that is asked of the server passes here first.

Against other sites in the same browser (cross-site requests and sockets, DNS rebinding): the `Host` must be an address,
`localhost` or a name this server was given, and an `Origin` must be that very host. Against other people: a token,
as `Authorization: Bearer`, or as the cookie that `POST /api/enter` sets. Against floods: a limit on every body and its
time (`bodies.py`), on headers (`http/protocol.py`), and on how many requests one client may make.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from math import ceil
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from repartee.core.rate import RateLimit, TooMany

from .bodies import BadBody, checked
from .closing import close

COOKIE: Final = "repartee"
OPEN: Final = frozenset(
    {"/enter.html", "/enter.js", "/style.css", "/icon.svg", "/api/enter", "/api/health", "/health/live"}
)
"""What may be seen without a token: the way to hand one in, and whether the server lives."""
UNAUTHORISED: Final = 4401
"""Close code of the socket: a token is needed."""
SLOW_DOWN: Final = 4429
"""Close code of the socket: this client asks too often; the reason says when to come back."""

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Which names the server answers to, and the token it asks for."""

    names: Collection[str] = ()
    """Host names besides `localhost` and plain addresses; lower case."""
    token: str | None = None
    """None: nobody is asked for one."""

    def knows(self, host: str) -> bool:
        """Whether a `Host` header is ours. An address can't be rebound, so any will do."""
        name = _host_name(host)
        return name is not None and (name == "localhost" or name in self.names or _is_address(name))

    def admits(self, token: str) -> bool:
        return self.token is None or hmac.compare_digest(token.encode(), self.token.encode())

    @property
    def pass_(self) -> str:
        """The cookie's value: proves the token without being it."""
        return hmac.new((self.token or "").encode(), b"repartee page", hashlib.sha256).hexdigest()

    def let_in(self, headers: Headers) -> bool:
        """Whether a request brings the token, or a cookie that proves it."""
        if self.token is None:
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.admits(token.strip()):
            return True
        return hmac.compare_digest(_cookie(headers).encode(), self.pass_.encode())


class Guard:
    """ASGI: lets through what the `Door` lets through, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, door: Door, limit: RateLimit | None = None) -> None:
        """`limit`: on the requests of one address, sockets counted when they are opened; None: any number."""
        self._app = app
        self._door = door
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        try:
            if self._limit and self._ours(Headers(scope=scope)):  # a foreign page must not use up the household's rate
                self._limit.take((scope.get("client") or ("somebody",))[0])
        except TooMany as error:
            return await _slow_down(error, scope, receive, send)
        serve = self._http if scope["type"] == "http" else self._socket
        return await serve(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        answer = _with_headers(send)
        if not self._ours(headers):
            await _refusal(403, "this server answers only to its own page")(scope, receive, answer)
        elif scope["path"] in OPEN or self._door.let_in(headers):
            try:
                whole = await checked(receive, headers)
            except BadBody as error:
                if error.status:
                    await _refusal(error.status, error.detail)(scope, receive, answer)
            else:
                await self._app(scope, whole, answer)
        elif scope["path"] == "/":
            await RedirectResponse("/enter.html", 303)(scope, receive, answer)
        else:
            await _refusal(401, "hand in the token: Authorization: Bearer ...")(scope, receive, answer)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        socket = WebSocket(scope, receive, send)
        if not self._ours(headers):
            await socket.close()  # before it was accepted: HTTP 403
        elif self._door.let_in(headers):
            await self._app(scope, receive, send)
        else:
            await socket.accept()  # a page only sees the code of a socket that was accepted
            await close(socket, UNAUTHORISED, "a token is needed")

    def _ours(self, headers: Headers) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        return self._door.knows(host) and (origin is None or urlsplit(origin).netloc.lower() == host.lower())


async def _slow_down(error: TooMany, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        refusal = _refusal(429, str(error))
        refusal.headers["retry-after"] = str(ceil(error.seconds))
        return await refusal(scope, receive, _with_headers(send))
    socket = WebSocket(scope, receive, send)
    await socket.accept()
    return await close(socket, SLOW_DOWN, str(error))


def _refusal(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)


def _with_headers(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return answer


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _cookie(headers: Headers) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""
