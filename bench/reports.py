"""What people report in public of voice assistants, typed to the whole product, each in a fresh demo home.

A row is `right` where all it expects is so, `wrong` where it is not and something was done (in the home or the
household), `harmless` otherwise. The sentences are ours, after public reports (`nlu/README.md` says what a row holds).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.figures import SHARED
from bench.fresh_home import fresh_home, in_the_home, typed_assistant, wall_clock
from bench.record import real, save
from repartee.assembly.assistant import Assistant
from repartee.contract.provenance import Origin
from repartee.core.home_file import read_home
from repartee.core.plan import Effect
from repartee.core.turn import TurnRecord
from repartee.engines.audio import nowhere

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Played:
    """A row, the turn of its sentence, and what was not as expected."""

    row: Row
    record: TurnRecord
    missed: tuple[str, ...]

    @property
    def outcome(self) -> str:
        done = any(effect.confirmed for effect in self.record.effects)
        return "right" if not self.missed else "wrong" if done else "harmless"


def rows() -> list[Row]:
    return [json.loads(line) for line in (SHARED / "nlu" / "reports.jsonl").read_text("utf-8").splitlines()]


async def play(data: Sequence[Row]) -> list[Played]:
    async with typed_assistant() as assistant:
        return [await _played(row, assistant) for row in sorted(data, key=lambda row: (row["home"], row["language"]))]


async def _played(row: Row, assistant: Assistant) -> Played:
    context = row["context"]
    file = read_home(SHARED / "homes" / "reports" / row["home"])
    with wall_clock(context.get("TZ"), context.get("now")):
        async with fresh_home(assistant, file) as house:
            session = house.session(nowhere.Sink(), context.get("area"), row["language"])
            for before in context.get("before", ()):
                await session.ask(before)
            record = await session.ask(row["sentence"])
            return Played(row, record, tuple(missed(row["expect"], record)))


def missed(expect: Mapping[str, Any], record: TurnRecord) -> Iterator[str]:
    """The names of what was expected and is not so."""
    done = record.effects
    devices = in_the_home(record)
    said = [f"{e.entity} {e.service} {json.dumps(dict(e.data), default=str)}" for e in done]
    intents = [part.intent.name for part in record.reading.parts] if record.reading else []
    touched = {effect.entity for effect in devices}
    plain_on = any(effect.service.endswith(".turn_on") for effect in devices)
    checks: dict[str, Callable[[Any], object]] = {
        "no_device_calls": lambda wanted: bool(devices) is not wanted,
        "no_plain_on": lambda wanted: plain_on is not wanted,
        "decision": lambda wanted: record.decision.value in wanted,
        "intent": lambda wanted: wanted in intents,
        "intent_not": lambda wanted: wanted not in intents,
        "entities": lambda wanted: touched == set(wanted),
        "not_entities": lambda wanted: not touched & set(wanted),
        "not_calls": lambda wanted: not {f"{e.entity} {e.service}" for e in devices} & set(wanted),
        "no_service": lambda wanted: not {e.service for e in done} & set(wanted),
        "calls": lambda wanted: all(any(_is_call(effect, *call) for effect in done) for call in wanted),
        "calls_re": lambda wanted: any(re.search(wanted, line) for line in said),
        "item_calls": lambda wanted: sum(e.service.endswith(".add_item") for e in done) == wanted,
        "reply": lambda wanted: re.search(wanted, record.reply, re.IGNORECASE),
        "reply_not": lambda wanted: not re.search(wanted, record.reply, re.IGNORECASE),
        "question_not": lambda wanted: wanted not in (record.question or ""),
        "rings_at_wall": lambda wanted: any(_rings(effect, wanted) for effect in done),
    }
    yield from (name for name, wanted in expect.items() if not checks[name](wanted))


def _is_call(effect: Effect, service: str, data: Mapping[str, Any]) -> bool:
    return effect.service == service and all(_same(effect.data.get(name), value) for name, value in data.items())


def _same(given: object, wanted: object) -> bool:
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        return abs(given - wanted) < 1e-6
    return str(given).casefold() == str(wanted).casefold()


def _rings(effect: Effect, wall: str) -> bool:
    at = str(effect.data.get("at", ""))
    return bool(at) and datetime.fromisoformat(at).strftime("%Y-%m-%dT%H:%M:%S") == wall


def figures(played: Sequence[Played]) -> dict[str, Any]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for each in played:
        kinds[each.row["kind"]][each.outcome] += 1
    total = sum(kinds.values(), Counter[str]())
    return {
        "n": len(played),
        **{f"{outcome}_percent": round(100 * total[outcome] / len(played), 1) for outcome in OUTCOMES},
        "by_kind": {kind: {outcome: counts[outcome] for outcome in OUTCOMES} for kind, counts in kinds.items()},
    }


OUTCOMES = ("right", "harmless", "wrong")


def main() -> None:
    played = asyncio.run(play(rows()))
    for each in played:
        if each.missed:
            done = [f"{e.entity} {e.service} {dict(e.data)}" for e in each.record.effects]
            before = " / ".join(each.row["context"].get("before", ()))
            print(f"{each.outcome:8} {each.row['id']} {before} > {each.row['sentence']!r}: {', '.join(each.missed)}")
            print(f"         {each.record.decision.value} {done} {each.record.reply!r}")
    found = figures(played)
    print({name: value for name, value in found.items() if name != "by_kind"})
    save("reports", found, real(origin=Origin.SYNTHETIC), ("home-assistant-intents",))


if __name__ == "__main__":
    main()
