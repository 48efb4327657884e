"""Us, hassil, gazetteer-matcher and Home Assistant's own agent on the same sentences in the same run.

`plain`: ordinary commands with what they should change; a sentence without that is one that nothing need understand,
and must not do anything else. `one_thing_more`: commands with a time, a condition, a negation, a report, ...
(`bench.generated`); whoever changes the home at once is wrong. Nobody is told where the person stands. hassil and the
gazetteer only recognise: what their intents come to is carried out by our skills.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from tests.homes.home_assistant import HomeAssistantProcess

from bench.fresh_home import fresh_home, in_the_home, typed_assistant, wall_clock
from bench.generated import with_forms
from bench.record import real, save
from repartee.assembly.skills import load_skills
from repartee.contract.provenance import Origin
from repartee.core.home import State
from repartee.core.home_file import HomeFile, home_from
from repartee.core.intent import Context, Intent, Part, Reading
from repartee.core.plan import Action
from repartee.core.skill import Situation
from repartee.engines.audio import nowhere
from repartee.engines.home.home_assistant import HomeAssistant
from repartee.engines.home.home_assistant.socket import connect
from repartee.proof.compare.understanders import Recogniser, gazetteer, hassil
from repartee.stages.understand.planning import plan

DATA = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
Changes = Mapping[str, str]
STATES = {
    "turn_on": "on", "turn_off": "off", "open_cover": "open", "close_cover": "closed", "lock": "locked",
    "unlock": "unlocked", "set_cover_position": "open",
}  # fmt: skip
UNDO = {
    "on": "turn_on", "off": "turn_off", "open": "open_cover", "closed": "close_cover", "locked": "lock",
    "unlocked": "unlock",
}  # fmt: skip
SETTLED = 0.05
"""Seconds after an answer within which a state arrives on the same machine."""


class Case:
    """One sentence and what should come of it."""

    def __init__(self, text: str, kind: str, wanted: Changes | None) -> None:
        self.text, self.kind, self.wanted = text, kind, wanted

    def outcome(self, changed: Changes) -> str:
        if self.wanted and all(_fits(changed.get(e, ""), state) for e, state in self.wanted.items()):
            return "right" if changed.keys() == self.wanted.keys() else "wrong"
        if changed:
            return "wrong"
        return "declined" if self.wanted or self.kind == "plain" else "right"


def _fits(changed: str, wanted: str) -> bool:
    state, _, amount = wanted.partition(" ")
    given, _, told = changed.partition(" ")
    return given == state and (not amount or (bool(told) and abs(float(told) - float(amount)) <= 1))


def cases() -> Iterator[Case]:
    yield from (Case(text, "plain", wanted) for text, wanted in DATA["plain"])
    for sentence in with_forms(DATA["commands"], DATA["placed"]):
        if sentence.kind != "duration":  # to do it at once is right, and whether it ends is not waited for
            yield Case(sentence.text, sentence.kind, None)


def home_file() -> HomeFile:
    rows = [{**row, "attributes": {"current_position": 100 * (row["state"] == "open")}} for row in DATA["entities"]]
    return home_from({"areas": [{"name": name} for name in DATA["areas"]], "entities": rows}, "side by side")


def changes_of(calls: Sequence[tuple[str, str, Mapping[str, Any]]], states: Mapping[str, State]) -> Changes:
    """What calls (entity, service, data) change; what is so already is no change."""
    found = {}
    for entity, service, data in calls:
        state = STATES.get(service.partition(".")[2], service)
        amount = data.get("brightness_pct", data.get("position"))
        before = states[entity].value
        if state != before or amount is not None:
            found[entity] = state if amount is None else f"{state} {float(amount):g}"
    return found


async def ours(said: Sequence[Case], file: HomeFile) -> list[Changes]:
    found = []
    with wall_clock():
        async with typed_assistant() as assistant:
            for case in said:
                async with fresh_home(assistant, file) as house:
                    record = await house.session(nowhere.Sink(), None, "en").ask(case.text)
                    calls = [(e.entity, e.service, e.data) for e in in_the_home(record) if e.confirmed]
                    found.append(changes_of(calls, file.states))
    return found


def recogniser(known: Recogniser, file: HomeFile) -> Callable[[str], Changes]:
    """What the intent that it finds comes to."""
    skills = load_skills()

    def changes(text: str) -> Changes:
        answer = known(text, None)
        if answer is None:
            return {}
        slots = {name: tuple(v) if isinstance(v, list) else v for name, v in answer[1].items()}
        reading = Reading((Part(Intent(answer[0], slots)),))
        made = plan(reading, skills, Situation(file.home, file.states, Context()))
        calls = [(entity, action.service, action.data) for action in made.actions for entity in action.entities]
        return changes_of([call for call in calls if call[0] in file.home.by_id], file.states)

    return changes


class Agent:
    """Home Assistant's own conversation agent; the home is put back after each sentence."""

    def __init__(self, process: HomeAssistantProcess, file: HomeFile) -> None:
        self._process, self._file = process, file

    async def all(self, said: Sequence[Case]) -> list[Changes]:
        async with (
            HomeAssistant(self._process.url, lambda: self._process.token) as hand,
            aiohttp.ClientSession() as http,
        ):
            socket = await connect(http, self._process.url, self._process.token)
            listening = asyncio.create_task(socket.listen())
            await socket.ask({"type": "conversation/prepare", "language": "en"})
            found: list[Changes] = []
            await self._put_back(hand, {entity.id: "" for entity in self._file.home.entities})
            for case in said:
                await socket.ask({"type": "conversation/process", "text": case.text, "language": "en"})
                await asyncio.sleep(SETTLED)
                changed = {e.id: told for e in self._file.home.entities if (told := self._changed(hand, e.id))}
                await self._put_back(hand, changed)
                found.append(changed)
            listening.cancel()
        return found

    def _changed(self, hand: HomeAssistant, entity: str) -> str:
        now, before = hand.states[entity], self._file.states[entity]
        amount = now.attributes.get("current_position")
        brightness = now.attributes.get("brightness")
        if isinstance(brightness, int | float) and now.value == "on":
            amount = round(brightness / 2.55)
        usual = amount in (None, 100 if now.value in ("on", "open") else 0)
        if now.value == before.value and usual:
            return ""
        return str(now.value) if amount is None else f"{now.value} {amount}"

    async def _put_back(self, hand: HomeAssistant, changed: Mapping[str, str]) -> None:
        for entity in changed:
            domain, state = entity.partition(".")[0], str(self._file.states[entity].value)
            data = {"brightness_pct": 100} if (domain, state) == ("light", "on") else {}
            if domain == "light" and state == "off":
                await hand.perform(Action("light.turn_on", (entity,), {"brightness_pct": 100}))
            await hand.perform(Action(f"{domain}.{UNDO[state]}", (entity,), data))
        await asyncio.sleep(SETTLED if changed else 0)


def furnish(process: HomeAssistantProcess, file: HomeFile) -> None:
    admin = process.admin()
    there = {row["name"]: row["area_id"] for row in admin.ask("config/area_registry/list")}
    areas = {area.id: there.get(area.name) or admin.area(area.name) for area in file.home.areas}
    for entity in file.home.entities:
        admin.change(entity.id, {"area_id": areas[entity.area or ""]})
    admin.expose([entity.id for entity in file.home.entities], yes=True)
    admin.close()


def table(said: Sequence[Case], changed: Sequence[Changes]) -> dict[str, Any]:
    counts: dict[str, Counter[str]] = {"plain": Counter(), "one_thing_more": Counter()}
    for case, changes in zip(said, changed, strict=True):
        if case.wanted is not None or case.kind != "plain":
            counts["plain" if case.kind == "plain" else "one_thing_more"][case.outcome(changes)] += 1
        elif changes:
            counts["plain"]["wrong"] += 1
    return {kind: {"n": found.total(), **found} for kind, found in counts.items()}


def main() -> None:
    said, file = list(cases()), home_file()
    found: dict[str, Any] = {"repartee": asyncio.run(ours(said, file))}
    for name, known in (("hassil", hassil(file.home)), ("gazetteer-matcher", gazetteer(file.home))):
        found[name] = [recogniser(known, file)(case.text) for case in said]
    rows = [{"name": e.name, "domain": e.domain} for e in file.home.entities]
    with (
        tempfile.TemporaryDirectory() as folder,
        HomeAssistantProcess(Path(folder) / "config", rows, integrations=()) as process,
    ):
        furnish(process, file)
        found["home_assistant_agent"] = asyncio.run(Agent(process, file).all(said))
        version = process.version
    for name, changed in found.items():
        for case, changes in zip(said, changed, strict=True):
            if case.outcome(changes) != "right" and (case.kind == "plain" or changes) and name == "repartee":
                print(case.outcome(changes), repr(case.text), dict(changes))
    figures = {name: table(said, changed) for name, changed in found.items()}
    print(json.dumps(figures, indent=1))
    save(
        "side_by_side", {**figures, "home_assistant": version}, real(origin=Origin.SYNTHETIC),
        ("hassil", "gazetteer-matcher", "home-assistant-intents"),
    )  # fmt: skip


if __name__ == "__main__":
    main()
