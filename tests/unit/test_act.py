"""The executor: order, batches, deadlines, partial failure, cancelling."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.channel import Channel
from repartee.core.conversation import Conversation
from repartee.core.errors import NotConfirmed, Unreachable
from repartee.core.home import NOTHING, Home, State, States
from repartee.core.intent import Choice, Context, Doubt, Intent
from repartee.core.plan import Action, Effect, Plan, Step
from repartee.stages.act import CONCURRENCY, Backends, act, effects_of
from tests import virtual_time


class Recorder:
    """A home that takes a second for each call and writes down when it was called."""

    def __init__(self, error: Exception | None = None, seconds: float = 1.0) -> None:
        self.home: Home = NOTHING
        self.states = States({"light.a": State("off")})
        self.calls: list[tuple[float, Action]] = []
        self.running = 0
        self.busiest = 0
        self._error, self._seconds = error, seconds

    async def __aenter__(self) -> Recorder:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def changes(self) -> Channel[str]:
        return Channel[str](1)

    async def perform(self, action: Action) -> Sequence[Effect]:
        self.calls.append((asyncio.get_running_loop().time(), action))
        self.running += 1
        self.busiest = max(self.busiest, self.running)
        try:
            await asyncio.sleep(self._seconds)
        finally:
            self.running -= 1
        if self._error:
            raise self._error
        return [
            Effect(entity, action.service, action.data, confirmed=entity != "light.broken")
            for entity in action.entities or ("timer.new",)
        ]


def step(service: str, *entities: str, group: int = 0, after: tuple[int, ...] = (), **data: object) -> Step:
    return Step(Intent("Test"), (Action(service, entities, data),), group=group, after=after)


def services(home: Recorder) -> list[tuple[float, str]]:
    return [(at, action.service) for at, action in home.calls]


async def test_independent_groups_run_at_once_and_others_in_order() -> None:
    home = Recorder()
    steps = (
        step("cover.close_cover", "cover.a"),
        step("light.turn_on", "light.a", group=1, after=(0,)),
        step("fan.turn_on", "fan.a", group=2),
        step("scene.turn_on", "scene.a", group=3, after=(1, 2)),
    )
    outcomes = await act(Plan(steps), Backends(home))
    assert services(home) == [(0, "cover.close_cover"), (0, "fan.turn_on"), (1, "light.turn_on"), (2, "scene.turn_on")]
    assert [outcome.step for outcome in outcomes] == list(steps)
    assert all(outcome.done for outcome in outcomes)


async def test_what_runs_at_once_and_is_the_same_is_one_call() -> None:
    home = Recorder()
    steps = tuple(step("light.turn_on", f"light.{n}", brightness_pct=50) for n in range(20))
    outcomes = await act(Plan((*steps, step("light.turn_on", "light.x", brightness_pct=20))), Backends(home))
    assert [len(action.entities) for _, action in home.calls] == [20, 1]
    assert [[effect.entity for effect in outcome.effects] for outcome in outcomes[:2]] == [["light.0"], ["light.1"]]


async def test_two_timers_of_the_same_length_are_two_calls() -> None:
    home = Recorder()
    outcomes = await act(Plan((step("timer.start", minutes=5), step("timer.start", minutes=5))), Backends(home))
    assert len(home.calls) == 2
    assert [len(outcome.effects) for outcome in outcomes] == [1, 1]


async def test_services_go_to_their_back_end() -> None:
    home, household = Recorder(), Recorder()
    backends = Backends(home, {"timer": household})
    await act(Plan((step("timer.start", minutes=5), step("light.turn_on", "light.a"))), backends)
    assert services(home) == [(0, "light.turn_on")]
    assert services(household) == [(0, "timer.start")]


async def test_what_does_not_answer_in_time_is_given_up_and_the_rest_is_kept() -> None:
    slow, quick = Recorder(seconds=10), Recorder(seconds=1)
    plan = Plan((step("light.turn_on", "light.a", "light.b"), step("timer.start", minutes=1)))
    outcomes = await act(plan, Backends(slow, {"timer": quick}), deadline=3)
    assert asyncio.get_running_loop().time() == pytest.approx(3)
    assert [effect.error for effect in outcomes[0].effects] == ["it did not answer in time"] * 2
    assert outcomes[1].done


@pytest.mark.parametrize("error", [Unreachable("the bridge is off"), NotConfirmed("it stayed dark")])
async def test_a_back_end_that_fails_is_an_effect_with_a_reason(error: Exception) -> None:
    outcomes = await act(Plan((step("light.turn_on", "light.a"),)), Backends(Recorder(error)))
    assert effects_of(outcomes)[0].error == str(error)
    assert not outcomes[0].done


async def test_a_broken_device_fails_alone_and_what_comes_after_is_done() -> None:
    home = Recorder()
    plan = Plan((step("light.turn_on", "light.a", "light.broken"), step("fan.turn_on", "fan.a", group=1, after=(0,))))
    outcomes = await act(plan, Backends(home))
    assert [effect.confirmed for effect in outcomes[0].effects] == [True, False]
    assert outcomes[1].done


async def test_a_step_in_doubt_is_not_done_but_the_others_are() -> None:
    home = Recorder()
    plan = Plan((Step(Intent("A"), doubt=Doubt("no_area")), step("fan.turn_on", "fan.a")))
    outcomes = await act(plan, Backends(home))
    assert [outcome.done for outcome in outcomes] == [False, True]


async def test_a_question_keeps_everything_from_being_done() -> None:
    home = Recorder()
    asks = Step(
        Intent("A"),
        (Action("lock.unlock", ("lock.a",)),),
        doubt=Doubt("confirm", choices=(Choice("yes"), Choice("no"))),
    )
    outcomes = await act(Plan((asks, step("fan.turn_on", "fan.a"))), Backends(home))
    assert home.calls == []
    assert len(outcomes) == 2


async def test_the_state_before_is_kept() -> None:
    (outcome,) = await act(Plan((step("light.turn_on", "light.a"),)), Backends(Recorder()))
    assert outcome.before == {"light.a": State("off")}


async def test_calls_at_once_are_bounded() -> None:
    home = Recorder()
    await act(Plan(tuple(step("light.turn_on", "light.a", brightness_pct=n) for n in range(50))), Backends(home))
    assert home.busiest == CONCURRENCY


async def test_cancelling_cancels_every_call() -> None:
    home = Recorder(seconds=60)
    plan = Plan(tuple(step("light.turn_on", f"light.{n}", group=n) for n in range(5)))
    task = asyncio.create_task(act(plan, Backends(home)))
    await asyncio.sleep(1)
    assert home.running == 5
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert home.running == 0


async def test_nothing_to_do_is_done_at_once() -> None:
    assert await act(Plan(), Backends(Recorder())) == ()


@given(st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(0, 6), max_size=3)), max_size=8))
def test_any_shape_of_plan_ends_with_an_outcome_a_step(shape: list[tuple[int, list[int]]]) -> None:
    """Groups that wait for later ones, for themselves or for nothing: nobody waits for ever."""
    plan = Plan(tuple(step("light.turn_on", f"light.{n}", group=g, after=tuple(a)) for n, (g, a) in enumerate(shape)))
    outcomes = virtual_time.run(act(plan, Backends(Recorder())))
    assert [outcome.step for outcome in outcomes] == list(plan.steps)


def test_the_situation_knows_the_states_of_every_back_end() -> None:
    home, household = Recorder(), Recorder()
    household.states = States({"timer.a": State("active")})
    situation = Backends(home, {"timer": household}).situation(Conversation(Context(area="office")))
    assert situation.states["light.a"].value == "off"
    assert situation.states["timer.a"].value == "active"
    assert situation.states["light.never"].value is None
    assert len(situation.states) == 2
    assert situation.context.area == "office"
