"""The last link of the chain: a language model, held to the few devices that the sentence can mean.

What it wants is a reading like any other; what it says is spoken from its first sentence on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from repartee.core.intent import Doubt
from repartee.core.link import Found, Sentence
from repartee.core.memory import Query, Recollection
from repartee.core.ports import LanguageModel
from repartee.core.prompt import Prompt
from repartee.grammar.cache import Cache
from repartee.grammar.text import words

from .asking import Surroundings, asking, meant
from .bound import Forms, Offer, offer, read
from .nearness import Nearness
from .plan_stream import PlanStream
from .recall import Recall
from .said_by_model import Spoken, sayable

WORTH = 0.15
"""Score from which a fact that was found by meaning is worth telling the model; by words alone, every one is."""

PROFILE = Query("my name", kind="name", subject="me")
"""What is known of the person who speaks: looked for each time, and found in the cache."""
OWN = frozenset({"name", "preference", "allergy"})


@dataclass(frozen=True, slots=True)
class Manner:
    """How the model is asked; each of these can be switched off to see what it is good for."""

    together: bool = True
    """Memory and names are looked up side by side."""
    streaming: bool = True
    """Its first sentence is spoken while it makes the next."""
    answers_ttl: float = 3600.0
    """Seconds for which an answer that rests on nothing here is told again; 0: never."""
    max_tokens: int = 256
    first_within: float = 10.0
    """Seconds until its first token."""
    stalled_after: float = 5.0
    """Seconds between two tokens."""


class Answering:
    stage = "llm"
    within: float | None = None

    def __init__(
        self,
        model: LanguageModel,
        recall: Recall | None,
        nearness: Nearness | None,
        manner: Manner = Manner(),  # frozen
    ) -> None:
        self._model, self._recall, self._nearness, self._manner = model, recall, nearness, manner
        self._forms = Forms()
        self.answers: Cache[str] = Cache(200, 200_000, manner.answers_ttl or 1.0)
        """Those that rest on nothing of this home, its people and this conversation."""

    async def __call__(self, sentence: Sentence, /) -> Found | None:
        if not sentence.addressed:
            return None
        if sentence.hurried:
            return Found(doubt=Doubt("hurried"))
        near, memories = await self.looked_up(sentence)
        now = sentence.now
        offered = offer(now.home, meant(sentence.text, now.home, now.context.area, near))
        around = self._around(sentence, memories)
        key = self._key(sentence, offered, around)
        if key and (known := self.answers.get(key)) is not None:
            return Found(words=_said(known))
        form = self._forms.form(offered) if offered.labels else None
        prompt = replace(
            asking(sentence.text, offered, around, form),
            max_tokens=self._manner.max_tokens,
            first_within=self._manner.first_within,
            stalled_after=self._manner.stalled_after,
        )
        return await self._asked(prompt, offered, sentence, key)

    async def looked_up(self, sentence: Sentence) -> tuple[Mapping[str, float], Sequence[Recollection]]:
        """What the sentence is close to, and what is remembered, of the person who asks too."""
        near, profile, memories = self._near(sentence), self._profile(), self._memories(sentence)
        if self._manner.together:
            names, known, found = await asyncio.gather(near, profile, memories)
        else:
            names, known, found = await near, await profile, await memories
        return names, list({memory.fact.id: memory for memory in (*known, *found)}.values())

    async def _profile(self) -> Sequence[Recollection]:
        """What the person is called, and prefers."""
        found = await self._recall.search(PROFILE) if self._recall else ()
        return [known for known in found if known.fact.subject == PROFILE.subject and known.fact.kind in OWN]

    async def _near(self, sentence: Sentence) -> Mapping[str, float]:
        return await self._nearness.near(sentence.text, sentence.now.home) if self._nearness else {}

    async def _memories(self, sentence: Sentence) -> Sequence[Recollection]:
        found = await self._recall.search(Query(sentence.text)) if self._recall else ()
        return [known for known in found if known.score >= WORTH or not self._nearness]

    def _around(self, sentence: Sentence, memories: Sequence[Recollection]) -> Surroundings:
        now = sentence.now
        area = now.home.area_by_id.get(now.context.area or "")
        before = [(exchange.text, exchange.reply) for exchange in now.conversation.exchanges]
        return Surroundings(now.context.language, area.name if area else "", now.states, memories, before)

    def _key(self, sentence: Sentence, offered: Offer, around: Surroundings) -> tuple[object, ...] | None:
        """Of an answer that may be told again: never one that a state, a fact or the conversation is in."""
        rests = offered.labels or around.memories or around.before or not self._manner.answers_ttl
        return None if rests else (tuple(words(sentence.text)), around.language)

    async def _asked(
        self, prompt: Prompt, offered: Offer, sentence: Sentence, key: tuple[object, ...] | None
    ) -> Found | None:
        """Returns as soon as it is known whether something is to be done or said."""
        language, stream = sentence.now.context.language, PlanStream()
        pieces = self._model.generate(prompt)
        try:
            async for piece in pieces:
                if begun := stream.add(piece):
                    return await self._spoken(_rest(begun, pieces, stream), pieces, language, key)
            wish = read(stream.plan, offered, sentence.now.home) if stream.text.strip() else None
        except BaseException:
            await pieces.aclose()
            raise
        if wish is None or wish.reading is None:
            return Found(words=sayable(_said(wish.say), language)) if wish and wish.say else None
        return Found(reading=wish.reading)

    async def _spoken(
        self,
        said: AsyncGenerator[str, None],
        pieces: AsyncGenerator[str, None],
        language: str,
        key: tuple[object, ...] | None,
    ) -> Found:
        """`pieces`: where `said` comes from."""
        words = Spoken(self._kept(said, key), pieces, language)
        if self._manner.streaming:
            return Found(words=words)
        async with aclosing(words):
            return Found(words=_said("".join([sentence async for sentence in words])))

    async def _kept(
        self, pieces: AsyncGenerator[str, None], key: tuple[object, ...] | None
    ) -> AsyncGenerator[str, None]:
        """An answer that came to its end can be told again."""
        told = ""
        async for piece in pieces:
            told += piece
            yield piece
        if key and told.strip():
            said = "".join([sentence async for sentence in sayable(_said(told), str(key[1]))])
            self.answers.put(key, said, len(said))


async def _rest(begun: str, pieces: AsyncGenerator[str, None], stream: PlanStream) -> AsyncGenerator[str, None]:
    yield begun
    async for piece in pieces:
        if said := stream.add(piece):
            yield said


async def _said(text: str) -> AsyncGenerator[str, None]:
    yield text
