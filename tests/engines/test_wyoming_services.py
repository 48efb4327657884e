"""Wyoming services that are away, hang up, refuse or say nonsense: an error of ours, in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from repartee.core.errors import EngineMissing, ReparteeError
from repartee.engines.stt import wyoming as stt
from repartee.engines.tts import wyoming as tts
from tests import sound

pytestmark = pytest.mark.real_time


@asynccontextmanager
async def answering(data: bytes, *, hang_up: bool = True) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(data)
        await writer.drain()
        if hang_up:
            writer.close()
        else:
            await reader.read()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def asked(server: str) -> None:
    with pytest.raises(ReparteeError, match=r"127\.0\.0\.1"):
        await stt.Engine(server).warm()
    with pytest.raises(ReparteeError, match=r"127\.0\.0\.1"):
        await tts.Engine(server).warm()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense\n",
        b'{"type": "error", "data": {"text": "no model"}}\n',
        b'{"type": "transcript"}\n',
        b'{"type": "audio-chunk", "data": {"rate": 16000, "width": 4, "channels": 1}, "payload_length": 4}\n1234',
    ],
    ids=["nothing", "nonsense", "error", "no text", "32 bit"],
)
async def test_what_is_no_answer_is_an_error(data: bytes) -> None:
    async with answering(data) as server:
        await asked(server)


async def test_nobody_there_and_nobody_answering(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(b"") as server:
        pass
    await asked(server)
    monkeypatch.setattr(stt, "ANSWER_WITHIN", 0.2)
    monkeypatch.setattr(tts, "FIRST_WITHIN", 0.2)
    async with answering(b"", hang_up=False) as server:
        await asked(server)


@pytest.mark.parametrize("server", ["", "127.0.0.1:10300", "http://127.0.0.1:10300", "tcp://127.0.0.1"])
def test_without_an_address_it_says_how_to_name_one(server: str) -> None:
    with pytest.raises(EngineMissing, match="stt_server"):
        stt.Engine(server)
    with pytest.raises(EngineMissing, match="tts_server"):
        tts.Engine(server)


async def test_silence_is_not_even_sent() -> None:
    heard = [h async for h in stt.Engine("tcp://127.0.0.1:9").transcribe(sound.stream(sound.silence(0.5), []), None)]
    assert [(h.text, h.final) for h in heard] == [("", True)]
