"""The one place that turns settings into a running assistant."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.causes import CauseLog
from repartee.core.conversation import Conversation
from repartee.core.duty import Duty, duties_of
from repartee.core.errors import BadSettings
from repartee.core.home import Home
from repartee.core.home_file import HomeFile
from repartee.core.intent import Context, Reading
from repartee.core.limiter import PriorityLimiter, background
from repartee.core.plan import Alert
from repartee.core.ports import (
    AudioSink,
    HomeBackend,
    Synthesizer,
    Transcriber,
    TurnStore,
    Understanding,
    VoiceActivity,
)
from repartee.core.schedule import SunTime
from repartee.core.skill import Skills
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.audio import nowhere
from repartee.engines.fallback import (
    Breakers,
    Fallback,
    FallbackEngine,
    FallbackSynthesizer,
    FallbackTranscriber,
    FallbackUnderstanding,
    FallbackVad,
)
from repartee.engines.home import taught as taught_home
from repartee.engines.home.household import DOMAINS, Household
from repartee.engines.home.taught import Taught
from repartee.engines.store.memory import MemoryStore
from repartee.engines.store.sqlite import SqliteStore
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.cache import Cache, CachedUnderstanding, Leaning
from repartee.languages.data import sentences
from repartee.session import Ear, Limits, Session
from repartee.stages.act import Backends
from repartee.stages.audio_in.noise_gate import GatedVad
from repartee.stages.read_aloud import ReadAloud
from repartee.stages.reply import Replies
from repartee.stages.understand.interpret import Interpreter
from repartee.stages.understand.pin import PinLock
from repartee.stages.understand.plan_cache import PlanCache
from repartee.turn import TurnServices

from .alerts import AlertDispatcher
from .cause_watch import CauseWatch
from .corrections import Corrections
from .engines import fallback_engine, module, with_fallback
from .footprint import Footprints
from .gc_schedule import settle, tidy
from .homes import is_real, of_file, open_home
from .mitigation import Mitigations
from .orders import ConditionWatch, OrderRunner
from .settings import Settings
from .skills import load_skills
from .skills.reasons import Reasons
from .skills.teaching import Teaching, sentences_of
from .sun import by_home, by_place
from .wake import NONE, waker
from .wake import names as wake_names
from .zone import zone_of

log = logging.getLogger(__name__)
LOOKED_BACK = 1_000
"""Turns by which to tell what this home says most."""
VAD_OTHERWISE = "webrtc"
WARMED = 200
"""Sentences that are parsed before they are said."""


@dataclass(frozen=True)
class Assistant:
    """Everything that sessions share: one home, one ear, one voice, one memory."""

    settings: Settings
    backend: HomeBackend
    household: Household
    """Timers, alarms, reminders and lists that the home itself has not."""
    store: TurnStore
    ear: Transcriber
    voice: Synthesizer
    understandings: Understandings
    skills: Skills
    replies: Replies
    engines: Mapping[str, str]
    """Kind to engine name, as chosen after what is missing was passed over."""
    breakers: Breakers = field(default_factory=Breakers)
    """Of the engines."""
    limiter: PriorityLimiter = field(default_factory=lambda: PriorityLimiter("turns"))
    """Before the answering of turns."""
    finished: Callable[[TurnRecord], object] | None = None
    """Told of every turn of every session."""
    joined: Callable[[Session], None] | None = None
    """Told of every new session: it wants to hear what is due."""
    footprints: Footprints = field(default_factory=Footprints)
    """What its parts take of the memory."""
    mitigations: Mitigations = field(default_factory=Mitigations)
    """What exceeded budgets have set off."""
    pins: PinLock = field(default_factory=PinLock)
    """Wrong PINs of all sessions add up."""
    causes: CauseWatch | None = None
    """Notes who changed what; None: nobody does."""
    corrections: Corrections | None = None
    """Learns from them; None: nobody does."""
    duties: Sequence[Duty] = ()
    """What must live as long as it does."""
    observers: Duty = field(default_factory=lambda: Duty("observers"))
    """Those who are told of finished turns; what breaks in one of them is no turn's error."""
    sessions: WeakSet[Session] = field(default_factory=WeakSet)
    """All that there are."""

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

        `person`: somebody is there; False: a sentence that waited for its time.
        `wake_words`: those that open the microphone; none: it is open.
        """
        brain = self.settings.brain
        context = Context(self.area_id(area or self.settings.home.area), language=language or brain.language)
        audio = self.settings.audio
        echo = None if audio.echo == NONE else module("echo", audio.echo).Engine
        with self.footprints.loading("wake_word", again=True):
            wake = waker(audio, wake_words, self.breakers) if wake_words else None
        ear = Ear(lambda: self._gate(), audio.timing, audio.barge_in, echo, wake)

        learns = self.corrections.of_session(context) if self.corrections and person else None
        notes = self.causes.of_session(context, person) if self.causes else None

        def done(record: TurnRecord) -> None:
            for told in (self.store.record, self.finished, finished, learns, notes):
                if told:
                    with self.observers.item():
                        told(record)

        limits = Limits(brain.max_context_history, self.settings.system.event_queue_size)
        session = Session(lambda: self._services(context.language), ear, sink, Conversation(context), done, limits)
        self.sessions.add(session)
        if self.joined:
            self.joined(session)
        return session

    async def later(self, alert: Alert) -> None:
        """Does what somebody said to do at this time; nobody is there to hear a reply."""
        await self.session(nowhere.Sink(), alert.area, person=False).ask(alert.message)

    async def warm(self) -> None:
        """Loads every model, so that the first person does not wait for it."""
        language = self.settings.brain.language
        with self.footprints.loading("intent"):
            understanding = self.understandings.of(self.backend.home, language)
        with self.footprints.loading("stt"):
            await self.ear.warm()
        with self.footprints.loading("tts"):
            await self.voice.warm()
        context = Context(self.area_id(self.settings.home.area), language=language)
        with background():  # somebody may be speaking already
            for text in usual(await self.store.recent(LOOKED_BACK)):
                async with self.limiter:
                    self.understandings.warm(self.backend.home, context, [text])
                await asyncio.sleep(0)
                await self.mitigations.calm("cpu_average")
        with self.footprints.loading("stt"):
            async for _ in self.ear.transcribe(_murmur(), understanding.expect(context)):
                pass
        with self.footprints.loading("vad"):
            self._gate()
        settle()

    @asynccontextmanager
    async def with_fresh_home(self, as_it_is: HomeFile | None = None) -> AsyncIterator[Assistant]:
        """The same assistant where nothing has happened yet in home and household; a real home stays what it is.

        `as_it_is`: the same home with other states and timers.
        """
        fresh = of_file(as_it_is) if as_it_is else open_home(self.settings.home)
        backend = self.backend if is_real(self.settings.home) else fresh.backend
        async with Household(
            None, fresh.timers, zone=self.household.zone, sun=sun_of(self.settings, backend)
        ) as household:
            yield replace(self, backend=backend, household=household, joined=None)

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

    @property
    def backends(self) -> Backends:
        taught = self.understandings.taught
        routes: dict[str, HomeBackend] = dict.fromkeys(DOMAINS, self.household)
        routes = {**routes, taught_home.DOMAIN: taught} if taught else routes
        return Backends(self.backend, routes, self.sun, self.household.zone)

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        """What a sentence is, here and now."""
        return self.understandings.remembering(self.backend.home, context.language).parse(text, context)

    @property
    def sun(self) -> SunTime | None:
        """When the sun rises and sets here; None where nobody knows where the home is."""
        return sun_of(self.settings, self.backend)

    def _gate(self) -> VoiceActivity:
        wanted = dict.fromkeys((self.engines["vad"], VAD_OTHERWISE))
        return GatedVad(FallbackVad(Fallback("vad", [fallback_engine("vad", name, self.breakers) for name in wanted])))

    def _services(self, language: str) -> TurnServices:
        interpreter = Interpreter(
            understanding=self.understandings.remembering(self.backend.home, language),
            skills=self.skills,
            policy=self.settings.confirmation.policy,
            plans=self.understandings.plans,
            thresholds=self.settings.deciding.thresholds,
            confidence=self.settings.brain.confidence_threshold,
            pins=self.pins,
            names=wake_names(self.settings.audio),
        )
        return TurnServices(
            ear=self.ear,
            interpreter=interpreter,
            backends=self.backends,
            replies=self.replies,
            voice=self.voice,
            names=self.engines,
            deadline=self.settings.brain.deadline,
            concurrency=self.settings.system.max_concurrent_tasks,
            limiter=self.limiter,
            hurried=self.mitigations.active("end_to_end"),
        )


async def _murmur() -> AsyncIterator[AudioChunk]:
    """Half a second of noise: listening for this home's sentences in it makes the beginnings of them known."""
    samples = np.random.default_rng(0).integers(-500, 500, SAMPLE_RATE // 2, dtype=np.int16)
    yield AudioChunk(samples, SAMPLE_RATE, 0.0)


def usual(turns: Sequence[TurnRecord]) -> Sequence[str]:
    """The sentences that were acted on most in these turns, at most `WARMED`."""
    said = Counter(turn.transcript for turn in turns if turn.decision is Decision.ACTED)
    return [text for text, _ in said.most_common(WARMED)]


class Understandings:
    """One understanding a language, made anew when the home has changed."""

    def __init__(self, engine: str, folder: Path | None = None, breakers: Breakers | None = None) -> None:
        """`folder`: a person's own sentences."""
        self._engine, self._folder = engine, folder
        self._breakers = breakers or Breakers()
        self._made: dict[tuple[str, str], tuple[tuple[object, object], Understanding]] = {}
        self.parses: Cache[Sequence[Reading]] = Cache()
        """Of all languages; `statistics` say what it saves."""
        self.contexts: Cache[Sequence[Reading]] = Cache()
        """The same, of sentences that lean on what was said before."""
        self.plans = PlanCache()
        self.taught: Taught | None = None
        """Sentences and names that people gave; their sentences are compiled in, their names join the home's."""

    def remembering(self, home: Home, language: str) -> Understanding:
        """What `of` gives, with its parses remembered; the reference engine reads what the grammar fails on.

        Chosen by itself, the reference engine is asked anew each time.
        """
        understanding = self.of(home, language)
        if not isinstance(understanding, CompiledHome):
            return understanding
        of = partial(self._breakers.of, "understanding")
        reading = [
            FallbackEngine[Understanding]("grammar", lambda: understanding, of("grammar")),
            FallbackEngine[Understanding]("hassil", lambda: self.of(home, language, "hassil"), of("hassil")),
        ]
        beside = [FallbackEngine[Leaning]("grammar", lambda: understanding, of("grammar progress"))]
        fallback = Fallback("understanding", reading), Fallback("understanding", beside)
        return CachedUnderstanding(FallbackUnderstanding(understanding, *fallback), self.parses, self.contexts)

    def caches(self) -> Mapping[str, Cache[Any]]:
        """By their names in the contract."""
        return {"parse": self.parses, "plan": self.plans.cache, "context": self.contexts}

    def warm(self, home: Home, context: Context, texts: Iterable[str]) -> None:
        """Parses them before anybody waits for it."""
        understanding = self.remembering(home, context.language)
        if isinstance(understanding, CachedUnderstanding):
            understanding.warm(texts, context)

    def of(self, home: Home, language: str, engine: str | None = None) -> Understanding:
        """`engine`: another than the chosen one."""
        key = (engine or self._engine, language)
        lessons = self._lessons(language)
        home = self.taught.named(home) if self.taught else home
        version, understanding = self._made.get(key, (None, None))
        if understanding is None or version != (home.version, lessons):
            same_lessons = version is not None and version[1] == lessons
            understanding = self._understand(key[0], home, language, understanding if same_lessons else None)
            self._made[key] = ((home.version, lessons), understanding)
        return understanding

    def corrects(self, text: str, language: str) -> bool:
        """Whether it says that the sentence before was misunderstood."""
        known = next(
            (u for (_, of), (_, u) in self._made.items() if of == language and isinstance(u, CompiledHome)), None
        )
        return known is not None and known.corrects(text)

    def _lessons(self, language: str) -> Mapping[str, object] | None:
        """What was taught, as sentences."""
        return sentences_of(self.taught.phrases(language), self.taught.names(), language) if self.taught else None

    def _understand(self, engine: str, home: Home, language: str, before: Understanding | None) -> Understanding:
        """Raises `EngineMissing` for a language without sentences."""
        if engine == "hassil":
            from repartee.engines.understanding.hassil import HassilUnderstanding

            return HassilUnderstanding(home, language, sentences(language))
        if isinstance(before, CompiledHome):
            return before.changed(home)
        return compile_home(home, language, sentences(language), self._folder, taught=self._lessons(language))


@asynccontextmanager
async def open_assistant(settings: Settings, *, patient: bool = False) -> AsyncIterator[Assistant]:
    """Started and in sync with its home; models are loaded when first needed (or by `warm`).

    `patient`: a home that is away may come later; timers ring all the same. Otherwise that raises `Unreachable`.
    """
    brain, footprints = settings.brain, Footprints()
    async with AsyncExitStack() as stack:
        with footprints.loading("action"):
            home = open_home(settings.home, patient=patient)
            backend = await stack.enter_async_context(home.backend)
            replies = Replies()
        store = _store(settings)
        stack.push_async_callback(store.close)
        notebook = store if isinstance(store, SqliteStore) else None
        household = await stack.enter_async_context(
            Household(notebook, home.timers, zone=zone_of(settings.home.time_zone), sun=sun_of(settings, backend))
        )
        taught = await stack.enter_async_context(Taught(notebook))
        teaching = Teaching(lambda: taught.home, taught.states, lambda text, at: assistant.parse(text, at))
        causes = CauseWatch(backend, CauseLog())
        knowing = {**teaching.skills, **Reasons(causes.log).skills}
        skills = load_skills(own_lists=settings.home.lists == "own", knowing=knowing)
        teaching.others = skills
        breakers = Breakers()
        with footprints.loading("stt"):
            stt, ears = with_fallback("stt", [brain.stt, *brain.stt_otherwise], breakers, **_stt_options(settings))
        ear = FallbackTranscriber(ears)
        stack.callback(ear.close)
        options = {"words_per_minute": brain.words_per_minute} if brain.tts == "espeak" else {}
        with footprints.loading("tts"):
            tts, voices = with_fallback("tts", [brain.tts, *brain.tts_otherwise], breakers, **options)
        voice = ReadAloud(FallbackSynthesizer(voices))
        stack.callback(voice.close)
        with footprints.loading("vad"):
            vad, _ = with_fallback("vad", [settings.audio.vad, VAD_OTHERWISE], breakers)
        names = {"stt": stt, "vad": vad, "understanding": brain.understanding, "tts": tts, "home": home.name}
        limiter = PriorityLimiter("turns", settings.system.turns_at_once, settings.system.turns_waiting)
        understandings = Understandings(brain.understanding, brain.sentences, breakers)
        understandings.taught = taught
        assistant = Assistant(
            settings, backend, household, store, ear, voice, understandings, skills, replies, names, breakers, limiter,
            footprints=footprints,
        )  # fmt: skip
        policy = settings.confirmation.policy
        runner = OrderRunner(skills, policy, replies, lambda: assistant.backends, causes.carried_out)
        attendant = AlertDispatcher(
            household, replies, lambda: assistant.backends, lambda alert: assistant.later(alert), runner, limiter,
            causes.told,
        )  # fmt: skip
        await stack.enter_async_context(attendant)
        watch = await stack.enter_async_context(ConditionWatch(household, lambda: assistant.backends))
        collecting = Duty("gc_schedule")
        collecting.start(lambda: tidy(assistant.answering))
        stack.push_async_callback(collecting.stop)
        duties = (
            *duties_of(backend, household, taught, store),
            causes.duty,
            attendant.duty,
            watch.duty,
            collecting,
            assistant.observers,
        )
        await stack.enter_async_context(causes)
        assistant = replace(assistant, corrections=Corrections(taught, understandings.corrects), causes=causes)
        yield replace(assistant, joined=attendant.join, duties=duties)


def sun_of(settings: Settings, backend: HomeBackend) -> SunTime | None:
    """By the home's place where it is set, else by the home's own sun."""
    home = settings.home
    if home.latitude is not None and home.longitude is not None:
        return by_place(home.latitude, home.longitude)
    return by_home(backend.states)


def _store(settings: Settings) -> TurnStore:
    folder = data_folder(settings)
    return SqliteStore(folder / "repartee.sqlite", settings.system.retention_days) if folder else MemoryStore()


def _stt_options(settings: Settings) -> dict[str, Any]:
    brain = settings.brain
    width = {"width": brain.stt_width} if brain.stt == "moonshine" else {}
    return width | ({"model": brain.stt_model} if brain.stt_model else {})


def data_folder(settings: Settings) -> Path | None:
    """Where things are kept; None: nowhere."""
    if settings.system.data is None:
        return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "repartee"
    return None if str(settings.system.data) == "-" else settings.system.data
