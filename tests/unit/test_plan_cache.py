"""Plans remembered: what answers from memory, and what must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent, Part, Reading
from repartee.core.plan import Action, Effect, Plan, Step
from repartee.core.skill import Situation
from repartee.core.turn import Decision
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.household import DOMAINS, Household
from repartee.grammar import compile_home
from repartee.grammar.cache import Cache, CachedUnderstanding
from repartee.languages.data import sentences
from repartee.session import Session
from repartee.stages.act import Backends
from repartee.stages.understand.plan_cache import PlanCache
from tests.house import House

COLOURS = {"supported_color_modes": ["hs"]}
ROWS = {
    "areas": [{"name": "Kitchen"}, {"name": "Bedroom"}],
    "entities": [
        {"name": "Lamp", "domain": "light", "area": "Kitchen", "state": "off", "attributes": COLOURS},
        {"name": "Spot", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Night Light", "domain": "light", "area": "Bedroom", "state": "off"},
        {"name": "Fan", "domain": "fan", "area": "Bedroom", "state": "off"},
    ],
}


class Grammatical(House):
    """A house that understands by the grammar, with all three caches."""

    def __init__(self) -> None:
        super().__init__()
        self.home = DemoHome(home_from(ROWS))
        self.parses: Cache[Sequence[Reading]] = Cache()
        self.contexts: Cache[Sequence[Reading]] = Cache()
        self.understand()

    def understand(self) -> None:
        self.understanding = CachedUnderstanding(
            compile_home(self.home.home, "en", sentences("en")), self.parses, self.contexts
        )

    def states(self) -> dict[str, str | None]:
        return {entity.name: self.state(entity.id) for entity in self.home.home.entities}

    @property
    def hits(self) -> int:
        return self.plans.cache.statistics.hits

    @property
    def kept(self) -> int:
        return len(self.plans.cache)


@pytest.fixture
def house() -> Grammatical:
    return Grammatical()


async def act(session: Session, text: str) -> None:
    record = await session.ask(text)
    assert record.decision is Decision.ACTED, f"{text}: {record.reply}"


async def test_the_second_time_the_plan_is_remembered_and_done(house: Grammatical) -> None:
    session = house.session("kitchen")
    await act(session, "turn on the lamp")
    house.home.states.set("light.lamp", State("off"))
    await act(session, "turn on the lamp")
    assert house.hits == 1
    assert house.state("light.lamp") == "on"
    assert house.plans.cache.statistics.saved_s > 0


async def test_another_area_is_another_plan(house: Grammatical) -> None:
    await act(house.session("kitchen"), "turn on the lights")
    assert house.state("light.night_light") == "off"
    await act(house.session("bedroom"), "turn on the lights")
    assert house.state("light.night_light") == "on"
    assert house.hits == 0


async def test_a_changed_home_is_another_plan(house: Grammatical) -> None:
    await act(house.session(), "turn on the lamp")
    house.home.home = house.home.home.renamed("light.spot", "Torch")
    house.understand()
    await act(house.session(), "turn on the lamp")
    assert house.hits == 0


async def test_a_state_that_was_looked_at_and_changed_is_another_plan(house: Grammatical) -> None:
    """A colour looks at what the lamp can."""
    session = house.session("kitchen")
    await act(session, "set the lamp to red")
    await act(session, "set the lamp to red")
    assert house.hits == 0, "the lamp was off, then it was on"
    await act(session, "set the lamp to red")
    hits = house.hits
    assert hits > 0
    house.home.states.set("light.lamp", State("on", {"supported_color_modes": ["onoff"]}))
    record = await session.ask("set the lamp to red")
    assert house.hits == hits
    assert record.decision is Decision.REJECTED, "from memory it would have been done"


async def test_what_was_not_confirmed_is_not_kept(house: Grammatical) -> None:
    async def perform(action: Action) -> Sequence[Effect]:
        return [Effect(entity, action.service, error="it did not answer") for entity in action.entities]

    house.home.perform = perform  # type: ignore[method-assign]
    await house.session().ask("turn on the lamp")
    assert house.kept == 0
    assert house.plans.cache.statistics.misses > 0


async def test_it_is_never_another_it(house: Grammatical) -> None:
    session = house.session("kitchen")
    for name, entity in (("lamp", "light.lamp"), ("fan", "fan.fan"), ("lamp", "light.lamp")):
        await act(session, f"turn on the {name}")
        assert house.state(entity) == "on"
        await act(session, "turn it off")
        assert house.state(entity) == "off"
    assert house.hits > 0


async def test_a_correction_removes_what_it_corrects(house: Grammatical) -> None:
    session = house.session("kitchen")
    await act(session, "turn on the lamp")
    assert house.kept == 1
    assert len(house.parses) == 1
    await act(session, "no, the other one")
    assert house.state("light.spot") == "on"
    assert len(house.parses) == 0
    assert house.parses.statistics.removed == 1
    assert house.plans.cache.statistics.removed == 1
    assert house.kept == 1, "what it was corrected to"


async def test_going_on_removes_nothing(house: Grammatical) -> None:
    session = house.session("kitchen")
    await act(session, "turn on the lamp")
    await act(session, "and the fan too")
    assert house.parses.statistics.removed == 0
    assert house.plans.cache.statistics.removed == 0
    assert house.kept == 2


@pytest.mark.parametrize("text", ["set a timer for ten minutes", "what time is it", "is the lamp on", "undo that"])
async def test_what_hangs_on_the_moment_is_planned_anew(house: Grammatical, text: str) -> None:
    async with Household() as household:
        services = replace(house.services(), backends=Backends(house.home, dict.fromkeys(DOMAINS, household)))
        house.services = lambda: services  # type: ignore[method-assign]
        session = house.session("kitchen")
        await act(session, "turn on the lamp")
        await act(session, text)
        assert house.kept == 1, "the lamp's"


def test_a_plan_that_looked_at_everything_is_not_kept() -> None:
    home = DemoHome(home_from(ROWS))
    intent, plans = Intent("HassTurnOn"), PlanCache()

    def everything_off(situation: Situation) -> Plan:
        off = [entity for entity, state in situation.states.items() if state.value == "off"]
        return Plan((Step(intent, (Action("light.turn_on", tuple(off)),)),))

    situation = Situation(home.home, home.states, Context())
    made = plans.plan(Reading((Part(intent),)), situation, everything_off)
    assert made.plan.actions[0].entities
    plans.keep(made, {})
    assert len(plans.cache) == 0


@pytest.mark.parametrize(
    ("intent", "service", "kept"),
    [
        ("HassTurnOn", "light.turn_on", 1),
        ("RepUndo", "light.turn_on", 0),
        ("MorningLight", "light.turn_on", 0),
        ("HassStartTimer", "timer.start", 0),
    ],
)
def test_only_what_hangs_on_the_home_alone_is_kept(intent: str, service: str, kept: int) -> None:
    home, plans = DemoHome(home_from(ROWS)), PlanCache()
    plan = Plan((Step(Intent(intent), (Action(service, ("light.lamp",)),)),))
    made = plans.plan(Reading((Part(Intent(intent)),)), Situation(home.home, home.states), lambda _: plan)
    plans.keep(made, dict.fromkeys(DOMAINS))
    assert len(plans.cache) == kept
