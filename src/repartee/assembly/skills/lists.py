"""Shopping and to-do lists: the home's own, or those that the household keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from repartee.core.home import Entity, Home
from repartee.core.intent import Data, Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation, Skill, Skills
from repartee.languages.data import own_data

from .language import word_list
from .targets import calls, named, said, step, told_as, which_one

MOST_WORDS = 5
"""Of a thing that we need."""
COMPLETED = {"status": "completed"}


@dataclass(frozen=True, slots=True)
class Lists:
    """Which lists are meant: those of the home where it has any, unless `own` ones are wanted."""

    own: bool = False

    def of(self, situation: Situation) -> Home:
        """Where they are."""
        theirs = any(entity.domain == "todo" for entity in situation.home.entities)
        return situation.home if theirs and not self.own else situation.household

    def named(self, intent: Intent, situation: Situation) -> Entity:
        return named(intent, situation, ("todo", "list"), self.of(situation))

    def shopping(self, intent: Intent, situation: Situation) -> Entity:
        """The list named so, else the only one."""
        lists = [entity for entity in self.of(situation).entities if entity.domain in ("todo", "list")]
        called = own_data(situation.context.language, "grammar").get("shopping_list", ())
        named_so = [e for e in lists if e.id == "todo.shopping_list" or {n.casefold() for n in e.names} & {*called}]
        if len(named_so) == 1 or len(lists) == 1:
            return (named_so or lists)[0]
        if not lists:
            raise Doubtful(Doubt("no_domain", {"domain": "todo"}))
        raise Doubtful(which_one(intent, lists))

    def meant(self, intent: Intent, situation: Situation) -> Entity:
        return self.named(intent, situation) if "name" in intent.slots else self.shopping(intent, situation)

    def change(
        self, verb: str, extra: Data | None = None, *, shopping: bool = False, must_be_there: bool = False
    ) -> Skill:
        def skill(intent: Intent, situation: Situation) -> Step:
            item = str(intent.slots.get("item", "")).strip()
            if not item:
                raise Doubtful(Doubt("no_item"))
            where = self.shopping(intent, situation) if shopping else self.named(intent, situation)
            if must_be_there:
                item = _on_list(item, where, situation)
            elif known := find_item(item, where, situation):
                return step(Intent("RepListHas", {"item": known}, response="already"), list=where.name)
            data: dict[str, object] = {"item": [item] if verb == "remove_item" else item, **(extra or {})}
            return step(intent, calls(f"{where.domain}.{verb}", (where,), data))

        return skill

    def read(self, intent: Intent, situation: Situation) -> Step:
        """What is still to do or to buy."""
        where = self.meant(intent, situation)
        return step(intent, items=_open_items(where, situation) or [], list=where.name)

    def count(self, intent: Intent, situation: Situation) -> Step:
        """How many things are still to do or to buy."""
        where = self.meant(intent, situation)
        items = _open_items(where, situation)
        if items is None:
            return step(replace(intent, response="unknown"), list=where.name)
        return step(intent, count=len(items), list=where.name)

    def has(self, intent: Intent, situation: Situation) -> Step:
        """Whether something is on the list."""
        where = self.meant(intent, situation)
        if situation.states[where.id].attributes.get("items") is None:
            return step(replace(intent, response="unknown"), list=where.name)
        known = find_item(said(intent, "item"), where, situation)
        return step(replace(intent, response="default" if known else "no"), list=where.name)

    def need(self, intent: Intent, situation: Situation) -> Step:
        """ "We need eggs": onto the shopping list. "We need to talk" is no shopping."""
        first, *rest = said(intent, "item").casefold().split()
        if first in word_list(situation.context.language, "no_items") or len(rest) >= MOST_WORDS:
            raise Doubtful(Doubt("no_intent"))
        return self.change("add_item", shopping=True)(intent, situation)

    def clear(self, intent: Intent, situation: Situation) -> Step:
        where = self.meant(intent, situation)
        items = [str(item["summary"]) for item in situation.states[where.id].attributes.get("items", ())]
        done = (calls(f"{where.domain}.remove_item", (where,), {"item": items}),) if items else ()
        return step(intent, *done, list=where.name)

    def remove(self, intent: Intent, situation: Situation) -> Step:
        """ "Take eggs off the list": of the list that was named, else of the shopping list."""
        return self.change("remove_item", shopping="name" not in intent.slots, must_be_there=True)(intent, situation)

    @property
    def skills(self) -> Skills:
        return {
            "HassListAddItem": self.change("add_item"),
            "HassListCompleteItem": self.change("update_item", COMPLETED, must_be_there=True),
            "HassListRemoveItem": self.change("remove_item", must_be_there=True),
            "HassShoppingListAddItem": self.change("add_item", shopping=True),
            "HassShoppingListCompleteItem": self.change("update_item", COMPLETED, shopping=True, must_be_there=True),
            "RepListItems": self.read,
            "RepListClear": self.clear,
            "RepListCount": self.count,
            "RepListHas": self.has,
            "RepListNeed": self.need,
            "RepListRemove": self.remove,
            "ListStatus": told_as("RepListItems", self.read),
        }


def _on_list(item: str, where: Entity, situation: Situation) -> str:
    """As it is written on the list, whatever its case; a list whose items we can't see is believed."""
    items = situation.states[where.id].attributes.get("items")
    if items is None:
        return item
    for known in items:
        if str(known.get("summary", "")).casefold() == item.casefold():
            return str(known["summary"])
    raise Doubtful(Doubt("not_on_list", {"item": item, "list": where.name}))


def find_item(item: str, where: Entity, situation: Situation) -> str | None:
    """Of what is still open, as it is written there, whatever its case."""
    open_items = _open_items(where, situation) or ()
    return next((known for known in open_items if known.casefold() == item.casefold()), None)


def _open_items(where: Entity, situation: Situation) -> list[str] | None:
    """None: they are not shown."""
    items = situation.states[where.id].attributes.get("items")
    if items is None:
        return None
    return [str(item.get("summary", "")) for item in items if item.get("status") != "completed"]


SKILLS = Lists().skills
