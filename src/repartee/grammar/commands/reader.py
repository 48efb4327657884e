"""Reads commands by their parts: every word is part of the plan, or the sentence is no command as it stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...core.home import Area, Entity, Home
from ...core.intent import Choice, Context, Cover, Doubt, Intent, Part, Reading, Use
from ..followup import TARGET, last_target
from ..lexicon import Lexicon
from ..text import joined
from .chunks import Chunk, Chunker, Way
from .clauses import Clause, Split
from .deeds import COMFORT, Meant, Slots, domains_of, meant
from .kinds import KINDS, domain_of
from .tags import Tagger, Tags
from .targets import Resolved, Target, excludes, resolve
from .words import CommandWords

MAX_WORDS = 40
UNSURE = 0.5
ASKS = 0.7
"""Score of what only the person can settle."""
MAX_PARTS = 12
MAX_CHOICES = 5
TIMED = frozenset(("time", "condition"))
SCORE = 0.95
"""Of a sentence that is accounted for wholly."""


Made = tuple[list[Intent], Doubt | None]
"""The intents of a clause, and what is in doubt about them."""


@dataclass(frozen=True)
class Remainder:
    """Why a sentence is no command as it stands."""

    markers: frozenset[str] = frozenset()
    """Kinds of words that no chunk takes: `time`, `condition`, `report`, ..."""
    reading: Reading | None = None
    """What is to be told of it: the place, the thing or the time that there is not."""
    clear: bool = False
    """It is a command beyond doubt, but for that."""


class CommandReader:
    """Of one home in one language."""

    def __init__(self, home: Home, lexicon: Lexicon, language: str, words: CommandWords) -> None:
        self._home = home
        self._words = words
        self._chunker = Chunker(Tagger(home, lexicon, language, words))

    def read(self, said: Sequence[str], pauses: Collection[int], context: Context) -> Reading | Remainder:
        """A reading that accounts for all; else what is left of the likeliest one."""
        if not said or len(said) > MAX_WORDS:
            return Remainder()
        tags = self._chunker.tags(said)
        articles = {n for n, here in enumerate(tags) if any(tag.role in ("articles", "all") for tag in here)}
        split = Split(self._words, pauses, articles)
        ways = self._chunker.ways(said, tags)
        doubtful: Reading | None = None
        for way in ways:
            if way.left:
                break
            reading = self._reading(way, said, split, context)
            if reading is not None and reading.doubt is None:
                return reading
            doubtful = doubtful or reading
        if doubtful is not None:
            return doubtful
        return self._remainder(said, tags, ways[0], split, context) if ways[0].left else Remainder()

    def _remainder(self, said: Sequence[str], tags: Tags, way: Way, split: Split, context: Context) -> Remainder:
        way = _without_articles(way)
        markers = frozenset(str(chunk.value) for chunk in way.left if chunk.role == "marker")
        runs = _runs(way.left)
        kept = tuple(chunk for chunk in way.chunks if chunk.role not in ("left", "marker"))
        rest = self._reading(Way(0.0, kept), said, split, context)
        has_deed = any(chunk.role in ("deed", "stem") for chunk in kept)
        if markers & TIMED and rest is not None and not markers - TIMED:
            key = "no_condition" if "condition" in markers else "no_such_time"
            return Remainder(markers, _told_of(key, " ".join(said[runs[0][0] :]), rest), clear=True)
        if markers or len(runs) != 1 or not has_deed:
            return Remainder(markers)
        start, stop = runs[0]
        unknown = _Unknown(said, tags, start, stop)
        if unknown.is_place and (rest is not None or unknown.is_room):
            return Remainder(markers, _told_of("no_place", unknown.place, rest), clear=rest is not None)
        if not unknown.thing:
            return Remainder(markers)
        return Remainder(markers, _told_of("unknown_name", unknown.thing, rest), clear=rest is not None)

    def _reading(self, way: Way, said: Sequence[str], split: Split, context: Context) -> Reading | None:
        clauses = split.clauses(way.chunks)
        if clauses is None:
            return None
        parts: list[Part] = []
        doubt: Doubt | None = None
        group = 0
        for clause in clauses:
            made = self._clause(clause, split.verb(clause), context)
            if made is None:
                return None
            intents, asked = made
            if asked is not None and doubt is None:
                doubt = replace(asked, at=len(parts))
            if clause.then and parts:
                group += 1
            after = (group - 1,) if group else ()
            when = replace(clause.when, deed=_deed(way, said) if len(clauses) == 1 else "") if clause.when else None
            parts.extend(Part(intent, group, after, when=when) for intent in intents)
        if not parts or len(parts) > MAX_PARTS:
            return None
        return Reading(tuple(parts), ASKS if doubt else SCORE, doubt, _cover(way, said))

    def _clause(self, clause: Clause, deed: str, context: Context) -> Made | None:
        if not deed and clause.amounts and not clause.heads and (clause.stem or clause.target):
            deed = "set"
        if not deed:
            return None
        domains = domains_of(deed, clause.quality, clause.amounts)
        target = self._whole(clause, deed, domains, context)
        if target is None or not domains:
            return None
        if target.pronoun:
            return self._referring(clause, deed, context)
        if target == Target() or (target.is_place and not target.kind):
            return self._unnamed(clause, deed, target, domains, context)
        if target.kind == "everything":
            domains &= COMFORT
        if target.without and not excludes(target, self._home, domains, context.area):
            return None
        found = resolve(target, self._home, domains, context.area)
        if found.problem == "which":
            return self._which(clause, deed, found, domains)
        if not found.entities:
            return None if target.without else self._none(clause, deed, target, domains)
        made = self._intents(clause, deed, target, found)
        return (made, None) if made else None

    def _whole(self, clause: Clause, deed: str, domains: frozenset[str], context: Context) -> Target | None:
        """The target with the place that was said elsewhere in the clause."""
        target = clause.target or Target()
        place = clause.place
        if place is None:
            return target
        if target.places or target.here or target.everywhere or target.pronoun:
            return None
        return replace(target, places=place.places, here=place.here, everywhere=place.everywhere)

    def _referring(self, clause: Clause, deed: str, context: Context) -> Made | None:
        """ "Turn it off": what was last spoken of."""
        last = last_target(context)
        if last is None:
            return None
        domains = {self._home.by_id[e].domain for e in last.entities if e in self._home.by_id}
        wanted = last.slots.get("domain")
        domains |= {wanted} if isinstance(wanted, str) else set()
        if len(domains) != 1:
            return None
        made = meant(deed, clause.quality, clause.amounts, next(iter(domains)))
        if made is None:
            return None
        slots = {key: last.slots[key] for key in TARGET if key in last.slots} | made.slots
        return [Intent(made.intent, slots, SCORE, last.entities)], None

    def _unnamed(
        self, clause: Clause, deed: str, target: Target, domains: frozenset[str], context: Context
    ) -> Made | None:
        """ "Lower the guest room to 20 degrees", "volume to 30 percent", "stop vacuuming": the deed says what."""
        if target == Target() and (spoken_of := self._referring(clause, deed, context)):
            return spoken_of
        domain = UNNAMED.get(clause.quality) or UNNAMED.get(deed)
        if domain is None and target.is_place:
            fitting = [d for d in ("light", "climate") if d in domains]
            only = [d for d in ("cover", "lock") if d in domains and not clause.amounts]
            degrees = any(amount.unit == "degrees" for amount in clause.amounts)
            domain = ("climate" if degrees else fitting[0]) if fitting and clause.amounts else next(iter(only), None)
        made = meant(deed, clause.quality, clause.amounts, domain) if domain else None
        if made is None or domain is None:
            return None
        if domain in ("media_player", "vacuum", "lawn_mower") and not target.places:
            return [Intent(made.intent, made.slots, SCORE)], None  # the one that plays, or cleans
        found = resolve(target, self._home, frozenset((domain,)), context.area)
        if found.problem == "which" and domain == "climate" and not target.places:
            return self._which(clause, deed, found, domains)
        if not found.entities:
            return self._none(clause, deed, replace(target, kind=_kind_of(domain)), domains)
        if found.problem:
            return self._which(clause, deed, found, domains)
        made_all = self._intents(clause, deed, replace(target, kind=_kind_of(domain)), found)
        return (made_all, None) if made_all else None

    def _intents(self, clause: Clause, deed: str, target: Target, found: Resolved) -> list[Intent]:
        """One an intent; things of several domains may come to several."""
        by_meaning: dict[tuple[str, tuple[tuple[str, object], ...]], list[Entity]] = {}
        kept: dict[tuple[str, tuple[tuple[str, object], ...]], Meant] = {}
        for entity in found.entities:
            made = meant(deed, clause.quality, clause.amounts, entity.domain)
            if target.kind == "music" and deed in ("on", "start") and not (clause.amounts or clause.quality):
                made = Meant("HassMediaSearchAndPlay", {"search_query": MUSIC})
            if made is None:
                if target.kind == "everything":
                    continue
                return []
            key = (made.intent, tuple(sorted(made.slots.items())))
            by_meaning.setdefault(key, []).append(entity)
            kept[key] = made
        return [self._intent(kept[key], things, target, found) for key, things in by_meaning.items()]

    def _intent(self, made: Meant, things: Sequence[Entity], target: Target, found: Resolved) -> Intent:
        slots = dict(made.slots)
        if len(things) == 1 and (found.named or not target.kind):
            slots["name"] = things[0].name
        else:
            domains = tuple(dict.fromkeys(entity.domain for entity in things))
            slots["domain"] = domains[0] if len(domains) == 1 else domains
        if found.place and "name" not in slots:
            slots.update(self._place(found.place))
        if not found.place and len(target.places) == 1 and "name" in slots:
            slots.update(self._place(target.places[0]))
        return Intent(made.intent, slots, SCORE, tuple(entity.id for entity in things))

    def _place(self, place: str) -> dict[str, str]:
        area, floor = self._home.area_by_id.get(place), self._home.floor_by_id.get(place)
        return {"area": area.name} if area else {"floor": floor.name} if floor else {}

    def _which(self, clause: Clause, deed: str, found: Resolved, domains: frozenset[str]) -> Made | None:
        """Several may be meant."""
        able = [e for e in found.entities if meant(deed, clause.quality, clause.amounts, e.domain)]
        if not able:
            return None
        made = meant(deed, clause.quality, clause.amounts, able[0].domain)
        assert made is not None
        slots = {**made.slots, "domain": able[0].domain}
        areas = [area for area in self._home.areas if any(entity.area == area.id for entity in able)]
        if not found.named and len(areas) > 1:
            rooms = (self._there(made, slots, area, able) for area in areas[:MAX_CHOICES])
            return [Intent(made.intent, slots, SCORE)], Doubt("which_area", {}, tuple(rooms))
        things = tuple(self._choice(made, entity, able) for entity in able[:MAX_CHOICES])
        intent = Intent(made.intent, slots, SCORE, tuple(entity.id for entity in able[:MAX_CHOICES]))
        return [intent], Doubt("did_you_mean", {}, things)

    def _there(self, made: Meant, slots: Slots, area: Area, able: Sequence[Entity]) -> Choice:
        there = tuple(entity.id for entity in able if entity.area == area.id)
        return Choice(area.name, (Part(Intent(made.intent, {**slots, "area": area.name}, SCORE, there)),))

    def _choice(self, made: Meant, entity: Entity, others: Sequence[Entity]) -> Choice:
        intent = Intent(made.intent, {**made.slots, "name": entity.name}, SCORE, (entity.id,))
        return Choice(self._label(entity, others), (Part(intent),))

    def _label(self, entity: Entity, others: Sequence[Entity]) -> str:
        same = sum(other.name == entity.name for other in others) > 1
        area = self._home.area_by_id.get(entity.area or "")
        return f"{area.name} {entity.name}" if same and area else entity.name

    def _none(self, clause: Clause, deed: str, target: Target, domains: frozenset[str]) -> Made | None:
        """There is no such thing there: the skill says so."""
        if target.things:
            return self._elsewhere(clause, deed, target, domains)
        if not target.kind or not target.places:
            return None
        domain = next((s.domain for s in KINDS.get(target.kind, ()) if s.domain in domains), "")
        made = meant(deed, clause.quality, clause.amounts, domain)
        if made is None:
            return None
        return [Intent(made.intent, {**made.slots, "domain": domain, **self._place(target.places[0])}, SCORE)], None

    def _elsewhere(self, clause: Clause, deed: str, target: Target, domains: frozenset[str]) -> Made | None:
        """It is not where it was said to be."""
        found = [self._home.by_id[id] for id in target.things if self._home.by_id[id].domain in domains]
        made = meant(deed, clause.quality, clause.amounts, found[0].domain) if len(found) == 1 else None
        if made is None:
            return None
        area = self._home.area_by_id.get(found[0].area or "")
        label = f"{area.name} {found[0].name}" if area else found[0].name
        intent = Intent(made.intent, {**made.slots, "name": found[0].name}, SCORE, (found[0].id,))
        facts = {"name": found[0].name, "place": area.name if area else ""}
        return [intent], Doubt("not_there", facts, (Choice(label, (Part(intent),)),))


MUSIC = "music"
"""What is played where a person only said "turn on the music"; players take it as it stands."""
UNNAMED = {
    "volume": "media_player", "temperature": "climate", "brightness": "light", "white": "light", "clean": "vacuum",
    "unclean": "vacuum",
    "mow": "lawn_mower", "mute": "media_player", "unmute": "media_player", "louder": "media_player",
    "quieter": "media_player", "next": "media_player", "previous": "media_player", "pause": "media_player",
    "resume": "media_player", "dim": "light", "brighten": "light", "warmer": "climate", "colder": "climate",
}  # fmt: skip
"""What a property or a deed is about where nothing was named."""


@dataclass(frozen=True)
class _Unknown:
    """Words of a command that this home does not know."""

    said: Sequence[str]
    tags: Tags
    start: int
    stop: int

    def _is(self, at: int, *roles: str) -> bool:
        return any(tag.role in roles for tag in self.tags[at])

    @property
    def is_place(self) -> bool:
        """ "In the ...": it begins as a place does."""
        return (self.stop - self.start > 1 and self._is(self.start, "in")) or self.is_room

    @property
    def is_room(self) -> bool:
        """A word for rooms that every home may have."""
        return any(self._is(at, "rooms") for at in range(self.start, self.stop))

    @property
    def place(self) -> str:
        """Without "in the"."""
        at = self.start
        while at < self.stop - 1 and self._is(at, "in", "articles") and not self._is(at, "rooms"):
            at += 1
        return " ".join(self.said[at : self.stop])

    @property
    def thing(self) -> str:
        """With the kind that follows: "flurble light"."""
        at = self.start
        while at < self.stop and self._is(at, "articles", "in", "of", "to"):
            at += 1
        stop = self.stop
        while at < stop < len(self.said) and self._is(stop, "kinds"):
            stop += 1
        return " ".join(self.said[at:stop])


def _without_articles(way: Way) -> Way:
    """ "Le grenier": a pronoun before an unknown word was an article."""
    chunks = list(way.chunks)
    for n, (chunk, after) in enumerate(pairwise(way.chunks)):
        if isinstance(chunk.value, Target) and chunk.value.pronoun and after.role == "left":
            chunks[n] = chunk._replace(role="left", value="")
    return way._replace(chunks=tuple(chunks))


def _runs(left: Sequence[Chunk]) -> list[tuple[int, int]]:
    """Words that are left, side by side."""
    runs: list[tuple[int, int]] = []
    for chunk in left:
        if runs and runs[-1][1] == chunk.start:
            runs[-1] = (runs[-1][0], chunk.stop)
        else:
            runs.append((chunk.start, chunk.stop))
    return runs


def _told_of(key: str, words: str, rest: Reading | None = None) -> Reading:
    """Nothing is done; the person hears why. `rest`: what the sentence is without these words."""
    return Reading(rest.parts if rest else (), UNSURE, Doubt(key, {"what": words, "choices": words}))


def _kind_of(domain: str) -> str:
    return next(kind for kind in KINDS if KINDS[kind] and domain_of(kind) == domain)


def _deed(way: Way, said: Sequence[str]) -> str:
    """What is to be done, in the words that were said, without their time."""
    kept = [chunk for chunk in way.chunks if chunk.role not in ("when", "free")]
    return joined([word for chunk in kept for word in said[chunk.start : chunk.stop]])


def _cover(way: Way, said: Sequence[str]) -> Cover:
    return Cover(tuple(said), tuple(Use(c.start, c.stop, c.role, _told(c)) for c in way.chunks))


def _told(chunk: Chunk) -> str:
    value = chunk.value
    if isinstance(value, Target):
        return value.kind or ",".join(value.things or value.places)
    return str(value[0] if isinstance(value, tuple) and value and isinstance(value[0], str) else value)
