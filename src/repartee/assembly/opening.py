"""The one place that turns settings into a running assistant, its telemetry included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from repartee.core.backlog import Backlog
from repartee.core.causes import CauseLog
from repartee.core.channel import Channel
from repartee.core.duty import Duty, duties_of
from repartee.core.feed import Feed, Happening, HomeChanged, HouseholdChanged
from repartee.core.intent import Reading
from repartee.core.limiter import PriorityLimiter
from repartee.core.skill import Situation, Skills
from repartee.engines.fallback import Breakers
from repartee.engines.home.household import Household
from repartee.engines.home.taught import Taught
from repartee.engines.store.sqlite import SqliteStore
from repartee.stages.reply import Replies

from .alerts import AlertDispatcher
from .assistant import Assistant, data_folder
from .audio_models import AudioModels, open_audio_models
from .cause_recorder import CauseRecorder
from .conversing import open_conversing
from .corrections import Corrections
from .gc_schedule import collect_when_idle
from .homes import OpenHome, open_home
from .keeping import open_household, open_recorder, open_store, open_understandings
from .orders import ConditionMonitor, OrderRunner
from .runtime_status import RuntimeStatus
from .settings import Settings
from .skills import load_skills
from .skills.reasons import Reasons
from .skills.teaching import Teaching
from .telemetry import open_telemetry
from .understandings import Understandings

SETTLING = 5.0
"""Seconds that turns under way have to be done and recorded when the assistant ends."""
Work = Callable[[], Coroutine[Any, Any, None]]


@asynccontextmanager
async def open_assistant(
    settings: Settings, *, patient: bool = False, home: OpenHome | None = None, models: AudioModels | None = None
) -> AsyncIterator[Assistant]:
    """Started and in sync with its home; models are loaded when first needed (or by `warm`).

    `patient`: a home that is away may come later; timers ring all the same. Otherwise that raises `Unreachable`.
    `home`, `models`: others than the settings'.
    """
    data, breakers = data_folder(settings), Breakers()
    telemetry = open_telemetry(settings.contract, data)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, telemetry.close)
        with telemetry.footprints.loading("action"):
            home = home or open_home(settings.home, patient=patient)
            backend = await stack.enter_async_context(home.backend)
        store = open_store(settings, data)
        stack.push_async_callback(store.close)
        notebook = store if isinstance(store, SqliteStore) else None
        household = await stack.enter_async_context(open_household(settings, home, notebook))
        taught = await stack.enter_async_context(Taught(notebook))
        models = models or open_audio_models(settings, breakers, data, telemetry.footprints, stack)
        models = replace(models, names={**models.names, "home": home.name})
        understandings = open_understandings(settings, taught)
        with telemetry.footprints.loading("memory"):
            conversing = await open_conversing(settings, data, breakers, stack, partial(_parse, understandings))
        causes = CauseRecorder(backend, CauseLog())
        skills = _skills(settings, taught, causes, understandings, lambda: assistant)
        understandings.skills = skills
        limiter = PriorityLimiter("turns", settings.system.turns_at_once, settings.system.turns_waiting)
        alerts = _alerts(settings, household, skills, causes, limiter, lambda: assistant)
        conditions = ConditionMonitor(household, lambda: assistant.backends)
        collecting, relaying, beating = Duty("gc_schedule"), Duty("feed"), Duty("backlog")
        duties = (
            *duties_of(backend, household, taught, store), causes.duty, alerts.duty, conditions.duty, collecting,
            relaying, beating, *telemetry.duties, *(duty for duty, _ in conversing.works),
        )  # fmt: skip
        assistant = Assistant(
            settings, backend, household, store, models, understandings, telemetry, alerts=alerts,
            feed=Feed(settings.system.event_queue_size), limiter=limiter, duties=duties, causes=causes,
            backlog=Backlog(settings.audio.busy_after), conversing=conversing,
            corrections=Corrections(taught, understandings.corrects), recorder=open_recorder(settings, data, stack),
        )  # fmt: skip
        _observe(assistant)
        for part in (alerts, conditions, causes):
            await stack.enter_async_context(part)
        await _start(stack, *zip((collecting, relaying, beating), _works(assistant), strict=True), *conversing.works)
        stack.push_async_callback(_settled, assistant)
        yield assistant


def _parse(known: Understandings, text: str, now: Situation) -> Sequence[Reading]:
    """As the grammar of this home and language reads it."""
    return known.remembering(now.home, now.context.language).parse(text, now.context)


def _works(assistant: Assistant) -> tuple[Work, Work, Work]:
    """What runs beside turns: collecting rubbish, telling what changes, looking at how late everything is."""
    return partial(collect_when_idle, assistant.answering), partial(_relay, assistant), assistant.backlog.watch


def _observe(assistant: Assistant) -> None:
    """Telemetry reads what it measures beside turns."""
    telemetry, store = assistant.telemetry, assistant.store
    RuntimeStatus(assistant).export()
    telemetry.attach(assistant.answering, lambda: store.connections, assistant.under_way)
    caches = {**assistant.understandings.caches(), **assistant.models.caches, **assistant.conversing.caches}
    for name, cache in caches.items():
        telemetry.cached(name, cache)


def _skills(
    settings: Settings, taught: Taught, causes: CauseRecorder, known: Understandings, assistant: Callable[[], Assistant]
) -> Skills:
    """What carries out what was understood; some know what was taught, and why something is as it is."""
    teaching = Teaching(lambda: taught.home, taught.states, lambda text, at: assistant().parse(text, at))
    knowing = {**teaching.skills, **Reasons(causes.log, known.cover).skills}
    skills = load_skills(own_lists=settings.home.lists == "own", knowing=knowing)
    teaching.others = skills
    return skills


def _alerts(
    settings: Settings,
    household: Household,
    skills: Skills,
    causes: CauseRecorder,
    limiter: PriorityLimiter,
    assistant: Callable[[], Assistant],
) -> AlertDispatcher:
    """Who tells what is due, and does what was ordered for later."""
    replies, policy = Replies(), settings.confirmation.policy
    runner = OrderRunner(skills, policy, replies, lambda: assistant().backends, causes.carried_out)
    return AlertDispatcher(
        household, replies, lambda: assistant().backends, lambda alert: assistant().later(alert), runner, limiter,
        causes.told,
    )  # fmt: skip


async def _start(stack: AsyncExitStack, *works: tuple[Duty, Work]) -> None:
    for duty, work in works:
        duty.start(work)
        stack.push_async_callback(duty.stop)


async def _relay(assistant: Assistant) -> None:
    """What changes at home and in the household, into the feed."""
    states, things = assistant.backend.changes(), assistant.household.changes()

    async def home(changes: Channel[str]) -> None:
        seen = 0
        async for entity in changes:
            missed, seen = changes.dropped > seen, changes.dropped
            assistant.feed.publish(Happening(HomeChanged("" if missed else entity)))

    async def household(changes: Channel[str]) -> None:
        async for _ in changes:
            assistant.feed.publish(Happening(HouseholdChanged()))

    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(home(states))
            tasks.create_task(household(things))
    finally:
        states.close()
        things.close()


async def _settled(assistant: Assistant) -> None:
    """What was begun is done and recorded before anything is closed."""
    for session in list(assistant.sessions):
        session.stop()
    settling = [asyncio.ensure_future(session.settled()) for session in assistant.sessions]
    if settling:
        await asyncio.wait(settling, timeout=SETTLING)
