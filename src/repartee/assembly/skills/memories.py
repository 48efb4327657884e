"""Remember that, forget that, forget everything."""

from __future__ import annotations

from repartee.core.intent import Intent
from repartee.core.plan import Action, Step
from repartee.core.skill import Situation
from repartee.languages.data import data
from repartee.languages.perspective import retold

from .targets import said, step


def remember(intent: Intent, situation: Situation) -> Step:
    language = situation.context.language
    fact = {**intent.slots, "source": situation.turn}
    kept = f"{_words(language)['kept']}: {retold(said(intent, 'text'), language)}"
    return step(intent, Action("memory.remember", (), fact), kept=kept)


def forget(intent: Intent, situation: Situation) -> Step:
    """What is about something; or what was told last."""
    words = _words(situation.context.language)
    if intent.response == "last":
        action = _last(situation)
    else:
        about = {"about": said(intent, "text"), "subject": said(intent, "subject")}
        action = Action("memory.forget", (), about)
    facts = {"forgotten": words["forgotten"], "unknown": words["unknown"], "tells_failure": True}
    return step(intent, *([action] if action else []), **facts)


def forget_all(intent: Intent, situation: Situation) -> Step:
    return step(
        intent,
        Action("memory.forget_all", (), {"everything": True}),
        forgotten=_words(situation.context.language)["forgotten"],
    )


def _last(situation: Situation) -> Action | None:
    """The newest that was remembered in this conversation."""
    deeds = (o for outcomes in reversed(situation.conversation.deeds) for o in outcomes)
    effects = (effect for outcome in deeds for effect in outcome.effects)
    newest = next((e for e in effects if e.confirmed and e.service == "memory.remember"), None)
    return Action("memory.forget", (newest.entity,)) if newest else None


def _words(language: str) -> dict[str, str]:
    return dict(data(language, "memory")["says"])


SKILLS = {"RepRemember": remember, "RepForget": forget, "RepForgetAll": forget_all}
