"""Shopping and to-do lists: the home's own, or those that the household keeps."""

from __future__ import annotations

from repartee.core.home import Entity
from repartee.core.intent import Intent
from repartee.core.plan import Data, Doubt, Step
from repartee.core.skill import Doubtful, Situation, Skill

from .targets import calls, named, step

REPLIES = {
    "en": {
        "RepListItems": "{{ slots['items'] | join(', ') if slots['items'] else slots.list ~ ' is empty' }}",
        "RepListClear": "{{ slots.list }} is empty now",
    }
}
SHOPPING = ("shopping list", "shopping", "groceries", "grocery list")


def _item(verb: str, extra: Data | None = None, *, shopping: bool = False, must_be_there: bool = False) -> Skill:
    def skill(intent: Intent, situation: Situation) -> Step:
        item = str(intent.slots.get("item", "")).strip()
        if not item:
            raise Doubtful(Doubt("no_item"))
        where = _shopping_list(situation) if shopping else _named_list(intent, situation)
        if must_be_there:
            item = _on_list(item, where, situation)
        data: dict[str, object] = {"item": [item] if verb == "remove_item" else item, **(extra or {})}
        return step(intent, calls(f"{where.domain}.{verb}", (where,), data))

    return skill


def _named_list(intent: Intent, situation: Situation) -> Entity:
    ours = not any(entity.domain == "todo" for entity in situation.home.entities)
    return named(intent, situation, ("todo", "list"), situation.household if ours else situation.home)


def _lists(situation: Situation) -> tuple[Entity, ...]:
    """Those of the home; ours where it has none."""
    found = tuple(entity for entity in situation.home.entities if entity.domain == "todo")
    return found or tuple(entity for entity in situation.household.entities if entity.domain == "list")


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


def read(intent: Intent, situation: Situation) -> Step:
    """What is still to do or to buy."""
    where = _meant(intent, situation)
    items = situation.states[where.id].attributes.get("items", ())
    still_open = [str(item["summary"]) for item in items if item.get("status") != "completed"]
    return step(intent, items=still_open, list=where.name)


def clear(intent: Intent, situation: Situation) -> Step:
    where = _meant(intent, situation)
    items = [str(item["summary"]) for item in situation.states[where.id].attributes.get("items", ())]
    done = (calls(f"{where.domain}.remove_item", (where,), {"item": items}),) if items else ()
    return step(intent, *done, list=where.name)


def _meant(intent: Intent, situation: Situation) -> Entity:
    return _named_list(intent, situation) if "name" in intent.slots else _shopping_list(situation)


COMPLETED = {"status": "completed"}
SKILLS: dict[str, Skill] = {
    "HassListAddItem": _item("add_item"),
    "HassListCompleteItem": _item("update_item", COMPLETED, must_be_there=True),
    "HassListRemoveItem": _item("remove_item", must_be_there=True),
    "HassShoppingListAddItem": _item("add_item", shopping=True),
    "HassShoppingListCompleteItem": _item("update_item", COMPLETED, shopping=True, must_be_there=True),
    "RepListItems": read,
    "RepListClear": clear,
}
