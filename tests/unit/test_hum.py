"""A room that hums: the hum is taken out, everything else is left as it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.assembly.audio_models import AudioModels
from repartee.core.audio import SAMPLE_RATE
from repartee.core.turn import TurnRecord
from repartee.engines.stt import fake as stt
from repartee.stages.audio_in.hum import HumFilter
from tests import sound
from tests.fakes.assistant import still_assistant
from tests.fakes.echoing_page import EchoingPage, Recorded

HUM = 0.2 * 32767


def hum(seconds: float, hertz: float = 50.0) -> np.ndarray:
    return HUM * np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)


def filtered(samples: np.ndarray, frame: int = 320) -> np.ndarray:
    clean = HumFilter()
    whole = samples[: len(samples) // frame * frame].astype(np.int16)
    return np.concatenate([clean(whole[at : at + frame]) for at in range(0, len(whole), frame)])


@pytest.mark.parametrize(("hertz", "left"), [(50, 0.005), (60, 0.01), (100, 0.06), (120, 0.15)])
def test_a_hum_is_taken_out(hertz: float, left: float) -> None:
    clean = filtered(hum(2, hertz))[SAMPLE_RATE:].astype(float)
    assert clean.std() < left * HUM / np.sqrt(2)


def test_a_voice_beside_it_stays() -> None:
    words = np.concatenate([sound.silence(1), sound.spoken("turn on the lamp"), sound.silence(1)]).astype(float)
    clean = filtered(words + hum(len(words) / SAMPLE_RATE)).astype(float)
    late = 160
    said = words[: len(clean)][:-late]
    assert np.corrcoef(clean[late:], said)[0, 1] > 0.8


@given(st.integers(0, 2**32 - 1), st.floats(0, 3000))
def test_a_room_that_does_not_hum_is_heard_as_it_is(seed: int, level: float) -> None:
    noise = np.random.default_rng(seed).normal(0, level, SAMPLE_RATE // 2).astype(np.int16)
    assert (filtered(noise) == noise[: len(noise) // 320 * 320]).all()


def test_speech_in_a_quiet_room_is_heard_as_it_is() -> None:
    samples, _ = sound.utterance("turn on the lamp")
    assert (filtered(samples) == samples[: len(samples) // 320 * 320]).all()


async def test_one_sentence_in_a_humming_room_is_one_turn_though_we_reply() -> None:
    """The reply comes back into the microphone beside the hum."""
    text = "Turned on the light"
    samples = sound.spoken(text)
    names = {"stt": "fake", "vad": "silero", "tts": "fake", "home": "fake"}
    page = EchoingPage(0.3, 0.15, 0.2)
    reply = {text: [chunk async for chunk in sound.stream(samples)]}
    models = AudioModels(stt.Engine("turn on the lamp"), Recorded(reply), names)
    session = replace(still_assistant(), models=models).session(page.sink)
    words = np.concatenate([sound.silence(2), sound.spoken("turn on the lamp"), sound.silence(5)]).astype(np.float32)
    page.person = (words * 0.5 + hum(len(words) / SAMPLE_RATE)).astype(np.float32)
    records: list[TurnRecord] = []

    async def listen() -> None:
        records.extend([record async for record in session.listen(page.source)])

    tasks = [asyncio.create_task(work) for work in (page.read(), page.hear(len(words) / SAMPLE_RATE), listen())]
    await tasks[1]
    await tasks[2]
    tasks[0].cancel()
    assert [record.transcript for record in records] == ["turn on the lamp"]
