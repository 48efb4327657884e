"""How many replies are as the sentence data accepts them: true intent and slots, the row's home, our plan and reply.

A row's `home` often lacks the very device or timer that its sentence is about (the reply tests of the data's project
never act). `as given` counts such rows as they come: an honest "there is no such device" is then a miss. `furnished`
adds what the slots name, in the place they name, and then does the same.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.record import real, save
from repartee.assembly.skills import load_skills
from repartee.contract.provenance import Origin
from repartee.core.conversation import Conversation
from repartee.core.home import Area, slug
from repartee.core.home_file import HomeFile, home_from
from repartee.core.intent import Context, Intent, Part, Reading
from repartee.core.skill import Skills
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.household import DOMAINS, Household
from repartee.engines.understanding.hassil import HassilUnderstanding
from repartee.stages.act import Backends, act
from repartee.stages.reply import Replies
from repartee.stages.understand.planning import plan

NOW = datetime(2013, 9, 17, 1, 2).astimezone()
"""The moment at which the accepted replies were written down."""
DOMAIN = {
    "HassClimate": "climate", "HassFanSetSpeed": "fan", "HassLight": "light", "HassListAddItem": "todo",
    "HassListCompleteItem": "todo", "HassListRemoveItem": "todo", "HassShopping": "todo", "HassMedia": "media_player",
    "HassSetVolume": "media_player", "HassSetPosition": "cover", "HassVacuum": "vacuum", "HassLawnMower": "lawn_mower",
    "HassGetWeather": "weather",
}  # fmt: skip
UNITS = ("start_hours", "start_minutes", "start_seconds")


@dataclass(frozen=True)
class Row:
    """One line of the data."""

    sentence: str
    intent: str
    slots: Mapping[str, Any]
    accepted: tuple[str, ...]
    area: str | None
    """Name of the satellite's area."""
    home: Mapping[str, Any]


def rows(folder: Path, language: str) -> list[Row]:
    homes = json.loads((folder / f"{language}.homes.json").read_text("utf-8"))
    lines = (folder / f"{language}.jsonl").read_text("utf-8").splitlines()
    found = (json.loads(line) for line in lines)
    return [
        Row(r["sentence"], r["intent"], r["slots"], tuple(r["response"]), r["context"].get("area"), homes[r["home"]])
        for r in found
        if r.get("response")
    ]


def furnished(row: Row) -> HomeFile:
    """The row's home with what its sentence takes for granted."""
    data = json.loads(json.dumps(row.home))
    areas, entities, slots = data["areas"], data["entities"], row.slots
    wanted_area = slots.get("area") or row.area
    for name in filter(None, (wanted_area, row.area)):
        if name not in [area["name"] for area in areas]:
            areas.append({"name": name})
    if "floor" in slots and not any(area.get("floor") == slots["floor"] for area in areas):
        areas.append({"name": "Room", "floor": slots["floor"]})
        wanted_area = "Room"
    known = next(([domain] for prefix, domain in DOMAIN.items() if row.intent.startswith(prefix)), [])
    here = "area" in slots or "floor" in slots
    for domain in _all(slots.get("domain")) or known:
        there = any(e["domain"] == domain for e in entities)
        moves = domain in ("vacuum", "lawn_mower")  # it is not where it is sent
        if "name" in slots or row.intent == "HassGetState" or (there and (moves or not here)):
            continue
        for device_class in _all(slots.get("device_class")) or [None]:
            extra = {"name": f"Some {domain}", "domain": domain, "area": wanted_area}
            entities.append({**extra, "attributes": {"device_class": device_class} if device_class else {}})
    if "Timer" in row.intent and row.intent not in ("HassStartTimer", "HassTimerStatus") and not data["timers"]:
        length = {unit: slots[unit] for unit in UNITS if unit in slots} or {"start_minutes": 5}
        about = {name: slots[name] for name in ("name", "area") if name in slots}
        data["timers"].append({**length, **about, "is_active": row.intent != "HassUnpauseTimer"})
    for entity in entities:
        if entity["domain"] == "todo" and "item" in slots:
            entity.setdefault("attributes", {})["items"] = [{"summary": slots["item"], "status": "needs_action"}]
    return home_from(data)


def given(row: Row) -> HomeFile:
    """The row's home and, if it is nowhere in it, the area in which the satellite stands."""
    file = home_from(row.home)
    if row.area and file.home.area_named(row.area) is None:
        home = file.home.changed(areas=(*file.home.areas, Area(slug(row.area), row.area)))
        return HomeFile(home, file.states, file.timers, file.media)
    return file


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def true_intent(row: Row, understanding: HassilUnderstanding, context: Context) -> Intent:
    """The row's intent and slots. The data does not say which of the intent's replies (its response key) the sentence
    asks for, so that comes from the reading of the reference that has the row's intent and slots, if there is one."""
    for reading in understanding.parse(row.sentence, context):
        intent = reading.parts[0].intent
        if intent.name == row.intent and _same(intent.slots, row):
            return intent
    slots = {name: tuple(value) if isinstance(value, list) else value for name, value in row.slots.items()}
    return Intent(row.intent, slots)


def _same(slots: Mapping[str, Any], row: Row) -> bool:
    """As the data's README has it."""
    got = {name: value for name, value in slots.items() if name in row.slots or value != row.area}
    return got.keys() == row.slots.keys() and all(_equal(value, row.slots[name]) for name, value in got.items())


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, tuple):
        return isinstance(wanted, list) and set(value) == set(wanted)
    if isinstance(wanted, list):
        return value in wanted
    if isinstance(wanted, str):
        return str(value).casefold() == wanted.casefold()
    return bool(value == wanted)


async def reply(row: Row, file: HomeFile, skills: Skills, replies: Replies, language: str) -> str:
    """What we say to the row's sentence, done for real in the home."""
    area = file.home.area_named(row.area) if row.area else None
    context = Context(area=area.id if area else None, language=language)
    intent = true_intent(row, HassilUnderstanding(file.home, language), context)
    async with DemoHome(file) as home, Household(timers=_by_id(file)) as household:
        backends = Backends(home, dict.fromkeys(DOMAINS, household))
        steps = plan(Reading((Part(intent),)), skills, _at(backends, context, intent.name))
        outcomes = await act(steps, backends)
        return replies.render(outcomes, file.home, backends.situation(Conversation(context)).states, language)


def _at(backends: Backends, context: Context, intent: str) -> Any:
    """Only time and date are of that moment; timers run now."""
    return backends.situation(Conversation(context), NOW if intent.startswith("HassGetCurrent") else None)


def _by_id(file: HomeFile) -> list[dict[str, Any]]:
    """Timers with their area's id, as the skill that starts them writes it."""
    areas = {area.name: area.id for area in file.home.areas}
    return [{**timer, "area": areas.get(timer.get("area", ""), timer.get("area"))} for timer in file.timers]


@dataclass
class Score:
    right: int
    total: int
    misses: list[tuple[str, str, str, str]]

    @property
    def share(self) -> float:
        return self.right / self.total


def score(folder: Path, language: str, *, furnish: bool = True) -> Score:
    """Over all rows of a language that have an accepted response."""
    return asyncio.run(measure(rows(folder, language), language, furnish=furnish))


async def measure(all_rows: list[Row], language: str, *, furnish: bool) -> Score:
    skills, replies, result = load_skills(), Replies(), Score(0, 0, [])
    for row in all_rows:
        file = furnished(row) if furnish else given(row)
        said = await reply(row, file, skills, replies, language)
        result.total += 1
        if said in row.accepted:
            result.right += 1
        else:
            result.misses.append((row.sentence, row.intent, said, " | ".join(row.accepted)))
    return result


def main() -> None:
    folder = Path(os.environ.get("REPARTEE_SHARED", "../shared")) / "nlu"
    figures: dict[str, Any] = {"must_reach": {"en": 0.95, "fr": 0.90, "nl": 0.90}}
    for language in ("en", "fr", "nl"):
        whole, bare = (score(folder, language, furnish=furnish) for furnish in (True, False))
        misses = Counter((intent, said, wanted) for _, intent, said, wanted in whole.misses)
        figures[language] = {
            "rows": whole.total,
            "furnished": round(whole.share, 4),
            "as_given": round(bare.share, 4),
            "misses": [{"intent": i, "said": s, "accepted": w, "rows": n} for (i, s, w), n in misses.most_common(20)],
        }
        print(f"{language}: {whole.right} of {whole.total} = {whole.share:.1%}; as given {bare.share:.1%}")
    save("replies", figures, real(origin=Origin.SYNTHETIC), ("home-assistant-intents", "hassil"))


if __name__ == "__main__":
    main()
