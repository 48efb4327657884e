"""What a model's words may say aloud: sentence by sentence, nothing twice, and no deed that nobody did."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from functools import lru_cache
from typing import Any

from repartee.grammar.text import words
from repartee.languages.data import own_data
from repartee.languages.phrases import phrase
from repartee.languages.sentence_stream import SentenceStream

LONGEST = 600
"""Characters of an answer: who listens can ask for more."""


class Spoken(AsyncGenerator[str, None]):
    """An answer's sentences as they come. Closing it closes what they come from, begun or not."""

    def __init__(self, pieces: AsyncIterator[str], source: AsyncGenerator[str, None], language: str) -> None:
        """`pieces`: what is to be said; `source`: what ends the generation when it is closed."""
        self._sentences = sayable(pieces, language)
        self._source = source

    async def asend(self, value: None, /) -> str:
        try:
            return await anext(self._sentences)
        except StopAsyncIteration:
            await self._source.aclose()
            raise

    async def athrow(self, kind: Any, value: object = None, trace: object = None, /) -> str:
        await self._sentences.aclose()
        await self._source.aclose()
        raise kind


async def sayable(pieces: AsyncIterator[str], language: str) -> AsyncGenerator[str, None]:
    """Sentences, the first in clauses. Ends where a sentence comes again, or after `LONGEST` characters. What claims a
    deed is left out."""
    known, length, sentence = set[tuple[str, ...]](), 0, ""
    async for part, whole in _parts(pieces, SentenceStream(language)):
        sentence += part + " "
        same = tuple(words(sentence))
        if whole and same and same in known:
            return
        known.add(same)
        if not claims(sentence, language):
            yield (" " if length else "") + part
            length += len(part)
        if length > LONGEST:
            return
        sentence = "" if whole else sentence
    if not length and known:
        yield phrase(language, "nothing_done") or ""


async def _parts(pieces: AsyncIterator[str], stream: SentenceStream) -> AsyncGenerator[tuple[str, bool], None]:
    """Each with whether a sentence ends with it; only the first sentence has a part before its end."""
    begun = False
    async for piece in pieces:
        for sentence in stream.add(piece):
            begun = True
            yield sentence, True
        if not begun and (clause := stream.clause()):
            begun = True
            yield clause, False
    for sentence in stream.end():
        yield sentence, True


def claims(sentence: str, language: str) -> bool:
    """Whether it says that something was done. Nothing was: of deeds the home tells, not the model."""
    pattern = _claims(language)
    return pattern is not None and pattern.search(f" {' '.join(words(sentence))} ") is not None


@lru_cache(maxsize=16)
def _claims(language: str) -> re.Pattern[str] | None:
    """`languages/*/claims.json`: who did, what was done, and sentences that say it without either."""
    data = own_data(language, "claims")
    if not data:
        return None

    def any_of(texts: list[str]) -> str:
        return "(?:" + "|".join(re.escape(" ".join(words(text))) for text in texts) + ")"

    doer, deed, done = any_of(data["doers"]), any_of(data["deeds"]), any_of(data["done"])
    return re.compile(rf" {doer} (?:\S+ ){{0,8}}?{deed}(?= )| {done}(?= )")
