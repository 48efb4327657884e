"""After the reply: what was said in passing is remembered. Rules at once; a language model in batches, when quiet.

Commands, questions and greetings tell nothing, so nothing is asked about them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass

from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.memory import Fact
from repartee.core.ports import LanguageModel, Memory
from repartee.core.turn import Decision, TurnRecord
from repartee.languages.sentence_stream import sentences_in
from repartee.stages.converse.extraction import Mentioned, extracted, extraction, may_tell
from repartee.stages.converse.statements import told

WAITING = 200
"""Sentences that wait to be looked at; of more the oldest go."""


@dataclass(frozen=True, slots=True)
class Batches:
    """How many sentences one question is about."""

    most: int = 5
    quiet: float = 30.0
    """Seconds of silence after which fewer will do."""


class Remembering:
    """Of all sessions."""

    def __init__(
        self,
        memory: Memory,
        model: LanguageModel | None,
        batches: Batches = Batches(),  # frozen
        codes: Collection[str] = (),
    ) -> None:
        """`model`: None: by rules alone. `codes`: digits that are never kept."""
        self._memory, self._model, self._batches, self._codes = memory, model, batches, tuple(codes)
        self._said = Channel[Mentioned](WAITING)
        self.duty = Duty("remembering")
        self.skipped = 0
        """Turns of which nothing was looked at."""
        self.questions = 0
        """Asked of the model."""

    def of_session(self, language: str) -> Callable[[TurnRecord], None]:
        """To be told of each turn of one session."""

        def finished(record: TurnRecord) -> None:
            if not _may_tell(record, language):
                self.skipped += 1
                return
            for sentence in sentences_in(record.transcript, language):
                if may_tell(sentence, language):
                    self._said.push(Mentioned(sentence, language, record.id))

        return finished

    async def work(self) -> None:
        """Until cancelled."""
        waiting: list[Mentioned] = []
        while True:
            full = await self._gather(waiting)
            if waiting and (full or not self._model):
                with self.duty.item():
                    await self.remember(waiting)
                waiting = []

    async def remember(self, mentioned: list[Mentioned]) -> int:
        """What rules know, and the model of the rest; how many facts."""
        by_rules = [
            fact
            for said in mentioned
            for fact in told(said.text, said.language, source=said.source, codes=self._codes).facts
        ]
        known = {fact.source for fact in by_rules}
        rest = [said for said in mentioned if said.source not in known]
        found = [*by_rules, *(await self._by_model(rest) if self._model and rest else [])]
        return len(await self._memory.add(found)) if found else 0

    async def _by_model(self, mentioned: list[Mentioned]) -> list[Fact]:
        assert self._model
        self.questions += 1
        async with aclosing(self._model.generate(extraction(mentioned))) as pieces:
            answer = "".join([piece async for piece in pieces])
        return extracted(answer, mentioned, self._codes)

    async def _gather(self, waiting: list[Mentioned]) -> bool:
        """One sentence more; True where it is time to look at what there is."""
        try:
            async with asyncio.timeout(self._batches.quiet if waiting else None):
                waiting.append(await anext(self._said))
        except TimeoutError:
            return True
        return len(waiting) >= self._batches.most


def _may_tell(record: TurnRecord, language: str) -> bool:
    """Whether it was talk: no command, no question, no answer to one of ours, and not misheard noise."""
    if record.reading is not None and record.reading.parts:
        return False
    return record.decision in (Decision.ACTED, Decision.REJECTED) and may_tell(record.transcript, language)
