"""The grammar of each language that is spoken here, rebuilt when the home has changed; and what reading remembers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repartee.core.home import Home
from repartee.core.intent import Context, Cover, Reading
from repartee.core.ports import Understanding
from repartee.core.skill import Situation, Skills
from repartee.engines.home.taught import Taught
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.cache import Cache, CachedUnderstanding, CacheLimits
from repartee.languages.data import sentences
from repartee.stages.understand.plan_cache import PlanCache

from .settings import Brain, System
from .skills.teaching import sentences_of

LANGUAGES = 3
"""Whose grammars are kept beside that of the settings: those spoken last. One takes 3 to 10 MB."""


def cache_limits(system: System) -> CacheLimits:
    """Of every cache of answers."""
    return CacheLimits(system.cache_entries, int(system.cache_mb * 1e6), system.cache_ttl)


class Understandings:
    """One understanding a language, made anew when the home has changed."""

    def __init__(
        self,
        brain: Brain,
        skills: Skills | None = None,
        taught: Taught | None = None,
        limits: CacheLimits | None = None,
        steers: bool = True,
    ) -> None:
        """`skills`: what carries out what was understood. `limits`: of each cache. `steers`: recognisers are told what
        may be said here."""
        self._steers = steers
        self.skills: Skills = skills or {}
        limits = limits or CacheLimits()
        self._engine, self._folder, self._language = brain.understanding, brain.sentences, brain.language
        self._made: OrderedDict[tuple[str, str], tuple[tuple[object, object], Understanding]] = OrderedDict()
        """By engine and language, the one spoken last at the end."""
        self.parses: Cache[Sequence[Reading]] = limits.cache()
        """Of all languages; `statistics` say what it saves."""
        self.contexts: Cache[Sequence[Reading]] = limits.cache()
        """The same, of sentences that lean on what was said before."""
        self.plans = PlanCache(limits.cache())
        self.taught = taught
        """Sentences and names that people gave; their sentences are compiled in, their names join the home's."""

    def remembering(self, home: Home, language: str) -> Understanding:
        """What `of` gives, with its parses remembered; the reference engine is asked anew each time."""
        understanding = self.of(home, language)
        if not isinstance(understanding, CompiledHome):
            return understanding
        return CachedUnderstanding(understanding, self.parses, self.contexts, self._steers)

    def cover(self, text: str, now: Situation) -> Cover | None:
        """Which words of a sentence became what, as far as the grammar can tell."""
        understanding = self.of(now.home, now.context.language)
        return understanding.cover(text, now.context) if isinstance(understanding, CompiledHome) else None

    def caches(self) -> Mapping[str, Cache[Any]]:
        """By their names in the contract."""
        return {"parse": self.parses, "plan": self.plans.cache, "context": self.contexts}

    def warm(self, home: Home, context: Context, texts: Iterable[str]) -> None:
        """Parses them before anybody waits for it."""
        understanding = self.remembering(home, context.language)
        if isinstance(understanding, CachedUnderstanding):
            understanding.warm(texts, context)

    def of(self, home: Home, language: str) -> Understanding:
        key = (self._engine, language)
        lessons = self._lessons(language)
        home = self.taught.named(home) if self.taught else home
        version, understanding = self._made.get(key, (None, None))
        if understanding is None or version != (home.version, lessons):
            same_lessons = version is not None and version[1] == lessons
            understanding = self._understand(key[0], home, language, understanding if same_lessons else None)
            self._made[key] = ((home.version, lessons), understanding)
            self._forget()
        self._made.move_to_end(key)
        return understanding

    def _forget(self) -> None:
        """Languages that were asked for longest ago: each of 66 for once must not stay for good."""
        others = [key for key in self._made if key[1] != self._language]
        for key in others[:-LANGUAGES]:
            del self._made[key]

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
