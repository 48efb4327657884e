"""The link of the chain that answers from memory: facts that were told, and nothing made up."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from repartee.core.link import Found, Sentence
from repartee.core.memory import Fact, Query
from repartee.core.ports import Memory
from repartee.languages.perspective import first_person, retold
from repartee.languages.phrases import phrase

from .patterns import MemoryWords, memory_words, tidy
from .questions import Asked, Wish, asked
from .recall import Recall, answer

LISTED = 8
"""Facts that are told at once; of more, the newest, and how many there are beside."""


LOOKED_UP_WITHIN = 0.5
"""Seconds: a memory answers in some milliseconds, and its model loads in half a second."""


class Recollecting:
    stage = "remember"
    within: float | None = LOOKED_UP_WITHIN

    def __init__(self, memory: Memory, recall: Recall) -> None:
        self._memory, self._recall = memory, recall

    async def __call__(self, sentence: Sentence, /) -> Found | None:
        language = sentence.now.context.language
        words = memory_words(language)
        if words is None:
            return None
        wish = asked(sentence.text, language)
        if wish is not None and wish.wish is Wish.LIST:
            return Found(words=_said(_listed(await self._memory.export(), words, language)))
        if wish is None and not sentence.addressed:
            return None
        found = await self._recall.search(wish.query if wish else Query(sentence.text))
        known = answer(found, wish, language)
        if known is not None:
            return Found(words=_said(known.text))
        return (
            Found(words=_said(words.says["unknown"])) if _only_memory_can_tell(sentence.text, wish, language) else None
        )


class Untold:
    """The last link: a question that memory might have answered, and nobody else could either."""

    stage = "remember"
    within: float | None = LOOKED_UP_WITHIN

    async def __call__(self, sentence: Sentence, /) -> Found | None:
        language = sentence.now.context.language
        words, wish = memory_words(language), asked(sentence.text, language)
        return Found(words=_said(words.says["unknown"])) if words and wish else None


def _only_memory_can_tell(text: str, wish: Asked | None, language: str) -> bool:
    """Where my keys are nobody else knows; the capital of France somebody may."""
    return wish is not None and (wish.query.subject == "me" or first_person(text, language))


def _listed(facts: Sequence[Fact], words: MemoryWords, language: str) -> str:
    holding = [fact for fact in facts if fact.until is None]
    if not holding:
        return words.says["nothing"]
    told = [_retold(fact, language) for fact in reversed(holding[-LISTED:])]
    more = len(holding) - len(told)
    return ". ".join([*told, phrase(language, "memory_more", count=more) or ""] if more else told)


def _retold(fact: Fact, language: str) -> str:
    said = retold(tidy(fact.text).strip(), language)
    return said[:1].upper() + said[1:]


async def _said(text: str) -> AsyncGenerator[str, None]:
    yield text
