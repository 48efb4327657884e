"""The compiled grammar of one home in one language: parse, status, and what may follow."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ..core.home import Home, HomeVersion
from ..core.intent import Context, Reading, Status
from .automaton import Automaton, Move
from .cursor import Place, PlaceTree
from .derive import derivations
from .habits import joiners_of
from .lexicon import Lexicon, make_lexicon
from .network import Network
from .progress import status_at
from .readings import Reader
from .sentences import Sentences, load_sentences
from .text import MAX_CHARACTERS, MAX_WORDS, words


class GrammarVersion(NamedTuple):
    """Equal versions give equal answers."""

    home: HomeVersion
    language: str
    sentences: int
    """Number of the sentences in this process: a change of own sentences makes another."""


class Language(NamedTuple):
    """What is compiled once a language: sentences and their network, no home in it."""

    sentences: Sentences
    network: Network
    number: int


@lru_cache(maxsize=8)
def compile_language(language: str, folder: Path | None = None) -> Language:
    """Raises `BadTemplate` that names file, intent and sentence."""
    sentences = load_sentences(language, folder)
    return Language(sentences, Network(sentences), id(sentences))


def compile_home(home: Home, language: str, folder: Path | None = None) -> CompiledHome:
    """Everything sayable in this home. `folder` holds a person's own sentences (docs/grammar.md)."""
    compiled = compile_language(language, folder)
    return CompiledHome(home, compiled, make_lexicon(compiled.sentences, home))


class CompiledHome:
    """Implements `core.ports.Understanding`; pure: the same question, the same answer."""

    def __init__(self, home: Home, language: Language, lexicon: Lexicon) -> None:
        self.home = home
        self.language = language
        self.lexicon = lexicon
        self.automaton = Automaton(language.network, lexicon.tries, lexicon.kinds)
        self._spoken = Automaton(
            language.network, lexicon.tries, lexicon.kinds, joiners_of(language.sentences.language)
        )
        self._places = PlaceTree(self._spoken)
        self._reader = Reader(home, lexicon.kinds)

    @property
    def version(self) -> Hashable:
        return GrammarVersion(self.home.version, self.language.sentences.language, self.language.number)

    def changed(self, home: Home) -> CompiledHome:
        """The grammar of the next snapshot of the home: only what hangs on changed names is made anew."""
        lexicon = self.lexicon.changed(self.home, home)
        if lexicon is None:
            return CompiledHome(home, self.language, make_lexicon(self.language.sentences, home))
        made = CompiledHome(home, self.language, lexicon)
        made.automaton.adopt(self.automaton)
        made._spoken.adopt(self._spoken)
        return made

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        """Ranked, best first; empty where nothing fits. A look-up a word and a few steps back: microseconds."""
        found = words(text[: MAX_CHARACTERS + 1])
        if not found or len(found) > MAX_WORDS or len(text) > MAX_CHARACTERS:
            return ()
        return self.exact(found, text, context)

    def exact(self, found: list[str], text: str, context: Context) -> Sequence[Reading]:
        """Readings of the sentence as it stands, by the templates alone."""
        moves = self.walk(found, context)
        if moves is None:
            return ()
        return self._reader.readings(derivations(moves[-1].target, moves, found), found, text, context)

    def status(self, text: str, context: Context) -> Status:
        """How far the sentence has got: a look-up a word."""
        front = self._spoken.start(area=context.area is not None)
        for word in words(text[:MAX_CHARACTERS])[:MAX_WORDS]:
            move = self._spoken.step(front, word)
            if move is None:
                return Status.IMPOSSIBLE
            front = move.target
        return status_at(self._spoken, [front])

    def expect(self, context: Context) -> Place:
        """The beginning of what may be said: steps by characters, says its status, lists what may follow."""
        return self._places.begin(self._spoken.start(area=context.area is not None))

    def walk(self, found: Sequence[str], context: Context) -> list[Move] | None:
        """The steps over all words; None where the sentence leaves the sayable."""
        automaton = self.automaton
        front = automaton.start(area=context.area is not None)
        moves: list[Move] = []
        for word in found:
            move = front.moves.get(word) or automaton.step(front, word)
            if move is None:
                return None
            moves.append(move)
            front = move.target
        return moves
