"""Recordings to what was heard and decided: shared by the bench of hearing and by whoever calibrates the decision."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from repartee.assembly.skills import load_skills
from repartee.core.conversation import Conversation
from repartee.core.hearing import Hearing
from repartee.core.home_file import HomeFile, read_home
from repartee.core.intent import Context, Reading
from repartee.core.ports import AudioSource, Transcriber, Understanding
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.household import DOMAINS, Household
from repartee.engines.vad import silero
from repartee.grammar.weighty import weighty
from repartee.stages.act import Backends
from repartee.stages.audio_in.endpointer import Endpoint, Endpointer, Endpointing
from repartee.stages.understand.decision import Chosen, DecisionThresholds, Prior, choose, prior, under_way
from repartee.stages.understand.planning import decide, plan

SKILLS = load_skills()
THRESHOLDS = DecisionThresholds()


@dataclass(frozen=True)
class Row:
    """One line of `expected.jsonl`."""

    file: str
    area: str
    states: Mapping[str, str]
    timers: Sequence[Mapping[str, Any]]
    plans: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Heard:
    """The final hearings of one recording, an utterance each."""

    file: Path
    hearings: tuple[Hearing, ...]


def expected(folder: Path) -> list[Row]:
    lines = (folder / "expected.jsonl").read_text("utf-8").splitlines()
    return [Row(**json.loads(line)) for line in lines if line.strip()]


async def utterances(
    source: AudioSource,
    ear: Transcriber,
    understanding: Understanding,
    context: Context,
    backends: Backends,
    thresholds: DecisionThresholds = THRESHOLDS,
) -> list[Hearing]:
    """The final hearing of each; they end as turns do."""
    endpointer = Endpointer(source, silero.Engine(), Endpointing())
    found: list[Hearing] = []
    while await endpointer.onset():
        endpoint = Endpoint()
        async for hearing in ear.transcribe(endpointer.utterance(endpoint), understanding.expect(context)):
            steer(endpoint, hearing, understanding, backends, context, thresholds)
        found.append(hearing)
    return found


def steer(
    endpoint: Endpoint,
    hearing: Hearing,
    understanding: Understanding,
    backends: Backends,
    context: Context,
    thresholds: DecisionThresholds,
) -> None:
    """What a turn tells listening after each look."""
    choice = judged(hearing, understanding, backends, context, thresholds)
    endpoint.status = understanding.status(under_way(hearing, thresholds), context)
    endpoint.clarity, endpoint.sensible = choice.clarity, choice.sensible


def home_of(file: Path, row: Row | None, *, states: bool = True) -> HomeFile:
    """The home as the row says it is; without `states`, nobody knows any state."""
    home = read_home(file)
    if not states:
        home.states.known.clear()
    elif row is not None:
        ids = {entity.name: entity.id for entity in home.home.entities}
        for name, value in row.states.items():
            home.states.set(ids[name], replace(home.states[ids[name]], value=value))
    return replace(home, timers=tuple(row.timers) if row else home.timers)


@asynccontextmanager
async def situated(home: HomeFile) -> AsyncIterator[Backends]:
    async with DemoHome(home) as devices, Household(None, home.timers) as household:
        yield Backends(devices, dict.fromkeys(DOMAINS, household))


def judged(
    hearing: Hearing, understanding: Understanding, backends: Backends, context: Context, thresholds: DecisionThresholds
) -> Chosen:
    """As a turn does it."""
    situation = backends.situation(Conversation(context))

    def weigh(reading: Reading) -> Prior:
        return prior(plan(reading, SKILLS, situation), situation.states, context.history, thresholds)

    def read(text: str) -> Reading | None:
        return decide(understanding.parse(text, context))

    return choose(hearing, read, weigh, thresholds, partial(weighty, language=context.language))


def outcome(choice: Chosen, row: Row) -> str:
    """`right`, `asked`, `wrong`, or `rejected`."""
    reading = choice.reading
    if reading is None:
        return "rejected"
    if not reading.acts:
        return "asked"
    intents = [part.intent for part in reading.parts]
    fits = any(
        len(intents) == 1
        and intents[0].name == wanted["intent"]
        and same_slots(intents[0].slots, wanted["slots"], row.area)
        for wanted in row.plans
    )
    return "right" if fits else "wrong"


def same_slots(found: Mapping[str, Any], wanted: Mapping[str, Any], area: str) -> bool:
    """Numbers by value, strings without case, a tuple means any of these, an extra area that is the satellite's own is
    as good as none."""
    extra = set(found) - set(wanted)
    if extra and not (extra == {"area"} and str(found["area"]).casefold() == area.casefold()):
        return False
    return all(name in found and _alike(found[name], value) for name, value in wanted.items())


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(one) == float(other)
    if isinstance(one, list | tuple) or isinstance(other, list | tuple):
        ones = one if isinstance(one, list | tuple) else [one]
        others = other if isinstance(other, list | tuple) else [other]
        return bool({str(each).casefold() for each in ones} & {str(each).casefold() for each in others})
    return str(one).casefold() == str(other).casefold()
