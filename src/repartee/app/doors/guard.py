"""Who may come in: everything that is asked of the server passes here first.

Against other sites in the same browser (cross-site requests and sockets, DNS rebinding): the `Host` must be an address,
`localhost` or a name this server was given, and an `Origin` must be that very host. Against other people: a token
(`access.py`), as `Authorization: Bearer`, or as the cookie that `POST /api/enter` sets; `NEEDED` says what it must
grant. Against floods: a limit on every body and its time (`bodies.py`), on headers (`http/protocol.py`), and on how
many requests one client may make.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from math import ceil
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Scope_
from starlette.websockets import WebSocket

from repartee.core.rate import RateLimit, TooMany

from .access import WITHOUT_TOKENS, Access, Grant, Scope
from .bodies import MAX_BODY, BadBody, checked
from .closing import close

COOKIE: Final = "repartee"
OPEN: Final = frozenset(
    {"/enter.html", "/enter.js", "/style.css", "/icon.svg", "/api/enter", "/api/health", "/health/live"}
)
"""What may be seen without a token: the way to hand one in, and whether the server lives."""
NEEDED: Final[tuple[tuple[str, Scope | None], ...]] = (
    ("/v1/audio/transcriptions", Scope.LISTEN),
    ("/v1/audio/translations", Scope.LISTEN),
    ("/v1/audio/speech", Scope.SPEAK),
    ("/v1/models", None),
    ("/v1/", Scope.ACT),
    ("/mcp", Scope.ACT),
    ("/api/socket", Scope.ACT),
    ("/api/ask", Scope.ACT),
    ("/api/perform", Scope.ACT),
    ("/api/home", Scope.ACT),
    ("/api/budgets", Scope.ACT),
    ("/api/openapi.json", None),
    ("/api/words", None),
    ("/api/", Scope.ADMIN),
    ("/metrics", Scope.ADMIN),
    ("/health/ready", None),
    ("/health", Scope.ADMIN),
)
"""What a token must grant, by the first beginning of the path that fits; the files of the page: nothing more."""
UNAUTHORISED: Final = 4401
"""Close code of the socket: a token is needed."""
FORBIDDEN: Final = 4403
"""Close code of the socket: this token does not grant it."""
GRANT: Final = "repartee.grant"
"""Where a request carries what its sender may do."""
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
    """Which names the server answers to, and whom it lets in."""

    names: Collection[str] = ()
    """Host names besides `localhost` and plain addresses; lower case."""
    access: Access = field(default_factory=Access)
    uploads: Mapping[str, int] = field(default_factory=dict)
    """Bytes of a request's body, by path, where it may be more than `MAX_BODY`."""

    def knows(self, host: str) -> bool:
        """Whether a `Host` header is ours. An address can't be rebound, so any will do."""
        name = _host_name(host)
        return name is not None and (name == "localhost" or name in self.names or _is_address(name))

    def grant(self, headers: Headers) -> Grant | None:
        """What the token (or the cookie that proves one) of a request grants; None: it has none."""
        if not self.access.asked:
            return WITHOUT_TOKENS
        scheme, _, token = headers.get("authorization", "").partition(" ")
        found = self.access.of(token.strip()) if scheme.lower() == "bearer" else None
        return found or self.access.of_pass(_cookie(headers))


def needed(path: str) -> Scope | None:
    """What a token must grant for this path."""
    return next((scope for beginning, scope in NEEDED if path.startswith(beginning)), None)


class Guard:
    """ASGI: lets through what the `Door` lets through, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, door: Door, limit: RateLimit | None = None) -> None:
        """`limit`: on the requests of one address, sockets counted when they are opened; None: any number."""
        self._app = app
        self._door = door
        self._limit = limit

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        try:
            if self._limit and self._ours(Headers(scope=scope)):  # a foreign page must not use up the household's rate
                self._limit.take((scope.get("client") or ("somebody",))[0])
        except TooMany as error:
            return await _slow_down(error, scope, receive, send)
        serve = self._http if scope["type"] == "http" else self._socket
        return await serve(scope, receive, send)

    async def _http(self, scope: Scope_, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        answer = _with_headers(send)
        if not self._ours(headers):
            await _refusal(403, "this server answers only to its own page")(scope, receive, answer)
        elif scope["path"] in OPEN or (grant := self._door.grant(headers)) is None:
            await self._unknown(scope, receive, answer)
        elif not grant.may(wanted := needed(scope["path"])):
            await _refusal(403, _lacks(grant, wanted))(scope, receive, answer)
        else:
            await self._pass({**scope, GRANT: grant}, receive, answer)

    async def _unknown(self, scope: Scope_, receive: Receive, answer: Send) -> None:
        """Who has no token finds the way to hand one in."""
        if scope["path"] in OPEN:
            await self._pass(scope, receive, answer)
        elif scope["path"] == "/":
            await RedirectResponse("enter.html", 303)(scope, receive, answer)
        else:
            await _refusal(401, "hand in the token: Authorization: Bearer ...")(scope, receive, answer)

    async def _pass(self, scope: Scope_, receive: Receive, answer: Send) -> None:
        most = self._door.uploads.get(scope["path"], MAX_BODY)
        try:
            whole = await checked(receive, Headers(scope=scope), most)
        except BadBody as error:
            if error.status:
                await _refusal(error.status, error.detail)(scope, receive, answer)
        else:
            await self._app(scope, whole, answer)

    async def _socket(self, scope: Scope_, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        socket = WebSocket(scope, receive, send)
        if not self._ours(headers):
            await socket.close()  # before it was accepted: HTTP 403
            return
        grant, wanted = self._door.grant(headers), needed(scope["path"])
        if grant and grant.may(wanted):
            await self._app({**scope, GRANT: grant}, receive, send)
            return
        await socket.accept()  # a page only sees the code of a socket that was accepted
        if grant:
            await close(socket, FORBIDDEN, _lacks(grant, wanted))
        else:
            await close(socket, UNAUTHORISED, "a token is needed")

    def _ours(self, headers: Headers) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        return self._door.knows(host) and (origin is None or urlsplit(origin).netloc.lower() == host.lower())


async def _slow_down(error: TooMany, scope: Scope_, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        refusal = _refusal(429, str(error))
        refusal.headers["retry-after"] = str(ceil(error.seconds))
        return await refusal(scope, receive, _with_headers(send))
    socket = WebSocket(scope, receive, send)
    await socket.accept()
    return await close(socket, SLOW_DOWN, str(error))


def _lacks(grant: Grant, wanted: Scope | None) -> str:
    return f"the token {grant.name!r} does not grant {str(wanted)!r}, only: {', '.join(sorted(grant.scopes))}"


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
