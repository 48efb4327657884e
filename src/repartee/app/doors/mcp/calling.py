"""The tool `run`: service calls by entity ids, under the same rules as what people say."""

# No `from __future__ import annotations`: the SDK evaluates them, and resolvers are local.
import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel, ConfigDict, Field

from repartee.assembly.assistant import Assistant
from repartee.core.errors import ReparteeError
from repartee.core.intent import Doubt, Intent, Part, Reading
from repartee.core.plan import Action, Plan, Step
from repartee.stages.act import act, effects_of
from repartee.stages.understand.confirmation import confirm

from .consent import Consent, can_ask

WITHIN = 10.0
"""Seconds for all calls."""
YES = frozenset({"yes", "y", "true", "ok", "okay"})


class Call(BaseModel):
    """One service call."""

    model_config = ConfigDict(extra="forbid")
    service: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$", max_length=100, description="`light.turn_on`")]
    entities: Annotated[list[Annotated[str, Field(max_length=300)]], Field(min_length=1, max_length=100)]
    data: Annotated[dict[str, Any], Field(max_length=50)] = {}


Calls = Annotated[list[Call], Field(min_length=1, max_length=20, description="Done at once.")]


class Done(BaseModel):
    effects: list[dict[str, Any]] = Field(description="An effect an entity: confirmed by the home, or why not.")


class Calling:
    """Plans of agents."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def tool(self) -> Any:
        async def resolve(context: Context[object], calls: Calls) -> Consent | Elicit[Consent]:
            doubt = self._doubt(self._checked(calls))
            if doubt is None:
                return Consent(answer="yes")
            if doubt.key == "never":
                raise ToolError(self._words(doubt))
            if not can_ask(context):
                raise ToolError(f"a person must agree, and this client can't ask one: {self._words(doubt)}")
            return Elicit(self._words(doubt), Consent)

        async def run(calls: Calls, consent: Annotated[ElicitationResult[Consent], Resolve(resolve)]) -> Done:
            """Call services on entities by their ids (see `states`), and wait until the home has confirmed it. What a
            person must agree to is asked of a person, or refused."""
            plan = self._plan(calls)
            if not isinstance(consent, AcceptedElicitation) or not self._agreed(plan, consent.data.answer):
                raise ToolError("the person did not agree; nothing was done")
            try:
                return await self._done(plan)
            except ReparteeError as error:
                raise ToolError(str(error)) from error

        return run

    def _plan(self, calls: list[Call]) -> Plan:
        known = self._assistant.backends
        for call in calls:
            unknown = [one for one in call.entities if one not in known.of(one).home.by_id]
            if unknown:
                raise ToolError(f"this home has no {unknown[0][:60]}; `states` lists what there is")
        actions = (Action(call.service, tuple(call.entities), call.data) for call in calls)
        return Plan(tuple(Step(Intent("RepCall"), (action,)) for action in actions))

    def _checked(self, calls: list[Call]) -> Plan:
        plan = self._plan(calls)
        parts = tuple(Part(step.intent) for step in plan.steps)
        policy = self._assistant.settings.confirmation.policy
        return confirm(plan, Reading(parts), policy, self._assistant.backends.situation())

    @staticmethod
    def _doubt(plan: Plan) -> Doubt | None:
        """What is forbidden first."""
        doubts = [step.doubt for step in plan.steps if step.doubt]
        return next((doubt for doubt in doubts if doubt.key == "never"), doubts[0] if doubts else None)

    def _agreed(self, plan: Plan, answer: str) -> bool:
        doubt, pins = self._doubt(self._again(plan)), self._assistant.pins
        if doubt is None:
            return True
        if doubt.key != "pin":
            return answer.strip().lower() in YES
        if pins.locked:
            raise ToolError("too many wrong PINs; wait a while")
        right = answer.strip() == self._assistant.settings.confirmation.policy.pin
        pins.tried(right=right)
        return right

    def _again(self, plan: Plan) -> Plan:
        calls = [Call(service=a.service, entities=list(a.entities), data=dict(a.data)) for a in plan.actions]
        return self._checked(calls)

    def _words(self, doubt: Doubt) -> str:
        language = self._assistant.settings.brain.language
        if doubt.asks:
            return self._assistant.replies.ask(doubt, language)
        return self._assistant.replies.error(doubt, language)

    async def _done(self, plan: Plan) -> Done:
        until = asyncio.get_running_loop().time() + WITHIN
        outcomes = await act(plan, self._assistant.backends, until)
        return Done(effects=[asdict(effect) for effect in effects_of(outcomes)])
