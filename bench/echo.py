"""Our own voice in our own microphone: how often it triggers us, and how soon a person over it is heard.

A simulated room (delay, reverberation, noise) gives back at -6 dB what the product's own voice says, over 30 minutes of
playback; time is virtual, so it takes a few minutes. Nothing else is simulated: canceller, gate and wake words are the
product's. People are recordings; as loud as the playback or as its echo. Their first voiced sample is the first 10 ms
that are louder than 12 dB below the recording's loudest third, for 30 ms.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from tests import virtual_time

from bench.figures import SHARED, spread
from bench.record import real, save
from bench.room import Room, Sound, response
from repartee.contract.provenance import Origin
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.ports import AudioSource
from repartee.engines.echo.kalman import Engine
from repartee.engines.tts import espeak
from repartee.engines.vad import silero
from repartee.engines.wake import microwakeword
from repartee.stages.audio_in.ducking import Ducking
from repartee.stages.audio_in.echo import EchoCancelled, Loudspeaker
from repartee.stages.audio_in.endpointer import Endpoint, Endpointer, Endpointing
from repartee.stages.audio_in.wake import WakeDetector, WakeRules

REPLIES = (
    "Turned on the kitchen lights", "It is twenty past three in the afternoon", "The living room lamp is now blue",
    "Sorry, I could not find a device with that name in the bedroom", "Timer set for ten minutes",
    "The front door is locked and the garage is closed", "Added milk to your shopping list",
    "It is eighteen degrees and cloudy outside, with some rain later on", "Alexa is a word that wakes me",
    "You can say hey jarvis, or okay nabu, and then turn on the light", "Stop", "Which lamp: the desk or the floor?",
)  # fmt: skip
ROOMS = [(delay, decay) for decay in (0.2, 0.35, 0.5) for delay in (0.02, 0.08, 0.15, 0.25)]
"""Seconds."""
NOISES = ("doing_the_dishes.wav", "noise.wav", "background_noise.wav")
PEOPLE = ("read_speech", "negative_words")
LEVEL = -6.0
FADE = 320
"""Samples before a person's first voiced one in which the noise of their recording fades in: it must not give them
away."""


async def spoken(voice: espeak.Engine, text: str) -> list[AudioChunk]:
    return [chunk async for chunk in voice.synthesize(text, "en")]


def replies() -> list[list[AudioChunk]]:
    voice = espeak.Engine(175)
    return [virtual_time.run(spoken(voice, text), real=True) for text in REPLIES]


@dataclass
class Ear:
    """Listens to a room as the product does, and notes what it believes to have heard."""

    source: AudioSource
    waking: WakeDetector | None = None
    onsets: list[float] = field(default_factory=list)
    """Seconds at which an onset was noticed."""
    words: list[str] = field(default_factory=list)

    async def listen(self, room: Room, loudspeaker: Loudspeaker, *, interrupt: bool) -> None:
        endpointer = Endpointer(_Through(self), silero.Engine(), Endpointing())
        while await endpointer.onset():
            self.onsets.append(room.now())
            if interrupt:
                loudspeaker.stop()
            async for _ in endpointer.utterance(Endpoint()):
                pass


class _Through:
    """The ear's sound, which wake words hear too."""

    def __init__(self, ear: Ear) -> None:
        self._ear, self.clock = ear, ear.source.clock

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        async for chunk in self._ear.source:
            if self._ear.waking and (found := await self._ear.waking.hear(chunk)):
                self._ear.words.append(found.word)
            yield chunk


async def alone(
    delay: float, decay: float, seconds: float, said: list[list[AudioChunk]], seed: int
) -> dict[str, float]:
    """Nobody speaks but we."""
    room, canceller, rng = Room(response(delay, LEVEL, decay, seed), seconds, seed=seed), Engine(), random.Random(seed)
    loudspeaker = Loudspeaker(room, canceller)
    waking = WakeDetector(microwakeword.Engine(), None, WakeRules())
    ear = Ear(_alone_with(room, loudspeaker, canceller), waking)

    talking = asyncio.create_task(_talk(loudspeaker, said, rng))
    await ear.listen(room, loudspeaker, interrupt=False)
    talking.cancel()
    return {
        "played_s": room.seconds_played,
        "onsets": len(ear.onsets),
        "words": len(ear.words),
        "holds": room.holds,
    }


async def _talk(loudspeaker: Loudspeaker, said: list[list[AudioChunk]], rng: random.Random) -> None:
    """One reply after the other, once the room's own noise is known; until cancelled."""
    await asyncio.sleep(1.0)
    while True:
        for chunk in rng.choice(said):
            await loudspeaker.play(chunk)
        await loudspeaker.drain()
        await asyncio.sleep(rng.uniform(0.2, 2.0))


def _alone_with(room: Room, loudspeaker: Loudspeaker, canceller: Engine) -> AudioSource:
    return Ducking(EchoCancelled(room, loudspeaker, canceller), loudspeaker)


async def noise(said: list[list[AudioChunk]], seed: int) -> dict[str, object]:
    """Somebody washes up and says nothing, as loud as the echo: how often we hold our tongue, and how often we stop."""
    sounds = [sf.read(str(SHARED / "audio" / "noise" / name), dtype="float64")[0] for name in NOISES]
    washing = np.concatenate([sound / np.sqrt((sound**2).mean()) for sound in sounds])
    seconds = len(washing) / SAMPLE_RATE
    room, canceller, rng = Room(response(0.1, LEVEL, 0.35, seed), seconds, seed=seed), Engine(), random.Random(seed)
    loudspeaker = Loudspeaker(room, canceller)
    ear = Ear(_alone_with(room, loudspeaker, canceller))
    room.person[: len(washing)] = washing * _level(said) * 10 ** (LEVEL / 20)

    talking = asyncio.create_task(_talk(loudspeaker, said, rng))
    await ear.listen(room, loudspeaker, interrupt=False)
    talking.cancel()
    minutes = room.seconds_played / 60
    return {
        "minutes_played": round(minutes, 2),
        "held_per_minute": round(room.holds / minutes, 2),
        "held_percent_of_the_time": round(100 * room.held_s / seconds, 1),
        "stopped_per_minute": round(len(ear.onsets) / minutes, 2),
    }


def _level(said: list[list[AudioChunk]]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean([np.mean(c.samples.astype(float) ** 2) for reply in said for c in reply])))


def people() -> Iterator[tuple[str, int, Sound]]:
    """Name, first voiced sample, and sound of each recording, its loudest third at a root mean square of 1."""
    for folder in PEOPLE:
        for row in map(json.loads, (SHARED / "audio" / folder / "manifest.jsonl").read_text().splitlines()):
            sound, rate = sf.read(str(SHARED / "audio" / folder / row["file"]), dtype="float64", always_2d=True)
            mono = soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE)[: 4 * SAMPLE_RATE]
            levels = np.sqrt((mono[: len(mono) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))
            speech = float(np.sqrt((np.sort(levels**2)[-len(levels) // 3 :]).mean()))
            loud = levels > speech / 4
            first = next((at for at in range(len(loud) - 2) if loud[at : at + 3].all()), None)
            if first is not None and speech > 0:
                begin = max(0, first * 160 - SAMPLE_RATE // 4)
                lead = first * 160 - begin
                mono[begin : first * 160] *= np.clip((np.arange(-lead, 0) + FADE) / FADE, 0, 1)
                yield row["file"], lead, mono[begin:] / speech


async def over(
    said: list[list[AudioChunk]], persons: list[tuple[str, int, Sound]], level: float, *, echo: bool, seed: int
) -> list[float | None]:
    """Milliseconds from each person's first voiced sample to silence that lasts; None for one not heard in 1.5 s."""
    gain = LEVEL if echo else -200.0
    room = Room(response(0.1, gain, 0.35, seed), 14.0 * len(persons) + 20, seed=seed)
    canceller, rng = Engine(), random.Random(seed)
    loudspeaker = Loudspeaker(room, canceller)
    ear = Ear(_alone_with(room, loudspeaker, canceller))
    loud = _level(said)

    async def talk() -> None:
        for _ in range(6):
            for chunk in rng.choice(said):
                await loudspeaker.play(chunk)

    delays: list[float | None] = []

    async def script() -> None:
        for _, lead, sound in persons:
            talking = asyncio.create_task(talk())
            await asyncio.sleep(rng.uniform(2.0, 3.5))
            ear.onsets.clear()
            room.stopped.clear()
            begin = round(room.now() * SAMPLE_RATE) + SAMPLE_RATE // 10
            room.person[begin : begin + len(sound)] = sound * loud * 10 ** (level / 20)
            voiced = (begin + lead) / SAMPLE_RATE
            await asyncio.sleep(lead / SAMPLE_RATE + 1.6)
            heard = any(at > voiced for at in ear.onsets) and room.stopped
            delays.append(max(0.0, room.stopped[0] - voiced) * 1000 if heard else None)
            talking.cancel()
            loudspeaker.stop()
            await asyncio.sleep(max(0.0, len(sound) / SAMPLE_RATE - 1.6) + 2.0)

    telling = asyncio.create_task(script())
    await ear.listen(room, loudspeaker, interrupt=True)
    telling.cancel()
    return delays


def main() -> Path:
    said, persons = replies(), list(people())
    began, rows = time.process_time(), []
    for number, (delay, decay) in enumerate(ROOMS):
        row = virtual_time.run(alone(delay, decay, 260.0, said, number))
        rows.append({"delay_s": delay, "decay_s": decay, **row})
        print(rows[-1], flush=True)
    minutes = sum(row["played_s"] for row in rows) / 60
    figures: dict[str, dict[str, object]] = {
        "self_trigger": {
            "minutes_played": round(minutes, 1),
            "onsets": int(sum(row["onsets"] for row in rows)),
            "wake_words": int(sum(row["words"] for row in rows)),
            "holds_per_30_min": round(sum(row["holds"] for row in rows) / minutes * 30, 2),
            "per_30_min": round(sum(row["onsets"] + row["words"] for row in rows) / minutes * 30, 2),
            "rooms": rows,
            "cpu_s_per_audio_s_all": round((time.process_time() - began) / (260.0 * len(ROOMS)), 3),
        }
    }
    for name, level, echo in (("person_as_loud_as_playback", 0.0, True), ("person_as_loud_as_echo", LEVEL, True),
                              ("no_echo_at_all", 0.0, False)):  # fmt: skip
        delays = virtual_time.run(over(said, persons, level, echo=echo, seed=1))
        heard = [delay for delay in delays if delay is not None]
        figures[name] = {
            "recordings": len(delays),
            "recall_percent": round(100 * len(heard) / len(delays), 1),
            "barge_in_stop_ms": spread(heard),
            "within_150_ms_percent": round(100 * sum(delay <= 150 for delay in heard) / len(delays), 1),
        }
        print(name, figures[name], flush=True)
    figures["noise_as_loud_as_echo"] = virtual_time.run(noise(said, 1))
    print(figures["noise_as_loud_as_echo"], flush=True)
    return save("echo", figures, real(pace="fast", origin=Origin.SYNTHETIC), ("numpy", "onnxruntime", "soxr"))


if __name__ == "__main__":
    main()
