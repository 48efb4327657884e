"""The Wyoming door, with the protocol's own client."""

from __future__ import annotations

import asyncio
import gc
import json
import socket

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.intent import Intent, NotRecognized, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice

from repartee.app.doors.wyoming import connection, handling, wire
from repartee.assembly.door_settings import WyomingSettings
from repartee.engines.home.demo import DemoHome
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.wyoming import IN_TIME, connected, door, speech, until
from tests.virtual_time import run

pytestmark = pytest.mark.real_time
CHUNK = 2048


async def send_sound(
    client: AsyncTcpClient, sound: bytes, rate: int = 16_000, width: int = 2, channels: int = 1
) -> None:
    await client.write_event(AudioStart(rate, width, channels).event())
    for at in range(0, len(sound), CHUNK):
        await client.write_event(AudioChunk(rate, width, channels, sound[at : at + CHUNK]).event())
    await client.write_event(AudioStop().event())


async def ask(port: int, text: str, **context: str) -> Event:
    async with connected(port) as client:
        await client.write_event(Transcript(text, context=context).event())
        event = await client.read_event()
        assert event is not None
        return event


async def info_of(port: int) -> Info:
    async with connected(port) as client:
        await client.write_event(Describe().event())
        return Info.from_event((await until(client, "info"))[-1])


# ---------------------------------------------------------------- what it offers


async def test_it_tells_what_it_has_each_with_its_version() -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        told = await info_of(port)
    assert [len(part) for part in (told.asr, told.tts, told.handle, told.wake, told.intent)] == [1, 1, 1, 1, 0]
    assert told.handle[0].supports_home_control
    assert {model.phrase for model in told.wake[0].models} >= {"okay nabu", "hey jarvis"}
    programs = [*told.asr, *told.tts, *told.handle, *told.wake]
    assert all(program.installed and program.version for program in programs)
    models = [*told.asr[0].models, *told.tts[0].voices, *told.handle[0].models, *told.wake[0].models]
    assert all(model.installed and model.version for model in models)
    assert told.asr[0].models[0].languages == told.tts[0].voices[0].languages == ["en"]


async def test_what_the_settings_do_not_allow_is_neither_offered_nor_done() -> None:
    async with fake_assistant() as assistant, door(assistant, scopes=["listen"]) as port:
        told = await info_of(port)
        assert (told.tts, told.handle) == ([], [])
        async with connected(port) as client:
            for event in (Synthesize("hello").event(), Transcript("turn on the lamp").event(), Recognize("x").event()):
                await client.write_event(event)
                assert Error.from_event((await until(client, "error"))[-1]).text.startswith("this door does not")
        assert isinstance(assistant.backend, RecordingHome)
        assert not assistant.backend.performed


async def test_a_ping_is_answered() -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        await client.write_event(Ping("there?").event())
        assert Pong.from_event((await until(client, "pong"))[-1]).text == "there?"


# ---------------------------------------------------------------- speech to text


@pytest.mark.parametrize("early", [True, False])
async def test_speech_becomes_one_transcript(early: bool) -> None:
    async with fake_assistant() as assistant, door(assistant, early=early) as port, connected(port) as client:
        await client.write_event(Transcribe(language="en").event())
        await send_sound(client, speech())
        told = await until(client, "transcript")
        assert Transcript.from_event(told[-1]).text == "turn on the lamp"
        assert [event.type for event in told[:-1]] == ["transcript-start", "transcript-chunk"]
        assert isinstance(assistant.backend, RecordingHome)
        assert not assistant.backend.performed, "who only wants the text does not want it done"


async def test_early_the_transcript_comes_before_the_sound_ends() -> None:
    async with fake_assistant() as assistant, door(assistant, early=True) as port, connected(port) as client:
        await client.write_event(AudioStart(16_000, 2, 1).event())
        await client.write_event(AudioChunk(16_000, 2, 1, speech()).event())
        await until(client, "transcript")


async def test_any_format_will_do_and_silence_gives_an_empty_transcript() -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        stereo = np.repeat(np.frombuffer(speech(rate=44_100), "<i2"), 2).tobytes()
        for sound, rate, channels, words in (
            (stereo, 44_100, 2, "turn on the lamp"),
            (b"\0\0" * 16_000, 16_000, 1, ""),
        ):
            await send_sound(client, sound, rate, channels=channels)
            told = await until(client, "transcript")
            assert Transcript.from_event(told[-1]).text == words


# ---------------------------------------------------------------- text to speech


async def test_text_becomes_sound() -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        await client.write_event(Synthesize("It is on.").event())
        told = await until(client, "audio-stop")
        assert [event.type for event in told[:2]] == ["audio-start", "audio-chunk"]
        sound = b"".join(event.payload or b"" for event in told)
        assert len(sound) == 4 * 2 * 2205


async def test_text_that_comes_in_pieces_is_spoken_as_it_comes() -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        await client.write_event(SynthesizeStart().event())
        await client.write_event(SynthesizeChunk("It is on. And the ").event())
        await until(client, "audio-chunk")  # before the rest of the text exists
        await client.write_event(SynthesizeChunk("lamp is off.").event())
        await client.write_event(Synthesize("It is on. And the lamp is off.").event())  # for servers of before
        await client.write_event(SynthesizeStop().event())
        told = await until(client, "synthesize-stopped")
        assert [event.type for event in told].count("audio-stop") == 1
        assert told[-2].type == "audio-stop"


async def test_nothing_to_say_and_a_voice_that_is_not_there() -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        await client.write_event(Synthesize("").event())
        assert [event.type for event in await until(client, "audio-stop")] == ["audio-start", "audio-stop"]
        await client.write_event(Synthesize("hello", SynthesizeVoice("HAL")).event())
        assert "no voice 'HAL'" in Error.from_event((await until(client, "error"))[-1]).text


# ---------------------------------------------------------------- home control


async def test_a_sentence_is_carried_out_and_answered() -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        event = await ask(port, "turn on the lamp")
        assert Handled.is_type(event.type)
        assert Handled.from_event(event).text
        assert assistant.backend.states["light.lamp"].value == "on"


async def test_what_is_no_command_is_not_handled() -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        event = await ask(port, "the quick brown fox")
        assert NotHandled.is_type(event.type)
        assert NotHandled.from_event(event).text


async def test_a_conversation_goes_on_over_connections_and_others_know_nothing_of_it() -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        await ask(port, "turn on the lamp", conversation_id="one")
        assert NotHandled.is_type((await ask(port, "turn it off", conversation_id="two")).type) or (
            assistant.backend.states["light.lamp"].value == "on"
        )
        await ask(port, "turn it off", conversation_id="one")
        assert assistant.backend.states["light.lamp"].value == "off"


async def test_a_question_is_answered_in_the_next_sentence() -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        asked = await ask(port, "unlock the front door", conversation_id="one")
        assert Handled.is_type(asked.type)
        assert assistant.backend.states["lock.front_door"].value == "locked"
        await ask(port, "yes", conversation_id="one")
        assert assistant.backend.states["lock.front_door"].value == "unlocked"


async def test_without_an_id_only_the_next_moment_belongs_to_a_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        await ask(port, "unlock the front door")
        await ask(port, "yes")
        assert assistant.backend.states["lock.front_door"].value == "unlocked"
        await ask(port, "turn on the lamp")
        monkeypatch.setattr(handling, "NAMELESS", -1.0)
        assert NotHandled.is_type((await ask(port, "turn it off")).type)


@pytest.mark.parametrize("context", [{"area": "Living Room"}, {"satellite_id": "sat-1"}, {"device_id": "dev-1"}])
async def test_a_satellite_stands_somewhere(context: dict[str, str]) -> None:
    areas = {"sat-1": "Living room", "dev-1": "Living room"}
    async with fake_assistant(backend=RecordingHome()) as assistant, door(assistant, areas=areas) as port:
        await ask(port, "turn on the lights", **context)
        assert assistant.backend.states["light.lamp"].value == "on"


async def test_where_home_assistant_shall_act_it_is_told_what_was_meant() -> None:
    async with fake_assistant() as assistant, door(assistant, intent=True) as port:
        told = await info_of(port)
        assert (len(told.intent), told.handle) == (1, [])
        event = await ask(port, "turn on the lamp")
        intent = Intent.from_event(event)
        assert (intent.name, {e.name: e.value for e in intent.entities}["name"]) == ("HassTurnOn", "Lamp")
        assert NotRecognized.is_type((await ask(port, "the quick brown fox")).type)
        assert assistant.backend.states["light.lamp"].value == "off"


# ---------------------------------------------------------------- many, and bad ones


async def test_a_hundred_one_after_the_other_and_twenty_at_once() -> None:
    async with fake_assistant(backend=DemoHome()) as assistant, door(assistant) as port:
        before = None
        for number in range(100):
            assert Handled.is_type((await ask(port, "what time is it", conversation_id=str(number))).type)
            if number == 20:
                gc.collect()
                before = len(asyncio.all_tasks())
        many = await asyncio.gather(*(ask(port, "what time is it") for _ in range(20)))
        assert all(Handled.is_type(event.type) for event in many)
        await asyncio.sleep(0.1)
        assert before is not None
        assert len(asyncio.all_tasks()) <= before + 1


async def test_who_says_nothing_makes_room_for_who_does() -> None:
    async with fake_assistant() as assistant, door(assistant, connections=8) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
        try:
            await asyncio.sleep(0.2)
            assert Handled.is_type((await ask(port, "turn on the lamp")).type)
        finally:
            for one in silent:
                one.close()


async def raw(port: int, data: bytes) -> bytes:
    """What comes back until the door is closed (or nothing more comes for a moment)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(IN_TIME):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


LIES = [
    b"\n",
    b"hello\n",
    b"[]\n",
    b"{}\n",
    b'{"type": 7}\n',
    b'{"type": "describe", "data": 7}\n',
    b'{"type": "describe", "data_length": -1}\n',
    b'{"type": "describe", "data_length": "many"}\n',
    b'{"type": "describe", "data_length": true}\n',
    b'{"type": "audio-chunk", "payload_length": 1000000000}\n',
    b'{"type": "audio-chunk", "payload_length": 1e999}\n',
    b'{"type": "describe", "data_length": 4}\n1234',
    b'{"type": "describe", "data_length": 2}\n[]',
    b"\xff\xfe\n",
    b'{"type": "' + b"x" * 100_000 + b'"}\n',
    b"[" * 60_000 + b"\n",
]


@pytest.mark.parametrize("data", LIES, ids=range(len(LIES)))
async def test_a_header_that_lies_is_told_and_ends_the_connection(data: bytes) -> None:
    async with fake_assistant() as assistant, door(assistant) as port:
        answer = await raw(port, data)
        header, _, rest = answer.partition(b"\n")
        assert json.loads(header)["type"] == "error"
        assert json.loads(rest)["code"] == "bad_event"
        assert (await info_of(port)).asr


async def test_half_a_header_and_silence_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "WITHIN", 0.2)
    monkeypatch.setattr(connection, "FIRST_WITHIN", 0.2)
    async with fake_assistant() as assistant, door(assistant) as port:
        assert b"not ended within" in await raw(port, b'{"type": "desc')
        assert await raw(port, b"") == b""


WRONG = [
    Event("transcript"),
    Event("transcript", {"text": 7}),
    Event("transcript", {"text": "x" * 2000}),
    Event("synthesize", {}),
    Event("synthesize", {"text": "x", "voice": 7}),
    Event("synthesize-start", {"voice": 7}),
    Event("audio-start", {"rate": "fast", "width": 2, "channels": 1}),
    Event("audio-start", {"rate": 1, "width": 2, "channels": 1}),
    Event("audio-start", {"rate": 16_000, "width": 9, "channels": 1}),
    Event("audio-start", {"rate": 16_000, "width": 2, "channels": 100}),
    Event("recognize", {}),
]


@pytest.mark.parametrize("event", WRONG, ids=lambda event: f"{event.type}-{len(str(event.data))}")
async def test_an_event_that_makes_no_sense_is_told_and_the_talk_goes_on(event: Event) -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        await client.write_event(event)
        assert Error.from_event((await until(client, "error"))[-1]).text
        await client.write_event(Ping("still").event())
        await until(client, "pong")
        for _ in range(connection.MISTAKES):
            await client.write_event(event)
        with pytest.raises((AssertionError, ConnectionError)):
            await until(client, "never")


async def test_a_wake_word_that_nobody_knows_is_told() -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        await client.write_event(Event("detect", {"names": ["open sesame"]}))
        await client.write_event(AudioStart(16_000, 2, 1).event())
        assert "open sesame" in Error.from_event((await until(client, "error"))[-1]).text


async def test_sound_without_a_wake_word_is_not_detected() -> None:
    async with fake_assistant() as assistant, door(assistant) as port, connected(port) as client:
        await client.write_event(Event("detect", {"names": ["okay_nabu"]}))
        await send_sound(client, speech())
        await until(client, "not-detected")


KINDS = (
    *("describe", "ping", "transcribe", "detect", "audio-start", "audio-chunk", "audio-stop", "transcript"),
    *("recognize", "synthesize", "synthesize-start", "synthesize-chunk", "synthesize-stop", "run-satellite", "x"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 50_000) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
)
DATA = st.dictionaries(
    st.sampled_from(("text", "rate", "width", "channels", "names", "voice", "context", "language", "name")),
    JSON,
    max_size=4,
)
EVENTS = st.builds(Event, st.sampled_from(KINDS), DATA, st.none() | st.binary(max_size=64))


@settings(max_examples=1, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(EVENTS, max_size=12), min_size=25, max_size=25))
def test_whatever_events_come_in_whatever_order_the_door_lives(talks: list[list[Event]]) -> None:
    async def all_of_them() -> None:
        async with fake_assistant() as assistant, door(assistant) as port:
            for events in talks:
                async with connected(port) as client:
                    await talk(client, events)
            assert (await info_of(port)).asr

    run(all_of_them(), real=True)


async def talk(client: AsyncTcpClient, events: list[Event]) -> None:
    try:
        for event in events:
            await client.write_event(event)
        await client.write_event(Ping("there?").event())
        while (told := await client.read_event()) and told.type != "pong":
            pass
    except ConnectionError:
        pass  # ten mistakes close it


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200))
def test_whatever_bytes_come_the_reader_answers_or_refuses(data: bytes) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader(limit=wire.MAX_HEADER)
        reader.feed_data(data)
        reader.feed_eof()
        try:
            while await wire.read_event(reader, 1.0):
                pass
        except wire.BadEvent:
            pass

    run(read(), real=True)


# ---------------------------------------------------------------- who may come in


@pytest.mark.parametrize(
    ("peer", "welcome"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.168.1.7", True), ("192.168.2.7", False),
     ("::ffff:192.168.1.7", True), ("2001:db8::1", False), ("fe80::1%eth0", False), ("nonsense", False)],
)  # fmt: skip
def test_only_the_networks_of_the_settings_are_let_in(peer: str, welcome: bool) -> None:
    from repartee.app.doors.wyoming.server import Connections

    connections = Connections(None, WyomingSettings(allow=["192.168.1.0/24"]))  # type: ignore[arg-type]  # not asked
    assert connections._welcome((peer, 1)) is welcome


def test_beyond_this_machine_only_with_networks_named() -> None:
    with pytest.raises(ValueError, match="allow"):
        WyomingSettings(on=True, host="0.0.0.0")  # noqa: S104  # refused
    assert WyomingSettings(on=True, host="0.0.0.0", allow=["192.168.1.5/24"]).allow == ["192.168.1.0/24"]  # noqa: S104
