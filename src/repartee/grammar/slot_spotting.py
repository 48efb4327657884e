"""Reading by parts: what no template foresaw, by what is in it rather than by its order.

Phrases of the sentence are tagged with concepts (`languages/*/spotting.json`), with the home's things and places,
and with numbers and colours. A frame is an intent that needs some concepts and bears no others; how sure it is falls
with the words that neither it nor politeness explains. The data are general knowledge of the language; the held-out
sentences of the benchmark decide whether they generalise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..core.home import Home
from ..core.intent import Context, Doubt, Intent, Part, Reading
from .commands.words import CommandWords, use_of
from .followup import TARGET, last_target
from .lexicon import Lexicon
from .spotting_data import Frame, SpottingData
from .text import joined, words
from .tries import TrieNode, Value

UNEXPLAINED = 0.4
"""What the score loses when no word is explained; in proportion for some."""
HARMLESS = 0.3
"""The same for questions, which change nothing."""
DOUBT = 0.7
"""Score at most of what may be only one of the things that were said, or about a thing we do not know."""
LEAST = 0.5
"""Below this score it is no reading."""
THING = "thing:"
"""Before a domain: the concept of a thing of that domain; any thing is a "thing"."""
TIMED = frozenset(("time", "condition"))
OTHERWISE = ("deeds", "rooms", "except")
"""Roles of words that make it another sentence where a frame leaves them: a second deed, a room, an exception."""
MAX_PART_WORDS = 40


class Tag(NamedTuple):
    """Words of the sentence that stand for something."""

    start: int
    stop: int
    concept: str
    value: Value | None = None


class SlotSpotter:
    """Reads by parts in one home."""

    def __init__(
        self,
        home: Home,
        lexicon: Lexicon,
        data: SpottingData,
        known: CommandWords | None = None,
        heads: TrieNode | None = None,
    ) -> None:
        """`heads`: what rooms are called for short."""
        self.home = home
        self._heads = heads
        self.lexicon = lexicon
        self.data = data
        self._numbers = next((n for n in ("brightness", "volume", "position") if n in lexicon.tries), None)
        self._free, self._markers = TrieNode(), TrieNode()
        if known is not None:
            for key, values in known.phrases.items():
                for role, kind in map(use_of, values):
                    if role in ("fillers", "wishes", "now"):
                        self._free.insert(key, Value("free", 0))
                    elif role == "markers":
                        self._markers.insert(key, Value(kind, 0))
                    elif role in OTHERWISE and kind != "set":
                        self._markers.insert(key, Value(role, 0))
        self._domains = {entity.domain for entity in home.entities}
        self._named_with: dict[str, list[str]] = defaultdict(list)
        common = {key[0] for key, _ in data.concepts.items() if len(key) == 1}
        for entity in home.entities:
            for word in {word for name in entity.names for word in words(name)}:
                if word not in common and word not in data.fillers:
                    self._named_with[word].append(entity.id)

    def read(self, said: Sequence[str], context: Context, cuts: Sequence[int] = ()) -> list[Reading]:
        """The best frame's reading, if it is likely enough; linear in the words.

        `cuts`: where another sentence may begin; what would leave one out only asks.
        """
        if len(said) > MAX_PART_WORDS:
            return []
        tags = self.tags(said, context)
        there = {tag.concept for tag in tags}
        best: tuple[float, Frame] | None = None
        for frame in self.data.frames:
            if there & frame.none or not all(there & options for options in frame.all):
                continue
            if frame.target and frame.target not in self._domains:
                continue
            if not frame.harmless and self._denies(frame, tags):
                continue
            score = self._score(frame, tags, said)
            if score >= LEAST and (best is None or score > best[0]):
                best = score, frame
        if best is None:
            return []
        score, frame = best
        if frame.harmless and "comparison" in self._marked(said, set(range(len(said)))):
            return []
        told: Doubt | None = None
        if not frame.harmless and (left := self._left(frame, tags, said)):
            score = min(score, DOUBT)
            marked = self._marked(said, left, min(cuts, default=len(said)))
            if frame.about_home and marked:
                if marked - TIMED:
                    return []
                key = "no_condition" if "condition" in marked else "no_such_time"
                told = Doubt(key, {"what": joined([said[at] for at in sorted(left)])})
        taken = self._taken(frame.take, tags, said) if frame.take else (0, 0)
        if any(not taken[0] <= cut < taken[1] for cut in cuts):
            score = min(score, DOUBT)
        if frame.target is not None and (
            self._names_the_unknown(frame, tags, said) or self._leaves_a_value(frame, tags, said)
        ):
            score = min(score, DOUBT)
        reading = self._reading(frame, score, tags, said, context)
        if self._is_elsewhere(reading, tags):
            return []
        return [replace(reading, doubt=told) if told else reading]

    def _is_elsewhere(self, reading: Reading, tags: Sequence[Tag]) -> bool:
        """Whether what it is about is known to stand in another place than was said."""
        places = {tag.value.id for tag in tags if tag.concept == "place" and tag.value is not None}
        things = [self.home.by_id[id] for id in reading.parts[0].intent.entities if id in self.home.by_id]
        areas = [area for thing in things if (area := self.home.area_by_id.get(thing.area or ""))]
        return bool(places and areas) and not any({area.id, area.floor} & places for area in areas)

    def _left(self, frame: Frame, tags: Sequence[Tag], said: Sequence[str]) -> set[int]:
        """Words that are neither part of the frame nor mere politeness or grammar; a preposition goes with a place."""
        explained = self._explained(frame, tags, said, self.data.links)
        polite = [range(tag.start, tag.stop) for at in range(len(said)) for tag in _matches(self._free, said, at)]
        explained |= {at for words in polite for at in words}
        explained -= self._opening(said, polite)
        for at in reversed(range(len(said) - 1)):
            if said[at] in self.data.leading and at + 1 in explained:
                explained.add(at)
        return set(range(len(said))) - explained

    def _opening(self, said: Sequence[str], polite: Sequence[range]) -> set[int]:
        """The words that make it a question, where it begins with some: "is it too loud"."""
        first = 0
        while words := [each for each in polite if first in each]:
            first = max(each.stop for each in words)
        opening = (
            [t for t in _matches(self._markers, said, first) if t.concept == "question"] if first < len(said) else []
        )
        return {at for tag in opening for at in range(tag.start, tag.stop)}

    def _marked(self, said: Sequence[str], left: set[int], second: int = 0) -> set[str]:
        """The kinds of the words left: time, condition, report, ... With them a command is not what it seems. A deed
        that is left is another one from `second` on, where a second sentence may begin."""
        tags = (tag for at in left for tag in _matches(self._markers, said, at))
        return {
            tag.concept
            for tag in tags
            if left.issuperset(range(tag.start, tag.stop)) and (tag.concept != "deeds" or tag.start >= second)
        }

    def _denies(self, frame: Frame, tags: Sequence[Tag]) -> bool:
        """Whether a "not" was said that is no part of what speaks for the frame ("can't see")."""
        wanted = frozenset[str]().union(*frame.all)
        speaking = [range(tag.start, tag.stop) for tag in tags if tag.concept in wanted]
        denials = [tag.start for tag in tags if tag.concept == "negation"]
        return any(not any(at in words for words in speaking) for at in denials)

    def tags(self, said: Sequence[str], context: Context) -> list[Tag]:
        found: list[Tag] = []
        for start in range(len(said)):
            found.extend(_matches(self.data.concepts, said, start))
            for name, concept in (("name", "thing"), ("area", "place"), ("floor", "place"), ("color", "colour")):
                trie = self.lexicon.tries.get(name)
                if trie is not None:
                    found.extend(t._replace(concept=concept) for t in list(_matches(trie, said, start))[-1:])
            if self._heads is not None:
                found.extend(tag._replace(concept="place") for tag in _matches(self._heads, said, start))
            if self._numbers is not None:
                numbers = list(_matches(self.lexicon.tries[self._numbers], said, start))
                found.extend(tag._replace(concept="number") for tag in numbers[-1:])
                if not numbers and said[start][0].isdigit():
                    found.append(Tag(start, start + 1, "number"))
            found.extend(self._partly_named(said[start], start, context))
        things = [tag for tag in found if tag.concept == "thing" and tag.value is not None and tag.value.id]
        found.extend(tag._replace(concept=THING + self._domain(tag)) for tag in things)
        return found

    def _domain(self, tag: Tag) -> str:
        return self.home.by_id[tag.value.id].domain if tag.value is not None and tag.value.id else ""

    def _partly_named(self, word: str, start: int, context: Context) -> Iterable[Tag]:
        """A thing that is the only one (or the only one here) with this word in its name."""
        things = self._named_with.get(word, [])
        if len(things) > 1 and context.area is not None:
            things = [thing for thing in things if self.home.by_id[thing].area == context.area]
        if len(things) == 1:
            entity = self.home.by_id[things[0]]
            yield Tag(start, start + 1, "thing", Value(entity.name, 0, entity.id))

    def _names_the_unknown(self, frame: Frame, tags: Sequence[Tag], said: Sequence[str]) -> bool:
        """Whether something like "the flurble light" was said."""
        explained = self._explained(frame, tags, said)
        if any(tag.concept in self.data.switching for tag in tags):
            explained -= {tag.start for tag in tags if tag.concept == "colour"}
        return any(tag.concept in self.data.nouns and tag.start and tag.start - 1 not in explained for tag in tags)

    def _leaves_a_value(self, frame: Frame, tags: Sequence[Tag], said: Sequence[str]) -> bool:
        """Whether a number or a colour was said that the frame has no use for: "for ten minutes"."""
        explained = self._explained(frame, tags, said)
        return any(tag.concept in ("number", "colour") and tag.start not in explained for tag in tags)

    def _score(self, frame: Frame, tags: Sequence[Tag], said: Sequence[str]) -> float:
        missing = 1 - len(self._explained(frame, tags, said)) / len(said)
        return frame.score - missing * (HARMLESS if frame.harmless else UNEXPLAINED)

    def _explained(
        self, frame: Frame, tags: Sequence[Tag], said: Sequence[str], fillers: frozenset[str] | None = None
    ) -> set[int]:
        """The words that the frame, the home or `fillers` (small words) account for."""
        wanted = frozenset[str]().union(*frame.all) | {"thing", "place"}
        if frame.value is not None:
            wanted |= {"number", "colour"}
        small = self.data.fillers if fillers is None else fillers
        explained = {n for n, word in enumerate(said) if word in small}
        for tag in tags:
            if tag.concept in wanted:
                explained.update(range(tag.start, tag.stop))
        if frame.take is not None:
            explained.update(range(*self._taken(frame.take, tags, said)))
        return explained

    def _taken(self, take: Mapping[str, Any], tags: Sequence[Tag], said: Sequence[str]) -> tuple[int, int]:
        """From after the first cue to before the last end mark."""
        starts = [tag.stop for tag in tags if tag.concept in take["after"]]
        start = min(starts, default=len(said))
        start = max((tag.stop for tag in tags if tag.concept in take["after"] and tag.start < start), default=start)
        stops = [tag.start for tag in tags if tag.concept in take.get("before", ()) and tag.start >= start]
        stop = max(stops, default=start if take.get("before") else len(said))
        while stop > start and said[stop - 1] in self.data.fillers:
            stop -= 1
        while start < stop and said[start] in self.data.fillers:
            start += 1
        return start, stop

    def _reading(
        self, frame: Frame, score: float, tags: Sequence[Tag], said: Sequence[str], context: Context
    ) -> Reading:
        slots: dict[str, Any] = dict(frame.slots)
        if frame.take is not None:
            start, stop = self._taken(frame.take, tags, said)
            if start < stop:
                slots[frame.take["slot"]] = joined(list(said[start:stop]))
        if frame.value is not None:
            self._add_value(frame, tags, slots)
        entities: tuple[str, ...] = ()
        if frame.target is not None:
            entities = self._add_target(frame, tags, slots, context)
            if not slots.keys() & {"name", "area", "floor"}:
                score = min(score, DOUBT)  # of which room? not of all
        intent = Intent(frame.intent, slots, score, entities)
        return Reading((Part(intent),), score)

    def _add_value(self, frame: Frame, tags: Sequence[Tag], slots: dict[str, Any]) -> None:
        assert frame.value is not None
        wanted = "colour" if frame.value == "color" else "number"
        tag = next((tag for tag in tags if tag.concept == wanted and tag.value is not None), None)
        if tag is not None and tag.value is not None:
            slots[frame.value] = tag.value.out
            slots.pop("brightness_step", None)

    def _add_target(
        self, frame: Frame, tags: Sequence[Tag], slots: dict[str, Any], context: Context
    ) -> tuple[str, ...]:
        """What is acted on: the thing that was named, else the things of that domain in the place that was named."""
        wanted = frozenset[str]().union(*frame.all) if frame.target == "" else {f"{THING}{frame.target}"}
        things = [tag for tag in tags if tag.concept.startswith(THING) and tag.concept in wanted]
        for tag in sorted(things, key=lambda tag: tag.start - tag.stop):
            if tag.value is not None and tag.value.id is not None:
                slots["name"] = tag.value.out
                return (tag.value.id,)
        last = last_target(context)
        if last is not None and not any(tag.concept == "place" for tag in tags):
            domains = {self.home.by_id[e].domain for e in last.entities if e in self.home.by_id}
            if frame.target and (frame.target in domains or last.slots.get("domain") == frame.target):
                slots.update({key: last.slots[key] for key in TARGET if key in last.slots})
                return last.entities
        if frame.hint:
            hinted = [e for e in self.home.entities if frame.hint & set(words(e.name))]
            if len(hinted) == 1:
                slots["name"] = hinted[0].name
                return (hinted[0].id,)
        if frame.target:
            slots["domain"] = frame.target
        self._add_place(tags, slots, context)
        return ()

    def _add_place(self, tags: Sequence[Tag], slots: dict[str, Any], context: Context) -> None:
        for tag in tags:
            if tag.concept == "place" and tag.value is not None:
                area, floor = (
                    self.home.area_by_id.get(tag.value.id or ""),
                    self.home.floor_by_id.get(tag.value.id or ""),
                )
                slots["area" if area else "floor"] = area.name if area else floor.name if floor else tag.value.out
                return
        if context.area is not None and not any(tag.concept == "all" for tag in tags):
            area = self.home.area_by_id.get(context.area)
            slots["area"] = area.name if area else context.area


def _matches(trie: TrieNode, said: Sequence[str], start: int) -> Iterable[Tag]:
    """All values that begin at a word, shorter before longer."""
    node: TrieNode | None = trie
    for at in range(start, len(said)):
        node = node.children.get(said[at]) if node is not None else None
        if node is None:
            return
        for value in node.values:
            yield Tag(start, at + 1, str(value.out), value)
