"""Contestants elsewhere: any Wyoming service, any OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import soundfile
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.intent import Intent, NotRecognized, Recognize
from wyoming.tts import Synthesize
from wyoming.wake import Detect, Detection, NotDetected

from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import Unreachable
from repartee.core.prompt import Message, Prompt, Role
from repartee.engines.llm import openai

from .work import Item, Made, Task

WITHIN = 60.0
"""Seconds in which a service must answer."""
FRAME = 0.02
"""Seconds of a frame of sound."""
BYTES = 2


async def frames(item: Item, realtime: bool) -> AsyncIterator[bytes]:
    """16-bit sound, at once or at the pace of life (each frame when its last sample would have been recorded)."""
    assert item.samples is not None
    loop, size = asyncio.get_running_loop(), round(FRAME * SAMPLE_RATE)
    began = loop.time()
    for number, at in enumerate(range(0, len(item.samples), size), 1):
        if realtime:
            await asyncio.sleep(max(0.0, began + number * FRAME - loop.time()))
        yield item.samples[at : at + size].astype("<i2").tobytes()


class Wyoming:
    """A service behind `tcp://host:port` or `unix://path`; a connection for each item, as Home Assistant has it."""

    def __init__(self, uri: str, task: Task, realtime: bool = False) -> None:
        self._uri, self._task, self._realtime = uri, task, realtime

    async def open(self) -> None:
        try:
            async with asyncio.timeout(5), AsyncClient.from_uri(self._uri):
                pass
        except (OSError, TimeoutError) as error:
            raise Unreachable(f"{self._uri} can't be reached: {error or 'no answer'}") from error

    async def do(self, item: Item) -> Made:
        work = {Task.HEAR: self._hear, Task.SPEAK: self._speak, Task.WAKE: self._wake, Task.UNDERSTAND: self._read}
        try:
            async with asyncio.timeout(WITHIN), AsyncClient.from_uri(self._uri) as client:
                return await work[self._task](client, item)
        except (OSError, TimeoutError, ValueError) as error:
            return Made(error=str(error) or f"no answer within {WITHIN:g} s")

    async def close(self) -> None:
        """Connections end with their items."""

    async def _hear(self, client: AsyncClient, item: Item) -> Made:
        await client.write_event(Transcribe(language="en").event())
        ended = await self._send(client, item)
        event = await _until(client, Transcript.is_type)
        return Made(Transcript.from_event(event).text, done_ms=_since(ended))

    async def _speak(self, client: AsyncClient, item: Item) -> Made:
        began, first, seconds = time.perf_counter(), None, 0.0
        await client.write_event(Synthesize(item.text).event())
        while not AudioStop.is_type((event := await _read(client)).type):
            if AudioChunk.is_type(event.type):
                first = first or _since(began)
                chunk = AudioChunk.from_event(event)
                seconds += len(chunk.audio) / (chunk.rate * chunk.width * chunk.channels)
        return Made(first_ms=first, done_ms=_since(began), seconds=seconds)

    async def _wake(self, client: AsyncClient, item: Item) -> Made:
        await client.write_event(Detect().event())
        ended = await self._send(client, item)
        event = await _until(client, lambda kind: Detection.is_type(kind) or NotDetected.is_type(kind))
        found = Detection.is_type(event.type)
        return Made(str(Detection.from_event(event).name) if found else "", done_ms=_since(ended))

    async def _read(self, client: AsyncClient, item: Item) -> Made:
        """An intent from who tells one; of who acts by itself, whether it did."""
        began = time.perf_counter()
        context = {"area": item.area} if item.area else None
        await client.write_event(Recognize(item.text, context=context).event())
        kinds = (Intent, NotRecognized, Handled, NotHandled)
        event = await _until(client, lambda kind: any(one.is_type(kind) for one in kinds))
        took = _since(began)
        if Intent.is_type(event.type):
            intent = Intent.from_event(event)
            return Made(intent=intent.name, slots={e.name: e.value for e in intent.entities}, done_ms=took)
        if Handled.is_type(event.type):
            return Made(Handled.from_event(event).text or "", understood=True, done_ms=took)
        return Made(understood=False if NotHandled.is_type(event.type) else None, done_ms=took)

    async def _send(self, client: AsyncClient, item: Item) -> float:
        """The moment from which to count: the last voiced sample at the pace of life, else the last frame."""
        await client.write_event(AudioStart(SAMPLE_RATE, BYTES, 1).event())
        began = time.perf_counter()
        async for frame in frames(item, self._realtime):
            await client.write_event(AudioChunk(SAMPLE_RATE, BYTES, 1, frame).event())
        await client.write_event(AudioStop().event())
        return began + item.voiced_until if self._realtime else time.perf_counter()


class OpenAiSpeech:
    """`/v1/audio/transcriptions` or `/v1/audio/speech` of any server."""

    def __init__(self, url: str, task: Task, model: str = "", key: str = "") -> None:
        self._url, self._task, self._model = url.rstrip("/"), task, model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def open(self) -> None:
        self._http = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(WITHIN))
        try:
            async with self._http.get(f"{self._url}/models"):
                pass
        except (aiohttp.ClientError, TimeoutError) as error:
            await self._http.close()
            raise Unreachable(f"{self._url} can't be reached: {error or 'no answer'}") from error

    async def do(self, item: Item) -> Made:
        try:
            return await (self._hear(item) if self._task is Task.HEAR else self._speak(item))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
            return Made(error=str(error) or f"no answer within {WITHIN:g} s")

    async def close(self) -> None:
        await self._http.close()

    async def _hear(self, item: Item) -> Made:
        assert item.samples is not None
        file = io.BytesIO()
        soundfile.write(file, item.samples, SAMPLE_RATE, format="WAV")
        form = aiohttp.FormData({"model": self._model or "whisper-1", "language": "en"})
        form.add_field("file", file.getvalue(), filename="speech.wav", content_type="audio/wav")
        began = time.perf_counter()
        async with self._http.post(f"{self._url}/audio/transcriptions", data=form) as answer:
            answer.raise_for_status()
            text = (await answer.json())["text"]
        return Made(text, done_ms=_since(began))

    async def _speak(self, item: Item) -> Made:
        body = {"model": self._model or "tts-1", "input": item.text, "voice": "alloy", "response_format": "pcm"}
        began, first, size = time.perf_counter(), None, 0
        async with self._http.post(f"{self._url}/audio/speech", json=body) as answer:
            answer.raise_for_status()
            async for piece in answer.content.iter_any():
                first = first or _since(began)
                size += len(piece)
        return Made(first_ms=first, done_ms=_since(began), seconds=size / BYTES / 24_000)


class Chat:
    """`/v1/chat/completions` of any server, streamed."""

    def __init__(self, url: str, model: str = "", key: str = "") -> None:
        self._engine = openai.Engine(url, model, key)

    async def open(self) -> None:
        await self._engine.warm()

    async def do(self, item: Item) -> Made:
        prompt = Prompt((Message(Role.USER, item.text),), max_tokens=60, first_within=WITHIN)
        began, first, pieces = time.perf_counter(), None, []
        async for piece in self._engine.generate(prompt):
            first = first or _since(began)
            pieces.append(piece)
        return Made("".join(pieces), first_ms=first, done_ms=_since(began))

    async def close(self) -> None:
        self._engine.close()


async def _read(client: AsyncClient) -> Event:
    event = await client.read_event()
    if event is None:
        raise ConnectionError("the service closed the connection")
    if Error.is_type(event.type):
        raise ValueError(Error.from_event(event).text)
    return event


async def _until(client: AsyncClient, wanted: Any) -> Event:
    while not wanted((event := await _read(client)).type):
        pass
    return event


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
