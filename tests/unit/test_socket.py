"""What a conversation does that can't be seen through a real socket in a moment: slow readers, broken engines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast
from weakref import WeakSet

import pytest
from fastapi import WebSocket
from hypothesis import given
from hypothesis import strategies as st

from repartee.app.doors import closing
from repartee.app.doors.socket import sockets
from repartee.app.doors.socket.connection import Connection
from repartee.app.doors.socket.messages import event_view
from repartee.assembly.assistant import Assistant
from repartee.core.channel import Channel
from repartee.core.errors import EngineMissing
from repartee.core.ports import AudioSource
from repartee.core.turn import Heard, TurnRecord
from repartee.engines.audio.browser import Outbox, Sink
from repartee.session import Session
from tests import virtual_time
from tests.fakes.assistant import still_assistant


class FakeSocket:
    """A client that sends what it is told to, and reads only while `reading` is set."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.reading = asyncio.Event()
        self.reading.set()
        self.told: list[dict[str, Any]] = []
        self.closed: int | None = None

    def send(self, **message: object) -> None:
        self.incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    def leave(self) -> None:
        self.incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def accept(self) -> None:
        """Let in."""

    async def receive(self) -> dict[str, Any]:
        return await self.incoming.get()

    async def send_text(self, text: str) -> None:
        await self.reading.wait()
        self.told.append(json.loads(text))

    async def send_bytes(self, sound: bytes) -> None:
        await self.reading.wait()

    async def close(self, code: int, reason: str = "") -> None:
        self.closed = code
        self.leave()

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.told]


def connected(client: FakeSocket, assistant: Assistant) -> asyncio.Task[None]:
    outbox: Outbox = Channel(sockets.OUTBOX)
    sink = Sink(outbox)
    session = assistant.session(sink)
    talk = Connection(cast(WebSocket, client), assistant, session, sink, outbox, WeakSet())
    return asyncio.create_task(talk.run())


async def test_who_leaves_is_let_go_of_and_his_turn_with_him() -> None:
    client, assistant = FakeSocket(), still_assistant()
    running = connected(client, assistant)
    client.send(type="listen")
    await asyncio.sleep(1)
    client.leave()
    await asyncio.wait_for(running, 1)
    assert "finished" not in client.kinds()
    assert assistant.backend.states["light.lamp"].value == "off"


async def test_who_does_not_read_is_not_waited_for_when_he_leaves() -> None:
    client, assistant = FakeSocket(), still_assistant()
    running = connected(client, assistant)
    await asyncio.sleep(0.1)
    client.reading.clear()
    client.send(type="ask", text="tell me a story")  # more than the outbox holds
    await asyncio.sleep(60)
    client.leave()
    await asyncio.wait_for(running, 1)


async def test_who_reads_too_slowly_is_told_so_where_a_message_had_to_be_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sockets, "OUTBOX", 2)
    client, assistant = FakeSocket(), still_assistant()
    running = connected(client, assistant)
    await asyncio.sleep(0.1)
    client.send(type="ask", text="tell me a story")
    await asyncio.sleep(0.1)
    client.reading.clear()
    await asyncio.sleep(10)
    client.send(type="stop")
    await asyncio.sleep(10)
    client.reading.set()
    await asyncio.wait_for(running, 10)
    assert client.closed == closing.SLOW


async def deaf(_: Session, source: AudioSource, held: bool = False) -> AsyncIterator[TurnRecord]:  # noqa: ARG001
    raise EngineMissing("moonshine", "pip install moonshine-voice")
    yield


async def test_an_engine_that_is_missing_is_told_and_typing_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "listen", deaf)
    client, assistant = FakeSocket(), still_assistant()
    running = connected(client, assistant)
    client.send(type="listen")
    await asyncio.sleep(0.1)
    error = next(message for message in client.told if message["type"] == "error")
    assert error["code"] == "EngineMissing"
    assert "pip install" in error["message"]
    client.send(type="ask", text="turn on the lamp")
    await asyncio.sleep(5)
    assert client.kinds()[-1] == "finished"
    client.leave()
    await running


def test_words_are_told_as_they_are() -> None:
    told = event_view(Heard("1", 'say "<b>ärgerlich</b>"', final=True))
    assert told == {"type": "heard", "turn": "1", "text": 'say "<b>ärgerlich</b>"', "final": True}


BEGINNINGS = ('{"type":"listen"}', '{"type":"ask","text":"turn on the lamp"}')
MESSAGES = st.one_of(
    st.sampled_from([*BEGINNINGS, '{"type":"end"}', '{"type":"stop"}']),
    st.integers(-1, 5).map(lambda n: json.dumps({"type": "played", "utterance": n})),
    st.text(max_size=50),
    st.integers(0, 2000).map(lambda n: b"\1\2" * n),
    st.binary(max_size=9),
    st.floats(0.001, 20),
)
"""What a client may do: say something, send anything, or wait for so many seconds."""


@given(st.lists(MESSAGES, max_size=25))
def test_whatever_a_client_sends_the_conversation_ends_in_order(script: list[str | bytes | float]) -> None:
    async def main() -> FakeSocket:
        client = FakeSocket()
        running = connected(client, still_assistant())
        for step in script:
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                kind = "text" if isinstance(step, str) else "bytes"
                client.incoming.put_nowait({"type": "websocket.receive", kind: step})
        client.leave()
        await asyncio.wait_for(running, 60)
        return client

    client = virtual_time.run(main())
    assert client.closed in (None, closing.BAD_FRAME, closing.NONSENSE, closing.GONE)
    assert client.kinds().count("finished") <= sum(step in BEGINNINGS for step in script)
