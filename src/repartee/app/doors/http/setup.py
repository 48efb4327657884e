"""Setting up from the page: every setting with what it means, and a home that is tried before it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from repartee.assembly import engines
from repartee.assembly.assistant import Assistant
from repartee.assembly.confusable_names import confusable_names
from repartee.assembly.findings import look, whole_address
from repartee.assembly.secret import keep_secret
from repartee.assembly.settings import Settings, user_folder
from repartee.assembly.settings_file import SettingsFile, from_environment, told
from repartee.languages.data import languages

TRYING_S: Final = 15.0
"""Seconds in which a home must have answered."""
CHOICES: Final = {
    "brain.stt": "stt",
    "brain.tts": "tts",
    "audio.vad": "vad",
    "audio.wake": "wake",
    "audio.echo": "echo",
}
"""Setting to the kind of engine it chooses."""


@dataclass
class Restart:
    """Somebody wants the assistant to begin anew, with the settings as they are in the file now."""

    wanted: bool = False
    stop: Callable[[], None] = field(default=lambda: None)
    """Ends the server that runs; the server sets it."""
    port: int = 0
    """At which it listened: pages come back to it."""

    def ask(self) -> None:
        self.wanted = True
        self.stop()


class Changes(BaseModel):
    """`section.key` to its new value; null: its default."""

    model_config = ConfigDict(extra="forbid")
    changes: Annotated[dict[Annotated[str, Field(max_length=200)], Any], Field(min_length=1, max_length=100)]


class HomeAssistantAt(BaseModel):
    """Where a Home Assistant is, and a long-lived token of it."""

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Field(min_length=1, max_length=500)]
    token: Annotated[str, Field(min_length=1, max_length=10_000)]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the page may change, and how it takes effect."""

    file: SettingsFile
    restart: Restart


class SetupRoutes:
    """Of one assistant and the file of its settings."""

    def __init__(self, assistant: Assistant, setup: Setup) -> None:
        self._assistant, self._file, self._restart = assistant, setup.file, setup.restart

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/api")

        @router.get("/settings")
        async def settings() -> dict[str, Any]:
            """Every setting: its value, what it means, and where it is kept. Secrets are not told."""
            return self._told(self._file.read())

        @router.put("/settings")
        async def change(body: Changes) -> dict[str, Any]:
            """Writes them into the file; they count from the next start on. 422 says which one is not possible."""
            return self._told(self._file.change(body.changes))

        @router.post("/restart", status_code=202)
        async def restart() -> dict[str, bool]:
            """The assistant begins anew with the settings of the file; pages connect again by themselves."""
            self._file.read()  # what can't be started with is told now
            asyncio.get_running_loop().call_later(0.1, self._restart.ask)
            return {"restarting": True}

        @router.post("/home-assistant")
        async def home_assistant(body: HomeAssistantAt) -> dict[str, Any]:
            """Connects, tells what was found there, and keeps address and token."""
            return await self._connect(body)

        @router.get("/home/confusable")
        async def confusable() -> list[list[str]]:
            """Pairs of names of this home that sound alike."""
            pairs = await asyncio.to_thread(confusable_names, self._assistant.backend.home.entities)
            return [[one.name, other.name] for one, other in pairs]

        return router

    def _told(self, settings: Settings) -> dict[str, Any]:
        values = told(settings)
        running = told(self._assistant.settings)
        return {
            "file": str(self._file.path),
            "exists": self._file.path.is_file(),
            "schema": _schema(),
            "values": values,
            "waiting": sorted(_differences(running, values)),
            "environment": from_environment(),
            "choices": {
                "brain.language": list(languages()),
                **{key: engines.names(kind) for key, kind in CHOICES.items()},
            },
            "home": self._assistant.engines.get("home", ""),
        }

    async def _connect(self, at: HomeAssistantAt) -> dict[str, Any]:
        url = whole_address(at.url.strip().rstrip("/"))
        try:
            async with asyncio.timeout(TRYING_S):
                found = await look(url, at.token.strip())
        except TimeoutError as error:
            raise HTTPException(504, f"{url} did not answer within {TRYING_S:.0f} seconds") from error
        place = f"file:{user_folder() / 'home-assistant.token'}"
        keep_secret(place, at.token.strip())
        changes = {"home.home_assistant.url": url, "home.home_assistant.token": place, "home.file": None}
        return {"found": asdict(found), **self._told(self._file.change(changes))}


@cache
def _schema() -> dict[str, Any]:
    return Settings.model_json_schema()


def _differences(running: Any, kept: Any, place: str = "") -> set[str]:
    """Keys whose value in the file is not the one that is at work."""
    if isinstance(running, dict) and isinstance(kept, dict):
        keys = running.keys() | kept.keys()
        inside = (_differences(running.get(k), kept.get(k), f"{place}.{k}" if place else k) for k in keys)
        return set().union(*inside)
    return set() if running == kept else {place}
