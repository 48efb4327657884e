"""What is not done on a word alone: some things want a yes or a PIN first, some may never be done by voice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from repartee.core.home import NOTHING, Entity, Home
from repartee.core.plan import Action, Doubt, Plan, Step

from .phrases import phrase

ASK = (
    "lock.unlock", "lock.open", "cover.open_cover garage", "cover.open_cover gate", "cover.set_cover_position garage",
    "cover.set_cover_position gate", "alarm_control_panel.alarm_disarm",
)  # fmt: skip
"""What lets somebody in."""


@dataclass(frozen=True, slots=True)
class Care:
    """Rules name a service (`lock.unlock`), a service and a device class (`cover.open_cover garage`), or a device
    (`switch.boiler`: whatever is done to it). What `never` names is refused even where `ask` names it too."""

    ask: tuple[str, ...] = ASK
    never: tuple[str, ...] = ()
    pin: str = ""
    """Digits asked for instead of a yes; empty: a yes will do."""


def careful(plan: Plan, care: Care, home: Home = NOTHING, language: str = "en") -> Plan:
    """The plan with a doubt on every step that may not simply be done; its actions wait for the answer."""
    if not care.ask and not care.never:
        return plan
    return replace(plan, steps=tuple(_careful(step, care, home, language) for step in plan.steps))


def _careful(step: Step, care: Care, home: Home, language: str) -> Step:
    if step.doubt is not None or not step.actions:
        return step
    forbidden = _names(step.actions, care.never, home)
    if forbidden:
        return replace(step, actions=(), doubt=Doubt("never", {"what": forbidden}))
    delicate = _names(step.actions, care.ask, home)
    if not delicate:
        return step
    choices = (phrase(language, "yes") or "yes", phrase(language, "no") or "no")
    return replace(step, doubt=Doubt("pin" if care.pin else "confirm", {"what": delicate}, choices))


def _names(actions: Iterable[Action], rules: Iterable[str], home: Home) -> str:
    """What the rules are about, for a person: `unlock Front Door`."""
    told: dict[str, None] = {}
    for action in actions:
        domain, _, verb = action.service.partition(".")
        for entity_id in action.entities or ("",):
            entity = home.by_id.get(entity_id, Entity(entity_id or domain, ""))
            known = {action.service, f"{action.service} {entity.device_class}", entity_id}
            if not known.isdisjoint(rules):
                told[f"{verb.replace(f'_{domain}', '').replace('_', ' ')} {entity.name}".strip()] = None
    return ", ".join(told)
