"""The link of the chain that asks what is nearest in meaning: "i'm freezing" is near to "make it warmer".

Data: `languages/<language>/meaning.json`: sentences that the grammar reads, each with what people say instead, and talk
that is none of the home's business. Meaning only proposes: the grammar reads the sentence it stands for, a word that
the nearest phrase has not is no reason to act, and with one of time, condition or exception left nothing is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repartee.core.home import Home
from repartee.core.intent import Reading
from repartee.core.link import Found, Sentence
from repartee.core.ports import Embedder
from repartee.core.skill import Situation
from repartee.grammar.commands.words import command_words_of, use_of
from repartee.grammar.text import words
from repartee.grammar.tries import TrieNode
from repartee.languages.data import own_data

LEAST = 0.6
"""Cosine from which a phrase is near."""
MARGIN = 0.1
"""By which the nearest deed must beat all others, and all talk."""
SURE = 0.8
"""Cosine from which a sentence without a strange word is simply done."""
LONGEST = 20
"""Words; what is longer says more than one deed."""
FREE = frozenset(("fillers", "wishes", "now", "articles", "here", "pronouns", "in", "to"))
"""Roles of words that mean nothing more."""
Parse = Callable[[str, Situation], Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class Deed:
    """What some phrases stand for."""

    say: str
    """A sentence that the grammar reads; `{place}` is where the place goes."""
    thing: str = ""
    """The same of one thing that was named, `{thing}`."""
    domain: str = ""
    """Of that thing."""
    known: frozenset[str] = frozenset()
    """The words of its phrases."""


@dataclass(frozen=True)
class Phrases:
    """All phrases of a language, and what each stands for; None is talk."""

    texts: tuple[str, ...]
    deeds: tuple[Deed | None, ...]
    place: str


@cache
def phrases_of(language: str) -> Phrases | None:
    """None for a language without such data."""
    data = own_data(language, "meaning")
    if not data:
        return None
    texts, deeds = list[str](data["talk"]), list[Deed | None]([None] * len(data["talk"]))
    for row in data["deeds"]:
        deed = _deed(row)
        texts += row["like"]
        deeds += [deed] * len(row["like"])
    return Phrases(tuple(texts), tuple(deeds), data["in"])


def _deed(row: Mapping[str, Any]) -> Deed:
    known = frozenset(word for text in (*row["like"], row["say"]) for word in words(text))
    return Deed(row["say"], row.get("thing", ""), row.get("domain", ""), known)


class ByMeaning:
    stage = "meaning"
    within: float | None = 0.5
    """Seconds: it takes some milliseconds, but for the first time, when all phrases are learnt. They are learnt to the
    end all the same: on a slow machine the next question has them."""

    def __init__(self, embedder: Embedder, parse: Parse) -> None:
        """`parse` reads a sentence as the grammar does, in the home as it is."""
        self._embedder, self._parse = embedder, parse
        self._points: dict[str, NDArray[np.float32]] = {}
        self._learning: asyncio.Task[None] | None = None

    async def __call__(self, sentence: Sentence, /) -> Found | None:
        language = sentence.now.context.language
        known, said = phrases_of(language), words(sentence.text)
        if known is None or sentence.hurried or not 1 < len(said) <= LONGEST:
            return None
        deed, cosine = await self._nearest(sentence.text, known, language)
        if deed is None:
            return None
        names = _named(said, sentence.now.home, deed.domain)
        reading = self._read(deed, names, known, sentence.now)
        left = set(said) - deed.known - {word for name in names.values() for word in words(name)}
        if reading is None or _blocks(said, left, language):
            return None
        unexplained = left - _free(language)
        asks = bool(unexplained) or cosine < SURE
        return None if asks and not sentence.addressed else Found(reading=reading, ask=asks)

    async def _nearest(self, text: str, known: Phrases, language: str) -> tuple[Deed | None, float]:
        """And its cosine; None where talk, or two deeds, are about as near."""
        points = await self._learnt(known, language)
        if points is None:
            return None, 0.0
        cosines = points @ (await self._embedder.embed([text]))[0]
        best = int(cosines.argmax())
        deed = known.deeds[best]
        others = [c for c, other in zip(cosines, known.deeds, strict=True) if other is not deed]
        if deed is None or cosines[best] < LEAST or cosines[best] - max(others, default=0.0) < MARGIN:
            return None, 0.0
        return deed, float(cosines[best])

    def close(self) -> None:
        if self._learning:
            self._learning.cancel()

    async def _learnt(self, known: Phrases, language: str) -> NDArray[np.float32] | None:
        """The phrases as points, a row each; reckoned from the first question on."""
        if language not in self._points:
            if self._learning is None or self._learning.done():
                self._learning = asyncio.create_task(self._learn(known, language))
            await asyncio.wait({self._learning})
        return self._points.get(language)

    async def _learn(self, known: Phrases, language: str) -> None:
        self._points[language] = await self._embedder.embed(known.texts)

    def _read(self, deed: Deed, names: Mapping[str, str], known: Phrases, now: Situation) -> Reading | None:
        """The deed as the grammar reads it; None where it is none here, or not in the place that was named."""
        place = known.place.format(place=names["place"]) if "place" in names else ""
        said = deed.thing.format(thing=names["thing"]) if "thing" in names and deed.thing else ""
        text = said or " ".join(deed.say.format(place=place).split())
        reading = next(iter(self._parse(text, now)), None)
        if reading is None or not reading.parts or (place and not said and not _has_place(reading)):
            return None
        return reading


def _has_place(reading: Reading) -> bool:
    return any({"area", "floor", "name"} & part.intent.slots.keys() for part in reading.parts)


def _named(said: Sequence[str], home: Home, domain: str) -> dict[str, str]:
    """The place and the thing of this domain that were named, the longest of each."""
    spoken = f" {' '.join(said)} "
    places = [name for area in home.areas for name in (area.name, *area.aliases)]
    things = [name for entity in home.entities if entity.domain == domain for name in entity.names]
    found = {}
    for kind, names in (("place", places), ("thing", things)):
        there = [name for name in names if words(name) and f" {' '.join(words(name))} " in spoken]
        if there:
            found[kind] = max(there, key=len)
    return found


def _blocks(said: Sequence[str], left: set[str], language: str) -> bool:
    """Whether words that no command may pass over are left: a time, a condition, an exception, a report, a room."""
    known = command_words_of(language)
    if known is None:
        return True
    digits = any(word[0].isdigit() for word in left)
    return digits or any(
        use_of(value)[0] in ("markers", "except", "rooms", "inverted") and not left.isdisjoint(said[start:stop])
        for start in range(len(said))
        for stop, value in _matches(known.phrases, said, start)
    )


@cache
def _free(language: str) -> frozenset[str]:
    known = command_words_of(language)
    items = known.phrases.items() if known else ()
    return frozenset(word for key, values in items for word in key if any(use_of(v)[0] in FREE for v in values))


def _matches(trie: TrieNode, said: Sequence[str], start: int) -> list[tuple[int, Any]]:
    found, node = [], trie
    for at in range(start, len(said)):
        child = node.children.get(said[at])
        if child is None:
            break
        node = child
        found += [(at + 1, value) for value in node.values]
    return found
