"""What people tell us, behind the same door as devices: remembering and forgetting are calls that are confirmed.

A `HomeBackend` over a `Memory`. A fact is the entity `memory.12`; nothing of it is a device that could be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from repartee.core.channel import Channel
from repartee.core.home import Home, HomeVersion, States
from repartee.core.intent import Data
from repartee.core.memory import Fact, Query, Recollection
from repartee.core.plan import Action, Effect
from repartee.core.ports import Memory
from repartee.homes.fields import BadCall

DOMAIN = "memory"
SURE = 0.5
"""Score from which a fact is what somebody wants to be forgotten, where no fact has that subject."""
LONGEST = 1_000
"""Characters of a fact."""


class Remembered:
    """Satisfies `HomeBackend`."""

    def __init__(self, memory: Memory) -> None:
        self.home = Home(HomeVersion(DOMAIN, 0, 0))
        self.states = States()
        self._memory = memory
        self._listeners: list[Channel[str]] = []

    async def __aenter__(self) -> Remembered:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            listener.close()

    def changes(self) -> Channel[str]:
        channel = Channel[str](256)
        self._listeners = [known for known in self._listeners if not known.closed] + [channel]
        return channel

    async def perform(self, action: Action) -> Sequence[Effect]:
        try:
            effects = await self._performed(action)
        except BadCall as error:
            return [
                Effect(entity, action.service, action.data, error=str(error)) for entity in action.entities or ("",)
            ]
        for listener in self._listeners:
            listener.push("")
        return effects

    async def _performed(self, action: Action) -> Sequence[Effect]:
        match action.service:
            case "memory.remember":
                return await self._remember(action)
            case "memory.forget" if action.entities:
                return await self._forget(action, [_number(entity) for entity in action.entities])
            case "memory.forget":
                return await self._forget(action, await self._about(action.data))
            case "memory.forget_all":
                await self._memory.forget(None)
                return [Effect("", action.service, confirmed=True)]
        raise BadCall(f"there is no {action.service}")

    async def _remember(self, action: Action) -> Sequence[Effect]:
        told = {key: str(value) for key, value in action.data.items() if key in FIELDS and value}
        if not told.get("text", "").strip() or len(told["text"]) > LONGEST:
            raise BadCall("that is too long, or says nothing")
        kept = await self._memory.add([Fact(**told)])  # type: ignore[arg-type]  # FIELDS are texts
        return [Effect(f"{DOMAIN}.{fact.id}", action.service, action.data, confirmed=True) for fact in kept]

    async def _forget(self, action: Action, ids: Sequence[int]) -> Sequence[Effect]:
        texts = {fact.id: fact.text for fact in await self._memory.export() if fact.id in set(ids)}
        if not texts or not await self._memory.forget(list(texts)):
            raise BadCall("nobody has told me that")
        return [Effect(f"{DOMAIN}.{id}", action.service, {"told": text}, confirmed=True) for id, text in texts.items()]

    async def _about(self, data: Data) -> Sequence[int]:
        """What has this subject, else the one fact that surely is about it."""
        text, subject = str(data.get("about", "")), str(data.get("subject", ""))
        found = await self._memory.search(Query(text, subject=subject, limit=20, past=True))
        alike = [known.fact.id for known in found if subject and known.fact.subject == subject]
        return alike or [known.fact.id for known in found[:1] if _sure(known, text)]


FIELDS = frozenset({"text", "kind", "subject", "value", "event", "source", "person"})


def _sure(known: Recollection, text: str) -> bool:
    """A fact that has all the words may be little like the question otherwise."""
    words = text.casefold().split()
    return known.score >= SURE or (bool(words) and all(word in known.fact.text.casefold().split() for word in words))


def _number(entity: str) -> int:
    number = entity.removeprefix(f"{DOMAIN}.")
    return int(number) if number.isascii() and number.isdigit() else 0
