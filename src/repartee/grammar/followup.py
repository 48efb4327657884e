"""Sentences that lean on what was said before: "turn it off", "and the bedroom too", "what about upstairs"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..core.home import Home
from ..core.intent import Context, Intent, Part, Reading
from .language_data import language_data_of
from .lexicon import Lexicon
from .text import words
from .tries import TrieNode, Value

LOOK_BACK = 3
"""Intents of the history that "it" may mean: the newest that has a target."""
TARGET = ("name", "area", "floor", "domain", "device_class")
"""Slots that say what is acted on."""
ReadWords = Callable[[Sequence[str], Context], list[Reading]]


class FollowupReader:
    """Reads what leans on the history of a context."""

    def __init__(self, home: Home, lexicon: Lexicon, language: str) -> None:
        self.home = home
        self.lexicon = lexicon
        language_data = language_data_of(language)
        self.pronouns = {word for text in language_data.get("pronouns", ()) for word in words(text)}
        self._before = _trie(language_data.get("also_before", ()))
        self._after = [tuple(words(text)) for text in language_data.get("also_after", ())]
        self._small = {word for text in language_data.get("small", ()) for word in words(text)}
        self._other = [tuple(words(text)) for text in language_data.get("other", ())]
        self._corrections = [tuple(words(text)) for text in language_data.get("corrections", ())]

    def read(self, said: Sequence[str], context: Context, again: ReadWords) -> list[Reading]:
        """`again` reads words that lean on nothing. Costs that reading once."""
        last = last_target(context)
        if last is None:
            return []
        if any(word in self.pronouns for word in said):
            found = self._pronoun(said, last, context, again)
            if found:
                return found
        return self._also(said, last)

    def corrects(self, said: Sequence[str]) -> bool:
        """Whether it begins as people do who were misunderstood: "no, ...", "I meant ..."."""
        return any(tuple(said[: len(start)]) == start for start in self._corrections)

    def _pronoun(self, said: Sequence[str], last: Intent, context: Context, again: ReadWords) -> list[Reading]:
        """With the pronoun replaced by the name of the thing, or of one of the things, that it stands for."""
        name = self._representative(last)
        if name is None:
            return []
        replaced: list[str] = []
        for word in said:
            replaced.extend(words(name) if word in self.pronouns else (word,))
        readings = again(replaced, replace(context, history=()))
        return [self._about(reading, name, last) for reading in readings[:1] if _is_about(reading, name)]

    def _representative(self, last: Intent) -> str | None:
        """A name that stands for what the intent was about."""
        if "name" in last.slots:
            return str(last.slots["name"])
        wanted = last.slots.get("domain") or _DOMAINS.get(last.name)
        domains = wanted if isinstance(wanted, tuple) else (wanted,)
        return next((e.name for e in self.home.entities if e.domain in domains and words(e.name)), None)

    def _about(self, reading: Reading, name: str, last: Intent) -> Reading:
        """The reading, with its thing replaced by what the last intent was about."""
        intent = reading.parts[0].intent
        slots: dict[str, Any] = {key: value for key, value in intent.slots.items() if key not in TARGET}
        slots.update({key: last.slots[key] for key in TARGET if key in last.slots})
        if "name" not in last.slots and "domain" not in slots and last.name in _DOMAINS:
            slots["domain"] = _DOMAINS[last.name]
        intent = replace(intent, slots=slots, entities=last.entities)
        return Reading((Part(intent),), reading.score)

    def _also(self, said: Sequence[str], last: Intent) -> list[Reading]:
        for rest in self._rests(said):
            if tuple(rest) in self._other or tuple(said) in self._other:
                return self._the_other(last)
            while rest and rest[0] in self._small:
                rest = rest[1:]
            for list_name in ("name", "area", "floor"):
                values = _whole(self.lexicon.tries[list_name], rest)
                if values:
                    return [Reading((Part(self._moved(last, list_name, values)),), 0.9)]
        return []

    def _rests(self, said: Sequence[str]) -> list[list[str]]:
        """Without "what about ..." and "... too"; first as little as possible is left out: a name may end like that."""
        rest = list(said)
        node, start = self._before, 0
        for at, word in enumerate(rest):
            if word not in node.children:
                break
            node = node.children[word]
            if node.values:
                start = at + 1
        rest = rest[start:]
        stop = next((len(tail) for tail in self._after if tail and tuple(rest[-len(tail) :]) == tail), 0)
        found = [rest] if start else []
        found += [rest[: len(rest) - stop]] if stop else []
        return [rest for rest in found if rest]

    def _moved(self, last: Intent, list_name: str, values: Sequence[Value]) -> Intent:
        """The last intent, elsewhere."""
        slots: dict[str, Any] = {key: value for key, value in last.slots.items() if key not in TARGET}
        ids = tuple(value.id for value in values if value.id is not None)
        slots[list_name] = values[0].out
        if list_name == "name":
            return Intent(last.name, slots, 0.9, ids, last.response)
        domain = self.home.by_id[last.entities[0]].domain if last.entities else last.slots.get("domain")
        if domain:
            slots["domain"] = domain
        if "device_class" in last.slots:
            slots["device_class"] = last.slots["device_class"]
        return Intent(last.name, slots, 0.9, (), last.response)

    def _the_other(self, last: Intent) -> list[Reading]:
        """The one other thing of its kind in its room."""
        if len(last.entities) != 1 or last.entities[0] not in self.home.by_id:
            return []
        thing = self.home.by_id[last.entities[0]]
        others = [
            e for e in self.home.entities if e.area == thing.area and e.domain == thing.domain and e.id != thing.id
        ]
        if len(others) != 1:
            return []
        slots = {key: value for key, value in last.slots.items() if key not in TARGET} | {"name": others[0].name}
        return [Reading((Part(Intent(last.name, slots, 0.9, (others[0].id,), last.response)),), 0.9)]


_DOMAINS = {"HassLightSet": "light", "HassSetVolume": "media_player", "HassSetVolumeRelative": "media_player"}
"""What intents act on that do not say it in a slot."""


def last_target(context: Context) -> Intent | None:
    """The newest intent of the history that was about something."""
    recent = reversed(context.history[-LOOK_BACK:])
    return next((intent for intent in recent if any(slot in intent.slots for slot in TARGET)), None)


def _is_about(reading: Reading, name: str) -> bool:
    return len(reading.parts) == 1 and reading.doubt is None and reading.parts[0].intent.slots.get("name") == name


def _whole(trie: TrieNode, said: Sequence[str]) -> tuple[Value, ...]:
    node = trie
    for word in said:
        child = node.children.get(word)
        if child is None:
            return ()
        node = child
    return node.values if said else ()


def _trie(phrases: Sequence[str]) -> TrieNode:
    trie = TrieNode()
    for phrase in phrases:
        trie.insert(words(phrase), Value(phrase, 0))
    return trie
