"""Recordings to what was heard and decided: shared by the bench of hearing and by whoever calibrates the decision."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from repartee.assembly.skills import load_skills
from repartee.core.conversation import Conversation
from repartee.core.hearing import Hearing
from repartee.core.home_file import HomeFile
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
class Heard:
    """The final hearings of one recording, an utterance each."""

    file: Path
    hearings: tuple[Hearing, ...]


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
