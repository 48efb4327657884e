"""The Wyoming door around an assistant, and the protocol's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from wyoming.client import AsyncTcpClient
from wyoming.event import Event

from repartee.app.doors.speech import Speech
from repartee.app.doors.wyoming.server import wyoming_door
from repartee.assembly.assistant import Assistant
from repartee.assembly.door_settings import DoorSettings, WyomingSettings

IN_TIME = 20.0
"""Seconds after which a test gives up waiting."""
SECOND = 16_000


def with_wyoming(assistant: Assistant, **settings: Any) -> Assistant:
    doors = DoorSettings(wyoming=WyomingSettings(on=True, port=0, **settings))
    return replace(assistant, settings=assistant.settings.model_copy(update={"doors": doors}))


@asynccontextmanager
async def door(assistant: Assistant, **settings: Any) -> AsyncIterator[int]:
    """Its port."""
    async with wyoming_door(Speech(with_wyoming(assistant, **settings))) as uri:
        yield int(uri.rpartition(":")[2])


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[AsyncTcpClient]:
    async with asyncio.timeout(IN_TIME), AsyncTcpClient("127.0.0.1", port) as client:
        yield client


async def until(client: AsyncTcpClient, kind: str) -> list[Event]:
    """All that comes, to the first of this type."""
    told: list[Event] = []
    while event := await client.read_event():
        told.append(event)
        if event.type == kind:
            return told
    raise AssertionError(f"closed without {kind}; {[event.type for event in told]}")


def speech(seconds: float = 1.0, rate: int = SECOND) -> bytes:
    """A quiet room, a tone, a quiet room: speech to the fake's ear."""
    time = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 250 * time) * 9000
    quiet = np.arange(rate // 2) % 7 - 3
    return np.concatenate([quiet, tone, quiet, quiet, quiet]).astype("<i2").tobytes()
