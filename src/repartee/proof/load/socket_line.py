"""A person at our own socket: a microphone that is open all the time, in a quiet room between the sentences."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import aiohttp
import numpy as np

from repartee.core.audio import SAMPLE_RATE

from .spoken import Spoken
from .uttered import Fate, Refused, Uttered, fate_of

QUIET, SPEAKING = 0.08, 0.02
"""Seconds of a frame, as the page sends them."""
ROOM = np.random.default_rng(7).normal(0, 8, 4 * SAMPLE_RATE).astype("<i2").tobytes()
PATIENCE = 15.0
"""Seconds after a sentence in which an answer must come."""
EARLY = 0.1
"""Seconds before the last voiced sample: a turn that ended before that was cut off."""
LATER = 1013
GAVE_UP = f"no answer within {PATIENCE:g} s"
TOLD = {kind: f'{{"type":"{kind}"' for kind in ("finished", "acted", "spoken")}
"""How messages that are read begin; others are only counted, for reading them takes time."""


class SocketLine:
    """Satisfies `Line`. `url` as the server prints it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, area: str = "") -> None:
        base = url.rstrip("/").replace("http", "ws", 1)
        self._url = f"{base}/api/socket" + (f"?area={area.replace(' ', '%20')}" if area else "")
        self._http = http
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._speech = b""
        self._began = self._zero = 0.0
        self._told: dict[str, float] = {}
        self._record: asyncio.Future[dict[str, Any]] | None = None
        self._early: dict[str, Any] | None = None
        self._until = 0.0
        self.late: list[float] = []
        self.why = ""
        """Why the server closed; empty: it did not."""

    async def open(self) -> None:
        asked = time.perf_counter()
        try:
            self._ws = await self._http.ws_connect(self._url, compress=0, max_msg_size=0, autoping=True)
            first = await self._ws.receive()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Refused(False, (time.perf_counter() - asked) * 1000, str(error) or type(error).__name__) from error
        if first.type is not aiohttp.WSMsgType.TEXT:
            why = str(first.extra or "closed without a word")
            raise Refused(self._ws.close_code == LATER and bool(first.extra), (time.perf_counter() - asked) * 1000, why)
        await self._ws.send_str('{"type":"listen"}')
        self._tasks = [asyncio.create_task(self._send(self._ws)), asyncio.create_task(self._read(self._ws))]

    async def say(self, spoken: Spoken) -> Uttered:
        self._told, self._early = {}, None
        self._record = asyncio.get_running_loop().create_future()
        self._zero = float("inf")
        self._speech = spoken.samples.astype("<i2").tobytes()
        self._until = spoken.voiced_until
        try:
            async with asyncio.timeout(len(spoken.samples) / SAMPLE_RATE + PATIENCE):
                record = await self._record
        except TimeoutError:
            if not self._early:
                self.why = self.why or GAVE_UP  # what comes later must not be taken for the next one's answer
                return Uttered(spoken.name, Fate.LOST, detail=self.why)
            fate, detail = fate_of(self._early, spoken)
            return Uttered(spoken.name, fate, finished=0.0, detail=f"ended before its end; {detail}")
        except ConnectionError as error:
            return Uttered(spoken.name, Fate.LOST, detail=str(error))
        finally:
            self._record = None
        fate, detail = fate_of(record, spoken)
        times = {kind: (at - self._zero) * 1000 for kind, at in self._told.items()}
        heard = str(record.get("transcript", ""))
        return Uttered(spoken.name, fate, times.get("sound"), times.get("acted"), times.get("finished"), detail, heard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._ws:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.wait_for(self._ws.close(), 2.0)

    async def _send(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """Frames at the pace of life, each when its last sample would have been recorded."""
        loop, room = asyncio.get_running_loop(), 0
        due = loop.time()
        with suppress(ConnectionError, aiohttp.ClientError):
            while not ws.closed:
                if self._speech:
                    if self._zero == float("inf"):
                        self._zero = due + self._until
                    size = round(SPEAKING * SAMPLE_RATE) * 2
                    frame, self._speech = self._speech[:size], self._speech[size:]
                    due += SPEAKING
                else:
                    size = round(QUIET * SAMPLE_RATE) * 2
                    room = (room + size) % (len(ROOM) - size)
                    frame = ROOM[room : room + size]
                    due += QUIET
                now = loop.time()
                if due > now:
                    await asyncio.sleep(due - now)
                else:
                    self.late.append((now - due) * 1000)
                await ws.send_bytes(frame)

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        now = asyncio.get_running_loop().time
        async for message in ws:
            if message.type is aiohttp.WSMsgType.BINARY:
                if self._record and now() >= self._zero - EARLY:
                    self._told.setdefault("sound", now())
            elif message.type is aiohttp.WSMsgType.TEXT:
                await self._take(ws, message.data, now())
        self.why = f"the server closed: {ws.close_code}"
        if self._record and not self._record.done():
            self._record.set_exception(ConnectionError(self.why))

    async def _take(self, ws: aiohttp.ClientWebSocketResponse, data: str, at: float) -> None:
        begin = data[:20].replace(" ", "")
        if begin.startswith(TOLD["spoken"]):
            await ws.send_str(json.dumps({"type": "played", "utterance": json.loads(data)["utterance"]}))
        elif self._record is None or self._zero == float("inf"):
            return  # of the sentence before
        elif at < self._zero - EARLY:
            if begin.startswith(TOLD["finished"]):  # it was cut off; the turn of its rest is waited for
                self._early = json.loads(data)["record"]
        elif begin.startswith(TOLD["acted"]):
            self._told.setdefault("acted", at)
        elif begin.startswith(TOLD["finished"]) and not self._record.done():
            self._told["finished"] = at
            self._record.set_result(json.loads(data)["record"])
