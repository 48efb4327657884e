"""The one place that turns settings into a running assistant, its telemetry included."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakSet

import numpy as np

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.channel import Channel
from repartee.core.conversation import Conversation
from repartee.core.duty import Duty, duties_of
from repartee.core.errors import BadSettings, ReparteeError
from repartee.core.feed import Feed, Happening, HomeChanged, HouseholdChanged
from repartee.core.home_file import HomeFile
from repartee.core.intent import Context
from repartee.core.limiter import PriorityLimiter, background
from repartee.core.plan import Alert
from repartee.core.ports import AudioSink, HomeBackend, TurnStore
from repartee.core.spans import UnderWay
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.audio import nowhere
from repartee.engines.fallback import Breakers
from repartee.engines.home.household import DOMAINS, Household
from repartee.engines.store.memory import MemoryStore
from repartee.engines.store.sqlite import SqliteStore
from repartee.session import Ear, Limits, Session
from repartee.stages.act import Backends
from repartee.stages.reply import Replies
from repartee.stages.understand.interpret import Interpreter
from repartee.turn import TurnServices

from .alerts import AlertDispatcher
from .engines import module
from .gc_schedule import settle, tidy
from .homes import OpenHome, is_real, of_file, open_home
from .models import Models, open_models
from .settings import Settings
from .skills import load_skills
from .telemetry import Telemetry, open_telemetry
from .understandings import Understandings
from .wake import NONE, waker

log = logging.getLogger(__name__)
LOOKED_BACK = 1_000
"""Turns by which to tell what this home says most."""
WARMED = 200
"""Sentences that are parsed before they are said."""
SETTLING = 5.0
"""Seconds that turns under way have to be done and recorded when the assistant ends."""


@dataclass(slots=True)
class Readiness:
    """Whether the models are loaded."""

    ready: bool = False
    problem: str = ""
    """Why they never will be; empty where nothing is wrong."""


@dataclass(frozen=True)
class Assistant:
    """Everything that sessions share: one home, one ear, one voice, one memory, one telemetry."""

    settings: Settings
    backend: HomeBackend
    household: Household
    """Timers, alarms, reminders and lists that the home itself has not."""
    store: TurnStore
    models: Models
    understandings: Understandings
    telemetry: Telemetry
    replies: Replies = field(default_factory=Replies)
    alerts: AlertDispatcher | None = None
    """Tells sessions what is due; None: nobody does."""
    feed: Feed = field(default_factory=Feed)
    """What happens in all sessions, the home and the household."""
    limiter: PriorityLimiter = field(default_factory=lambda: PriorityLimiter("turns"))
    """Before the answering of turns."""
    duties: tuple[Duty, ...] = ()
    """What must live as long as it does."""
    observers: Duty = field(default_factory=lambda: Duty("observers"))
    """Those who are told of finished turns; what breaks in one of them is no turn's error."""
    sessions: WeakSet[Session] = field(default_factory=WeakSet)
    """All that there are."""
    readiness: Readiness = field(default_factory=Readiness)

    def session(
        self,
        sink: AudioSink,
        area: str | None = None,
        language: str | None = None,
        finished: Callable[[TurnRecord], None] | None = None,
        wake_words: Sequence[str] = (),
    ) -> Session:
        """One person in one place. `area`: id, name or alias. Raises `BadSettings` for an area this home has not.

        `wake_words`: those that open the microphone; none: it is open.
        """
        brain, audio = self.settings.brain, self.settings.audio
        context = Context(self.area_id(area or self.settings.home.area), language=language or brain.language)
        echo = None if audio.echo == NONE else module("echo", audio.echo).Engine
        with self.telemetry.footprints.loading("wake_word", again=True):
            wake = waker(audio, wake_words, self.models.breakers) if wake_words else None
        ear = Ear(self.models.vad, audio.timing, audio.barge_in, echo, wake)

        def done(record: TurnRecord) -> None:
            for told in (self.store.record, self.telemetry.finished, finished):
                if told:
                    with self.observers.item():
                        told(record)

        limits = Limits(brain.max_context_history, self.settings.system.event_queue_size)
        conversation = Conversation(context)
        session = Session(lambda: self._services(context.language), ear, sink, conversation, done, limits, self.feed)
        self.sessions.add(session)
        if self.alerts:
            self.alerts.join(session)
        return session

    async def later(self, alert: Alert) -> None:
        """Does what somebody said to do at this time; nobody is there to hear a reply."""
        await self.session(nowhere.Sink(), alert.area).ask(alert.message)

    async def warm(self) -> None:
        """Loads every model, so that the first person does not wait for it."""
        models, footprints, language = self.models, self.telemetry.footprints, self.settings.brain.language
        with footprints.loading("intent"):
            understanding = self.understandings.of(self.backend.home, language)
        with footprints.loading("stt"):
            await models.ear.warm()
        with footprints.loading("tts"):
            await models.voice.warm()
        context = Context(self.area_id(self.settings.home.area), language=language)
        with background():  # somebody may be speaking already
            for text in usual(await self.store.recent(LOOKED_BACK)):
                async with self.limiter:
                    self.understandings.warm(self.backend.home, context, [text])
                await asyncio.sleep(0)
                await self.telemetry.mitigations.calm("cpu_average")
        with footprints.loading("stt"):
            async for _ in models.ear.transcribe(_murmur(), understanding.expect(context)):
                pass
        with footprints.loading("vad"):
            models.vad()
        settle()
        self.readiness.ready = True

    async def warm_up(self) -> None:
        """The same beside other work: what can't be loaded stands in `readiness`."""
        try:
            await self.warm()
        except ReparteeError as error:
            self.readiness.problem = str(error)

    @asynccontextmanager
    async def with_fresh_home(self, as_it_is: HomeFile | None = None) -> AsyncIterator[Assistant]:
        """The same assistant where nothing has happened yet in home and household; a real home stays what it is.

        `as_it_is`: the same home with other states and timers.
        """
        fresh = of_file(as_it_is) if as_it_is else open_home(self.settings.home)
        backend = self.backend if is_real(self.settings.home) else fresh.backend
        async with Household(None, fresh.timers) as household:
            yield replace(self, backend=backend, household=household, alerts=None, feed=Feed())

    def area_id(self, name: str | None) -> str | None:
        if name is None:
            return None
        area = self.backend.home.area_named(name)
        if area is None:
            known = ", ".join(area.name for area in self.backend.home.areas)
            raise BadSettings(f"this home has no area {name!r}; it has: {known}")
        return area.id

    def answering(self) -> int:
        """People who are being answered now."""
        return sum(session.busy for session in self.sessions)

    def under_way(self) -> Sequence[UnderWay]:
        """The stages that turns are in."""
        return [stage for session in self.sessions if (stage := session.under_way)]

    @property
    def engines(self) -> Mapping[str, str]:
        """Kind to engine name."""
        return self.models.names

    @property
    def backends(self) -> Backends:
        return Backends(self.backend, dict.fromkeys(DOMAINS, self.household))

    def _services(self, language: str) -> TurnServices:
        settings = self.settings
        interpreter = Interpreter(
            understanding=self.understandings.remembering(self.backend.home, language),
            skills=self.understandings.skills,
            policy=settings.confirmation.policy,
            plans=self.understandings.plans,
            thresholds=settings.deciding.thresholds,
            confidence=settings.brain.confidence_threshold,
        )
        return TurnServices(
            ear=self.models.ear,
            interpreter=interpreter,
            backends=self.backends,
            replies=self.replies,
            voice=self.models.voice,
            names=self.models.names,
            deadline=settings.brain.deadline,
            concurrency=settings.system.max_concurrent_tasks,
            limiter=self.limiter,
            hurried=self.telemetry.mitigations.active("end_to_end"),
        )


async def _murmur() -> AsyncIterator[AudioChunk]:
    """Half a second of noise: listening for this home's sentences in it makes the beginnings of them known."""
    samples = np.random.default_rng(0).integers(-500, 500, SAMPLE_RATE // 2, dtype=np.int16)
    yield AudioChunk(samples, SAMPLE_RATE, 0.0)


def usual(turns: Sequence[TurnRecord]) -> Sequence[str]:
    """The sentences that were acted on most in these turns, at most `WARMED`."""
    said = Counter(turn.transcript for turn in turns if turn.decision is Decision.ACTED)
    return [text for text, _ in said.most_common(WARMED)]


@asynccontextmanager
async def open_assistant(
    settings: Settings, *, patient: bool = False, home: OpenHome | None = None, models: Models | None = None
) -> AsyncIterator[Assistant]:
    """Started and in sync with its home; models are loaded when first needed (or by `warm`).

    `patient`: a home that is away may come later; timers ring all the same. Otherwise that raises `Unreachable`.
    `home`, `models`: others than the settings'.
    """
    data = data_folder(settings)
    telemetry = open_telemetry(settings.contract, data)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, telemetry.close)
        models_stack = stack.enter_context(ExitStack())
        breakers = Breakers()
        models = models or open_models(settings, breakers, data, telemetry.footprints, models_stack)
        with telemetry.footprints.loading("action"):
            home = home or open_home(settings.home, patient=patient)
            backend = await stack.enter_async_context(home.backend)
            skills = load_skills(own_lists=settings.home.lists == "own")
        store = SqliteStore(data / "repartee.sqlite", settings.system.retention_days) if data else MemoryStore()
        stack.push_async_callback(store.close)
        notebook = store if isinstance(store, SqliteStore) else None
        household = await stack.enter_async_context(Household(notebook, home.timers))
        models = replace(models, names={**models.names, "home": home.name})
        understandings = Understandings(settings.brain, skills, breakers)
        limiter = PriorityLimiter("turns", settings.system.turns_at_once, settings.system.turns_waiting)
        replies, feed = Replies(), Feed(settings.system.event_queue_size)
        alerts = AlertDispatcher(household, replies, lambda: assistant.backends, lambda a: assistant.later(a), limiter)
        collecting, relaying = Duty("gc_schedule"), Duty("feed")
        duties = (*duties_of(backend, household, store), alerts.duty, collecting, relaying, *telemetry.duties)
        assistant = Assistant(
            settings, backend, household, store, models, understandings, telemetry,
            replies=replies, alerts=alerts, feed=feed, limiter=limiter, duties=duties,
        )  # fmt: skip
        telemetry.watches(assistant.answering, lambda: store.connections, assistant.under_way)
        for name, cache in {**understandings.caches(), **models.caches}.items():
            telemetry.cached(name, cache)
        await stack.enter_async_context(alerts)
        for duty, work in ((collecting, lambda: tidy(assistant.answering)), (relaying, lambda: _relay(assistant))):
            duty.start(work)
            stack.push_async_callback(duty.stop)
        stack.push_async_callback(_settled, assistant)
        yield assistant


async def _relay(assistant: Assistant) -> None:
    """What changes at home and in the household, into the feed."""
    states, things = assistant.backend.changes(), assistant.household.changes()

    async def home(changes: Channel[str]) -> None:
        async for entity in changes:
            assistant.feed.publish(Happening(HomeChanged(entity)))

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


def data_folder(settings: Settings) -> Path | None:
    """Where things are kept; None: nowhere."""
    if settings.system.data is None:
        return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "repartee"
    return None if str(settings.system.data) == "-" else settings.system.data
