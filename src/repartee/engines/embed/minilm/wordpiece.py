"""WordPiece, as BERT's uncased models read text (Devlin et al. 2018; as `BertNormalizer` of tokenizers has it)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

VOCABULARY = Path(__file__).parent / "vocab.txt"
"""Of all-MiniLM-L6-v2, which is that of bert-base-uncased: a piece a line, its number the line's."""
UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
LONGEST_WORD = 100
CJK = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF))


class WordPiece:
    def __init__(self, path: Path = VOCABULARY) -> None:
        self._numbers = {piece: number for number, piece in enumerate(path.read_text("utf-8").split("\n"))}
        self._unknown = self._numbers[UNKNOWN]
        self._word = lru_cache(4_000)(self._pieces)

    def encode(self, text: str, most: int) -> list[int]:
        """At most `most` pieces, the first and last among them included."""
        inner = [number for word in words(text) for number in self._word(word)]
        return [self._numbers[START], *inner[: most - 2], self._numbers[END]]

    def _pieces(self, word: str) -> tuple[int, ...]:
        """Greedily the longest piece that is known; a word of which a part is unknown is unknown."""
        if len(word) > LONGEST_WORD:
            return (self._unknown,)
        found, start = [], 0
        while start < len(word):
            piece = next((p for p in _from(word, start) if p[1] in self._numbers), None)
            if piece is None:
                return (self._unknown,)
            start, number = piece[0], self._numbers[piece[1]]
            found.append(number)
        return tuple(found)


def _from(word: str, start: int) -> list[tuple[int, str]]:
    """Where each piece that begins here would end, longest first, and how the vocabulary writes it."""
    mark = "##" if start else ""
    return [(end, mark + word[start:end]) for end in range(len(word), start, -1)]


def words(text: str) -> list[str]:
    """Lower case, without accents, punctuation and ideographs as words of their own."""
    plain = unicodedata.normalize("NFD", text.lower())
    spaced = "".join(_spaced(c) for c in plain if unicodedata.category(c) != "Mn")
    return spaced.split()


def _spaced(c: str) -> str:
    code, category = ord(c), unicodedata.category(c)
    if c in "\t\n\r" or category == "Zs":
        return " "
    if code in (0, 0xFFFD) or category.startswith("C"):
        return ""
    ascii_mark = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    if ascii_mark or category.startswith("P") or any(low <= code <= high for low, high in CJK):
        return f" {c} "
    return c
