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
    """Ends where a sentence comes again, or after `LONGEST` characters. What claims a deed is left out."""
    stream, known, length = SentenceStream(language), set[tuple[str, ...]](), 0
    async for sentence in _sentences(pieces, stream):
        same = tuple(words(sentence))
        if same and same in known:
            return
        known.add(same)
        if claims(sentence, language):
            continue
        space = " " if length else ""
        length += len(sentence)
        yield space + sentence
        if length > LONGEST:
            return
    if not length and known:
        yield phrase(language, "nothing_done") or ""


async def _sentences(pieces: AsyncIterator[str], stream: SentenceStream) -> AsyncGenerator[str, None]:
    async for piece in pieces:
        for sentence in stream.add(piece):
            yield sentence
    for sentence in stream.end():
        yield sentence


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
