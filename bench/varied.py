"""The recordings, varied: other speeds, levels, noises, rooms, and synthetic voices. Each is heard once and kept.

What the recogniser said is stored with all its evidence (`HEARD`, a folder that is not committed), so that a decision
can be studied and chosen without hearing anything again. `python -m bench.varied` hears what is not there yet.
"""

from __future__ import annotations

import asyncio
import io
import pickle
import random
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from bench.figures import SHARED
from bench.heard import situated, steer
from bench.sounds import Samples, Source, load, mixed
from repartee.contract.provenance import Origin
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.hearing import Clarity, Hearing
from repartee.core.intent import Context
from repartee.core.ports import Transcriber, Understanding
from repartee.engines.stt.moonshine import Engine
from repartee.engines.vad import silero
from repartee.grammar import compile_home
from repartee.proof.outcomes import Row, expected, home_before
from repartee.stages.audio_in.endpointer import Endpoint, Endpointer, Endpointing
from repartee.stages.understand.decision import DecisionThresholds

HEARD = Path(tempfile.gettempdir()) / "repartee-varied"
TALK = ("read_speech", "negative_names", "negative_words", "negative_other_wake_words", "negative_smart_mirror")
CALLED = ("wake_alexa", "wake_computer", "wake_jarvis_alone")
"""Somebody says a name, and nothing more: no command."""
KEYWORDS = "multiple_keywords.wav"
SAME = {"negative_smart_mirror": 5, "wake_alexa": 3}
"""Every so many of those who all say the same."""
Change = Callable[[Samples, int], Samples]


@dataclass(frozen=True)
class Spoken:
    """One recording in one condition."""

    recording: str
    """What is left out as one when thresholds are chosen: a file, or a sentence of a synthetic voice."""
    condition: str
    kind: str
    """`command`, `talk`, `noise`, `trap` (a command with a tail that can't be honoured)."""
    text: str
    origin: Origin
    row: Row | None = None


@dataclass(frozen=True)
class Look:
    """One hearing of an utterance, and how long the silence had lasted."""

    hearing: Hearing
    silence: float


@dataclass(frozen=True)
class Utterance:
    """What was heard from an onset to a silence of more than half a second."""

    looks: tuple[Look, ...]
    """Those since the last voiced sample; the last one is the final hearing of all looks together."""
    samples: Samples = field(repr=False)


@dataclass(frozen=True)
class Case:
    spoken: Spoken
    utterances: tuple[Utterance, ...]


def speed(factor: float) -> Change:
    """Faster or slower, and higher or lower with it."""
    return lambda samples, _: _clipped(soxr.resample(samples.astype(np.float32), SAMPLE_RATE, SAMPLE_RATE / factor))


def level(decibels: float) -> Change:
    return lambda samples, _: _clipped(samples * 10 ** (decibels / 20))


def noise(folder: Path, decibels: float) -> Change:
    return lambda samples, seed: mixed(samples, folder, decibels, seed)


def room(response: Path) -> Change:
    """With a measured impulse response, as loud as before."""

    def change(samples: Samples, _: int) -> Samples:
        return _convolved(samples, load(response).astype(np.float64))

    return change


def simulated(decay: float) -> Change:
    """A room of noise that dies away: 60 dB in `decay` seconds, 6 dB below the direct sound."""

    def change(samples: Samples, seed: int) -> Samples:
        rng = np.random.default_rng(seed)
        times = np.arange(int(decay * SAMPLE_RATE)) / SAMPLE_RATE
        tail = rng.standard_normal(len(times)) * 10 ** (-3 * times / decay)
        tail *= 0.5 / np.sqrt((tail**2).sum())
        tail[0] = 1.0
        return _convolved(samples, tail)

    return change


def _convolved(samples: Samples, response: np.ndarray) -> Samples:
    size = len(samples) + len(response) - 1
    sound = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)[: len(samples)]
    loud = np.sqrt((samples.astype(np.float64) ** 2).mean()) / max(float(np.sqrt((sound**2).mean())), 1e-9)
    return _clipped(sound * loud)


def _clipped(sound: np.ndarray) -> Samples:
    samples: Samples = np.clip(sound, -32767, 32767).astype(np.int16)
    return samples


def conditions(audio: Path) -> dict[str, Change]:
    """All that commands are heard in; `plain` first."""
    rooms = sorted((audio / "rooms").glob("*.flac"))
    made: dict[str, Change] = {"plain": lambda samples, _: samples}
    made |= {f"speed {factor}": speed(factor) for factor in (0.9, 1.1)}
    made |= {f"level {gain:+d} dB": level(gain) for gain in (-12, 12)}
    for name in ("noise", "noise_house"):
        made |= {f"{name} {decibels} dB": noise(audio / name, decibels) for decibels in (20, 10, 5)}
    made |= {f"room {n}": room(path) for n, path in enumerate(rooms, 1)}
    return made | {"simulated room 0.4 s": simulated(0.4)}


def spoken(shared: Path, voices: bool = True) -> Iterator[tuple[Spoken, Callable[[], Samples]]]:
    """Every case, and how its sound is made."""
    audio = shared / "audio"
    changes = conditions(audio)
    for name, change in changes.items():
        for n, row in enumerate(expected(audio / "home_commands")):
            path = audio / "home_commands" / row.file
            text = path.stem.replace("_", " ")
            yield Spoken(row.file, name, "command", text, Origin.REAL, row), _changed(path, change, n)
    yield from _talk(audio, changes)
    if voices:
        yield from _synthetic()


def _talk(audio: Path, changes: dict[str, Change]) -> Iterator[tuple[Spoken, Callable[[], Samples]]]:
    """Each as it is, and in two other conditions by turns."""
    names = list(changes)
    for folder in (*TALK, *CALLED):
        paths = sorted(p for p in (audio / folder).iterdir() if p.suffix in (".wav", ".flac") and p.name != KEYWORDS)
        for n, path in enumerate(paths[:: SAME.get(folder, 1)]):
            for name in ("plain", names[1 + n % 11], names[1 + (n + 5) % 11]):
                yield Spoken(f"{folder}/{path.name}", name, "talk", "", Origin.REAL), _changed(path, changes[name], n)
    for folder in ("noise", "noise_house"):
        for path in sorted(p for p in (audio / folder).iterdir() if p.suffix in (".wav", ".flac")):
            yield Spoken(f"{folder}/{path.name}", "plain", "noise", "", Origin.REAL), _changed(path, level(6), 0)


def _changed(path: Path, change: Change, seed: int) -> Callable[[], Samples]:
    return lambda: change(load(path), seed)


COMMANDS = (
    "turn on the bed light", "turn off the bed light", "turn on the kitchen lights", "turn off the kitchen lights",
    "turn off the lights", "turn on the lights", "turn off all the lights", "turn on the lights in the bedroom",
    "turn off the lights in the kitchen", "set the bed light to 30 percent", "set the kitchen lights to red",
    "what time is it", "what's the weather", "set a timer for ten minutes", "cancel the timer", "pause", "next",
    "stop", "is the front door locked", "add milk to my shopping list", "open the garage door", "close the garage door",
    "what's the temperature in the bedroom", "turn on standing light", "turn off standing light", "lock the front door",
)  # fmt: skip
TAILS = (
    "except the kitchen", "if it rains", "at sunset", "in the attic", "in Berlin", "but not in the bedroom",
    "when I come home", "like yesterday", "for my mother", "unless somebody is home",
)  # fmt: skip
HEADS = ("I told him to", "don't", "do you remember how to", "why did you", "my sister forgot to")
CHATTER = (
    "did you see the game last night", "I think we should have pasta for dinner", "the kids are still at school",
    "he never listens to what I say", "that was really funny", "let me know when you get there", "what do you mean",
    "I don't know what to do with it", "she said she would call me back", "we need to leave in a few minutes",
    "yes exactly", "oh no not again", "have you fed the cat", "my phone is almost dead", "it was a long day at work",
    "nobody told me about that", "hold on a second", "hello there how are you", "look at that dog over there",
    "I have no idea", "maybe tomorrow", "where did you put my keys", "this soup needs more salt", "see you later",
)  # fmt: skip
ESPEAK = ("en-us+m3", "en-gb+f2", "en-gb-scotland+m1")
FLITE = ("slt", "rms", "awb")


def _synthetic() -> Iterator[tuple[Spoken, Callable[[], Samples]]]:
    """Sentences by synthetic voices: two for each, by turns, in a quiet room and in noise or an echo."""
    texts = [(text, "command") for text in COMMANDS]
    texts += [(f"{text} {TAILS[n % len(TAILS)]}", "trap") for n, text in enumerate(COMMANDS) if text not in SHORT]
    texts += [(f"{head} {text}", "trap") for head, text in zip(HEADS, COMMANDS, strict=False)]
    texts += [(text, "talk") for text in CHATTER]
    for n, (text, kind) in enumerate(texts):
        for name, speak in (
            (f"espeak {ESPEAK[n % 3]}", _espeak(text, ESPEAK[n % 3])),
            (f"flite {FLITE[n % 3]}", _flite(text, FLITE[n % 3])),
        ):
            yield Spoken(f"synthetic/{text}", name, kind, text, Origin.SYNTHETIC), speak
            far = simulated(0.3)
            yield (
                Spoken(f"synthetic/{text}", f"{name}, room", kind, text, Origin.SYNTHETIC),
                lambda speak=speak, n=n, far=far: far(speak(), n),  # type: ignore[misc]
            )


SHORT = ("pause", "next", "stop")


def _quiet(sound: Samples) -> Samples:
    """With a room's soft noise around it."""
    rng = np.random.default_rng(len(sound))
    padded = np.pad(sound.astype(np.float64), (SAMPLE_RATE // 2, SAMPLE_RATE))
    return _clipped(padded + rng.standard_normal(len(padded)) * 12)


def _flite(text: str, voice: str) -> Callable[[], Samples]:
    def speak() -> Samples:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "said.wav"
            command = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
            subprocess.run(command, check=True)  # noqa: S603  # texts and voices of this file
            return _quiet(load(path))

    return speak


def _espeak(text: str, voice: str) -> Callable[[], Samples]:
    async def said() -> Samples:
        from repartee.engines.tts.espeak import Engine as Voice

        chunks = [chunk async for chunk in Voice(165).synthesize(text, voice)]
        sound = np.concatenate([chunk.samples for chunk in chunks]).astype(np.float32)
        return _quiet(_clipped(soxr.resample(sound, chunks[0].rate, SAMPLE_RATE)))

    def speak() -> Samples:
        with_loop: list[Samples] = []
        import threading

        thread = threading.Thread(target=lambda: with_loop.append(asyncio.run(said())))
        thread.start()
        thread.join()
        return with_loop[0]

    return speak


PATIENT = Endpointing(closed=0.5, complete=0.5, doubtful=0.7)


async def heard(
    samples: Samples, ear: Transcriber, understanding: Understanding, context: Context, file: Path, row: Row | None
) -> tuple[Utterance, ...]:
    """All looks at every utterance, however clear the first one is."""
    endpointer = Endpointer(Source(samples), silero.Engine(), PATIENT)
    found: list[Utterance] = []
    async with situated(home_before(file, row)) as backends:
        while await endpointer.onset():
            endpoint, kept = Endpoint(), list[AudioChunk]()
            looks: list[tuple[Hearing, float]] = []
            audio = _keeping(endpointer.utterance(endpoint), kept)
            async for hearing in ear.transcribe(audio, understanding.expect(context)):
                steer(endpoint, hearing, understanding, backends, context, DecisionThresholds())
                endpoint.clarity = Clarity.DOUBTFUL
                if hearing.home or hearing.final:
                    looks.append((hearing, endpoint.speech_end))
            last = [Look(h, h.end - end) for h, end in looks if end == endpoint.speech_end]
            found.append(Utterance(tuple(last), np.concatenate([chunk.samples for chunk in kept])))
    return tuple(found)


async def _keeping(audio: AsyncIterator[AudioChunk], kept: list[AudioChunk]) -> AsyncIterator[AudioChunk]:
    async for chunk in audio:
        kept.append(chunk)
        yield chunk


async def hear_all(shared: Path) -> None:
    """What is not there yet."""
    HEARD.mkdir(exist_ok=True)
    ear = Engine()
    await ear.warm()
    file = shared / "homes" / "recorded_40.json"
    home = home_before(file, None).home
    area = home.area_named("Living Room")
    assert area is not None
    context, understanding = Context(area.id), compile_home(home, "en")
    todo = [(one, make) for one, make in spoken(shared) if not _path(one).exists()]
    random.Random(0).shuffle(todo)
    for n, (one, make) in enumerate(todo):
        utterances = await heard(make(), ear, understanding, context, file, one.row)
        _path(one).write_bytes(pickle.dumps(Case(one, utterances)))
        if n % 100 == 0:
            print(f"{n} of {len(todo)} heard", flush=True)
    ear.close()


def _path(one: Spoken) -> Path:
    return HEARD / (f"{one.recording} {one.condition}".replace("/", "_") + ".pickle")


class _Kept(pickle.Unpickler):
    """Written by this module as a program of its own."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(__name__ if module == "__main__" else module, name)


def cases() -> list[Case]:
    """What was heard so far."""
    return [_Kept(io.BytesIO(path.read_bytes())).load() for path in sorted(HEARD.glob("*.pickle"))]


if __name__ == "__main__":
    asyncio.run(hear_all(SHARED))
