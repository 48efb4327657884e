"""A speech service that speaks Wyoming, made with the protocol's own server: hears one sentence, speaks with eSpeak."""

from __future__ import annotations

import asyncio
import threading
from functools import cache

import numpy as np
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.server import AsyncEventHandler
from wyoming.tts import Synthesize

from repartee.engines.tts import espeak

HEARS = "turn on the lights in the kitchen"
LOUD = 500


class Service(AsyncEventHandler):
    """One connection."""

    loud = False

    async def handle_event(self, event: Event) -> bool:
        if AudioStart.is_type(event.type):
            self.loud = False
        elif AudioChunk.is_type(event.type):
            samples = np.frombuffer(event.payload or b"", "<i2").astype(int)
            self.loud = self.loud or bool(np.abs(samples).max(initial=0) > LOUD)
        elif AudioStop.is_type(event.type):
            await self.write_event(Transcript(HEARS if self.loud else "").event())
        elif Synthesize.is_type(event.type):
            await self._speak(Synthesize.from_event(event).text)
        return True

    async def _speak(self, text: str) -> None:
        async for chunk in espeak.Engine().synthesize(text, "en"):
            data = chunk.samples.astype("<i2").tobytes()
            await self.write_event(AudioChunk(chunk.rate, 2, 1, data).event())
        await self.write_event(AudioStop().event())


@cache
def service() -> str:
    """Its address; it runs on a thread of its own for as long as the tests do."""
    told: list[int] = []
    ready = threading.Event()

    async def serve() -> None:
        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> asyncio.Task[None]:
            return asyncio.create_task(Service(reader, writer).run())

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        told.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait(10)
    return f"tcp://127.0.0.1:{told[0]}"
