"""What people teach: sentences of their own, and other names for things. Kept in the notebook, applied to the grammar.

A `HomeBackend` like the household: what was taught are entities, their states hold it, its services teach and forget.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.home import Entity, Home, HomeVersion, State, States, plain
from repartee.core.intent import Data
from repartee.core.plan import Action, Effect
from repartee.core.ports import Notebook
from repartee.homes.fields import BadCall

from .keeper import Keeper

DOMAIN = "taught"
PHRASE, NAME = "phrase", "name"
"""States: a sentence that stands for another, another name for a thing."""
MOST = 200
"""Things that can be taught."""
LONGEST = 200
"""Characters of a phrase; a command may be ten times as long."""


class Taught:
    """Satisfies `HomeBackend`."""

    def __init__(self, notebook: Notebook | None = None) -> None:
        self.home = Home(HomeVersion(DOMAIN, 0, 0))
        self.states = States()
        self.keeper = Keeper(notebook, "taught-notes")
        self._notebook = notebook
        self._listeners: list[Channel[str]] = []
        self._named: tuple[object, Home] | None = None

    async def __aenter__(self) -> Taught:
        for entity, kept in (await self._notebook.read(DOMAIN) if self._notebook else {}).items():
            attributes = kept.get("attributes")
            if kept.get("state") in (PHRASE, NAME) and isinstance(attributes, Mapping):
                self._put(entity, State(str(kept["state"]), dict(attributes)))
        self.keeper.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.keeper.close()
        for listener in self._listeners:
            listener.close()

    @property
    def duties(self) -> Sequence[Duty]:
        return (self.keeper.duty,)

    def changes(self) -> Channel[str]:
        channel = Channel[str](256)
        self._listeners = [known for known in self._listeners if not known.closed] + [channel]
        return channel

    def phrases(self, language: str) -> Mapping[str, str]:
        """The sentences of this language, by the id of what they stand for."""
        return {
            e: str(s.attributes["phrase"]) for e, s in self._all(PHRASE) if s.attributes.get("language") == language
        }

    def names(self) -> Mapping[str, str]:
        """The names that were given, by the id of the lesson."""
        return {entity: str(state.attributes["name"]) for entity, state in self._all(NAME)}

    def named(self, home: Home) -> Home:
        """The home, its things with the names that people gave them; the same home where there are none."""
        if not any(True for _ in self._all(NAME)):
            return home
        key = (home.version, self.home.version)
        if self._named is None or self._named[0] != key:
            self._named = (key, self._with_names(home))
        return self._named[1]

    async def perform(self, action: Action) -> Sequence[Effect]:
        effects = []
        for entity in action.entities or ("",):
            try:
                changed, kept = await self._perform(entity, action.service, action.data)
                effects.append(Effect(changed, action.service, action.data, confirmed=True, kept=kept))
            except BadCall as error:
                effects.append(Effect(entity, action.service, action.data, error=str(error)))
        return effects

    async def _perform(self, entity: str, service: str, data: Data) -> tuple[str, bool]:
        """What was changed, and whether that outlives us."""
        if service == f"{DOMAIN}.forget":
            if entity not in self.states:
                raise BadCall("nobody has taught me that")
            return entity, await self._keep(entity, None)
        if service == f"{DOMAIN}.phrase":
            attributes = {key: data[key] for key in ("phrase", "command", "language", "area", "parts") if key in data}
            return await self._learn(PHRASE, attributes)
        if service == f"{DOMAIN}.name":
            return await self._learn(NAME, {key: str(data.get(key, "")) for key in ("name", "entity")})
        raise BadCall(f"there is no {service}")

    async def _learn(self, kind: str, attributes: Mapping[str, Any]) -> tuple[str, bool]:
        """What was taught before under the same words is replaced."""
        text = str(attributes.get(kind, ""))
        if not text.strip() or len(text) > LONGEST or len(str(attributes.get("command", ""))) > 10 * LONGEST:
            raise BadCall("that is too long, or says nothing")
        known = next((e for e, state in self._all(kind) if self._is_same(state, kind, text, attributes)), None)
        if known is None and len(self.states) >= MOST:
            raise BadCall(f"I was taught {MOST} things already")
        entity = known or f"{DOMAIN}.{secrets.token_hex(4)}"
        return entity, await self._keep(entity, State(kind, dict(attributes)))

    def _is_same(self, state: State, kind: str, text: str, attributes: Mapping[str, Any]) -> bool:
        known = state.attributes
        same = all(known.get(key) == attributes.get(key) for key in ("language", "area"))
        return same and plain(str(known[kind])) == plain(text)

    async def _keep(self, entity: str, state: State | None) -> bool:
        if state is None:
            self.states.known.pop(entity, None)
            self.states.number += 1
            self.home = self.home.changed(entities=tuple(e for e in self.home.entities if e.id != entity))
        else:
            self._put(entity, state)
        for listener in self._listeners:
            listener.push(entity)
        note = {"state": state.value, "attributes": dict(state.attributes)} if state else None
        return await self.keeper.kept(DOMAIN, entity, note)

    def _put(self, entity: str, state: State) -> None:
        others = tuple(e for e in self.home.entities if e.id != entity)
        name = str(state.attributes.get(state.value or "", ""))
        self.home = self.home.changed(entities=(*others, Entity(entity, name)))
        self.states.set(entity, state)

    def _all(self, kind: str) -> list[tuple[str, State]]:
        return [(entity, state) for entity, state in self.states.items() if state.value == kind]

    def _with_names(self, home: Home) -> Home:
        given: dict[str, list[str]] = {}
        for _, state in self._all(NAME):
            given.setdefault(str(state.attributes["entity"]), []).append(str(state.attributes["name"]))
        entities = tuple(
            replace(entity, aliases=(*entity.aliases, *given[entity.id])) if entity.id in given else entity
            for entity in home.entities
        )
        version = home.version._replace(home=f"{home.version.home}+{DOMAIN}{self.home.version.number}")
        return replace(home, entities=entities, version=version)
