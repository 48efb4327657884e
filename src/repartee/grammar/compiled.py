"""The compiled grammar of one home in one language: parse, status, and what may follow."""

from __future__ import annotations

import pathlib
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, NamedTuple

from ..core.home import Home, HomeVersion
from ..core.intent import Context, Cover, Doubt, Reading, Status
from .backtrace import derivations
from .commands.query import SEARCH, QueryReader
from .commands.reader import CommandReader, Remainder
from .commands.tags import Tagger
from .commands.words import command_words_of
from .compound import CompoundReader, Joint, joints, pauses_in
from .conditions import ConditionReader
from .cursor import Place, PlaceTree
from .dfa import Dfa, Move
from .followup import FollowupReader
from .fuzzy import Path, Vocabulary, fuzzy_paths, words_of
from .language_data import joiners_of, language_data_of
from .lexicon import Lexicon, home_lexicon, list_lexicon
from .nfa import COMMAND, Nfa
from .progress import status_at, unknown_from
from .questions.reader import QuestionReader
from .questions.words import question_words_of
from .readings import LESSON, UNKNOWN, Candidate, Reader
from .sentences import Sentences, load_sentences, merged, read_sentences
from .slot_spotting import SlotSpotter
from .spotting_data import spotting_data_of
from .text import MAX_CHARACTERS, MAX_WORDS, joined, originals, words
from .timed import TimedReader

CLEAR = 0.12
"""By how much the cheapest reading must beat another one, to be acted on without asking."""


UNSURE = 0.5
SURE = 0.8
"""Score from which a near miss needs no other opinion."""


BLOCKING = frozenset(("report", "negation", "question", "condition", "time", "comparison"))
"""Words that no near miss and no loose frame may pass over: with them left, nothing is done."""


SWALLOWING = {SEARCH, "task"}
"""Slots of free text that a condition must not vanish in."""
FEW_WORDS = 0.6
"""What a near miss costs more of which hardly a word was said as it is."""


class GrammarVersion(NamedTuple):
    """Equal versions give equal answers."""

    home: HomeVersion
    language: str
    sentences: int
    """Number of the sentences in this process: a change of own sentences makes another."""


class Language(NamedTuple):
    """What is compiled once a language: sentences and their network, no home in it."""

    sentences: Sentences
    nfa: Nfa
    lists: Lexicon
    """Values that are no home's: numbers, colours."""
    number: int


@lru_cache(maxsize=4)
def compile_language(language: str, *folders: pathlib.Path) -> Language:
    """Raises `BadTemplate` that names file, intent and sentence."""
    sentences = load_sentences(language, *folders)
    return Language(sentences, Nfa(sentences), list_lexicon(sentences), id(sentences))


_NUMBERS = count(1)


def with_sentences(language: Language, data: Mapping[str, Any], where: str) -> Language:
    """The language with a person's own sentences, in the package's format. Raises `BadTemplate`."""
    sentences = merged(language.sentences, read_sentences(data, language.sentences.language, where, own=True))
    return Language(sentences, Nfa(sentences), list_lexicon(sentences), -next(_NUMBERS))


def compile_home(
    home: Home, language: str, *folders: pathlib.Path | None, taught: Mapping[str, Any] | None = None
) -> CompiledHome:
    """Everything sayable in this home. `folders` hold sentences beside the public ones (docs/grammar.md); `taught` are
    some that are in no file."""
    compiled = compile_language(language, *(folder for folder in folders if folder is not None))
    if taught:
        compiled = with_sentences(compiled, taught, "what was taught")
    return CompiledHome(home, compiled, home_lexicon(compiled.lists, home))


class CompiledHome:
    """Implements `core.ports.Understanding`; pure: the same question, the same answer."""

    def __init__(self, home: Home, language: Language, lexicon: Lexicon) -> None:
        self.home = home
        self.language = language
        self.lexicon = lexicon
        self.dfa = Dfa(language.nfa, lexicon.tries, lexicon.kinds)
        self.speaking = Dfa(language.nfa, lexicon.tries, lexicon.kinds, joiners_of(language.sentences.language))
        self._places = PlaceTree(self.speaking)
        self._reader = Reader(home, lexicon.kinds, language_data_of(language.sentences.language).get("articles", ()))
        self._follow = FollowupReader(home, lexicon, language.sentences.language)
        self._timed = TimedReader(language.sentences.language, self._timeless)
        self._clauses = CompoundReader(self.exact, self._reader.reading, self._refers)
        self._loose_clauses = CompoundReader(self.exact, self._reader.reading, self._refers_loosely)

    @property
    def version(self) -> Hashable:
        return GrammarVersion(self.home.version, self.language.sentences.language, self.language.number)

    def changed(self, home: Home) -> CompiledHome:
        """The grammar of the next snapshot of the home: only what hangs on changed names is made anew."""
        lexicon = self.lexicon.changed(self.home, home)
        if lexicon is None:
            return CompiledHome(home, self.language, home_lexicon(self.language.lists, home))
        made = CompiledHome(home, self.language, lexicon)
        made.dfa.adopt(self.dfa)
        made.speaking.adopt(self.speaking)
        return made

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        """Ranked, best first; empty where nothing fits. A look-up a word and a few steps back: microseconds."""
        readings = self._read(text, context)
        if self._queries is None or not any(SEARCH in part.intent.slots for r in readings for part in r.parts):
            return readings
        music = [reading for reading in readings if self._queries.is_music(reading, text)]
        return [self._queries.settled(reading, text, context) for reading in music[:1]]

    def _read(self, text: str, context: Context) -> Sequence[Reading]:
        found = words(text[: MAX_CHARACTERS + 1])
        if not found or len(found) > MAX_WORDS or len(text) > MAX_CHARACTERS:
            return ()
        exact = self._sensible(self.exact(found, text, context), found)
        if not exact or exact[0].slots.keys() & SWALLOWING:
            on_condition = self._timed.conditioned(text, found, context, self._conditions)
            if on_condition:
                return on_condition
            taken = self._timed.taken(text, found) if not exact or SEARCH in exact[0].slots else None
            if taken is not None:
                return [taken]
        cuts = self._cuts(found, text)
        if exact:
            cuts = [] if _is_later(exact[0], found) else [cut for cut in cuts if _inside(cut, exact[0].free)]
        compound = self._clauses.read(text, found, cuts, context) if cuts else None
        if compound is not None:
            return [compound]
        if exact:
            return self._reader.readings(exact, context)
        timed = self._timed.read(text, found, context)
        if timed:
            return timed
        return self._loosely(found, text, cuts, context) or self._unknown(found, text, context)

    def _sensible(self, exact: list[Candidate], found: Sequence[str]) -> list[Candidate]:
        """Without those that would play what is no music."""
        if not exact or SEARCH not in exact[0].slots or self._queries is None:
            return exact
        return [c for c in exact if SEARCH not in c.slots or self._queries.may_play(str(c.slots[SEARCH]), found)]

    def cover(self, text: str, context: Context) -> Cover | None:
        """Which words of a sentence became which part of it; None where it is not read by its parts."""
        found = words(text[:MAX_CHARACTERS])[:MAX_WORDS]
        asked = self._questions.read(found, context) if self._questions else None
        command = asked or self._command(found, text, context)
        return command.cover if isinstance(command, Reading) else None

    def _timeless(self, text: str, context: Context) -> Sequence[Reading]:
        """Of a sentence whose words of time were taken out."""
        return self.parse(text, context)

    def _cuts(self, found: Sequence[str], text: str) -> list[Joint]:
        language = self.language.sentences.language
        return joints(text, found, joiners_of(language), joiners_of(language, "then"))

    def _loosely(self, found: Sequence[str], text: str, cuts: list[Joint], context: Context) -> list[Reading]:
        """What is no sentence of this home as it stands: it leans on what was said before, was misheard, or has parts
        that say enough."""
        asked = self._questions.read(found, context) if self._questions else None
        if asked is not None:
            return [asked]
        command = self._command(found, text, context)
        if isinstance(command, Reading):
            return [command]
        readings = self._follow.read(found, context, self._alone)
        if readings:
            return readings
        readings = self.near(found, text, context, named=command.clear)
        if readings and readings[0].score >= SURE:
            return _harmless(readings, command)
        compound = self._loose_clauses.read(text, found, cuts, context) if cuts else None
        if compound is not None:
            return [compound]
        readings = (_harmless(readings, command) + self.parts(found, context, cuts))[:1]
        sure = any(r.acts and r.score >= SURE for r in readings)
        if command.reading is not None and not sure and (command.clear or not readings):
            return [command.reading]
        return readings

    def _command(self, found: Sequence[str], text: str, context: Context) -> Reading | Remainder:
        """A command by its parts, every word accounted for; or what is in its way."""
        return self._commands.read(found, pauses_in(text), context) if self._commands else Remainder()

    @cached_property
    def _commands(self) -> CommandReader | None:
        language = self.language.sentences.language
        known = command_words_of(language)
        return CommandReader(self.home, self.lexicon, language, known) if known else None

    @cached_property
    def _questions(self) -> QuestionReader | None:
        language = self.language.sentences.language
        known = question_words_of(language)
        return QuestionReader(self.home, self.lexicon, language, known) if known else None

    @cached_property
    def _queries(self) -> QueryReader | None:
        language = self.language.sentences.language
        known = command_words_of(language)
        return QueryReader(self.home, Tagger(self.home, self.lexicon, language, known)) if known else None

    def _refers(self, found: Sequence[str], context: Context) -> list[Reading]:
        return self._follow.read(found, context, self._alone)

    def _refers_loosely(self, found: Sequence[str], context: Context) -> list[Reading]:
        """A clause that need not be a sentence as it stands; only what is sure."""
        text = joined(list(found))
        command = self._command(found, text, context)
        if isinstance(command, Reading):
            return [command] if command.acts else []
        near = self._timed.read(text, found, context) or self._refers(found, context)
        near = near or _harmless(self.near(found, text, context), command)
        return [reading for reading in near or self.parts(found, context) if reading.score >= SURE]

    def _alone(self, found: Sequence[str], context: Context) -> list[Reading]:
        """A sentence by itself: by the templates, else by its parts."""
        exact = self.exact(found, joined(list(found)), context)
        if exact:
            return self._reader.readings(exact, context)
        command = self._command(found, joined(list(found)), context)
        return [command] if isinstance(command, Reading) else self.parts(found, context)

    def _unknown(self, found: Sequence[str], text: str, context: Context) -> list[Reading]:
        """A command for something that is not there: says so."""
        start = unknown_from(self.dfa, self.dfa.start(context.area), found)
        if start is None:
            return []
        said = originals(text)
        name = joined((said if said and len(said) == len(found) else list(found))[start:])
        return [Reading((), UNSURE, Doubt(UNKNOWN, {"choices": name}))]

    def parts(self, found: Sequence[str], context: Context, cuts: Sequence[Joint] = ()) -> list[Reading]:
        """What it is by what is in it, where no template says it."""
        return self._parts.read(found, context, [cut.stop for cut in cuts]) if self._parts is not None else []

    @cached_property
    def _conditions(self) -> ConditionReader:
        return ConditionReader(self.home, self.lexicon, self.language.sentences.language)

    @cached_property
    def _parts(self) -> SlotSpotter | None:
        data = spotting_data_of(self.language.sentences.language)
        known = command_words_of(self.language.sentences.language)
        if data is None:
            return None
        heads = Tagger(self.home, self.lexicon, self.language.sentences.language, known).heads if known else None
        return SlotSpotter(self.home, self.lexicon, data, known, heads)

    def exact(self, found: Sequence[str], text: str, context: Context) -> list[Candidate]:
        """What the sentence is, as it stands, by the templates alone."""
        moves = self.walk(found, context)
        if not moves or not moves[-1].target.accepts:
            return []
        return self._reader.candidates(derivations(moves[-1].target, moves, found), found, text, context)

    def near(self, found: Sequence[str], text: str, context: Context, named: bool = False) -> list[Reading]:
        """What it might have been, had it been heard or spelt right; in doubt a question. `named`: something of the
        home was named, so that one word of the language is not taken for another."""
        start = self.dfa.start(context.area, free=False)
        candidates: dict[object, Candidate] = {}
        for path in fuzzy_paths(self.dfa, start, found, self.vocabulary):
            if candidates and path.cost > next(iter(candidates.values())).cost + CLEAR:
                break
            ends = derivations(path.moves[-1].target, path.moves, path.words)
            for candidate in self._reader.candidates(ends, path.words, text, context, path.spans)[:1]:
                if named and candidate.first_home == len(path.words):
                    continue
                candidate.cost = path.cost + (0.0 if _is_evident(path, found, candidate) else FEW_WORDS)
                candidate.said = joined(list(path.words))
                candidates.setdefault((candidate.block.intent, candidate.entities or candidate.meaning), candidate)
        ranked = list(candidates.values())
        if len(ranked) > 1:
            return [self._reader.doubtful(ranked, context)]
        return self._reader.readings(ranked, context)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """All words of this home, by spelling and sound; made at the first near miss."""
        tries = self.lexicon.tries.values()
        language = self.language.sentences.language
        known = words_of(self.language.nfa, (*tries, joiners_of(language)))
        return Vocabulary(language, known | self._follow.pronouns)

    def leans(self, text: str, context: Context) -> bool:
        """Whether what the sentence means depends on what was said before: unless it is one by itself, it may."""
        found = words(text[:MAX_CHARACTERS])[:MAX_WORDS]
        moves = self.walk(found, context)
        return not moves or not moves[-1].target.accepts or bool(self._cuts(found, text))

    def corrects(self, text: str) -> bool:
        """Whether it says that the sentence before was misunderstood."""
        return self._follow.corrects(words(text[:MAX_CHARACTERS])[:MAX_WORDS])

    def status(self, text: str, context: Context) -> Status:
        """How far the sentence has got: a look-up a word."""
        states = self.speaking.start(context.area)
        for word in words(text[:MAX_CHARACTERS])[:MAX_WORDS]:
            move = self.speaking.step(states, word)
            if move is None:
                return Status.IMPOSSIBLE
            states = move.target
        return status_at(self.speaking, [states])

    def expect(self, context: Context) -> Place:
        """The beginning of what may be said: steps by characters, says its status, lists what may follow."""
        return self._places.begin(self.speaking.start(context.area))

    def spoken(self, text: str) -> str:
        """A text as `expect` steps through it; a space at its end stays: the last word is whole."""
        said = joined(words(text[:MAX_CHARACTERS]))
        return f"{said} " if said and text[-1:].isspace() and not said.endswith("'") else said

    def walk(self, found: Sequence[str], context: Context) -> list[Move] | None:
        """The steps over all words; None where the sentence leaves the sayable."""
        dfa = self.dfa
        states = dfa.start(context.area)
        moves: list[Move] = []
        for word in found:
            move = states.moves.get(word) or dfa.step(states, word)
            if move is None:
                return None
            moves.append(move)
            states = move.target
        return moves


IN_THE_HOME = ("HassTurn", "HassLight", "HassSet", "HassClimateSet", "HassFan", "HassMedia", "HassVacuum", "HassLawn",
               "RepToggle", "RepHalt", "RepTurnOffAll", "RepLockAll")  # fmt: skip
"""How the intents begin that change something in the home."""


def leaves_the_home_alone(reading: Reading) -> bool:
    """Whether nothing in the home changes by it."""
    return not any(part.intent.name.startswith(IN_THE_HOME) for part in reading.parts)


def _harmless(readings: list[Reading], command: Remainder) -> list[Reading]:
    """Only those that do not touch the home, where words are left that stand in the way of a command."""
    return [r for r in readings if leaves_the_home_alone(r)] if command.markers & BLOCKING else readings


def _is_later(candidate: Candidate, found: Sequence[str]) -> bool:
    """Whether it is a time and then, to its end, what is to be done: "in ten minutes lock the door and ..."; or what a
    sentence of one's own shall do."""
    return bool({COMMAND.slot, LESSON} & candidate.slots.keys()) and any(
        stop == len(found) for _, stop in candidate.free
    )


def _inside(cut: Joint, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < cut.stop < stop for start, stop in spans)


def _is_evident(path: Path, said: Sequence[str], candidate: Candidate) -> bool:
    """Whether enough was said as it is; fillers and free text are no evidence, and free text asks for more of it."""
    same = sum(word == said[at] for word, at in zip(path.words, path.spans, strict=True))
    same -= candidate.skipped + sum(stop - start for start, stop in candidate.free)
    return same >= (3 if candidate.free else 2)
