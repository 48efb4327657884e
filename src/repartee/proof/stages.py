"""Single stages on real engines: one thing at a time, so that its CPU time is its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from repartee.assembly.assistant import Assistant
from repartee.assembly.mitigation import Mitigations
from repartee.assembly.telemetry import Telemetry
from repartee.contract import Origin, Provenance, load_profile
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import TextClock
from repartee.core.errors import EngineMissing
from repartee.core.intent import Context
from repartee.core.plan import Action, Effect
from repartee.core.spans import Trace
from repartee.core.turn import Decision, TurnRecord
from repartee.observe.monitor import Monitor

from .recordings import Recordings
from .results import Taken

REPLY = "The lights in the living room are on"
LONG = "The weather stays dry until the evening. Tomorrow it rains in the morning, and the wind turns to the west. "
MOST = 200
"""Times that one stage is measured, at most."""
SPANS = 5
"""Of a spoken turn."""
TURN_MS = 200.0
"""The shortest turn that is promised: what measuring may take is a part of that."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where stages are measured."""

    assistant: Assistant
    recordings: Recordings
    provenance: Provenance


Step = Callable[[], Awaitable[None]]


@contextmanager
def timed(taken: Taken, scale: float = 1.0) -> Iterator[None]:
    """Wall clock and CPU of what is inside, times `scale`, in ms."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    taken.samples.append((time.perf_counter() - wall) * 1000 * scale)
    taken.cpu.append(max((time.process_time() - cpu) * 1000 * scale, 1e-6))


async def measure_stages(stand: Stand, folder: Path, seconds: float, progress: Callable[[str], None]) -> list[Taken]:
    """Each gets its share of the time; the first time of each is cold and stands by itself."""
    found: list[Taken] = []
    makers = (_parse, _dispatch(1), _dispatch(20), _first_audio, _ten_seconds, _five_seconds, _one_minute)
    for number, make in enumerate(makers):
        taken, step = make(stand)
        progress(f"{taken.what}")
        end = time.monotonic() + seconds / len(makers)
        await step()
        found.append(_cold(taken))
        while len(taken.samples) < MOST and time.monotonic() < end:
            await step()
        found.append(taken)
        assert number < len(makers)
    return [*found, measuring(), *spans(folder)]


def _cold(taken: Taken) -> Taken:
    """The first sample, taken out."""
    cold = replace(
        taken, provenance=replace(taken.provenance, warm=False), samples=taken.samples[:1], cpu=taken.cpu[:1]
    )
    taken.samples, taken.cpu = [], []
    return cold


def _parse(stand: Stand) -> tuple[Taken, Step]:
    """Sentences made from the home's own names: they prove nothing about people."""
    assistant = stand.assistant
    home = assistant.backend.home
    sentences = [f"turn on the {entity.name}" for entity in home.entities[:50]]
    what = f"one sentence parsed, the mean of {len(sentences)}"
    taken = Taken("understanding", what, replace(stand.provenance, origin=Origin.SYNTHETIC))

    async def step() -> None:
        understanding = assistant.understandings.of(home, "en")
        with timed(taken, 1 / len(sentences)):
            for text in sentences:  # all of them each time: some are longer than others
                understanding.parse(text, Context())

    return taken, step


def _dispatch(devices: int) -> Callable[[Stand], tuple[Taken, Step]]:
    """The demo home pretends; a real one is measured where it is."""

    def make(stand: Stand) -> tuple[Taken, Step]:
        backend = stand.assistant.backend
        lights = [e.id for e in backend.home.entities if e.id.startswith(("light.", "switch."))][:devices]
        name = "dispatch_one" if devices == 1 else "dispatch_twenty"
        what = f"{len(lights)} lights switched in the home {stand.assistant.engines.get('home', '')}"
        taken = Taken(name, what, replace(stand.provenance, origin=Origin.SYNTHETIC))

        async def step() -> None:
            with timed(taken, 0.5):
                for service in ("light.turn_on", "light.turn_off"):
                    await backend.perform(Action(service, tuple(lights)))

        return taken, step

    return make


def _first_audio(stand: Stand) -> tuple[Taken, Step]:
    taken = Taken("tts_first_audio", "the first audio of a reply", stand.provenance)

    async def step() -> None:
        with timed(taken):
            async for _ in stand.assistant.models.voice.synthesize(REPLY, "en"):
                break

    return taken, step


def _ten_seconds(stand: Stand) -> tuple[Taken, Step]:
    taken = Taken("tts_ten_seconds", "ten seconds of speech synthesised", stand.provenance)

    async def step() -> None:
        wall, cpu, audio = time.perf_counter(), time.process_time(), 0.0
        async for chunk in stand.assistant.models.voice.synthesize(LONG * 2, "en"):
            audio += chunk.seconds
        taken.samples.append((time.perf_counter() - wall) * 1000 * 10 / audio)
        taken.cpu.append((time.process_time() - cpu) * 1000 * 10 / audio)

    return taken, step


def _five_seconds(stand: Stand) -> tuple[Taken, Step]:
    """Recordings one after the other, cut at five seconds."""
    sounds = _stretches(stand.recordings, 5.0)
    taken = Taken("stt_five_seconds", "five seconds of speech transcribed", _of_recordings(stand))

    async def step() -> None:
        sound = next(sounds)
        with timed(taken, 5.0 * SAMPLE_RATE / len(sound)):
            await _transcribe(stand.assistant, sound)

    return taken, step


def _one_minute(stand: Stand) -> tuple[Taken, Step]:
    """A minute in stretches of eight seconds, as sentences come; the time of one, scaled."""
    sounds = _stretches(stand.recordings, 8.0)
    taken = Taken("stt_one_minute", "one minute of speech transcribed, by stretches", _of_recordings(stand))

    async def step() -> None:
        sound = next(sounds)
        with timed(taken, 60.0 * SAMPLE_RATE / len(sound)):
            await _transcribe(stand.assistant, sound)

    return taken, step


def measuring() -> Taken:
    """One `measure` around nothing, in blocks of a thousand."""
    monitor = Monitor()
    taken = Taken("measure_cost", "one measurement around nothing", Provenance())
    for _ in range(50):
        cpu = time.process_time()
        for _ in range(1000):
            with monitor.measure("nothing"):
                pass
        each = (time.process_time() - cpu) * 1000
        taken.samples.append(each)  # ms a thousand is µs each
        taken.cpu.append(each)
    return taken


def spans(folder: Path) -> list[Taken]:
    """Spans of a turn recorded, judged, exported, logged and (where that is installed) traced, its path found: CPU of
    the turn's own thread, by span. What the traces cost in the background belongs to no turn."""
    telemetry = Telemetry(load_profile(), Mitigations(), folder / "performance.jsonl")
    telemetry.tracer = _unsent_traces()
    also = "log and traces" if telemetry.tracer else "log, without traces"
    taken = Taken("span_cost", f"one span of a turn with verdicts, metrics, {also}", Provenance())
    share = Taken("share_of_turn", "measuring, in percent of a turn of 200 ms", Provenance())
    for number in range(60):
        cpu = time.thread_time()
        for _ in range(10):
            telemetry.finished(measured_turn(number))
        each = (time.thread_time() - cpu) * 1000 / 10
        taken.samples.append(each * 1000 / SPANS)
        taken.cpu.append(each)
        share.samples.append(each / TURN_MS * 100)
    telemetry.close()
    return [taken, share]


def _unsent_traces() -> Any:
    try:
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        from repartee.engines.telemetry.otlp import Tracer
    except (ImportError, EngineMissing):
        return None
    return Tracer(exporter=InMemorySpanExporter())


def measured_turn(number: int) -> TurnRecord:
    """As the turn makes one: its spans opened and closed on a clock."""
    trace = Trace(TextClock())
    for stage in ("hear", "listen", "understand", "act", "speak"):
        with trace.span(stage) as span:
            trace.first(span)
    effects = (Effect("light.lamp", "light.turn_on", confirmed=True),)
    return TurnRecord(
        f"{number:012x}", time.time(), "", Decision.ACTED, effects=effects, wait_class="closed",
        spans=tuple(trace.spans), pace="realtime",
    )  # fmt: skip


def _of_recordings(stand: Stand) -> Provenance:
    return replace(stand.provenance, origin=stand.recordings.origin)


def _stretches(recordings: Recordings, seconds: float) -> Iterator[np.ndarray[tuple[int], np.dtype[np.int16]]]:
    """For ever: sound of about that length, put together from the recordings in turn."""
    sounds: Sequence[np.ndarray[tuple[int], np.dtype[np.int16]]] = [
        recordings.samples(p) for p in recordings.files[:40]
    ]
    at, length = 0, int(seconds * SAMPLE_RATE)
    while True:
        parts, have = [], 0
        while have < length:
            parts.append(sounds[at % len(sounds)])
            have += len(parts[-1])
            at += 1
        yield np.concatenate(parts)[:length]


async def _transcribe(assistant: Assistant, sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
    async def at_once() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(sound, SAMPLE_RATE, 0.0)

    async for _ in assistant.models.ear.transcribe(at_once(), None):
        pass
