"""Shopping and to-do lists: the home's own, or those that the household keeps."""

from __future__ import annotations

from dataclasses import dataclass

from repartee.core.home import Entity, Home
from repartee.core.intent import Data, Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation, Skill, Skills
from repartee.languages.data import own_data

from .targets import calls, named, step, told_as, which_one

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
            data: dict[str, object] = {"item": [item] if verb == "remove_item" else item, **(extra or {})}
            return step(intent, calls(f"{where.domain}.{verb}", (where,), data))

        return skill

    def read(self, intent: Intent, situation: Situation) -> Step:
        """What is still to do or to buy."""
        where = self.meant(intent, situation)
        items = situation.states[where.id].attributes.get("items", ())
        still_open = [str(item["summary"]) for item in items if item.get("status") != "completed"]
        return step(intent, items=still_open, list=where.name)

    def clear(self, intent: Intent, situation: Situation) -> Step:
        where = self.meant(intent, situation)
        items = [str(item["summary"]) for item in situation.states[where.id].attributes.get("items", ())]
        done = (calls(f"{where.domain}.remove_item", (where,), {"item": items}),) if items else ()
        return step(intent, *done, list=where.name)

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


SKILLS = Lists().skills
