"""How a model's pieces spell what may be said: its capitals, punctuation and numerals against a cursor that knows none.

A `Place` is a cursor and what was written since its last letter. The vocabulary is a trie that is walked together with
the cursor, and what was found at a place is remembered, for the next sentence begins at the same places.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from repartee.core.ports import Cursor

from .vocabulary import Vocabulary

BEGIN = "^"
"""The mark of a place where nothing was written yet: a space there is no space between words."""
LONE = "_"
"""Added to the mark after a piece that is nothing but a space: a vocabulary of this kind writes one before numerals."""
SILENT = ",?!:;"
"""Punctuation that a sentence may have and the cursor does not."""
UNSAID = SILENT + ".'"
SIGNS = " -%\u00b0" + UNSAID
"""What may be written although the cursor does not expect it, outside free text."""
MAX_REMEMBERED = 20_000
"""Places; then all are forgotten."""


class Last(Enum):
    """The last letter, as far as it matters to what may be glued to it."""

    PLAIN = 0
    DIGIT = 1
    """A word of its own may follow: "50%", "5pm"."""
    INITIAL = 2
    """It began a word: "p.m."."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hypothesis is in what may be said."""

    cursor: Cursor
    mark: str = BEGIN
    """What was written since the last letter: nothing, a space, a point or apostrophe that may turn out to be one."""
    last: Last = Last.PLAIN

    @property
    def key(self) -> Hashable:
        return self.cursor.key, self.mark, self.last

    @property
    def complete(self) -> bool:
        return self.cursor.complete

    @property
    def between(self) -> bool:
        """Whether a word has just ended, and another may follow."""
        return self.mark in ("", ",", "'") and self.cursor.step(" ") is not None

    @property
    def free(self) -> bool:
        """Any text may follow, perhaps after a space."""
        if self.cursor.letters() is None:
            return True
        after = self.cursor.step(" ") if self.mark != BEGIN else None
        return after is not None and after.letters() is None

    def write(self, character: str) -> Place | None:
        """The place after one more character; None where nothing sayable is written like this."""
        if character.isalnum() or character in "%\u00b0":
            return self._letter(character)
        if character in " -":
            return self._space(character)
        if self.mark in ("", ".") and character in SILENT:
            return Place(self.cursor, ",")
        if self.mark == "" and character in ".'":
            return Place(self.cursor, character, self.last)
        return Place(self.cursor, " ") if self.mark in ("", " ") and self.free else None

    def letters(self) -> str | None:
        """The letters (and signs that are words) of which `write` may take one; None: any."""
        found = ""
        for before in dict.fromkeys((*self._joints("0"), *self._joints("%"))):
            cursor = self.cursor.step(before) if before else self.cursor
            following = cursor.letters() if cursor else ""
            if following is None:
                return None
            found += following
        return found

    def alone(self) -> Place:
        """This place, reached by a piece that is nothing but a space."""
        return Place(self.cursor, self.mark + LONE)

    def _space(self, character: str) -> Place | None:
        if self.mark == BEGIN:
            return self if character == " " else None
        return Place(self.cursor, " ") if self.mark in ("", ",", ".", "'") else None

    def _letter(self, letter: str) -> Place | None:
        for before in self._joints(letter):
            cursor = self.cursor.step(before + letter)
            if cursor is not None:
                return Place(cursor, "", self._kind(before + letter))
        return None

    def _kind(self, text: str) -> Last:
        if text[-1].isdecimal():
            return Last.DIGIT
        begins = text[0] == " " or self.mark[:1] == BEGIN
        return Last.INITIAL if begins else Last.PLAIN

    def _joints(self, letter: str) -> Iterator[str]:
        """What the cursor may want to read between the last letter and this one, likeliest first."""
        if self.mark[-1:] == LONE and not letter.isdecimal():
            return
        if self.mark[:1] == " ":
            yield " "
        elif self.mark == ".":
            if self.last is Last.INITIAL:
                yield ""
            elif self.last is Last.DIGIT and letter.isdecimal():
                yield "."
        elif self.mark != ",":
            yield "'" if self.mark == "'" else ""
            if self.last is Last.DIGIT or letter == "%":
                yield " "


class Node:
    """A place in the trie of all pieces, their letters folded."""

    __slots__ = ("ids", "next")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.ids: list[int] = []

    def after(self, place: Place) -> Iterable[tuple[str, Node]]:
        """The characters that might be written at this place; few of those that a piece may go on with."""
        letters = place.letters()
        if letters is None or place.free:
            return self.next.items()
        return [(c, self.next[c]) for c in {*letters, *SIGNS} if c in self.next]


@dataclass(frozen=True, slots=True)
class Follow:
    """The pieces that may follow a place."""

    ids: NDArray[np.int64]
    """Shape (n,)."""
    places: tuple[Place, ...]
    """Where each of them leads."""


class Speller:
    """Maps the pieces of one vocabulary on one grammar."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._follow: dict[Hashable, Follow] = {}

    def follow(self, place: Place) -> Follow:
        """For a place that is not free."""
        key = place.key
        made = self._follow.get(key)
        if made is None:
            if len(self._follow) >= MAX_REMEMBERED:
                self._follow.clear()
            made = self._follow[key] = self._walk(place)
        return made

    def after(self, place: Place, piece: int) -> Place | None:
        """The place after one piece."""
        text = self._pieces.texts.get(piece)
        here = place if text else None
        for character in text or "":
            here = here.write(character) if here else None
        return here.alone() if here and text == " " else here

    def said(self, piece: int) -> str:
        """The words of a piece without punctuation and capitals."""
        return "".join(c if c.isalnum() or c == "%" else " " for c in self._pieces.texts[piece] if c not in UNSAID)

    def _walk(self, place: Place) -> Follow:
        ids: list[int] = []
        places: list[Place] = []
        stack = [(self._pieces.root, place)]
        while stack:
            node, here = stack.pop()
            ids.extend(node.ids)
            places.extend([here.alone() if node is self._pieces.space else here] * len(node.ids))
            for character, child in node.after(here) if node.next else ():
                there = here.write(character)
                if there is not None:
                    stack.append((child, there))
        return Follow(np.array(ids, np.int64), tuple(places))


class Pieces:
    """The trie of a vocabulary. Byte pieces, control pieces and what is no text are left out."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.root = Node()
        self.texts: dict[int, str] = {}
        """Id to folded text."""
        for text, piece in vocabulary.texts().items():
            folded = fold(text)
            if folded is None:
                continue
            self.texts[piece] = folded
            node = self.root
            for character in folded:
                node = node.next.setdefault(character, Node())
            node.ids.append(piece)
        self.space = self.root.next.get(" ")


def fold(text: str) -> str | None:
    """Lower case without accents; None for what no sentence is written with."""
    if "  " in text or not text.isprintable():
        return None
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
