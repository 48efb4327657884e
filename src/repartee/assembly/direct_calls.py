"""A service call that nobody said: a click on the page, a program. It obeys the confirmation policy as a voice does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repartee.core.conversation import Conversation
from repartee.core.errors import BadHome, NotAllowed, WantsConfirmation
from repartee.core.intent import Context, Doubt
from repartee.core.plan import Action, Effect
from repartee.core.ports import HomeBackend
from repartee.stages.understand.confirmation import objection
from repartee.stages.understand.pin import PIN, same_pin

from .assistant import Assistant


@dataclass(frozen=True, slots=True)
class Consent:
    """What whoever calls has said to it already."""

    confirmed: bool = False
    """A person was asked and said yes."""
    pin: str = ""


async def call_directly(assistant: Assistant, action: Action, consent: Consent = Consent()) -> Sequence[Effect]:
    """Returns when the home has confirmed it or given up. Raises `BadHome` for devices it has not, `NotAllowed` where
    the policy forbids it, `WantsConfirmation` where it wants a yes or the PIN first, and what the home raises."""
    backend = _of(assistant, action)
    now = assistant.backends.situation(Conversation(Context(language=assistant.settings.brain.language)))
    if doubt := objection(action, assistant.settings.confirmation.policy, now):
        _overcome(assistant, doubt, consent)
    return await backend.perform(action)


def _of(assistant: Assistant, action: Action) -> HomeBackend:
    """The one home that has all its devices."""
    homes: tuple[HomeBackend, ...] = (assistant.backend, assistant.household)
    home = next((home for home in homes if action.entities[0] in home.home.by_id), None)
    unknown = [entity for entity in action.entities if not home or entity not in home.home.by_id]
    if not home or unknown:
        raise BadHome(f"this home has no {unknown[0]}")
    return home


def _overcome(assistant: Assistant, doubt: Doubt, consent: Consent) -> None:
    """Raises what is still missing. Wrong PINs add up with those that are spoken."""
    replies, language = assistant.replies, assistant.settings.brain.language
    if doubt.key == PIN and consent.pin:
        if assistant.pins.locked:
            raise NotAllowed(replies.error(Doubt("pin_locked"), language))
        right = same_pin(consent.pin, assistant.settings.confirmation.policy.pin)
        assistant.pins.tried(right=right)
        if not right:
            raise NotAllowed(replies.error(Doubt("wrong_pin"), language))
    elif doubt.key == PIN:
        raise WantsConfirmation(replies.ask(doubt, language), "pin")
    elif doubt.key != "confirm":
        raise NotAllowed(replies.error(doubt, language))
    elif not consent.confirmed:
        raise WantsConfirmation(replies.ask(doubt, language), "confirmed")
