"""Markdown as the words a person would read from the page: no marks, addresses or code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARKED = re.compile(r"[*_`#\[\]<>|~\\&\n]|^\s*(?:[-+]|\d+[.)])\s")
_PRODUCT = re.compile(r"(?<=\d)[ \t]?\*[ \t]?(?=\d)")
_TAG = re.compile(r"<[^<>]*>")
_ENDED = re.compile(r"[.!?:;,…。！？][\"'”’»)]*$")
BREAK = ("heading_close", "paragraph_close", "tr_close", "list_item_close", "blockquote_close")


def plain(text: str, code: str) -> str:
    """`code` is said where a block of code stands. Text without marks comes back as it is."""
    if not _MARKED.search(text):
        return text
    tokens = _parser().parse(_PRODUCT.sub(" × ", text))
    blocks = list(_blocks(tokens, code))
    return " ".join(_ended(block) for block in blocks) if len(blocks) > 1 else "".join(blocks)


def _blocks(tokens: Sequence[Token], code: str) -> Iterator[str]:
    """The text of each paragraph, heading, list item and row."""
    said = ""
    for token in tokens:
        if token.type == "inline":
            said += _inline(token.children or ())
        elif token.type == "list_item_open" and token.info:
            said += f"{token.info}{token.markup} "
        elif token.type in ("fence", "code_block"):
            yield code
        elif token.type == "html_block":
            said += _TAG.sub(" ", token.content)
        elif token.type in ("td_close", "th_close"):
            said += ", "
        if token.type in (*BREAK, "html_block") and said.strip(" ,"):
            yield said.strip(" ,")
            said = ""


def _inline(tokens: Sequence[Token]) -> str:
    said = ""
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special", "image"):
            said += token.content
        elif token.type in ("softbreak", "hardbreak"):
            said += " "
    return said


def _ended(block: str) -> str:
    return block if _ENDED.search(block) else f"{block}."


@cache
def _parser() -> MarkdownIt:
    """Made at the first mark: importing it takes some 60 ms, and our own replies have none."""
    from markdown_it import MarkdownIt

    # "reference" would drop "[note]: ..." as a definition; "code" would take indented text for a program
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(["reference", "code"])
