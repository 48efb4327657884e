"""What is told to be remembered, and what is to be forgotten, as readings: planned and confirmed like any other."""

from __future__ import annotations

from collections.abc import Callable, Collection

from repartee.core.intent import Doubt, Intent, Part, Reading
from repartee.core.memory import Fact
from repartee.core.skill import Situation

from .questions import Asked, Wish, asked
from .statements import told

REMEMBER, FORGET, FORGET_ALL = "RepRemember", "RepForget", "RepForgetAll"
SECRET = "memory_secret"  # noqa: S105  # a doubt's key


def memory_rule(codes: Collection[str] = ()) -> Callable[[str, Situation], Reading | None]:
    """`codes`: digits that are never kept, such as the PIN."""

    def read(text: str, now: Situation) -> Reading | None:
        language = now.context.language
        wish = asked(text, language)
        if wish is not None:
            return _forgetting(wish)
        said = told(text, language, codes=codes)
        if said.secret:
            return Reading((), doubt=Doubt(SECRET))
        return Reading(tuple(Part(_remembering(fact)) for fact in said.facts)) if said.facts else None

    return read


def _remembering(fact: Fact) -> Intent:
    slots = {"text": fact.text, "kind": fact.kind, "subject": fact.subject, "value": fact.value}
    return Intent(REMEMBER, {**slots, "event": fact.event} if fact.event else slots)


def _forgetting(wish: Asked) -> Reading | None:
    """None for a question; those are answered, not done."""
    match wish.wish:
        case Wish.FORGET_ALL:
            intent = Intent(FORGET_ALL)
        case Wish.FORGET_LAST:
            intent = Intent(FORGET, response="last")
        case Wish.FORGET:
            intent = Intent(FORGET, {"text": wish.query.text, "subject": wish.query.subject})
        case _:
            return None
    return Reading((Part(intent),))
