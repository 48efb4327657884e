"""The pieces a Moonshine model writes with: SentencePiece-like, with bytes as the fallback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

SPACE = "\u2581".encode()
"""How a piece writes the space before a word."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    pieces: tuple[bytes, ...]
    """By id; 0 unknown, 1 start, 2 end, then the 256 bytes, then text. UTF-8, spaces as U+2581."""
    FIRST: ClassVar[int] = 259
    """Id of the first piece of text."""
    start: int = 1
    end: int = 2

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """`tokenizer.bin`: each piece behind its length, one byte below 128, else two (low 7 bits, then the rest)."""
        data = path.read_bytes()
        pieces: list[bytes] = []
        at = 0
        while at < len(data):
            length, at = data[at], at + 1
            if length >= 128:
                length, at = data[at] * 128 + length - 128, at + 1
            pieces.append(data[at : at + length])
            at += length
        return cls(tuple(pieces))

    def texts(self) -> dict[str, int]:
        """Text (a space for U+2581) to id, of the pieces that are text; where two are alike, the later one is used."""
        found: dict[str, int] = {}
        for piece, raw in enumerate(self.pieces[self.FIRST :], self.FIRST):
            if raw and not (raw.startswith(b"<<") and raw.endswith(b">>")):
                found[raw.replace(SPACE, b" ").decode("utf-8", "replace")] = piece
        return found

    def text(self, ids: Iterable[int]) -> str:
        """Of a finished or unfinished row of pieces; half a character at its end is left out."""
        return b"".join(self.pieces[i] for i in ids).replace(SPACE, b" ").decode("utf-8", "ignore").strip()
