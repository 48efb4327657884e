"""What people teach: "when I say movie time, dim the lights", "call the hall lamp Fred"; listed and forgotten.

A phrase that means something already, a command that is not understood, and a phrase that leads to itself are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from repartee.core.home import NOTHING, Home, State, States
from repartee.core.intent import Choice, Context, Doubt, Intent, Part, Reading
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation, Skills
from repartee.grammar.text import joined, originals, words
from repartee.languages.deeds import describe
from repartee.languages.phrases import enumerated
from repartee.stages.understand.planning import plan

from .language import word_list
from .targets import calls, named, said, step

DO, FORGET = "RepDo", "RepForgetTaught"
SURE = 0.8
"""Score from which a sentence means something."""
LONGEST = 6
"""Words of a phrase that is taught without a pause after it."""
DEEPEST = 5
"""Taught sentences that may stand for each other."""
Parse = Callable[[str, Context], Sequence[Reading]]


@dataclass
class Teaching:
    """`home` and `states` tell what was taught; `parse` reads sentences, `skills` carry them out."""

    home: Callable[[], Home] = lambda: NOTHING
    states: Mapping[str, State] = field(default_factory=States)
    parse: Parse = lambda _text, _context: ()
    others: Skills = field(default_factory=dict)

    @property
    def skills(self) -> Skills:
        return {
            "RepTeach": self.teach, "RepNickname": self.nickname, "RepTaught": self.tell, FORGET: self.forget,
            DO: self.do,
        }  # fmt: skip

    def teach(self, intent: Intent, situation: Situation) -> Step:
        """A sentence that stands for another."""
        context = situation.context
        phrase, command, reading = self._lesson(intent, context)
        if phrase and self._means(phrase, context):
            raise Doubtful(Doubt("taught_shadows", {"phrase": phrase}))
        if reading is None:
            raise Doubtful(Doubt("taught_nothing", {"command": command}))
        if words(phrase) in self._leads_to(reading):
            raise Doubtful(Doubt("taught_loop", {"phrase": phrase}))
        data = {"phrase": phrase, "command": command, "language": context.language}
        deed = enumerated(context.language, [describe(part.intent, context.language) for part in reading.parts])
        return step(intent, Action("taught.phrase", (), data), phrase=phrase, deed=deed)

    def nickname(self, intent: Intent, situation: Situation) -> Step:
        """Another name for a thing; it may not be that of another, nor a sentence."""
        entity, name = named(intent, situation), said(intent, "alias")
        language = situation.context.language
        others = [e for e in situation.home.by_name.get(" ".join(name.casefold().split()), ()) if e.id != entity.id]
        place = situation.home.area_named(name) or situation.home.floor_named(name)
        first = words(name)[:1]
        if others or place or not first or first[0] in word_list(language, "no_names"):
            raise Doubtful(Doubt("taught_name_taken", {"name": name}))
        if self._means(name, situation.context):
            raise Doubtful(Doubt("taught_shadows", {"phrase": name}))
        data = {"name": name, "entity": entity.id}
        return step(intent, Action("taught.name", (), data), thing=entity.name, alias=name)

    def tell(self, intent: Intent, situation: Situation) -> Step:
        """All that was taught."""
        rows = []
        for entity in self.home().entities:
            known = self.states[entity.id].attributes
            if "phrase" in known:
                rows.append({"phrase": known["phrase"], "command": known.get("command", ""), "thing": ""})
            elif "name" in known:
                thing = situation.home.by_id.get(str(known["entity"]))
                rows.append({"phrase": known["name"], "command": "", "thing": thing.name if thing else known["entity"]})
        return step(intent, rows=rows)

    def forget(self, intent: Intent, _situation: Situation) -> Step:
        """One thing, by its words; or all."""
        known = self.home().entities
        if intent.response != "all":
            wanted = str(intent.slots.get("taught", ""))
            known = tuple(e for e in known if wanted in (e.id, e.name))
        if not known:
            raise Doubtful(Doubt("taught_unknown"))
        return step(intent, calls("taught.forget", known), count=len(known))

    def do(self, intent: Intent, situation: Situation) -> Step:
        """What the taught sentence stands for, as one deed: it is asked about, undone and done again as one."""
        known = self._known(intent)
        reading = self._stands_for(known, situation.context)
        if reading is None:
            raise Doubtful(Doubt("taught_nothing", {"command": str(known.get("command", ""))}))
        made = plan(reading, {**self.others, **self.skills}, situation)
        for at, part in enumerate(made.steps):
            if part.doubt is not None:
                raise Doubtful(_of_the_whole(part.doubt, reading.parts, at))
        actions = tuple(action for part in made.steps for action in part.actions)
        deed = enumerated(
            situation.context.language, [describe(p.intent, situation.context.language) for p in reading.parts]
        )
        return step(intent, *actions, deed=deed)

    def _lesson(self, intent: Intent, context: Context) -> tuple[str, str, Reading | None]:
        """Phrase, command, and what the command comes to: where it is not said where the one ends, the longest command
        that is understood."""
        lesson = said(intent, "lesson")
        if "phrase" in intent.slots:
            command = self._without_joint(lesson, context.language)
            return said(intent, "phrase"), command, self._understood(command, context)
        before, pause, after = (part.strip() for part in _parted(lesson))
        if pause and words(before) and words(after):
            command = self._without_joint(after, context.language)
            return before, command, self._understood(command, context)
        spoken = originals(lesson) or words(lesson)
        found = []
        for end in range(1, min(LONGEST, len(spoken) - 1) + 1):
            command = self._without_joint(joined(list(spoken[end:])), context.language)
            if command and (reading := self._understood(command, context)):
                found.append((joined(list(spoken[:end])), command, reading))
        free = [split for split in found if not self._means(split[0], context)] or found
        return max(free, key=lambda split: round(split[2].score, 2), default=("", lesson, None))

    def _without_joint(self, command: str, language: str) -> str:
        """ "Then", "please": what stands between the phrase and the command."""
        joints = word_list(language, "teach_joints")
        while (first := command.partition(" ")[0].strip(" ,")) and first.casefold() in joints:
            command = command.partition(" ")[2].strip()
        return command

    def _understood(self, command: str, context: Context) -> Reading | None:
        reading = next(iter(self.parse(command, context)), None)
        if reading is None or not reading.acts or reading.score < SURE:
            return None
        teaching = {"RepTeach", "RepNickname", FORGET}
        return None if any(part.intent.name in teaching for part in reading.parts) else reading

    def _means(self, phrase: str, context: Context) -> bool:
        """Whether it is a sentence already; one that was taught may be taught anew."""
        reading = self._understood(phrase, context)
        return reading is not None and any(part.intent.name != DO for part in reading.parts)

    def _leads_to(self, reading: Reading, depth: int = DEEPEST) -> Iterator[list[str]]:
        """The taught phrases that it uses, and those that these use."""
        for part in reading.parts if depth else ():
            known = self.states.get(str(part.intent.slots.get("taught", "")))
            if part.intent.name == DO and known:
                yield words(str(known.attributes.get("phrase", "")))
                language = str(known.attributes.get("language", "en"))
                if inner := self._understood(str(known.attributes.get("command", "")), Context(language=language)):
                    yield from self._leads_to(inner, depth - 1)

    def _known(self, intent: Intent) -> Mapping[str, object]:
        taught = str(intent.slots.get("taught", ""))
        return self.states[taught].attributes if taught in self.states else {}

    def _stands_for(self, known: Mapping[str, object], context: Context) -> Reading | None:
        """What was learnt from a correction holds in the room where it was corrected."""
        if learnt := known.get("parts"):
            if (known.get("area") or None) == context.area:
                return reading_from(str(learnt))
            readings = self.parse(str(known.get("phrase", "")), context)
            return next((r for r in readings if r.acts and all(p.intent.name != DO for p in r.parts)), None)
        return self._understood(str(known.get("command", "")), context)


def _parted(lesson: str) -> tuple[str, str, str]:
    """At the first pause, if any."""
    found = re.search(r"\s*[,:;–—]\s+|\s+-\s+", lesson)
    return (lesson[: found.start()], found[0], lesson[found.end() :]) if found else (lesson, "", "")


def _of_the_whole(doubt: Doubt, parts: Sequence[Part], at: int) -> Doubt:
    """Whatever is answered about one part, the others are done as well."""
    choices = [
        Choice(choice.label, (*parts[:at], *choice.parts, *parts[at + 1 :]) if choice.parts else ())
        for choice in doubt.choices
    ]
    return replace(doubt, choices=tuple(choices), at=None)


def sentences_of(phrases: Mapping[str, str], names: Mapping[str, str], language: str) -> Mapping[str, object] | None:
    """What was taught as sentences of the grammar, in the format of the sentence data."""
    if not phrases and not names:
        return None
    do = [{"sentences": [joined(words(text))], "slots": {"taught": entity}} for entity, text in phrases.items()]
    forms = sorted(word_list(language, "forget_forms"))
    gone = [
        {"sentences": [form.format(phrase=joined(words(text))) for form in forms], "slots": {"taught": entity}}
        for entity, text in {**phrases, **names}.items()
        if words(text)
    ]
    return {"language": language, "intents": {DO: {"data": do}, FORGET: {"data": gone}}}


def reading_as_text(reading: Reading) -> str:
    """To be kept; `reading_from` reads it."""
    return json.dumps([asdict(part.intent) for part in reading.parts])


def reading_from(text: str) -> Reading | None:
    try:
        rows = json.loads(text)
        intents = [
            Intent(
                str(row["name"]),
                {k: tuple(v) if isinstance(v, list) else v for k, v in row["slots"].items()},
                entities=tuple(row["entities"]),
                response=str(row["response"]),
            )
            for row in rows
        ]
    except (ValueError, TypeError, KeyError):
        return None
    return Reading(tuple(Part(intent) for intent in intents)) if intents else None


SKILLS = Teaching().skills
