"""The HTTP side of the server: a handful of routes, and the page itself. `/api/openapi.json` describes them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from importlib.resources import files
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, FastAPI, HTTPException, Query, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from repartee import __version__
from repartee.app.doors.guard import COOKIE, Door
from repartee.app.doors.openai.door import open_door as openai_door
from repartee.app.doors.socket.messages import MAX_TEXT
from repartee.app.doors.socket.sockets import Sockets
from repartee.app.doors.speech import Speech
from repartee.app.doors.views import home_view
from repartee.assembly.assistant import Assistant
from repartee.assembly.direct_calls import Consent, call_directly
from repartee.core.distribution import install
from repartee.core.errors import (
    BadHome,
    BadInput,
    EngineMissing,
    NotAllowed,
    ReparteeError,
    Unreachable,
    WantsConfirmation,
)
from repartee.core.plan import Action
from repartee.core.untrusted import write_json
from repartee.engines.audio import nowhere

from .dashboard import DashboardRoutes
from .memory import MemoryRoutes
from .operations import OpsRoutes
from .page_words import page_words
from .setup import Setup, SetupRoutes
from .turn_budgets import turn_budgets

COOKIE_S: Final = 365 * 86400
"""Seconds for which a browser is let in after it handed in the token."""
MAX_ASKS: Final = 4
"""Sentences handed in over HTTP that may be answered at the same time."""


LANGUAGE: Final = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$"
"""`en`, `pt-BR`, `zh-Hans`."""


class Answer(JSONResponse):
    """Valid JSON, whatever a home or a turn has in it."""

    def render(self, content: Any) -> bytes:
        return write_json(content).encode()


class Told(BaseModel):
    """What went wrong."""

    detail: str


class Wanted(Told):
    """The question, and what to send along with the same call once it was answered."""

    wants: Literal["confirmed", "pin"]


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Told, "description": "not HTTP as it should be"},
    401: {"model": Told, "description": "the token is needed"},
    403: {"model": Told, "description": "another page, a name that is not this server's, or what may not be done"},
    404: {"model": Told, "description": "there is no such thing"},
    408: {"model": Told, "description": "the body did not come in time"},
    409: {"model": Wanted, "description": "a person has to say yes, or the PIN, first"},
    413: {"model": Told, "description": "the body is too large"},
    422: {"model": Told, "description": "what was sent makes no sense: where, and why"},
    429: {"model": Told, "description": "too many requests; `Retry-After` says when to come back"},
    502: {"model": Told, "description": "the home did not do it"},
    503: {"model": Told, "description": "the home is away, an engine is missing, or all are busy"},
}
"""What any route may answer instead."""


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ask(Body):
    """A typed sentence."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
    area: Annotated[str, Field(max_length=200)] | None = None
    """Id of the area it is said in."""
    language: Annotated[str, Field(pattern=LANGUAGE)] | None = None


class Perform(Body):
    """One service call."""

    service: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$", max_length=100)]
    entities: Annotated[list[Annotated[str, Field(max_length=300)]], Field(min_length=1, max_length=100)]
    data: Annotated[dict[str, Any], Field(max_length=50)] = {}
    confirmed: bool = False
    """A person was asked and said yes, where the confirmation policy wants that."""
    pin: Annotated[SecretStr, Field(max_length=100)] = SecretStr("")
    """The PIN, where the policy wants that."""


class Enter(Body):
    token: Annotated[str, Field(max_length=1000)]


def create_app(assistant: Assistant, door: Door, sessions: int, setup: Setup | None = None) -> FastAPI:
    """The whole server but its guard. `sessions`: sockets that may be open at once. `setup`: what the page may change;
    None: nothing. What stands in its `state.entered` must be entered while it serves."""
    app = FastAPI(
        title="Repartee",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # their pages fetch scripts from elsewhere
        redoc_url=None,
        default_response_class=Answer,
        responses=REFUSALS,
    )
    app.include_router(OpsRoutes(assistant).routes())
    app.add_exception_handler(ReparteeError, _tell)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    speech = Speech(assistant)
    app.state.entered = []
    if assistant.settings.doors.openai.on:
        openai_door(app, speech)
    if assistant.settings.doors.mcp.on:
        _open_mcp(app, speech)
    if assistant.settings.doors.page:
        if setup:
            app.include_router(SetupRoutes(assistant, setup).routes())
        _open_page(app, assistant, door, sessions)
    return app


def _open_mcp(app: FastAPI, speech: Speech) -> None:
    """Raises `EngineMissing` without its package."""
    try:
        from repartee.app.doors.mcp.door import http_door, open_server
    except ImportError as error:
        raise EngineMissing("mcp", f"{error}; {install('mcp')}") from error
    routes, running = http_door(open_server(speech))
    app.router.routes.extend(routes)
    app.state.entered.append(running)


def _open_page(app: FastAPI, assistant: Assistant, door: Door, sessions: int) -> None:
    """The page, and all that it and scripts use."""
    app.include_router(_entrance(door))
    app.include_router(_home(assistant))
    app.include_router(_turns(assistant))
    app.include_router(_talk(Sockets(assistant, sessions)))
    app.include_router(DashboardRoutes(assistant).routes())
    app.include_router(MemoryRoutes(assistant).routes())
    app.router.routes.append(_Pages("/", StaticFiles(directory=str(files("repartee.app") / "web"), html=True)))


def _entrance(door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api")

    @routes.get("/health")
    async def health() -> dict[str, str]:
        """Whether the server lives, and which version it is."""
        return {"status": "ok", "version": __version__}

    @routes.post("/enter")
    async def enter(body: Enter, request: Request, response: Response) -> dict[str, bool]:
        """Takes the token, and gives the cookie that lets this browser in."""
        if door.access.asked and not door.access.of(body.token):
            raise HTTPException(401, "that is not the token")
        secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE, door.access.pass_of(body.token), max_age=COOKIE_S, httponly=True, samesite="strict", secure=secure
        )
        return {"entered": True}

    return routes


def _home(assistant: Assistant) -> APIRouter:
    routes = APIRouter(prefix="/api")

    @routes.get("/home")
    async def home() -> dict[str, Any]:
        """Floors, areas and entities with their states."""
        return home_view(assistant.backend.home, assistant.backend.states)

    @routes.post("/perform")
    async def perform(body: Perform) -> dict[str, Any]:
        """Calls a service; answers when the home has confirmed it or given up, one effect an entity.

        The confirmation policy is that of the voice: what wants a yes or the PIN is answered by 409 with the question,
        until `confirmed` or `pin` comes with the call; what may never be done by 403."""
        call = Action(body.service, tuple(body.entities), body.data)
        effects = await call_directly(assistant, call, Consent(body.confirmed, body.pin.get_secret_value()))
        return {"effects": [asdict(effect) for effect in effects]}

    return routes


def _turns(assistant: Assistant) -> APIRouter:
    routes, asks = APIRouter(prefix="/api"), asyncio.Semaphore(MAX_ASKS)

    @routes.get("/words")
    async def words(wanted: Annotated[str, Query(max_length=200)] = "") -> dict[str, Any]:
        """The page's words in the first of these languages (tags with commas between) that there are words for."""
        return page_words(wanted.split(","), assistant.settings.brain.language)

    @routes.get("/budgets")
    async def budgets() -> dict[str, Any]:
        """What a turn and each of its stages may take."""
        return {**turn_budgets(assistant.telemetry.monitor.profile), "judged": True}

    @routes.get("/turns")
    async def turns(limit: Annotated[int, Query(ge=1, le=200)] = 20) -> list[dict[str, Any]]:
        """The latest turns of this home, newest first."""
        return [record.as_json() for record in await assistant.store.recent(limit)]

    @routes.post("/ask")
    async def ask(body: Ask) -> dict[str, Any]:
        """Acts on a sentence, and answers with the turn."""
        if asks.locked():
            raise HTTPException(503, f"{MAX_ASKS} sentences are being answered; try again", {"retry-after": "1"})
        async with asks:
            try:
                session = assistant.session(nowhere.Sink(), body.area, body.language)
                return (await session.ask(body.text)).as_json()
            except BadInput as error:
                raise HTTPException(
                    404, str(error)
                ) from error  # this home has no such place, or there is no such language

    return routes


def _talk(sockets: Sockets) -> APIRouter:
    routes = APIRouter(prefix="/api")

    @routes.websocket("/socket")
    async def socket(
        ws: WebSocket,
        area: str | None = None,
        language: str | None = None,
        wake: Annotated[list[str] | None, Query()] = None,
    ) -> None:
        await sockets.take(ws, area, language, wake or ())

    return routes


async def _tell(_: Request, error: Exception) -> Answer:
    if isinstance(error, WantsConfirmation):
        return Answer({"detail": str(error), "wants": error.wants}, 409)
    known = {Unreachable: 503, EngineMissing: 503, NotAllowed: 403, BadHome: 404}
    status = known.get(type(error), 422 if isinstance(error, BadInput) else 502)
    return Answer({"detail": str(error)}, status)


async def _tell_invalid(_: Request, error: Exception) -> Answer:
    """Where and what, without what was sent: it may be a token."""
    assert isinstance(error, RequestValidationError)
    wrong = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    return Answer({"detail": "; ".join(wrong)}, 422)


class _Pages(Mount):
    """Everything that is no route. What belongs to the routes is theirs: a wrong method is told the right ones."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["path"].startswith(("/api/", "/health/", "/v1/", "/mcp")):
            return Match.NONE, {}
        return super().matches(scope)
