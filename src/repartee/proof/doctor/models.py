"""The models: what is missing, and what hearing and speaking take here, measured on our own voice."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.assembly.audio_models import open_audio_models
from repartee.assembly.footprint import Footprints
from repartee.assembly.models import open_model
from repartee.assembly.settings import Brain, Settings
from repartee.assembly.voice import NEURAL
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.errors import BadInput, EngineMissing, ModelError, NothingWorks
from repartee.core.ports import Synthesizer, Transcriber
from repartee.engines.fallback import Breakers
from repartee.engines.llm import openai

from .finding import Finding, Grade, Part

SENTENCE = "turn on the lights in the living room"
RUNS = 5
SLOW_HEARING, SLOW_VOICE = 0.3, 400.0
"""Seconds of work for a second of speech; milliseconds to the first sound."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds, median of a few runs with the models loaded."""

    load: float
    hear: float
    """To hear one sentence to its end, of `seconds`."""
    seconds: float
    speak: float
    """To the first sound of a reply."""


async def examine(settings: Settings) -> Part:
    found = list(missing(settings.brain))
    try:
        speed = await measured(settings)
    except (EngineMissing, NothingWorks, BadInput) as error:
        found.append(Finding("no_engine", Grade.BROKEN, str(error), "nothing is heard or said", _get(str(error))))
        return Part("models", "they can't be opened", found)
    found += judged(settings, speed)
    found += [finding async for finding in language_models(settings)]
    seen = (
        f"loaded in {speed.load / 1000:.1f} s; {speed.seconds:.1f} s of speech heard in {speed.hear:.0f} ms; "
        f"first sound of a reply after {speed.speak:.0f} ms"
    )
    return Part("models", seen, found)


def missing(brain: Brain) -> Iterator[Finding]:
    """Engines of the settings that are not installed, whose work another one does."""
    from repartee.assembly.engines import check

    for kind, name in (("stt", brain.stt), ("tts", brain.tts)):
        remedy = check(kind, name)
        others = getattr(brain, f"{kind}_otherwise")
        if remedy and others:
            yield Finding(
                f"{kind}_missing",
                Grade.BROKEN,
                f"{name} can't be used: {remedy}",
                f"{others[0]} serves instead: " + ("more is misheard" if kind == "stt" else "another voice speaks"),
                _get(remedy),
            )


def judged(settings: Settings, speed: Speed) -> Iterator[Finding]:
    if speed.hear / 1000 > SLOW_HEARING * speed.seconds:
        yield Finding(
            "slow_hearing",
            Grade.COSTS,
            f"{speed.seconds:.1f} s of speech take {speed.hear:.0f} ms",
            f"up to {speed.hear:.0f} ms after each sentence; partial words come late or not at all",
            "A faster machine, `stt_width` 8 in [brain], or the recogniser on another machine.",
            speed.hear,
        )
    if speed.speak > SLOW_VOICE:
        cached = settings.brain.tts in NEURAL and not settings.brain.speech_cache_mb
        advice = "`speech_cache_mb = 200` in [brain] keeps what was said." if cached else '`tts = "espeak"` in [brain].'
        yield Finding(
            "slow_voice",
            Grade.COSTS,
            f"the first sound of a reply takes {speed.speak:.0f} ms",
            f"{speed.speak:.0f} ms of silence before each new reply",
            advice,
            speed.speak,
        )


async def measured(settings: Settings) -> Speed:
    """With the engines of the settings. Raises `EngineMissing`, `BadInput`."""
    async with AsyncExitStack() as stack:
        began = time.perf_counter()
        models = open_audio_models(settings, Breakers(), None, Footprints(), stack)
        await models.ear.warm()
        await models.voice.warm()
        load = (time.perf_counter() - began) * 1000
        spoken = [chunk async for chunk in models.voice.synthesize(SENTENCE, "en")]
        sound = _at_16k(spoken)
        hear = median([await hearing_ms(models.ear, sound) for _ in range(RUNS)])
        speak = median([await _first_sound(models.voice, f"It is {n} degrees.") for n in range(RUNS)])
        return Speed(load, hear, len(sound) / SAMPLE_RATE, speak)


async def hearing_ms(ear: Transcriber, sound: NDArray[np.int16]) -> float:
    """One sentence, given at once."""

    async def source() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(sound, SAMPLE_RATE, 0.0)
        yield AudioChunk(sound[:0], SAMPLE_RATE, len(sound) / SAMPLE_RATE, voiced=False)

    began = time.perf_counter()
    async for _ in ear.transcribe(source(), None):
        pass
    return (time.perf_counter() - began) * 1000


async def language_models(settings: Settings) -> AsyncIterator[Finding]:
    """Servers that do not answer, files that are not there."""
    for role in ("fast", "good"):
        chosen = getattr(settings.llm, role)
        if chosen is None:
            continue
        try:
            model = open_model(role, chosen)
            if isinstance(model, openai.Engine):
                await model.check()
            model.close()
        except (ModelError, EngineMissing, BadInput) as error:
            yield Finding(
                f"llm_{role}",
                Grade.BROKEN,
                str(error),
                "what no command covers is not answered, after waiting for the server each time",
                f"Start the server, or take [llm.{role}] out of the settings.",
            )


async def _first_sound(voice: Synthesizer, text: str) -> float:
    began, first = time.perf_counter(), 0.0
    async for _ in voice.synthesize(text, "en"):
        first = first or time.perf_counter() - began
    return first * 1000


def _at_16k(chunks: list[AudioChunk]) -> NDArray[np.int16]:
    sound = np.concatenate([chunk.samples for chunk in chunks]).astype(np.float32)
    samples: NDArray[np.int16] = soxr.resample(sound, chunks[0].rate, SAMPLE_RATE).astype(np.int16)
    return samples


def _get(remedy: str) -> str:
    return remedy.rpartition("; ")[2] or remedy
