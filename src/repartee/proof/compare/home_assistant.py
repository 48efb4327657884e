"""Home Assistant as a contestant: its conversation agent, and its whole assist pipeline, over its WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import numpy as np

from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import HomeError
from repartee.engines.home.home_assistant import socket

from .services import FRAME, frames
from .work import Item, Made

WITHIN = 30.0
"""Seconds in which it must answer."""
QUIET = 3.0
"""Seconds of quiet after a sentence, within which its own end of speech must be found."""
STAGES = {"stt": "hear", "intent": "understand", "tts": "speak", "wake_word": "wake_word"}
"""Its name of a stage to ours."""


class Conversation:
    """Its conversation agent: a sentence to a deed, and words."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    async def open(self) -> None:
        self._http = aiohttp.ClientSession()
        try:
            self._socket = await socket.connect(self._http, self._url, self._token)
        except BaseException:
            await self._http.close()
            raise
        self._listening = asyncio.create_task(self._socket.listen())
        with suppress(HomeError):
            await self._socket.ask({"type": "conversation/prepare", "language": "en"})

    async def do(self, item: Item) -> Made:
        began = time.perf_counter()
        message = {"type": "conversation/process", "text": item.text, "language": "en"}
        try:
            async with asyncio.timeout(WITHIN):
                answer = await self._socket.ask(message)
        except (HomeError, TimeoutError) as error:
            return Made(error=str(error) or "no answer")
        took = (time.perf_counter() - began) * 1000
        response = answer["response"]
        speech = response.get("speech", {}).get("plain", {}).get("speech", "")
        return Made(speech, understood=response["response_type"] != "error", done_ms=took)

    async def close(self) -> None:
        await self._socket.close()
        await asyncio.wait({self._listening})
        await self._http.close()


class Pipeline:
    """Its assist pipeline on sound at the pace of life: when the reply is there by our acoustic clock, and its own
    times by stage beside it (from the events of its debug view)."""

    def __init__(self, url: str, token: str, pipeline: str | None = None) -> None:
        """`pipeline`: its id; None: the preferred one. It must have speech to text and text to speech."""
        self._url, self._token, self._pipeline = url, token, pipeline

    async def open(self) -> None:
        self._http = aiohttp.ClientSession()
        base = self._url.rstrip("/").replace("http", "ws", 1)
        self._ws = await self._http.ws_connect(f"{base}/api/websocket", max_msg_size=0)
        await self._ws.receive_json()
        await self._ws.send_json({"type": "auth", "access_token": self._token})
        if (await self._ws.receive_json()).get("type") != "auth_ok":
            raise HomeError(f"{self._url} does not accept the token")
        self._number = 0

    async def do(self, item: Item) -> Made:
        self._number += 1
        run: dict[str, Any] = {
            "id": self._number, "type": "assist_pipeline/run", "start_stage": "stt", "end_stage": "tts",
            "input": {"sample_rate": SAMPLE_RATE}, **({"pipeline": self._pipeline} if self._pipeline else {}),
        }  # fmt: skip
        try:
            async with asyncio.timeout(WITHIN):
                await self._ws.send_json(run)
                return await self._run(item)
        except TimeoutError:
            return Made(error=f"no answer within {WITHIN:g} s")

    async def close(self) -> None:
        await self._ws.close()
        await self._http.close()

    async def _run(self, item: Item) -> Made:
        seen = Seen()
        sending: asyncio.Task[float] | None = None
        try:
            async for message in self._ws:
                event = message.json().get("event") if message.type is aiohttp.WSMsgType.TEXT else None
                if not event:
                    continue
                seen.take(event, time.perf_counter())
                if event["type"] == "run-start":
                    handler = event["data"]["runner_data"]["stt_binary_handler_id"]
                    seen.began = time.perf_counter()
                    sending = asyncio.create_task(self._send(item, handler))
                if event["type"] in ("run-end", "error"):
                    break
        finally:
            if sending:
                sending.cancel()
        return seen.made(item)

    async def _send(self, item: Item, handler: int) -> float:
        """Speech and the quiet after it; an empty frame ends it."""
        assert item.samples is not None
        quiet = np.random.default_rng(1).normal(0, 8, round(QUIET * SAMPLE_RATE)).astype(np.int16)
        whole = Item(item.name, samples=np.concatenate([item.samples, quiet]))
        head = bytes([handler])
        async for frame in frames(whole, realtime=True):
            await self._ws.send_bytes(head + frame)
        await self._ws.send_bytes(head)
        return FRAME


class Seen:
    """The events of one run, as they came."""

    def __init__(self) -> None:
        self.began = 0.0
        self.at: dict[str, float] = {}
        self.data: dict[str, Mapping[str, Any]] = {}
        self.error = ""

    def take(self, event: Mapping[str, Any], at: float) -> None:
        kind = event["type"]
        self.at.setdefault(kind, at)
        self.data.setdefault(kind, event.get("data") or {})
        if kind == "error":
            self.error = f"{event['data'].get('code')}: {event['data'].get('message')}"

    def made(self, item: Item) -> Made:
        """The reply is there when its sound can be fetched (`tts-end`): fetching and playing it come on top."""
        zero = self.began + item.voiced_until
        text = self.data.get("stt-end", {}).get("stt_output", {}).get("text", "")
        output = self.data.get("intent-end", {}).get("intent_output", {})
        response = output.get("response", {}).get("response_type")
        ready = self.at.get("tts-end")
        return Made(
            text.strip(),
            understood=None if response is None else response != "error",
            done_ms=None if ready is None else (ready - zero) * 1000,
            stages=self.stages(),
            error=self.error,
        )

    def stages(self) -> dict[str, float]:
        """Milliseconds by our names."""
        pairs = ((ours, self.at.get(f"{its}-start"), self.at.get(f"{its}-end")) for its, ours in STAGES.items())
        return {name: (end - begin) * 1000 for name, begin, end in pairs if begin is not None and end is not None}
