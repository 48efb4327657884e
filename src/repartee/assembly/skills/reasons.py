"""Why is the light on, who turned it on, what did I miss, why did you do that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from repartee.core.causes import Cause, CauseLog, Origin
from repartee.core.conversation import NEW
from repartee.core.home import Entity
from repartee.core.intent import Cover, Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation, Skills
from repartee.grammar.text import joined, originals, words
from repartee.languages.clock import told_time
from repartee.languages.deeds import describe
from repartee.languages.phrases import enumerated
from repartee.stages.reply import Replies

from .language import words_of
from .power import is_on
from .states import is_so
from .targets import named, place, step, within

WORDS = Replies({})
"""For what was due."""
MOST = 5
"""Things that are told at once."""


Covers = Callable[[str, Situation], Cover | None]
PARTS = ("deed", "target", "place", "except", "amount", "property", "when")
"""Roles of words that something was made of, in the order in which they are told; `free` ones mean nothing."""
SAME: Mapping[str, str] = {"stem": "deed", "particle": "deed", "inverted": "except"}


def _no_cover(_text: str, _situation: Situation) -> Cover | None:
    return None


@dataclass(frozen=True)
class Reasons:
    log: CauseLog = field(default_factory=CauseLog)
    cover: Covers = _no_cover
    """Which words of a sentence became what."""

    @property
    def skills(self) -> Skills:
        return {"RepWhy": self.why, "RepMissed": self.missed, "RepWhyThat": self.why_that}

    def why(self, intent: Intent, situation: Situation) -> Step:
        """The newest cause among the things that are so; "it is not" where none is."""
        meant = self._meant(intent, situation)
        if not meant:
            return step(replace(intent, response="unknown"))
        wanted = str(intent.slots.get("state", ""))
        so = [entity for entity in meant if not wanted or _is(entity, wanted, situation)]
        if not so:
            return step(replace(intent, response="not_so"), state=meant[0].id, name=meant[0].name)
        causes = [(cause, entity) for entity in so if (cause := self.log.of(entity.id))]
        if not causes:
            return step(replace(intent, response="unknown"), state=so[0].id)
        cause, entity = max(causes, key=lambda pair: pair[0].at)
        return _told(replace(intent, response=cause.origin.value), entity, cause, situation)

    def missed(self, intent: Intent, situation: Situation) -> Step:
        """What rang, was announced or went wrong since somebody last spoke."""
        found = self.log.missed
        language = situation.context.language
        rows = [
            {"text": WORDS.alert(each.alert, language), "clock": _clock(each.at, situation)} for each in found[-MOST:]
        ]
        return step(intent, rows=rows, more=max(0, len(found) - MOST))

    def why_that(self, intent: Intent, situation: Situation) -> Step:
        """What the last sentence was taken for, word by word as far as its parts say."""
        conversation, language = situation.conversation, situation.context.language
        outcomes = next(reversed(conversation.deeds), ())
        if not outcomes:
            return step(replace(intent, response="nothing"))
        intents = [outcome.step.intent for outcome in outcomes]
        deed = enumerated(language, [describe(each, language) for each in intents])
        touched = [effect.entity for outcome in outcomes for effect in outcome.effects]
        causes = [cause for entity in touched if (cause := self.log.of(entity)) and cause.origin is Origin.SAID]
        said = causes[-1].text if causes else conversation.text
        cover = self.cover(said, replace(situation, conversation=NEW))
        if cover is not None and (rows := _words_by_role(cover, said, language)):
            return step(replace(intent, response="words"), deed=deed, said=said, rows=rows)
        return step(
            intent, deed=deed, said=said, parts=list(dict.fromkeys(p for i in intents for p in _parts(i, said)))
        )

    def _meant(self, intent: Intent, situation: Situation) -> tuple[Entity, ...]:
        if "name" in intent.slots:
            return (named(intent, situation),)
        where = place(intent, situation)
        domain = str(intent.slots.get("domain", "light"))
        found = [e for e in situation.home.entities if e.domain == domain and within(e, where, situation)]
        here = [e for e in found if e.area and e.area == situation.context.area]
        return tuple(here if here and where is None else found)


def _is(entity: Entity, wanted: str, situation: Situation) -> bool:
    if wanted == "on":
        return is_on(entity, situation)
    return is_so(entity, situation, {wanted}) or (wanted == "off" and not is_on(entity, situation))


def _told(intent: Intent, entity: Entity, cause: Cause, situation: Situation) -> Step:
    area = situation.home.area_by_id.get(cause.area or "")
    facts: Mapping[str, object] = {
        "clock": _clock(cause.at, situation), "said": cause.text, "place": area.name if area else "",
    }  # fmt: skip
    return step(intent, state=entity.id, name=entity.name, **facts)


def _clock(at: float, situation: Situation) -> str:
    """Today's times without the day."""
    then = datetime.fromtimestamp(at, situation.now.tzinfo)
    return told_time(situation.context.language, then, situation.now)


def _words_by_role(cover: Cover, said: str, language: str) -> list[dict[str, str]]:
    """Each role in the words of the language, with the words of the sentence that play it, as they were written."""
    written = originals(said) or []
    spoken = written if len(written) == len(cover.words) else list(cover.words)
    by_role: dict[str, list[str]] = {}
    names = words_of(language.partition("-")[0], "roles")
    for use in cover.uses:
        role = SAME.get(use.role, use.role)
        by_role.setdefault(role, []).append(joined(spoken[use.start : use.stop]))
    return [
        {"role": names[role], "words": ", ".join(dict.fromkeys(by_role[role]))}
        for role in (*PARTS, "free")
        if role in by_role and role in names
    ]


def _parts(intent: Intent, said: str) -> list[str]:
    """The values that stand in the sentence: `Kitchen`, `20`."""
    spoken = f" {' '.join(words(said))} "
    values = [str(value) for value in intent.slots.values() if isinstance(value, str | int | float)]
    return [value for value in values if words(value) and f" {' '.join(words(value))} " in spoken]


SKILLS = Reasons().skills
