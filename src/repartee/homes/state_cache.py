"""The states as they come in, those who want to hear of every change, and those who wait for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from repartee.core.channel import Channel
from repartee.core.home import State, States
from repartee.core.plan import Action, Effect

from .expectations import UNAVAILABLE, Expectation, expectation

ROOM = 4096
"""Changes a slow listener may be behind; then it loses the oldest."""


class StateCache:
    """What a back end knows of its devices' states right now. One event loop."""

    def __init__(self) -> None:
        self.states = States()
        self._listeners: list[Channel[str]] = []
        self._waiting: dict[str, list[Waiting]] = {}

    def changes(self) -> Channel[str]:
        """A new subscription; closing the channel ends it."""
        channel: Channel[str] = Channel(ROOM)
        self._listeners.append(channel)
        return channel

    def update(self, entity: str, state: State) -> None:
        """The home has reported a state."""
        self.states.set(entity, state)
        for waiting in tuple(self._waiting.get(entity, ())):
            waiting.look(entity, state)
        self.tell(entity)

    def remove(self, entity: str) -> None:
        """The home has no such entity any more."""
        self.states.known.pop(entity, None)
        self.states.number += 1
        for waiting in tuple(self._waiting.get(entity, ())):
            waiting.give_up(entity, "is no longer there")
        self.tell(entity)

    def replace(self, states: Mapping[str, State]) -> None:
        """All is new: after connecting, or everything is unknown."""
        self.states.known.clear()
        self.states.known.update(states)
        self.states.number += 1

    def abandon(self, why: str) -> None:
        """The connection is gone: waiting ends, and every state is unknown."""
        for waiting in {id(w): w for ws in self._waiting.values() for w in ws}.values():
            waiting.give_up_all(why)
        self.replace({})

    def tell(self, entity: str) -> None:
        """To all listeners: this entity changed, or with `""` the home did."""
        self._listeners = [listener for listener in self._listeners if not listener.closed]
        for listener in self._listeners:
            listener.push(entity)

    def close(self) -> None:
        """Nothing will follow."""
        for listener in self._listeners:
            listener.close()

    def wait(self, action: Action, name: Callable[[str], str], *, any_report: bool = False) -> Waiting:
        """Use as a context manager around sending the call. `name`: what a person calls an entity.

        `any_report`: what shows in no state is confirmed by the next report of the device, whatever it says.
        """
        return Waiting(self, action, name, any_report)

    def enter(self, waiting: Waiting, entity: str) -> None:
        self._waiting.setdefault(entity, []).append(waiting)

    def leave(self, waiting: Waiting, entity: str) -> None:
        others = self._waiting.get(entity, [])
        if waiting in others:
            others.remove(waiting)
        if not others:
            self._waiting.pop(entity, None)


class Waiting:
    """One service call and what became of each of its entities."""

    def __init__(self, live: StateCache, action: Action, name: Callable[[str], str], any_report: bool) -> None:
        self._live, self._action, self._name, self._any_report = live, action, name, any_report
        self._expected: dict[str, Expectation | None] = {}
        self._outcome: dict[str, str | None] = {}
        self._left = dict.fromkeys(action.entities)
        self._all = asyncio.Event()

    def __enter__(self) -> Waiting:
        for entity in self._action.entities:
            before = self._live.states.known.get(entity)
            if before is None:
                self.give_up(entity, "is no longer there")
            elif before.value == UNAVAILABLE:
                self.give_up(entity, "is not available at the moment")
            else:
                self._expected[entity] = expectation(self._action.service, entity, self._action.data, before)
                self._live.enter(self, entity)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for entity in self._expected:
            self._live.leave(self, entity)

    @property
    def targets(self) -> tuple[str, ...]:
        """The entities it makes sense to call."""
        return tuple(self._expected)

    @property
    def open(self) -> list[str]:
        """The entities of which nothing is known yet."""
        return list(self._left)

    @property
    def confirmed(self) -> bool:
        """Whether the home has reported at least one."""
        return None in self._outcome.values()

    async def all(self) -> None:
        """Until each entity is confirmed or given up."""
        if self._left:
            await self._all.wait()

    def look(self, entity: str, state: State) -> None:
        """A state was reported."""
        expected = self._expected.get(entity)
        if entity in self._left and (self._any_report if expected is None else expected(state)):
            self._settle(entity, None)

    def accepted(self) -> None:
        """The home says the call is done: what shows in no state, or was so before, is confirmed by that."""
        for entity in self.open:
            expected, state = self._expected[entity], self._live.states.known.get(entity)
            if state is not None and (expected is None or expected(state)):
                self._settle(entity, None)

    def take_word_for_it(self, entity: str) -> None:
        """The device never reports: that the command was taken is all that will ever be known."""
        if entity in self._left:
            self._settle(entity, None)

    def give_up(self, entity: str, why: str) -> None:
        """`why` follows the entity's name: "did not answer"."""
        if entity in self._left:
            self._settle(entity, f"{self._name(entity)} {why}")

    def give_up_all(self, why: str) -> None:
        for entity in self.open:
            self.give_up(entity, why)

    def effects(self) -> Sequence[Effect]:
        """One for each entity, in the order of the action."""
        service, data = self._action.service, self._action.data
        return [
            Effect(entity, service, data, confirmed=error is None, error=error)
            for entity in self._action.entities
            for error in (self._outcome.get(entity, f"{self._name(entity)} did not answer"),)
        ]

    def _settle(self, entity: str, error: str | None) -> None:
        self._outcome[entity] = error
        del self._left[entity]
        if not self._left:
            self._all.set()
