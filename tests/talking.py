"""A person who types to the real assistant: all of it but models, its home in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.core.turn import TurnRecord
from repartee.engines.audio import nowhere
from repartee.session import Session


class Talk:
    """One person in one place."""

    def __init__(self, assistant: Assistant, session: Session) -> None:
        self.assistant, self.session = assistant, session
        self.record: TurnRecord | None = None

    async def __call__(self, text: str) -> str:
        """What is said back."""
        self.record = await self.session.ask(text)
        return self.record.reply

    @property
    def calls(self) -> list[tuple[str, str]]:
        """Service and entity of what the last sentence did, where it was confirmed."""
        assert self.record is not None
        return [(effect.service, effect.entity) for effect in self.record.effects if effect.confirmed]

    def state(self, entity: str) -> Any:
        return self.assistant.backend.states[entity]


@asynccontextmanager
async def talk(
    area: str | None = "Kitchen",
    language: str = "en",
    home: Path | None = None,
    data: Path | None = None,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> AsyncIterator[Talk]:
    """To the demo home, or a home's file. `data`: where things are kept; None: nowhere. `more`: further settings."""
    settings: dict[str, Mapping[str, Any]] = {
        "system": {"data": str(data) if data else "-"},
        "brain": {"language": language, "tts": "fake", "stt": "fake"},
        **({"home": {"file": str(home)}} if home else {}),
    }
    for section, values in (more or {}).items():
        settings[section] = {**settings.get(section, {}), **values}
    async with open_assistant(read_settings(None, settings)) as assistant:
        yield Talk(assistant, assistant.session(nowhere.Sink(), area, language))
