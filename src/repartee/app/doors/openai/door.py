"""All routes of the door."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, WebSocket

from repartee import __version__
from repartee.app.doors.speech import Speech
from repartee.assembly.assistant import Assistant

from . import chat, responses, speaking, transcriptions
from .admission import Admission
from .realtime import connection
from .refusals import Refusal, told

MODELS = {
    "repartee": "home control and conversation",
    "repartee-stt": "speech to text",
    "repartee-tts": "text to speech",
}
"""Any other name is taken too: many clients have one built in."""
SINCE = 1_764_028_800
"""Unix seconds: the day of the first version."""


def open_door(app: FastAPI, speech: Speech) -> None:
    admission = Admission(speech.assistant.settings.doors.openai.at_once)
    app.add_exception_handler(Refusal, told)
    app.include_router(_models())
    for part in (transcriptions, speaking, chat, responses):
        app.include_router(part.routes(speech, admission))
    app.include_router(_realtime(speech.assistant))


def _realtime(assistant: Assistant) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.websocket("/realtime")
    async def realtime(ws: WebSocket, area: str | None = None, language: str | None = None) -> None:
        await connection.take(ws, assistant, area, language)

    return router


def _models() -> APIRouter:
    router = APIRouter(prefix="/v1/models")

    @router.get("")
    async def models() -> dict[str, Any]:
        """What there is."""
        return {"object": "list", "data": [_model(name) for name in MODELS]}

    @router.get("/{name}")
    async def model(name: str) -> dict[str, Any]:
        """One of them."""
        if name not in MODELS:
            raise Refusal(
                f"there is no model {name[:40]!r}; there are: {', '.join(MODELS)}", 404, code="model_not_found"
            )
        return _model(name)

    return router


def _model(name: str) -> dict[str, Any]:
    described = {"description": MODELS[name], "version": __version__}
    return {"id": name, "object": "model", "created": SINCE, "owned_by": "repartee", **described}
