"""Shopping and to-do lists: the home's own, or those that the household keeps."""

from __future__ import annotations

from repartee.core.home import Entity
from repartee.core.intent import Intent
from repartee.core.plan import Data, Doubt, Step
from repartee.core.skill import Doubtful, Situation, Skill

from .targets import calls, named, step

SHOPPING = ("shopping list", "shopping", "groceries", "grocery list")


def _item(service: str, extra: Data | None = None, *, shopping: bool = False, must_be_there: bool = False) -> Skill:
    def skill(intent: Intent, situation: Situation) -> Step:
        item = str(intent.slots.get("item", "")).strip()
        if not item:
            raise Doubtful(Doubt("no_item"))
        where = _shopping_list(situation) if shopping else named(intent, situation, _lists(situation))
        if must_be_there:
            item = _on_list(item, where, situation)
        data: dict[str, object] = {"item": [item] if service == "todo.remove_item" else item, **(extra or {})}
        return step(intent, calls(service, (where,), data))

    return skill


def _lists(situation: Situation) -> tuple[Entity, ...]:
    return tuple(entity for entity in situation.home.entities if entity.domain == "todo")


def _shopping_list(situation: Situation) -> Entity:
    """The list named so, else the only one."""
    lists = _lists(situation)
    named_so = [e for e in lists if any(n.casefold() in SHOPPING for n in e.names) or e.id == "todo.shopping_list"]
    if len(named_so) == 1 or len(lists) == 1:
        return (named_so or list(lists))[0]
    if not lists:
        raise Doubtful(Doubt("no_domain", {"domain": "todo"}))
    raise Doubtful(Doubt("which_one", {}, tuple(entity.name for entity in lists[:5])))


def _on_list(item: str, where: Entity, situation: Situation) -> str:
    """As it is written on the list, whatever its case; a list whose items we can't see is believed."""
    items = situation.states[where.id].attributes.get("items")
    if items is None:
        return item
    for known in items:
        if str(known.get("summary", "")).casefold() == item.casefold():
            return str(known["summary"])
    raise Doubtful(Doubt("not_on_list", {"item": item, "list": where.name}))


COMPLETED = {"status": "completed"}
SKILLS: dict[str, Skill] = {
    "HassListAddItem": _item("todo.add_item"),
    "HassListCompleteItem": _item("todo.update_item", COMPLETED, must_be_there=True),
    "HassListRemoveItem": _item("todo.remove_item", must_be_there=True),
    "HassShoppingListAddItem": _item("todo.add_item", shopping=True),
    "HassShoppingListCompleteItem": _item("todo.update_item", COMPLETED, shopping=True, must_be_there=True),
}
