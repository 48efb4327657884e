"""The sentences of a language: templates, rules, lists and skip words, from the intents package and from own files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import home_assistant_intents

from repartee.languages.data import sentences as shipped_with
from repartee.languages.package import package_data

from .templates import BadTemplate, Template, read_template

HOME_LISTS = ("name", "area", "floor")
"""Lists whose values are the home's."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Templates that share an intent, fixed slots and what they need of their context."""

    intent: str
    templates: tuple[Template, ...]
    slots: Mapping[str, Any] = field(default_factory=dict)
    requires: Mapping[str, Any] = field(default_factory=dict)
    excludes: Mapping[str, Any] = field(default_factory=dict)
    response: str = "default"
    rules: Mapping[str, Template] = field(default_factory=dict)
    """Seen by these templates only."""
    lists: Mapping[str, ListData] = field(default_factory=dict)
    own: bool = False
    """A person's own sentences: they win over those of the package."""
    order: int = 0
    where: str = ""
    """File and intent, for errors."""


@dataclass(frozen=True, slots=True)
class ListValue:
    template: Template
    value: Any
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `start` to `stop` (included), `step` apart, with what lies between by `fractions`."""

    start: int
    stop: int
    step: int = 1
    fractions: str | None = None
    multiplier: float = 1

    def numbers(self) -> Iterator[float | int]:
        between = {"halves": (0.5,), "tenths": tuple(n / 10 for n in range(1, 10))}.get(self.fractions or "", ())
        for whole in range(self.start, self.stop + 1, self.step):
            yield whole
            for part in between:
                yield whole + part


@dataclass(frozen=True, slots=True)
class ListData:
    """One of: values in words, a range of numbers, free text (neither)."""

    values: tuple[ListValue, ...] = ()
    range: Range | None = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class Sentences:
    language: str
    blocks: tuple[Block, ...]
    rules: Mapping[str, Template]
    lists: Mapping[str, ListData]
    skip: tuple[str, ...]


@lru_cache(maxsize=1)  # compiled, they are kept as long as somebody speaks the language
def package_sentences(language: str) -> Sentences:
    """Of the installed intents package. Raises `BadTemplate` for a language it does not have."""
    data = package_data(language)
    if data is None:
        known = ", ".join(sorted(home_assistant_intents.get_languages()))
        raise BadTemplate(f"there are no sentences for the language {language!r}; there are: {known}")
    return read_sentences(data, language, f"home_assistant_intents/{language}")


def load_sentences(language: str, *folders: Path) -> Sentences:
    """The package's sentences, and those of folders (`*.json`, `*.yaml`: the package's format).

    A person's own win over all others; those that we ship beside the package's are judged like these.
    """
    sentences = package_sentences(language)
    for folder in folders:
        if not folder.is_dir():
            raise BadTemplate(f"{folder}: there is no such folder of sentences")
        for path in sorted(p for p in folder.iterdir() if p.suffix in {".json", ".yaml", ".yml"}):
            own = folder != shipped_with(language)
            sentences = merged(sentences, read_sentences(_read_file(path), language, str(path), own))
    return sentences


def read_sentences(data: Any, language: str, where: str, own: bool = False) -> Sentences:
    """Raises `BadTemplate` that names the file, the intent and the sentence."""
    if not isinstance(data, Mapping):
        raise BadTemplate(f"{where}: a sentence file is a mapping with intents, lists and expansion_rules")
    blocks: list[Block] = []
    for intent, body in _mapping(data, "intents", where).items():
        for row in body.get("data", ()):
            blocks.append(_block(intent, row, len(blocks), where, own))
    return Sentences(
        language,
        tuple(blocks),
        {name: _template(text, f"{where}: rule <{name}>") for name, text in _rules(data).items()},
        {name: _list(row, f"{where}: list {{{name}}}") for name, row in _mapping(data, "lists", where).items()},
        tuple(data.get("skip_words") or ()),
    )


def _read_file(path: Path) -> Any:
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise BadTemplate(f"{path}: not JSON: {error}") from error
    import yaml  # only a folder of own sentences needs it

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadTemplate(f"{path}: not YAML: {error}") from error


def merged(first: Sentences, second: Sentences) -> Sentences:
    return Sentences(
        first.language,
        (*second.blocks, *first.blocks),
        {**first.rules, **second.rules},
        {**first.lists, **second.lists},
        (*first.skip, *second.skip),
    )


def _mapping(data: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    part = data.get(key) or {}
    if not isinstance(part, Mapping):
        raise BadTemplate(f"{where}: {key!r} must be a mapping")
    return part


def _rules(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return data.get("expansion_rules") or {}


def _block(intent: str, row: Mapping[str, Any], order: int, where: str, own: bool) -> Block:
    where = f"{where}: {intent}"
    sentences = row.get("sentences")
    if not isinstance(sentences, Sequence) or isinstance(sentences, str):
        raise BadTemplate(f"{where}: 'sentences' must be a list of templates")
    return Block(
        intent,
        tuple(_template(text, f"{where}, sentence {n + 1}") for n, text in enumerate(sentences)),
        row.get("slots") or {},
        row.get("requires_context") or {},
        row.get("excludes_context") or {},
        str(row.get("response") or "default"),
        {name: _template(text, f"{where}: rule <{name}>") for name, text in _rules(row).items()},
        {name: _list(each, f"{where}: list {{{name}}}") for name, each in (row.get("lists") or {}).items()},
        own,
        order,
        where,
    )


@lru_cache(maxsize=1_000)
def _read_cached(text: str) -> Template:
    return read_template(text)


def _template(text: object, where: str) -> Template:
    try:
        return _read_cached(str(text).strip())
    except BadTemplate as error:
        raise BadTemplate(f"{where}: {error}") from error


def _list(row: Mapping[str, Any], where: str) -> ListData:
    if row.get("wildcard"):
        return ListData(free=True)
    if "range" in row:
        return ListData(range=_range(row["range"], where))
    if not isinstance(row.get("values"), Sequence):
        raise BadTemplate(f"{where}: a list needs 'values', a 'range' or 'wildcard: true'")
    return ListData(tuple(_value(value, where) for value in row["values"]))


def _range(row: Mapping[str, Any], where: str) -> Range:
    try:
        made = Range(
            int(row["from"]), int(row["to"]), int(row.get("step", 1)), row.get("fractions"), row.get("multiplier") or 1
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadTemplate(f"{where}: a range needs whole numbers 'from' and 'to'") from error
    if made.step < 1 or made.start > made.stop or (made.stop - made.start) / made.step > 100_000:
        raise BadTemplate(f"{where}: a range goes upwards in at most 100,000 steps")
    return made


def _value(value: Any, where: str) -> ListValue:
    if isinstance(value, Mapping):
        text = value.get("in")
        out = value.get("out", text)
        return ListValue(_template(text, where), _plain(out), value.get("context") or {})
    return ListValue(_template(value, where), value)


def _plain(out: Any) -> Any:
    return tuple(out) if isinstance(out, list) else out
