"""A running assistant: what all its sessions share. `opening.py` makes one of settings."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from weakref import WeakSet

import numpy as np

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.backlog import Backlog
from repartee.core.conversation import Conversation
from repartee.core.duty import Duty
from repartee.core.election import Election
from repartee.core.errors import BadSettings, ReparteeError
from repartee.core.feed import Feed
from repartee.core.home_file import HomeFile
from repartee.core.intent import Context, Reading
from repartee.core.limiter import PriorityLimiter, background
from repartee.core.plan import Alert
from repartee.core.ports import AudioSink, HomeBackend, TurnStore
from repartee.core.schedule import SunTime
from repartee.core.spans import UnderWay
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.audio import nowhere
from repartee.engines.home import remembered as memory_home
from repartee.engines.home import taught as taught_home
from repartee.engines.home.household import DOMAINS, Household
from repartee.session import Ear, Limits, Session
from repartee.stages.act import Backends
from repartee.stages.reply import Replies
from repartee.stages.understand.interpret import Interpreter
from repartee.stages.understand.pin import PinLock
from repartee.turn import TurnServices

from .alerts import AlertDispatcher
from .audio_models import AudioModels
from .cause_recorder import CauseRecorder
from .conversing import NONE as NOTHING_MORE
from .conversing import Conversing
from .corrections import Corrections
from .engines import module
from .gc_schedule import settle
from .homes import is_real, of_file, open_home
from .recording import Recorder
from .settings import Settings
from .sun import by_home, by_place
from .telemetry import Telemetry
from .understandings import Understandings
from .wake import NONE, waker
from .wake import names as wake_names

LOOKED_BACK = 1_000
"""Turns by which to tell what this home says most."""
WARMED = 200
"""Sentences that are parsed before they are said."""


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
    models: AudioModels
    understandings: Understandings
    telemetry: Telemetry
    replies: Replies = field(default_factory=Replies)
    alerts: AlertDispatcher | None = None
    """Tells sessions what is due; None: not here."""
    feed: Feed = field(default_factory=Feed)
    """What happens in all sessions, the home and the household."""
    limiter: PriorityLimiter = field(default_factory=lambda: PriorityLimiter("turns"))
    """Before the answering of turns."""
    backlog: Backlog = field(default_factory=Backlog)
    """Before the hearing of turns."""
    duties: tuple[Duty, ...] = ()
    """What must live as long as it does."""
    observers: Duty = field(default_factory=lambda: Duty("observers"))
    """Those who are told of finished turns; what breaks in one of them is no turn's error."""
    sessions: WeakSet[Session] = field(default_factory=WeakSet)
    """All that there are."""
    readiness: Readiness = field(default_factory=Readiness)
    pins: PinLock = field(default_factory=PinLock)
    """Wrong PINs of all sessions add up."""
    election: Election = field(default_factory=Election)
    """Of the satellites that hear one sentence."""
    causes: CauseRecorder | None = None
    """Records who changed what; None: not here."""
    corrections: Corrections | None = None
    """Learns from them; None: not here."""
    conversing: Conversing = NOTHING_MORE
    """Memory and language models, where there are any."""
    recorder: Recorder | None = None
    """Writes turns down for a replay; None: not here."""

    def session(
        self,
        sink: AudioSink,
        area: str | None = None,
        language: str | None = None,
        finished: Callable[[TurnRecord], None] | None = None,
        wake_words: Sequence[str] = (),
        person: bool = True,
    ) -> Session:
        """One person in one place. `area`: id, name or alias. Raises `BadSettings` for an area this home has not.

        `wake_words`: those that open the microphone; none: it is open. `person`: somebody is there; False: a sentence
        that waited for its time.
        """
        brain, audio = self.settings.brain, self.settings.audio
        context = Context(self.area_id(area or self.settings.home.area), language=language or brain.language)
        echo = None if audio.echo == NONE else module("echo", audio.echo).Engine
        with self.telemetry.footprints.loading("wake_word", again=True):
            wake = waker(audio, wake_words, self.models.breakers) if wake_words else None
        election = self.election if context.area and audio.one_answers else None
        ear = Ear(self.models.vad, audio.timing, audio.barge_in, echo, wake, election, self.settings.speed.gather)
        learns = self.corrections.of_session(context) if self.corrections and person else None
        notes = self.causes.of_session(context, person) if self.causes else None
        remembering = self.conversing.remembering if person else None
        remembers = remembering.of_session(context.language) if remembering else None

        def done(record: TurnRecord) -> None:
            records = self.recorder.finished if self.recorder else None
            for told in (self.store.record, self.telemetry.finished, finished, learns, notes, remembers, records):
                if told:
                    with self.observers.item():
                        told(record)

        limits = Limits(brain.max_context_history, self.settings.system.event_queue_size)
        conversation = Conversation(context)
        session = Session(lambda: self.services(context.language), ear, sink, conversation, done, limits, self.feed)
        self.sessions.add(session)
        if self.alerts:
            self.alerts.join(session)
        return session

    async def later(self, alert: Alert) -> None:
        """Does what somebody said to do at this time; no reply is heard."""
        await self.session(nowhere.Sink(), alert.area, person=False).ask(alert.message)

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
        if not self.settings.speed.warm:
            self.readiness.ready = True  # whoever speaks first waits for the models
            return
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
        sun = sun_of(self.settings, backend)
        async with Household(None, fresh.timers, zone=self.household.zone, sun=sun) as household:
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
        taught, remembered = self.understandings.taught, self.conversing.remembered
        routes: dict[str, HomeBackend] = dict.fromkeys(DOMAINS, self.household)
        routes = {**routes, taught_home.DOMAIN: taught} if taught else routes
        routes = {**routes, memory_home.DOMAIN: remembered} if remembered else routes
        return Backends(self.backend, routes, self.sun, self.household.zone, self.household.wall)

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        """What a sentence is, here and now."""
        return self.understandings.remembering(self.backend.home, context.language).parse(text, context)

    @property
    def sun(self) -> SunTime | None:
        """When the sun rises and sets here; None where the home's place is unknown."""
        return sun_of(self.settings, self.backend)

    def services(self, language: str) -> TurnServices:
        """What a turn is done with, now."""
        settings = self.settings
        interpreter = Interpreter(
            understanding=self.understandings.remembering(self.backend.home, language),
            skills=self.understandings.skills,
            policy=settings.confirmation.policy,
            plans=self.understandings.plans,
            thresholds=settings.deciding.thresholds,
            confidence=settings.brain.confidence_threshold,
            pins=self.pins,
            names=wake_names(settings.audio),
            rules=self.conversing.rules,
            links=self.conversing.links,
        )
        tap = self.recorder.tap(self.models.ear, self.backends) if self.recorder else None
        return TurnServices(
            ear=tap or self.models.ear,
            begun=partial(self.recorder.begun, tap) if self.recorder and tap else lambda *_: None,
            interpreter=interpreter,
            backends=self.backends,
            replies=self.replies,
            voice=self.models.voice,
            names=self.models.names,
            deadline=settings.brain.deadline,
            resume=settings.audio.resume,
            concurrency=settings.system.max_concurrent_tasks,
            limiter=self.limiter,
            backlog=self.backlog,
            hurried=self.telemetry.mitigations.active("end_to_end"),
            prepares=settings.speed.prepare,
            open_ear=settings.llm.open_microphone,
        )


async def _murmur() -> AsyncIterator[AudioChunk]:
    """Half a second of noise: listening for this home's sentences in it makes the beginnings of them known."""
    samples = np.random.default_rng(0).integers(-500, 500, SAMPLE_RATE // 2, dtype=np.int16)
    yield AudioChunk(samples, SAMPLE_RATE, 0.0)


def usual(turns: Sequence[TurnRecord]) -> Sequence[str]:
    """The sentences that were acted on most in these turns, at most `WARMED`."""
    said = Counter(turn.transcript for turn in turns if turn.decision is Decision.ACTED)
    return [text for text, _ in said.most_common(WARMED)]


def sun_of(settings: Settings, backend: HomeBackend) -> SunTime | None:
    """By the home's place where it is set, else by the home's own sun."""
    home = settings.home
    if home.latitude is not None and home.longitude is not None:
        return by_place(home.latitude, home.longitude)
    return by_home(backend.states)


def data_folder(settings: Settings) -> Path | None:
    """Where things are kept; None: nowhere."""
    if settings.system.data is None:
        return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "repartee"
    return None if str(settings.system.data) == "-" else settings.system.data
