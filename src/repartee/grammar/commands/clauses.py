"""Chunks to clauses: one deed each, with what it is done to, by how much and when; words that are shared are lent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ...core.when import NOW, When
from ..when import together
from .chunks import Amount, Chunk
from .targets import Target
from .words import CommandWords


@dataclass
class Clause:
    """What was said of one deed; what it lacks is None or empty."""

    stem: str = ""
    heads: list[tuple[str, str]] = field(default_factory=list)
    """Deeds and particles: what each is by itself (or nothing), and its words."""
    target: Target | None = None
    place: Target | None = None
    amounts: list[Amount] = field(default_factory=list)
    quality: str = ""
    when: When | None = None
    then: bool = False
    """It waits for the clause before."""
    inverted: tuple[Target, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.stem or self.heads or self.target or self.place or self.amounts or self.quality)

    @property
    def has_verb(self) -> bool:
        return bool(self.stem or self.heads)


class Split:
    """Cuts a way into clauses; `made` is None where that makes no sense."""

    def __init__(self, words: CommandWords, pauses: Collection[int], articles: Collection[int] = ()) -> None:
        """`pauses`: words before which a comma was written; `articles`: words that are one."""
        self._words = words
        self._pauses = pauses
        self._articles = articles

    def clauses(self, chunks: Sequence[Chunk]) -> list[Clause] | None:
        made, whole, joined = [Clause()], NOW, False
        for chunk in chunks:
            joined = joined or (chunk.start in self._pauses and chunk.start > 0)
            if chunk.role in ("join", "then"):
                joined = True
                if chunk.role == "then" and not made[-1].is_empty:
                    made.append(Clause(then=True))
                continue
            if chunk.role == "free":
                continue
            if chunk.role == "when":
                when = together(made[-1].when or NOW if not made[-1].is_empty else whole, chunk.value)  # type: ignore[arg-type]
                if when is None:
                    return None
                if made[-1].is_empty and len(made) == 1:
                    whole = when
                else:
                    made[-1].when = when
                continue
            if not made[-1].is_empty and self._begins(made[-1], chunk, joined):
                if chunk.role == "target" and not joined and not self._is_apart(made[-1], chunk):
                    return None
                made.append(Clause())
            if not self._add(made[-1], chunk):
                return None
            joined = False
        if made[-1].is_empty:
            made.pop()
        if not made or not self._lend(made):
            return None
        for clause in made:
            if whole != NOW:
                clause.when = together(clause.when or NOW, whole)
        return made

    def _begins(self, clause: Clause, chunk: Chunk, joined: bool) -> bool:
        """Whether a chunk is the first of another clause."""
        if chunk.role == "stem":
            return clause.has_verb
        if chunk.role in ("deed", "particle"):
            return bool(clause.heads) and clause.heads[0][0] != "set"
        if chunk.role == "target":
            return clause.target is not None or (joined and clause.place is not None)
        if chunk.role == "place":
            return joined and (clause.target is not None or clause.place is not None)
        if chunk.role == "amount":
            return joined and any(a.what == chunk.value.what for a in clause.amounts)  # type: ignore[attr-defined]
        return chunk.role == "inverted" and clause.target is not None

    def _is_apart(self, clause: Clause, chunk: Chunk) -> bool:
        """ "The fan the tv" are two things, "tv lights" is one that the home has not."""
        return clause.target is None or chunk.start in self._articles

    def _add(self, clause: Clause, chunk: Chunk) -> bool:
        """False where the clause has one already."""
        value = chunk.value
        if chunk.role == "stem" and not clause.stem:
            clause.stem = value[0]  # type: ignore[index]
        elif chunk.role in ("deed", "particle"):
            clause.heads.append((value[0] if chunk.role == "deed" else "", value[1]))  # type: ignore[index]
        elif chunk.role == "target" and clause.target is None and isinstance(value, Target):
            clause.target = value
        elif chunk.role == "place" and clause.place is None and isinstance(value, Target):
            clause.place = value
        elif chunk.role == "amount" and isinstance(value, Amount) and len(clause.amounts) < 2:
            clause.amounts.append(value)
        elif chunk.role == "property" and not clause.quality:
            clause.quality = value[0]  # type: ignore[index]
        elif chunk.role == "except" and isinstance(value, tuple) and clause.target is not None:
            clause.target = replace(clause.target, without=(*clause.target.without, *value))
        elif chunk.role == "inverted" and isinstance(value, tuple) and clause.target is None:
            clause.target = Target(kind="everything", every="all", without=value)
        else:
            return False
        return True

    def _lend(self, clauses: list[Clause]) -> bool:
        """Verbs and amounts that were said once for several; False where a clause has no verb."""
        for before, clause in pairwise(clauses):
            if not clause.has_verb and before.has_verb and self.verb(before):
                clause.stem, clause.heads = before.stem, list(before.heads)
                if not clause.amounts:
                    clause.amounts = list(before.amounts)
                elif not before.amounts:
                    before.amounts = list(clause.amounts)
                clause.quality = clause.quality or before.quality
        for clause, after in reversed(list(pairwise(clauses))):
            if not self.verb(clause) and self.verb(after):
                lent = self.deed(clause.stem, after.heads) if clause.stem else ""
                if clause.has_verb and not lent and clause.heads:
                    return False
                clause.stem, clause.heads = clause.stem or after.stem, list(after.heads)
                clause.amounts = clause.amounts or list(after.amounts)
                clause.quality = clause.quality or after.quality
        for clause, after in pairwise(clauses):
            self._lend_kind(clause, after)
        return all(self.verb(clause) or clause.amounts for clause in clauses)

    def _lend_kind(self, clause: Clause, after: Clause) -> None:
        """ "The kitchen and living room lights", "the lights in the kitchen and the office"."""
        if clause.target is None and clause.place and after.target and after.target.kind and self._same(clause, after):
            clause.target = replace(after.target, places=clause.place.places, here=clause.place.here)
            clause.place = None
        elif (
            after.target is None and after.place and clause.target and clause.target.kind and self._same(clause, after)
        ):
            kept = replace(clause.target, places=after.place.places, here=after.place.here, everywhere=False)
            after.target, after.place = kept, None

    @staticmethod
    def _same(clause: Clause, after: Clause) -> bool:
        return (clause.stem, clause.heads) == (after.stem, after.heads)

    def verb(self, clause: Clause) -> str:
        """The deed of a clause, as far as it has one."""
        return self.deed(clause.stem, clause.heads)

    def deed(self, stem: str, heads: Sequence[tuple[str, str]]) -> str:
        """ "Turn" and "off" are `off`; nothing where the words make no deed."""
        if not heads:
            return ""
        deed, phrase = heads[0]
        rest = heads[1:]
        if stem:
            made = next((self._words.groups[n].get(phrase) for n in sorted(self._words.stems[stem])
                         if phrase in self._words.groups[n]), None)  # fmt: skip
            if made is None or rest:
                return ""
            return made
        if not rest:
            return deed
        return self._merged([deed, *(d for d, _ in rest)])

    @staticmethod
    def _merged(deeds: Sequence[str]) -> str:
        """ "Set ... brighter": the particular one counts."""
        particular = [deed for deed in deeds if deed != "set"]
        return particular[0] if len(particular) == 1 else ""
