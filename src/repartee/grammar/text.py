"""Normalisation, the one place: what becomes of a text before the grammar sees it.

Lower case, no accents, one word a token. Punctuation and hyphens separate words. An apostrophe ends a word and stays
with it ("l'entrée" is `l'`, `entree`; "what's" is `what'`, `s`), so that elided articles are words of their own.
Numbers in digits are one token in one spelling ("20,50" is `20.5`), split from what is glued to them ("50%" is `50`,
`%`). Characters of scripts without spaces are words of their own. Everything else (emoji, controls, marks) is dropped.
The same function reads templates, names and sentences, so that only its consistency matters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_CHARACTERS = 2_000
"""Of a sentence; what comes after is not looked at (and the sentence not understood)."""
MAX_WORDS = 120

_WORD = re.compile(
    r"(?<!\w)-?\d+/\d+"
    r"|(?:(?<!\w)-)?\d+(?:[.,]\d+)*"
    r"|(?:[^\W\d_]\.){2,}"
    r"|[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]"
    r"|[^\W\d_\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+(?:'(?=\w))?"
    r"|%|°(?:[cfCF]\b)?"
)
_TYPOGRAPHIC = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "_": " ", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o"}
)


def fold(text: str) -> str:
    """Lower case without accents; as many words as before, not as many characters."""
    if text.isascii():
        return text.lower().replace("_", " ").replace("`", "'")
    text = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHIC)).lower().translate(_TYPOGRAPHIC)
    return "".join(c for c in text if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The tokens of a text, in linear time."""
    return [w if w[-1].isalpha() and w[0] != "°" else _spelt(w) for w in _WORD.findall(fold(text))]


def phrase(text: str) -> list[str]:
    """The tokens of a phrase of the language's data; one that ends with an apostrophe begins another: "l'"."""
    return words(f"{text}a")[:-1] if text.endswith("'") else words(text)


def originals(text: str) -> list[str] | None:
    """The same tokens as a person wrote them, for free text; None where the two do not align."""
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)
    found = _WORD.findall(plain)
    return found if len(found) == len(_WORD.findall(fold(text))) else None


def without(text: str, spans: Iterable[tuple[int, int]]) -> str | None:
    """The text without these tokens (first, one after the last), as a person wrote the rest; None where they don't
    align."""
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)
    found = list(_WORD.finditer(plain))
    if len(found) != len(_WORD.findall(fold(text))):
        return None
    kept, at = "", 0
    for start, stop in sorted(spans):
        kept, at = f"{kept}{plain[at : found[start].start()]} ", found[stop - 1].end()
    return " ".join((kept + plain[at:]).split()).strip(" ,;.!?")


def between(text: str, start: int, stop: int) -> str | None:
    """The text from one token up to another, as a person wrote it, pauses and all; None where they don't align."""
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)
    found = list(_WORD.finditer(plain))
    if len(found) != len(_WORD.findall(fold(text))):
        return None
    return plain[found[start].start() : found[stop - 1].end()]


def joined(tokens: list[str]) -> str:
    """Tokens as one text again: a space after each word, none after an apostrophe."""
    return "".join(t if t.endswith("'") else t + " " for t in tokens).rstrip()


def _spelt(word: str) -> str:
    """One spelling a number; abbreviations without dots."""
    if word[-1] == "'" or word == "%":
        return word
    if word[0] == "°":
        return "°"
    if word[-1] == ".":
        return word.replace(".", "")
    if "/" in word:
        return word
    sign, digits = ("-", word[1:]) if word[0] == "-" else ("", word)
    whole, *rest = re.split(r"[.,]", digits)
    while rest and len(rest[0]) == 3 and whole != "0":
        whole += rest.pop(0)
    fraction = rest[0].rstrip("0") if rest else ""
    whole = whole.lstrip("0") or "0"
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
