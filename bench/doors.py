"""What the doors of speech cost: over the engine behind them, at rest, and against Home Assistant's own agent.

Every pair is measured one after the other in one process: by the adapter that all doors share, then through the door.
The speech is the product's own voice, so the figures are synthetic; engines, sockets and clients are real.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import psutil
import soundfile as sf
from tests.fakes.serving import serving
from tests.fakes.wyoming import with_wyoming
from tests.homes.home_assistant import HomeAssistantProcess
from tests.homes.install import NotInstalled
from tests.sound import utterance
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.handle import Handled
from wyoming.tts import Synthesize

from bench.figures import spread
from bench.record import machine, save
from repartee.app.doors.speech import Asker, Speech
from repartee.app.doors.wyoming.server import wyoming_door
from repartee.assembly.homes import OpenHome
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from repartee.contract.provenance import Origin, Provenance
from repartee.engines.audio import file
from repartee.engines.audio.encoding import encoded
from repartee.engines.audio.fed import Source
from repartee.engines.home.home_assistant import HomeAssistant
from repartee.stages.speak import once

HEARD, SPOKEN, ASKED = 30, 100, 200
REPLY = "The light in the kitchen is on, and it is 21 degrees outside."
SENTENCES = ("turn on the bed light", "turn off the bed light")
PIECE = 640
Way = Callable[[int], Awaitable[float]]
"""Does it once; milliseconds."""


async def pairs(direct: Way, door: Way, n: int) -> dict[str, Any]:
    """Direct, through the door, and what the door adds: the difference of neighbours."""
    for number in range(3):
        await direct(number), await door(number)
    ways = [(await direct(number), await door(number)) for number in range(n)]
    return {
        "direct_ms": spread([one for one, _ in ways], 2),
        "door_ms": spread([other for _, other in ways], 2),
        "added_ms": spread([other - one for one, other in ways], 2),
    }


def since(begin: float) -> float:
    return (time.perf_counter() - begin) * 1000


class Wyoming:
    """The protocol's own client, a connection for each question, as Home Assistant does it."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def asr(self, pcm: bytes) -> float:
        begin = time.perf_counter()
        async with AsyncTcpClient("127.0.0.1", self._port) as client:
            await client.write_event(Transcribe().event())
            await client.write_event(AudioStart(16_000, 2, 1).event())
            for at in range(0, len(pcm), PIECE):
                await client.write_event(AudioChunk(16_000, 2, 1, pcm[at : at + PIECE]).event())
            await client.write_event(AudioStop().event())
            await _until(client, "transcript")
            return since(begin)

    async def tts(self) -> float:
        begin = time.perf_counter()
        async with AsyncTcpClient("127.0.0.1", self._port) as client:
            await client.write_event(Synthesize(REPLY).event())
            await _until(client, "audio-chunk")
            return since(begin)

    async def handle(self, text: str) -> float:
        begin = time.perf_counter()
        async with AsyncTcpClient("127.0.0.1", self._port) as client:
            await client.write_event(Transcript(text, context={"conversation_id": "bench"}).event())
            event = await _until(client, "handled")
            assert Handled.is_type(event.type)
            return since(begin)


async def _until(client: AsyncTcpClient, kind: str) -> Any:
    while event := await client.read_event():
        if event.type == kind:
            return event
    raise ConnectionError(f"closed before {kind}")


class Direct:
    """The adapter behind all doors."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    async def asr(self, pcm: bytes) -> float:
        begin, source = time.perf_counter(), Source()
        feeding = asyncio.create_task(self._feed(source, pcm))
        async with aclosing(self._speech.transcribe(source)) as utterances:
            async for utterance in utterances:
                assert utterance.text
                break
        source.abandon()
        await feeding
        return since(begin)

    async def whole(self, wav: bytes) -> float:
        begin = time.perf_counter()
        assert [u.text async for u in self._speech.transcribe(file.Source(Path("said.wav"), data=wav))]
        return since(begin)

    async def tts(self) -> float:
        begin = time.perf_counter()
        async with aclosing(self._speech.synthesize(once(REPLY))) as sound:
            await anext(sound)
            return since(begin)

    async def file(self) -> float:
        begin = time.perf_counter()
        async for _ in encoded(self._speech.synthesize(once(REPLY)), "wav"):
            break
        return since(begin)

    async def handle(self, text: str) -> float:
        begin = time.perf_counter()
        await self._speech.ask(text, Asker("direct"))
        return since(begin)

    @staticmethod
    async def _feed(source: Source, pcm: bytes) -> None:
        for at in range(0, len(pcm), PIECE):
            await source.feed(pcm[at : at + PIECE])
        await source.end()


async def doors() -> dict[str, Any]:
    samples = utterance("turn on the bed light", before=0.3, after=1.0)[0]
    pcm, file_ = samples.astype("<i2").tobytes(), io.BytesIO()
    sf.write(file_, samples, 16_000, format="WAV")
    wav = file_.getvalue()
    async with open_assistant(Settings(system=System(data=Path("-")))) as plain:
        await plain.warm()
        assistant = with_wyoming(plain)
        speech = Speech(assistant)
        direct = Direct(speech)
        async with wyoming_door(speech) as uri, serving(assistant) as url, httpx.AsyncClient(base_url=url) as http:
            wyoming = Wyoming(int(uri.rpartition(":")[2]))
            return {
                "wyoming_asr": await pairs(lambda _: direct.asr(pcm), lambda _: wyoming.asr(pcm), HEARD),
                "wyoming_tts_first_sound": await pairs(lambda _: direct.tts(), lambda _: wyoming.tts(), SPOKEN),
                "wyoming_handle": await pairs(
                    lambda n: direct.handle(SENTENCES[n % 2]), lambda n: wyoming.handle(SENTENCES[n % 2]), ASKED
                ),
                "openai_transcription": await pairs(lambda _: direct.whole(wav), lambda _: _heard(http, wav), HEARD),
                "openai_speech_first_byte": await pairs(lambda _: direct.file(), lambda _: _spoken(http), SPOKEN),
            }


async def _heard(http: httpx.AsyncClient, wav: bytes) -> float:
    begin = time.perf_counter()
    answer = await http.post("v1/audio/transcriptions", files={"file": ("said.wav", wav)}, timeout=60)
    assert answer.json()["text"]
    return since(begin)


async def _spoken(http: httpx.AsyncClient) -> float:
    begin = time.perf_counter()
    body = {"model": "tts-1", "voice": "alloy", "input": REPLY, "response_format": "wav"}
    async with http.stream("POST", "v1/audio/speech", json=body) as answer:
        async for _ in answer.aiter_raw():
            took = since(begin)
            break
    return took


def at_rest(folder: Path) -> dict[str, Any]:
    """A server that nobody talks to: resident megabytes and CPU, doors shut and open."""
    shut = {"DOORS__OPENAI__ON": "false"}
    opened = {"DOORS__WYOMING__ON": "true", "DOORS__WYOMING__PORT": "0"}
    return {
        "shut": _resting(folder / "shut", shut),
        "openai": _resting(folder / "openai", {}),
        "openai_wyoming": _resting(folder / "wyoming", opened),
        "openai_wyoming_mcp": _resting(folder / "mcp", {**opened, "DOORS__MCP__ON": "true"}),
    }


def _resting(folder: Path, settings: dict[str, str]) -> dict[str, float]:
    env = {**os.environ, **{f"REPARTEE_{key}": value for key, value in settings.items()}}
    command = [sys.executable, "-c", "from repartee.app.cli import main; main()", "serve", "--port", "0"]
    env["REPARTEE_SYSTEM__DATA"] = str(folder)
    server = subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True)  # noqa: S603  # ourselves
    try:
        time.sleep(20)  # the models have been loaded by then
        process = psutil.Process(server.pid)
        process.cpu_percent()
        time.sleep(15)
        return {"rss_mb": round(process.memory_info().rss / 1e6, 1), "cpu_percent": process.cpu_percent()}
    finally:
        server.terminate()
        server.wait(30)


async def against_home_assistant(folder: Path) -> dict[str, Any]:
    """One sentence after the other, to its own agent and to us through its Wyoming integration: until it answers."""
    house = [{"name": f"Lamp {number}", "domain": "light"} for number in range(80)]
    with HomeAssistantProcess(folder, house, "2025.4.4", ()) as process:
        home = HomeAssistant(process.url, lambda: process.token, confirm_within=5.0)
        settings = Settings(system=System(data=Path("-")))
        async with (
            open_assistant(settings, home=OpenHome("home_assistant", home)) as plain,
            wyoming_door(Speech(with_wyoming(plain))) as uri,
        ):
            return await asyncio.to_thread(_asked, process, int(uri.rpartition(":")[2]))


def _asked(process: HomeAssistantProcess, port: int) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {process.token}"}
    with httpx.Client(base_url=process.url, headers=headers, timeout=60) as http:
        flow = http.post("/api/config/config_entries/flow", json={"handler": "wyoming"}).json()
        http.post(f"/api/config/config_entries/flow/{flow['flow_id']}", json={"host": "127.0.0.1", "port": port})
    admin = process.admin()
    try:
        while admin.state("conversation.repartee") is None:
            time.sleep(0.2)
        took: dict[str, list[float]] = {"conversation.repartee": [], "conversation.home_assistant": []}
        for number in range(160):
            for agent, times in took.items():
                deed = "on" if agent.endswith("repartee") else "off"
                message = {"text": f"turn {deed} lamp {number % 80}", "agent_id": agent, "language": "en"}
                begin = time.perf_counter()
                told = admin.ask("conversation/process", message)
                if number >= 5:
                    times.append(since(begin))
                assert told["response"]["response_type"] == "action_done", told
    finally:
        admin.close()
    return {agent.partition(".")[2] + "_ms": spread(times, 2) for agent, times in took.items()}


def main() -> None:
    figures: dict[str, Any] = {"load_average_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        figures["adds"] = asyncio.run(doors())
        figures["at_rest"] = at_rest(folder)
        try:
            figures["against_home_assistant"] = asyncio.run(against_home_assistant(folder / "home-assistant"))
        except NotInstalled as error:
            figures["against_home_assistant"] = f"not measured: {error}"
    figures["load_average_after"] = os.getloadavg()[0]
    engines = {"stt": "moonshine", "tts": "espeak", "home": "demo; home_assistant 2025.4.4 where it is named"}
    provenance = Provenance(Origin.SYNTHETIC, "fast", True, engines, machine())
    save("doors", figures, provenance, ("wyoming", "uvicorn", "fastapi", "numpy"))


if __name__ == "__main__":
    main()
