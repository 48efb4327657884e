"""What planning, acting and replying cost of themselves: the home answers at once, so all that is left is ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from types import TracebackType

from bench.record import real, save
from repartee.assembly.skills import load_skills
from repartee.core.channel import Channel
from repartee.core.conversation import Conversation
from repartee.core.home import Home, States
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent, Part, Reading
from repartee.core.plan import Action, Effect, Plan, Step
from repartee.core.skill import Situation
from repartee.engines.home.demo import DemoHome, demo_home
from repartee.stages.act import Backends, act
from repartee.stages.reply import Replies
from repartee.stages.understand.planning import plan

ROUNDS = 500


class AtOnce:
    """A home whose devices have done it before they are asked."""

    def __init__(self) -> None:
        file = demo_home()
        self.home: Home = file.home
        self.states: States = file.states

    async def __aenter__(self) -> AtOnce:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def changes(self) -> Channel[str]:
        return Channel[str](1)

    async def perform(self, action: Action) -> Sequence[Effect]:
        return [Effect(entity, action.service, action.data, confirmed=True) for entity in action.entities]


def steps(count: int, *, chained: bool = False, confusable_names: bool = False) -> Plan:
    """`count` steps at once or one after the other; alike ones share a call."""
    return Plan(
        tuple(
            Step(
                Intent("HassLightSet"),
                (Action("light.turn_on", (f"light.{n}",), {"brightness_pct": 50 if confusable_names else n}),),
                group=n if chained else 0,
                after=(n - 1,) if chained and n else (),
            )
            for n in range(count)
        )
    )


async def microseconds(work: Callable[[], Awaitable[object]]) -> float:
    """Median of what one call takes."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1e6)
    return median(times)


async def measure() -> dict[str, object]:
    backends = Backends(AtOnce())
    deadline = asyncio.get_running_loop().time() + 3600
    figures: dict[str, object] = {"must_be_at_most_us_per_step": 100}
    for name, made in {
        "one": steps(1),
        "five at once": steps(5),
        "twenty alike, one call": steps(20, confusable_names=True),
        "five in a row": steps(5, chained=True),
    }.items():
        us = await microseconds(lambda made=made: act(made, backends, deadline))  # type: ignore[misc]
        figures[f"act: {name}"] = {"us": round(us, 1), "us_per_step": round(us / len(made.steps), 1)}
    return figures | await sentences() | large_homes()


async def sentences() -> dict[str, object]:
    """A command and a question in the demo home, from reading to words."""
    skills, replies, figures = load_skills(), Replies(), {}
    async with DemoHome() as home:
        backends = Backends(home)
        for name, intent in {
            "desk lamp on": Intent("HassTurnOn", {"name": "Desk Lamp"}),
            "which lights are on": Intent("HassGetState", {"domain": "light", "state": "on"}, response="which"),
        }.items():
            reading, context = Reading((Part(intent),)), Context("office")

            async def planned(reading: Reading = reading, context: Context = context) -> Plan:
                return plan(reading, skills, backends.situation(Conversation(context)))

            outcomes = await act(await planned(), backends)

            async def said(outcomes: Sequence[object] = outcomes) -> str:
                return replies.render(outcomes, home.home, home.states)  # type: ignore[arg-type]

            us = {"plan_us": await microseconds(planned), "reply_us": await microseconds(said)}
            figures[name] = {what: round(value, 1) for what, value in us.items()}
    return dict(figures)


def large_homes() -> dict[str, object]:
    """What a plan costs where many things are: by name (found and resolved by the reading), and for a whole area."""
    skills, figures = load_skills(), {}
    for count in (1_000, 10_000):
        rows = [{"name": f"Lamp {n}", "domain": "light", "area": f"Area {n % 50}"} for n in range(count)]
        file = home_from({"areas": [{"name": f"Area {n}"} for n in range(50)], "entities": rows})
        where = Situation(file.home, file.states, Context("area_1"))
        for name, intent in {
            "by name": Intent("HassTurnOn", {"name": "Lamp 7"}, entities=("light.lamp_7",)),
            "an area's lights": Intent("HassTurnOff", {"area": "Area 1", "domain": "light"}),
        }.items():
            reading, times = Reading((Part(intent),)), []
            for _ in range(100):
                began = time.perf_counter()
                plan(reading, skills, where)
                times.append((time.perf_counter() - began) * 1e6)
            figures[f"plan in {count} devices, {name}"] = {"us": round(median(times), 1)}
    return dict(figures)


def main() -> None:
    figures = asyncio.run(measure())
    save("act", figures, real())
    for name, figure in figures.items():
        print(f"{name}: {figure}")


if __name__ == "__main__":
    main()
