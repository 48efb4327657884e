"""What came of a plan, in words: the response templates of the sentence data, rendered once the effects are known.

The templates are other people's Jinja2, so they run in a sandbox that can change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from repartee.core.errors import ReparteeError
from repartee.core.home import NOTHING, UNKNOWN, Home, State
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Alert, Outcome
from repartee.languages.data import ENGLISH, fallbacks, languages, own_data
from repartee.languages.package import package_data
from repartee.languages.phrases import counted, enumerated, phrase, spoken_error

TOLD_LATE = 30.0
"""Seconds from which on it matters that a timer rings late."""
Templates = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Language to intent to response key to template."""


@dataclass(frozen=True)
class StateView:
    """A state as templates know it. Equal to a text when its value is: that is how they ask for one."""

    entity_id: str
    name: str
    known: State

    @property
    def state(self) -> str:
        return "unknown" if self.known.value is None else self.known.value

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self.known.attributes

    @property
    def domain(self) -> str:
        return self.entity_id.partition(".")[0]

    @property
    def state_with_unit(self) -> str:
        unit = self.attributes.get("unit_of_measurement")
        return f"{self.state} {unit}" if unit else self.state

    def __str__(self) -> str:
        return self.state

    def __eq__(self, other: object) -> bool:
        return self.state == other if isinstance(other, str) else self is other

    def __hash__(self) -> int:
        return hash(self.entity_id)


@cache
def own_templates() -> Templates:
    """What our own skills answer, in every language that has words for it."""
    return {
        language: {
            intent: {"default": told} if isinstance(told, str) else told
            for intent, told in own_data(language, "replies").items()
        }
        for language in languages()
    }


@dataclass(frozen=True)
class Replies:
    """Speaks every language that the sentence data has templates for."""

    own: Templates = field(default_factory=own_templates)
    """Of our own skills."""

    def render(self, outcomes: Sequence[Outcome], home: Home, states: Mapping[str, State], language: str = "en") -> str:
        """One text for the whole plan; empty where nothing is to be said ("never mind"). Same words are said once."""
        question = next((o.step.doubt for o in outcomes if o.step.doubt and o.step.doubt.asks), None)
        if question is not None:
            return self.ask(question, language)
        speak = _Speaker(home, states, language, self.own)
        texts = [speak.done(outcome) for outcome in outcomes if not _failed(outcome)]
        done = ". ".join(dict.fromkeys(text.rstrip(".") if len(outcomes) > 1 else text for text in texts if text))
        if done and any(not effect.kept for outcome in outcomes for effect in outcome.effects):
            done = phrase(language, "until_restart", text=done.rstrip(".")) or done
        failed = list(dict.fromkeys(text for outcome in outcomes for text in speak.failures(outcome, alone=not done)))
        doubts = dict.fromkeys(speak.doubt(outcome.step.doubt) for outcome in outcomes if outcome.step.doubt)
        if done and failed:
            done = phrase(language, "but", done=done.rstrip("."), failed=enumerated(language, failed)) or done
            failed = []
        return ". ".join(text for text in (done, *failed, *doubts) if text)

    def ask(self, doubt: Doubt, language: str = "en") -> str:
        """The question that settles a doubt."""
        if doubt.key == "did_you_mean" and len(doubt.choices) == 1:
            deed = doubt.choices[0].label
            return phrase(language, "deed", deed=deed[:1].upper() + deed[1:]) or f"{deed}?"
        choices = enumerated(language, list(doubt.labels), "or")
        return phrase(language, doubt.key, **{**doubt.facts, "choices": choices}) or f"{choices}?"

    def alert(self, alert: Alert, language: str = "en") -> str:
        """What the household has to say by itself. Of a command: that it was missed; others are just done."""
        done = "timer_done" if alert.name else "timer_over"
        keys = {"timer": done, "command": "missed", "order": "order_missed"}
        key = keys.get(alert.kind, alert.kind)
        text = phrase(language, key, name=alert.name, message=alert.message) or ""
        if text and alert.late >= TOLD_LATE:
            return phrase(language, "late", text=text, late=_duration(alert.late, language)) or text
        return text

    def apology(self, error: ReparteeError, language: str = "en") -> str:
        """What went wrong."""
        return spoken_error(language, error)

    def error(self, doubt: Doubt, language: str = "en") -> str:
        """Why something can't be done."""
        return _Speaker(NOTHING, {}, language, self.own).doubt(doubt)


def _failed(outcome: Outcome) -> bool:
    """Nothing of it was done, and the template of its reply has no words for that."""
    if outcome.step.facts.get("tells_failure"):
        return False
    return outcome.step.doubt is not None or bool(outcome.effects and all(not e.confirmed for e in outcome.effects))


@dataclass(frozen=True)
class _Speaker:
    home: Home
    states: Mapping[str, State]
    language: str
    own: Templates

    def done(self, outcome: Outcome) -> str:
        """What the template of the intent says."""
        intent = outcome.step.intent
        own = (self.own.get(tag, {}).get(intent.name) for tag in (*fallbacks(self.language), ENGLISH))
        theirs = _responses(self.language).get("intents", {}).get(intent.name)
        key = self._key(intent, theirs, outcome)
        *nearer, english = (_find(templates, key) for templates in own)
        source = next((text for text in (*nearer, _find(theirs, key), english) if text is not None), None)
        return phrase(self.language, "done") or "" if source is None else self._fill(source, self._facts(outcome))

    def _key(self, intent: Intent, theirs: Mapping[str, str] | None, outcome: Outcome) -> str:
        """The response key; where the plain one has no words for scenes, valves and the like, that of their domain."""
        domains = {effect.entity.partition(".")[0] for effect in outcome.effects}
        domain = next(iter(domains)) if len(domains) == 1 else ""
        return domain if intent.response == "default" and domain in (theirs or {}) else intent.response

    def failures(self, outcome: Outcome, alone: bool) -> list[str]:
        """What is to be said of what devices did not do; `alone`: nothing was done."""
        told = outcome.step.facts.get("tells_failure")
        failures = [effect for effect in outcome.effects if not effect.confirmed and not told]
        if not failures:
            return []
        why = failures[0].error
        if alone and len(failures) == 1 and why:
            return [phrase(self.language, "refused", why=why) or why]
        names = list(dict.fromkeys(self._name(effect.entity) for effect in failures))
        names = names[:3] if len(names) <= 3 else [*names[:2], f"{len(names) - 2} +"]
        return [phrase(self.language, "no_answer", names=enumerated(self.language, names)) or why or ""]

    def doubt(self, doubt: Doubt) -> str:
        errors = _responses(self.language).get("errors", {})
        if doubt.key in errors:
            return self._fill(errors[doubt.key], doubt.facts)
        own = phrase(self.language, doubt.key, **{"choices": "", **doubt.facts})
        return own if own is not None else self._fill(errors.get("handle_error", ""), doubt.facts)

    def _facts(self, outcome: Outcome) -> dict[str, Any]:
        step = outcome.step
        confirmed = [effect for effect in outcome.effects if effect.confirmed]
        slots = {name: _as_said(value) for name, value in step.intent.slots.items()}
        effect_data = {k: v for effect in confirmed for k, v in effect.data.items() if k in ("timers", "canceled")}
        about = str(step.facts.get("state") or next((e.entity for e in (*confirmed, *outcome.effects)), ""))
        matched, unmatched = step.facts.get("matched", ()), step.facts.get("unmatched", ())
        facts = {k: v for k, v in step.facts.items() if k not in ("state", "matched", "unmatched")}
        return {
            "slots": {"media": confirmed, **slots, **facts, **effect_data},
            "state": self._view(about),
            "query": {"matched": self._views(matched), "unmatched": self._views(unmatched)},
            "state_attr": lambda entity, name: self.states.get(entity, UNKNOWN).attributes.get(name),
            "states": lambda entity: self._view(entity).state,
        }

    def _view(self, entity: str) -> StateView:
        return StateView(entity, self._name(entity), self.states.get(entity, UNKNOWN))

    def _views(self, entities: object) -> list[StateView]:
        return [self._view(str(entity)) for entity in entities] if isinstance(entities, Iterable) else []

    def _name(self, entity: str) -> str:
        known = self.home.by_id.get(entity)
        return known.name if known else entity

    def _fill(self, source: str, facts: Mapping[str, Any]) -> str:
        try:
            return " ".join(_compiled(source).render(facts).split())
        except (TemplateError, TypeError, ValueError, AttributeError, KeyError, ZeroDivisionError):
            # a template of some language trips over a value; the deed is done, so say that
            return phrase(self.language, "done") or ""


def _duration(seconds: float, language: str) -> str:
    """The largest unit is enough: an hour is told without seconds."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(language, round(seconds / size), unit)
    return counted(language, round(seconds), "second")


def _find(templates: Mapping[str, str] | None, key: str) -> str | None:
    """The template of this key; where a language has not got it, its default."""
    return None if templates is None else templates.get(key, templates.get("default"))


def _as_said(value: object) -> object:
    """Templates get what was said: text, whole numbers without a fraction."""
    if isinstance(value, tuple | list):
        return _as_said(value[0]) if value else ""
    return f"{value:g}" if isinstance(value, int | float) else value


@lru_cache(maxsize=8)
def _responses(language: str) -> Mapping[str, Any]:
    data = package_data(language) or package_data(ENGLISH) or {}
    responses: Mapping[str, Any] = data.get("responses", {})
    return responses


_SANDBOX = ImmutableSandboxedEnvironment(autoescape=False)


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    return _SANDBOX.from_string(source)
