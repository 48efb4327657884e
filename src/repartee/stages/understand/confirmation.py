"""What is not done on a word alone: some things want a yes or a PIN first, some may never be done by voice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from repartee.core.home import Entity, Home
from repartee.core.intent import Choice, Doubt, Part, Reading
from repartee.core.plan import Action, Plan, Step
from repartee.core.skill import Situation
from repartee.languages.deeds import describe_call
from repartee.languages.phrases import phrase

from .side_effects import House, Opaque, Reach, reached

ASK = (
    "lock.unlock", "lock.open", "cover.open_cover garage", "cover.open_cover gate", "cover.set_cover_position garage",
    "cover.set_cover_position gate", "alarm_control_panel.alarm_disarm", "everything", "memory.forget_all",
)  # fmt: skip
"""What lets somebody in, what would be heard all over the house, and what can't be had back."""
EVERYTHING, WHOLE_HOUSE = "everything", "RepTurnOffAll"
"""The rule, and the intent that it is about where no place was named."""


@dataclass(frozen=True, slots=True)
class ConfirmationPolicy:
    """Rules name a service (`lock.unlock`), a service and a device class (`cover.open_cover garage`), a device
    (`switch.boiler`: whatever is done to it), or `everything` (turning off the whole house). What `never`
    names is refused even where `ask` names it too."""

    ask: tuple[str, ...] = ASK
    never: tuple[str, ...] = ()
    pin: str = ""
    """Digits asked for instead of a yes; empty: a yes will do."""
    hidden: bool = False
    """Ask also before a scene or script whose effects are unknown. A rule may name a single one."""
    many: int = 0
    """Ask before a call for more devices than this at once; 0: however many."""


def confirm(plan: Plan, reading: Reading, policy: ConfirmationPolicy, now: Situation) -> Plan:
    """The plan with a doubt on every step that may not simply be done; its actions wait for the answer.

    `reading`: what it was made from, a step a part. What is forbidden stays so after a yes.
    """
    if policy == ConfirmationPolicy((), ()):
        return plan
    steps = zip(reading.parts, plan.steps, strict=True)
    return replace(plan, steps=tuple(_confirmed(part, step, policy, now) for part, step in steps))


def objection(action: Action, policy: ConfirmationPolicy, now: Situation) -> Doubt | None:
    """What stands against a single call that nobody said: `never`, `confirm` or `pin`; None: it may simply be done."""
    forbidden, delicate = _ruled((action,), policy, now)
    if forbidden:
        return Doubt("never", {"what": forbidden})
    if not delicate and 0 < policy.many < len(set(action.entities)):
        delicate = _devices(len(set(action.entities)), now)
    return Doubt(_question(policy), {"what": delicate}) if delicate else None


def _confirmed(part: Part, step: Step, policy: ConfirmationPolicy, now: Situation) -> Step:
    if step.doubt is not None or not step.actions:
        return step
    forbidden, delicate = _ruled((*step.actions, *step.later), policy, now)
    if forbidden:
        return replace(step, actions=(), doubt=Doubt("never", {"what": forbidden}))
    if part.confirmed:
        return step
    delicate = delicate or _many(part, step, policy, now)
    if not delicate:
        return step
    if step.later:
        delicate = f"{delicate} {step.facts.get('when', '')}".strip()
    language = now.context.language
    yes = Choice(phrase(language, "yes") or "yes", (replace(part, confirmed=True),))
    choices = (yes, Choice(phrase(language, "no") or "no"))
    return replace(step, doubt=Doubt(_question(policy), {"what": delicate}, choices))


def _question(policy: ConfirmationPolicy) -> str:
    return "pin" if policy.pin else "confirm"


def _ruled(actions: Sequence[Action], policy: ConfirmationPolicy, now: Situation) -> tuple[str, str]:
    """What of these calls may never be done, and what only after a yes, for a person; empty: nothing of them."""
    home, language = now.home, now.context.language
    house = House(now.states, {rule.partition(".")[0] for rule in (*policy.ask, *policy.never)})
    things = [thing for action in actions for thing in reached(action, house)]
    delicate = _names(things, policy.ask, home, language)
    if not delicate and policy.hidden:
        delicate = ", ".join(dict.fromkeys(_name(t.within, home) for t in things if isinstance(t, Opaque)))
    return _names(things, policy.never, home, language), delicate


def _many(part: Part, step: Step, policy: ConfirmationPolicy, now: Situation) -> str:
    """How many devices it is about, where that is more than may be done on a word."""
    count = len({entity for action in (*step.actions, *step.later) for entity in action.entities})
    whole = part.intent.name == WHOLE_HOUSE and not {"area", "floor"} & part.intent.slots.keys()
    asks = 0 < policy.many < count or (whole and EVERYTHING in policy.ask)
    return _devices(count, now) if asks else ""


def _devices(count: int, now: Situation) -> str:
    return phrase(now.context.language, "devices", count=count) or ""


def _names(things: Iterable[Reach | Opaque], rules: Iterable[str], home: Home, language: str) -> str:
    """What the rules are about, for a person: `unlock Front Door`, `Movie Night: Front Door`."""
    told: dict[str, None] = {}
    for thing in things:
        if isinstance(thing, Opaque) or not _is_ruled(thing, home, rules):
            continue
        name = _name(thing.entity, home)
        deed = describe_call(thing.service, name, language) if thing.service else name
        told[f"{_name(thing.within, home)}: {deed}" if thing.within else deed] = None
    return ", ".join(told)


def _is_ruled(thing: Reach, home: Home, rules: Iterable[str]) -> bool:
    """A thing whose service is unknown may get any; a service whose devices are unknown may get at any."""
    entity = home.by_id.get(thing.entity, Entity(thing.entity or thing.service, ""))
    for rule in rules:
        service, _, device_class = rule.partition(" ")
        if rule == thing.entity or (service == thing.service and device_class in ("", entity.device_class)):
            return True
        if service == thing.service and not thing.entity:
            return True
        if (
            not thing.service
            and service.startswith(f"{entity.domain}.")
            and "." in service
            and service not in home.by_id
        ):
            return device_class in ("", entity.device_class)
    return False


def _name(entity_id: str, home: Home) -> str:
    known = home.by_id.get(entity_id)
    return known.name if known else entity_id.partition(".")[2].replace("_", " ")
