"""The push-to-talk client: a key, a microphone, a loudspeaker, and a server that has the models. docs/socket.md is the
protocol, docs/push-to-talk.md is for people."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from repartee.core.audio import AudioChunk
from repartee.core.channel import Channel
from repartee.core.errors import BadInput, Unreachable
from repartee.core.ports import AudioSink, AudioSource
from repartee.core.spans import Span

from .button import Action, Button, Mode
from .display import Display
from .keys import Key, Keys
from .statistics import PRESS, RELEASE, Statistics
from .tones import BEGIN, END, tone

PRE_ROLL = 0.2
"""Seconds from before the key that are sent too: people speak as they press."""
FOREVER = (1008, 4401)
"""Close codes after which trying again changes nothing."""


class Client:
    """One conversation with one server."""

    def __init__(
        self, button: Button, keys: Keys, sink: AudioSink, display: Display, statistics: Statistics, tones: bool = True
    ) -> None:
        self._button, self._keys, self._sink, self._display = button, keys, sink, display
        self.statistics = statistics
        self._tones = tones
        self._time: Callable[[], float] = asyncio.get_running_loop().time
        self._socket: ClientConnection | None = None
        self._recent: deque[AudioChunk] = deque(maxlen=round(PRE_ROLL / 0.02))
        self._spans: dict[str, Span] = {}
        self._speech: Channel[AudioChunk | int] = Channel(1024)
        self._rate = 22_050
        self._utterance = 0

    async def talk(self, url: str, token: str | None, source: AudioSource) -> None:
        """Until the person leaves or the server does. Raises `Unreachable`, and `BadInput` for what can't work."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with connect(url, additional_headers=headers, compression=None, max_size=1 << 20) as socket:
                self._socket = socket
                tasks = [self._hear(source), self._receive(socket), self._speak(), self._follow_keys()]
                await _first(tasks)
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd else 1006
            reason = error.rcvd.reason if error.rcvd else "the connection broke"
            raise (BadInput if code in FOREVER else Unreachable)(f"{url}: {reason or code}") from error
        except (InvalidURI, InvalidHandshake) as error:
            raise BadInput(
                f"{url}: {error}; give ws://HOST:PORT/api/socket, and --token where one is needed"
            ) from error
        except OSError as error:
            raise Unreachable(f"{url}: {error.strerror or error}; is the server running?") from error
        finally:
            self._socket = None
            self._button.recording = False

    async def _follow_keys(self) -> None:
        async for press in self._keys:
            match press.key:
                case Key.QUIT:
                    return
                case Key.DOWN:
                    await self._do(self._button.down(), press.at)
                case Key.UP:
                    await self._do(self._button.up(), press.at)

    async def _do(self, action: Action | None, at: float, *, by_key: bool = True) -> None:
        """Sound goes out before the tone and the display: they may take their time. The server is told what a press
        took; where silence ended the sentence, there was no release."""
        seen = self._time()
        if action is Action.START:
            self.statistics.presses += 1
            self._stop_playback()
            await self._send({"type": "listen", "held": self._button.mode is not Mode.HYBRID})
            for chunk in self._recent:
                await self._send_sound(chunk)
            self.statistics.note(Span(PRESS, at, None, self._time()))
            self.statistics.began(seen - at, self._time() - seen)
            await self._signal(BEGIN, recording=True)
        elif action is Action.STOP:
            stop = self._time() - at
            await self._send({"type": "end"} | ({"button": self.statistics.button(stop)} if by_key else {}))
            if by_key:
                self.statistics.stopped(self._time() - at)
                self._spans[RELEASE] = Span(RELEASE, at)
            await self._signal(END, recording=False)

    async def _signal(self, frequency: float, *, recording: bool) -> None:
        began = self._time()
        self._display.state(recording)
        self.statistics.signalled("display", self._time() - began)
        if self._tones:
            began = self._time()
            self._speech.push(tone(frequency))
            self.statistics.signalled("tone", self._time() - began)

    async def _hear(self, source: AudioSource) -> None:
        """The microphone is always open, so that it records from the moment of the press; it is sent only then."""
        async for chunk in source:
            if self._button.recording:
                await self._send_sound(chunk)
            self._recent.append(chunk)
        self._display.problem("the microphone is gone")

    async def _receive(self, socket: ClientConnection) -> None:
        async for message in socket:
            if isinstance(message, bytes):
                self._speech.push(AudioChunk(np.frombuffer(message, "<i2").astype(np.int16), self._rate, 0.0))
            else:
                await self._told(json.loads(message))
        raise ConnectionClosed(socket.protocol.close_rcvd, socket.protocol.close_sent)

    async def _told(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "heard":
                self._display.heard(message["text"])
            case "finished":
                await self._finished(message["record"])
            case "speaking":
                self._rate, self._utterance = message["rate"], message["utterance"]
            case "spoken":
                self._speech.push(message["utterance"])
            case "silence":
                self._stop_playback()
            case "hold":
                self._sink.hold()
            case "resume":
                self._sink.resume()
            case "error":
                self._display.problem(message["message"])

    async def _finished(self, record: dict[str, Any]) -> None:
        if span := self._spans.pop(RELEASE, None):
            span.end = self._time()
            self.statistics.note(span)
        self.statistics.decisions[str(record.get("decision"))] += 1
        await self._do(self._button.finished(), self._time(), by_key=False)
        self._display.turn(record, self.statistics)

    async def _speak(self) -> None:
        """Tones and replies; a number is the end of an utterance, and is told to the server when it was heard."""
        async for item in self._speech:
            if isinstance(item, AudioChunk):
                await self._sink.play(item)
            else:
                await self._sink.drain()
                await self._send({"type": "played", "utterance": item})

    def _stop_playback(self) -> None:
        self._speech.clear()
        self._sink.stop()

    async def _send(self, message: dict[str, Any]) -> None:
        if self._socket:
            await self._socket.send(json.dumps(message))

    async def _send_sound(self, chunk: AudioChunk) -> None:
        if self._socket:
            await self._socket.send(chunk.samples.astype("<i2", copy=False).tobytes())


async def _first(jobs: list[Any]) -> None:
    """Runs them until the first ends or breaks; the others are cancelled."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await task
