"""What is to be played, and what was said after it: "jazz | in the attic | at seven" is no title of that length.

Free text takes anything. So a place, a player, a time or politeness at its end is taken out again, as long as
something is left to play; a place or a player that is not there is told, and what may belong to the title is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from ...core.home import Entity, Home
from ...core.intent import Context, Doubt, Intent, Reading, SlotValue
from ...core.when import When
from ...languages.data import own_data
from ..compound import longest
from ..text import joined, originals, phrase, without, words
from ..tries import TrieNode, Value
from ..when import time_spans, together
from .chunks import FREE
from .tags import Tag, Tagger, Tags
from .targets import Target, TargetReader, resolve

SEARCH = "search_query"
"""The slot of what is to be played."""
PLAYERS = frozenset(("media_player",))
PLAYER_KINDS = frozenset(("speaker", "tv"))
HARDLY_SUNG = frozenset(
    ("vacuum", "mower", "tv", "thermostat", "humidifier", "plug", "valve", "sprinkler", "blind", "shutter", "awning")
)
"""Kinds of things that a title is hardly about."""
TALK = frozenset(("report", "question", "negation"))
"""Kinds of words that before what is to be played make it talk of playing."""
ASKS = 0.7
UNSURE = 0.5
SOUNDING = frozenset(("media_player", "scene", "script"))
"""Domains of things whose names may well be titles."""
CONTROLS = frozenset(("next", "previous", "pause", "resume", "mute", "unmute"))
"""Deeds of players."""
MOST = 6
"""Words of a place or a player."""


@dataclass(frozen=True)
class MusicWords:
    """What a language calls music, before anybody's name."""

    some: TrieNode
    genres: TrieNode
    by_whom: frozenset[str]

    def head(self, query: Sequence[str]) -> tuple[int, bool]:
        """Where "some jazz" stops, and whether it names a kind of music."""
        start = longest(self.some, query, 0)
        genre = longest(self.genres, query, start)
        return start + genre, bool(genre)


@lru_cache(maxsize=8)
def music_words_of(language: str) -> MusicWords:
    data = own_data(language, "command")
    by_whom = frozenset(word for text in data.get("by_whom", ()) for word in phrase(text))
    return MusicWords(_trie(data.get("some", ())), _trie(data.get("genres", ())), by_whom)


def _trie(phrases: Sequence[str]) -> TrieNode:
    trie = TrieNode()
    for text in phrases:
        trie.insert(phrase(text), Value(text, 0))
    return trie


class Tail(NamedTuple):
    """Words at the end of what is to be played, from `start` on, and what they say."""

    start: int
    stop: int
    slots: dict[str, SlotValue] = {}  # noqa: RUF012  # never changed
    entities: tuple[str, ...] = ()
    when: When | None = None
    missing: tuple[str, str] | None = None
    """Key of what is told, and the place or player that is not there."""
    asks: bool = False
    """It can't be done so; what can be done is offered."""


@dataclass(frozen=True)
class QueryReader:
    """Of one home in one language."""

    home: Home
    tagger: Tagger

    def settled(self, reading: Reading, text: str, context: Context) -> Reading:
        """The reading of a text, with each of its queries cut to what is to be played."""
        for number, part in enumerate(reading.parts):
            query = part.intent.slots.get(SEARCH)
            if not isinstance(query, str):
                continue
            said = words(query)
            tails, stop = self._tails(said, context)
            missing = next((tail.missing for tail in tails if tail.missing), None)
            if missing:
                key, name = missing
                return Reading((), UNSURE, Doubt(key, {"what": name, "choices": name}))
            when = part.when
            for tail in tails:
                when = (together(when, tail.when) or tail.when) if when and tail.when else (when or tail.when)
            written = originals(query)
            written = written if written and len(written) == len(said) else said
            rest = joined(list(written[:stop]))
            intent = _about(part.intent, rest, tails)
            if when and not when.deed:
                when = replace(when, deed=_without_times(text, said, tails) or rest)
            parts = (*reading.parts[:number], replace(part, intent=intent, when=when), *reading.parts[number + 1 :])
            doubtful = any(tail.asks for tail in tails) or self._is_doubtful(said[:stop], words(text), not tails)
            score = min(reading.score, ASKS) if doubtful else reading.score
            reading = replace(reading, parts=parts, score=score)
        return reading

    def _tails(self, said: Sequence[str], context: Context) -> tuple[list[Tail], int]:
        """The last first, and the word they begin at; at least one word is left."""
        tags, targets = self.tagger.tags(said), TargetReader(self.home)
        spans = time_spans(said, self.tagger.language)
        found, stop = list[Tail](), len(said)
        while True:
            placed = any(tail.slots or tail.entities for tail in found)
            options = [Tail(span.start, stop, when=span.when) for span in spans if span.stop == stop and span.start]
            options += [
                Tail(at, stop) for at in range(1, stop) if any(t.role in FREE and t.stop == stop for t in tags[at])
            ]
            for at in range(max(1, stop - MOST), stop) if not placed else ():
                options += self._places(tags, targets, at, stop, context)
            options += self._unknown(said, tags, stop) if not options else []
            if not options:
                return found, stop
            found.append(min(options, key=lambda tail: (tail.start, len(tail.missing[1]) if tail.missing else 0)))
            stop = found[-1].start

    def _places(self, tags: Tags, targets: TargetReader, at: int, stop: int, context: Context) -> Iterator[Tail]:
        for end, target in targets.place(tags, at):
            if end == stop:
                yield from self._placed(at, stop, target, context)
        for start in _after_prepositions(tags, at, stop):
            for end, target in targets.phrases(tags, start):
                player = target.things or target.kind in PLAYER_KINDS
                if end == stop and player and (one := self._player(target, context)):
                    yield Tail(at, stop, {"name": one.name}, (one.id,))

    def _placed(self, at: int, stop: int, target: Target, context: Context) -> Iterator[Tail]:
        if target.everywhere:
            yield Tail(at, stop, asks=True)
        place = context.area if target.here else target.places[0] if len(target.places) == 1 else None
        if place is None:
            return
        area, floor = self.home.area_by_id.get(place), self.home.floor_by_id.get(place)
        if area or floor:
            yield Tail(at, stop, {"area": area.name} if area else {"floor": floor.name if floor else ""})

    def _player(self, target: Target, context: Context) -> Entity | None:
        found = resolve(target, self.home, PLAYERS, context.area)
        return found.entities[0] if len(found.entities) == 1 and not found.problem else None

    def _unknown(self, said: Sequence[str], tags: Tags, stop: int) -> Iterator[Tail]:
        """ "In the attic", "on the patio speaker": what the home has not got."""
        for at in range(max(1, stop - MOST), stop):
            for start in _after_prepositions(tags, at, stop, "joins"):
                if any(tag.role == "joins" for n in range(start, stop) for tag in tags[n]):
                    continue
                ends = [tag for n in range(start, stop) for tag in tags[n] if tag.stop == stop]
                name = joined(list(said[start:stop]))
                if any(tag.role == "rooms" for tag in ends):
                    yield Tail(at, stop, missing=("no_place", name))
                elif any(tag.role == "kinds" and tag.value in PLAYER_KINDS for tag in ends) and stop - start > 1:
                    yield Tail(at, stop, missing=("unknown_name", name))

    def is_music(self, reading: Reading, text: str) -> bool:
        """Whether what is to be played may be music: not what this home is made of, nor talk that ends in "play"."""
        return all(
            self.may_play(query, words(text))
            for part in reading.parts
            if isinstance(query := part.intent.slots.get(SEARCH), str)
        )

    def may_play(self, text: str, said: Sequence[str]) -> bool:
        query = words(text)
        tags = self.tagger.tags(query)
        if self._leads(query, said) and any(_is_marked(tag, TALK) for here in tags for tag in here):
            return False
        first = next((n for n, here in enumerate(tags) if not any(tag.role == "articles" for tag in here)), 0)
        if any(_controls(tag, len(query)) for here in tags[: first + 1] for tag in here):
            return False
        return not any(self._is_of_the_house(tag) for tag in tags[first]) if query else True

    def _leads(self, query: Sequence[str], said: Sequence[str]) -> bool:
        """Whether nothing but politeness and a wish stand before it: "ich möchte jazz hören"."""
        starts = (n for n in range(len(said) - len(query) + 1) if list(said[n : n + len(query)]) == list(query))
        before = said[: next(starts, len(said))]
        tags, at = self.tagger.tags(before), 0
        while at < len(before):
            at = max((tag.stop for tag in tags[at] if tag.role in FREE), default=len(before) + 1)
        return at == len(before)

    def _is_of_the_house(self, tag: Tag) -> bool:
        if tag.role == "name":
            return any(self.home.by_id[id].domain not in SOUNDING for id in tag.ids if id in self.home.by_id)
        return tag.role == "kinds" and tag.value in HARDLY_SUNG

    def _is_doubtful(self, query: Sequence[str], said: Sequence[str], whole: bool) -> bool:
        """Whether something of it may be said about it: a condition, an exception; after a kind of music anything.
        `whole`: nothing was taken from its end."""
        tags = self.tagger.tags(query)
        if any(
            (tag.role == "except" and tag.stop < len(query)) or _is_marked(tag, ("condition",))
            for here in tags[1:]
            for tag in here
        ):
            return True
        music = music_words_of(self.tagger.language)
        start, is_genre = music.head(query)
        if self._leads(query, said):
            return not is_genre or _qualifies(tags, start, music, query, int(whole))
        return bool(start) and _qualifies(tags, start, music, query, int(whole) if is_genre else MOST)


def _qualifies(tags: Tags, start: int, music: MusicWords, query: Sequence[str], most: int) -> bool:
    """Whether the words from `start` on say more than whose music it is; `most` of them may be a name."""
    if start == len(query) or query[start] in music.by_whom:
        return False
    return len(query) - start > most or any(map(_tells_more, tags[start:]))


def _without_times(text: str, query: Sequence[str], tails: Sequence[Tail]) -> str | None:
    """The sentence without the times at the end of its query; None where the query is not all of its end."""
    whole = words(text)
    before = len(whole) - len(query)
    if whole[before:] != list(query):
        return None
    return without(text, [(before + tail.start, before + tail.stop) for tail in tails if tail.when])


def _controls(tag: Tag, end: int) -> bool:
    """ "The next track" is none that anybody sings."""
    return tag.role == "deeds" and tag.value in CONTROLS and tag.stop == end


def _is_marked(tag: Tag, kinds: Collection[str]) -> bool:
    return tag.role == "markers" and tag.value in kinds


def _tells_more(tags: Sequence[Tag]) -> bool:
    return any(tag.role in ("markers", "except", "in", "now", "only") for tag in tags)


def _after_prepositions(tags: Tags, at: int, stop: int, *more: str) -> Iterator[int]:
    """Where what follows "in the" at a word begins."""
    for tag in tags[at]:
        if tag.role in ("in", *more) and tag.stop < stop:
            yield tag.stop
            yield from (
                article.stop for article in tags[tag.stop] if article.role == "articles" and article.stop < stop
            )


def _about(intent: Intent, rest: str, tails: Sequence[Tail]) -> Intent:
    slots = {**intent.slots, SEARCH: rest}
    entities = intent.entities
    for tail in tails:
        if tail.slots or tail.entities:
            slots = {name: value for name, value in slots.items() if name not in ("name", "area", "floor")}
            slots.update(tail.slots)
            entities = tail.entities
    return replace(intent, slots=slots, entities=entities)
