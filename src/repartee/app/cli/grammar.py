"""`repartee parse`, `repartee grammar`, `repartee suggest`: what a home's sentences mean, and what may be said."""

from __future__ import annotations

import json as jsonlib
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from repartee.core.errors import BadHome, BadInput
from repartee.core.home import Home
from repartee.core.home_file import home_from, read_home
from repartee.core.intent import Context, Reading, Status
from repartee.core.ports import Understanding
from repartee.core.when import when_as_json
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.graph import draw, sizes
from repartee.languages.data import sentences as own_sentences
from repartee.stages.understand.planning import decide

from .options import Area, HomeOption, Json

MAX_LINE = 100_000
"""Characters of a line of input."""


HomesOption = Annotated[Path | None, typer.Option("--homes", help="JSON file of several homes, by name.")]
LanguageOption = Annotated[str, typer.Option("--language", help="Language, as in en, fr, nl.")]
FolderOption = Annotated[Path | None, typer.Option("--sentences", help="Folder of your own sentences.")]


@dataclass
class Homes:
    """The homes sentences may be about, each understood once it is needed."""

    language: str
    reference: str | None
    folder: Path | None
    home: Home
    several: Mapping[str, Any]

    def __post_init__(self) -> None:
        self._made: dict[str | None, tuple[Home, Understanding]] = {}

    def of(self, name: str | None) -> tuple[Home, Understanding]:
        """Raises `BadInput` for a name that is not there."""
        if name not in self._made:
            if name is not None and name not in self.several:
                known = ", ".join(list(self.several)[:5]) or "none: give --homes HOMES.json"
                raise BadInput(f"there is no home {name!r}; there are: {known}")
            home = self.home if name is None else home_from(self.several[name], name, name).home
            self._made[name] = home, self._understanding(home)
        return self._made[name]

    def _understanding(self, home: Home) -> Understanding:
        if self.reference is None:
            return compile_home(home, self.language, own_sentences(self.language), self.folder)
        if self.reference != "hassil":
            raise BadInput(f"--reference {self.reference}: there is only hassil")
        from repartee.engines.understanding.hassil import HassilUnderstanding

        return HassilUnderstanding(home, self.language, own_sentences(self.language))


def read_homes(
    home: Path | None, homes: Path | None, language: str, reference: str | None = None, folder: Path | None = None
) -> Homes:
    """Raises `BadHome` that names the file."""
    several: Mapping[str, Any] = {}
    if homes is not None:
        try:
            several = jsonlib.loads(homes.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise BadHome(f"{homes}: {error}; it is a JSON object of homes by name") from error
        if not isinstance(several, dict):
            raise BadHome(f"{homes}: it is a JSON object of homes by name")
    return Homes(language, reference, folder, _home(home), several)


def _home(path: Path | None) -> Home:
    if path is not None:
        return read_home(path).home
    from repartee.engines.home.demo import demo_home

    return demo_home().home


def parse(
    text: Annotated[list[str] | None, typer.Argument(help="A sentence; without one, JSON lines are read.")] = None,
    home: HomeOption = None,
    homes: HomesOption = None,
    language: LanguageOption = "en",
    area: Area = None,
    reference: Annotated[str | None, typer.Option(help="hassil: Home Assistant's recogniser instead.")] = None,
    sentences: FolderOption = None,
    json: Json = False,
) -> None:
    """What a sentence means in a home: intent, slots, plan, and whether it would act at once."""
    print_parsed(" ".join(text or []), area, read_homes(home, homes, language, reference, sentences), json)


def print_parsed(text: str, area: str | None, known: Homes, json: bool) -> None:
    """One sentence, or JSON lines from standard input where there is none."""
    rows: Iterable[Mapping[str, Any]] = [{"sentence": text, "context": {"area": area}}] if text else _lines(sys.stdin)
    for row in rows:
        answer = answered(row, known)
        print(jsonlib.dumps(answer, ensure_ascii=False) if json or not text else _told(answer), flush=True)


def grammar(
    home: HomeOption = None,
    language: LanguageOption = "en",
    sentences: FolderOption = None,
    say: Annotated[str, typer.Option(help="Draw what may follow these words, as Graphviz text.")] = "",
    json: Json = False,
) -> None:
    """The size of the automaton, how long it took to build, and a drawing of a small part of it."""
    start = time.process_time()
    _, compiled = compiled_home(home, language, sentences)
    figures = {**sizes(compiled), "build_ms": round((time.process_time() - start) * 1000, 1)}
    if say:
        print(draw(compiled, say))
    elif json:
        print(jsonlib.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>12} {value}")


def suggest(
    text: Annotated[str, typer.Argument(help="The beginning of a sentence.")],
    home: HomeOption = None,
    language: LanguageOption = "en",
    area: Area = None,
    sentences: FolderOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many words at most.")] = 20,
    json: Json = False,
) -> None:
    """How far a sentence has got, and what may follow."""
    place, compiled = compiled_home(home, language, sentences)
    context = _context({"area": area}, place, compiled.language.sentences.language)
    answer = suggestion(compiled, text, context, limit)
    if json:
        print(jsonlib.dumps(answer, ensure_ascii=False))
    else:
        print(answer["status"])
        print("  ".join(answer["next"]) if answer["next"] is not None else "(anything)")


def compiled_home(home: Path | None, language: str, folder: Path | None) -> tuple[Home, CompiledHome]:
    place = _home(home)
    return place, compile_home(place, language, own_sentences(language), folder)


def _lines(stream: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """Raises `BadInput` that says which line is wrong."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        if len(line) > MAX_LINE:
            raise BadInput(f"line {number}: longer than {MAX_LINE} characters")
        try:
            row = jsonlib.loads(line)
        except ValueError as error:
            raise BadInput(f"line {number}: not JSON: {error}") from error
        if not isinstance(row, dict) or not isinstance(row.get("sentence"), str):
            raise BadInput(f'line {number}: it needs a "sentence" (text), as in {{"sentence": "turn on the light"}}')
        yield row


def answered(row: Mapping[str, Any], homes: Homes) -> dict[str, Any]:
    """The line that answers an input line; `us` are microseconds of CPU, with nothing cached."""
    home, understanding = homes.of(row.get("home") if homes.several else None)
    context = _context(row.get("context") or {}, home, homes.language)
    start = time.thread_time()
    readings = understanding.parse(row["sentence"], context)
    us = (time.thread_time() - start) * 1e6
    reading = decide(readings)
    return {"sentence": row["sentence"], **_reading(reading), "us": round(us, 1)}


def _context(row: Mapping[str, Any], home: Home, language: str) -> Context:
    """People name areas; one that is not in the home is passed on as it is."""
    name = row.get("area")
    area = home.area_named(str(name)) if name else None
    return Context(area.id if area else (str(name) if name else None), (), language)


def _reading(reading: Reading | None) -> dict[str, Any]:
    parts = reading.parts if reading else ()
    return {
        "intent": parts[0].intent.name if parts else None,
        "slots": dict(parts[0].intent.slots) if parts else {},
        "plan": [
            {
                "intent": part.intent.name,
                "slots": dict(part.intent.slots),
                "group": part.group,
                "after": list(part.after),
                **({"when": when_as_json(part.when)} if part.when else {}),
            }
            for part in parts
        ],
        "acts": bool(reading and reading.acts),
        "score": round(reading.score, 3) if reading else 0.0,
        "question": reading.doubt.key if reading and reading.doubt else None,
        **({"alternatives": list(reading.doubt.labels)} if reading and reading.doubt and reading.doubt.choices else {}),
    }


def _told(answer: Mapping[str, Any]) -> str:
    """For people."""
    if answer["intent"] is None:
        return f"nothing that this home does ({answer['us']:.0f} µs)"
    steps = [f"{step['intent']} {step['slots']}" for step in answer["plan"]]
    doubt = f"\nasks: {answer['question']} {answer.get('alternatives', '')}" if answer["question"] else ""
    return "\n".join(steps) + f"\nscore {answer['score']}, {answer['us']:.0f} µs{doubt}"


def suggestion(compiled: CompiledHome, text: str, context: Context, limit: int) -> dict[str, Any]:
    """Status and next words after a text; a last word that is not followed by a space may be the beginning of one."""
    place = compiled.expect(context).step(compiled.spoken(text))
    if place is None:
        return {"status": Status.IMPOSSIBLE.value, "next": []}
    return {"status": place.status.value, "next": None if place.letters() is None else place.words(limit)}
