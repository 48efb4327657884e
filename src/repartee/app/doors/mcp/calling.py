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
from repartee.assembly.direct_calls import Consent as Said
from repartee.assembly.direct_calls import call_directly
from repartee.core.conversation import Conversation
from repartee.core.errors import ReparteeError
from repartee.core.intent import Context as Place
from repartee.core.intent import Doubt
from repartee.core.plan import Action
from repartee.stages.understand.confirmation import objection

from .consent import CONSENTS, Consent, can_ask

YES = frozenset({"yes", "y", "true", "ok", "okay"})


class Call(BaseModel):
    """One service call."""

    model_config = ConfigDict(extra="forbid")
    service: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$", max_length=100, description="`light.turn_on`")]
    entities: Annotated[list[Annotated[str, Field(max_length=300)]], Field(min_length=1, max_length=100)]
    data: Annotated[dict[str, Any], Field(max_length=50)] = {}

    @property
    def action(self) -> Action:
        return Action(self.service, tuple(self.entities), self.data)


Calls = Annotated[list[Call], Field(min_length=1, max_length=20, description="Done at once.")]


class Done(BaseModel):
    effects: list[dict[str, Any]] = Field(description="An effect an entity: confirmed by the home, or why not.")


class Calling:
    """Plans of agents."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def tool(self) -> Any:
        async def resolve(context: Context[object], calls: Calls) -> Consent | Elicit[Consent]:
            doubt = self._doubt(calls)
            if doubt is None:
                return Consent()
            if doubt.key not in CONSENTS:
                raise ToolError(self._words(doubt))
            if not can_ask(context):
                raise ToolError(f"a person must agree, and this client can't ask one: {self._words(doubt)}")
            return Elicit(self._words(doubt), Consent)

        async def run(calls: Calls, consent: Annotated[ElicitationResult[Consent], Resolve(resolve)]) -> Done:
            """Call services on entities by their ids (see `states`), and wait until the home has confirmed it. What a
            person must agree to is asked of a person, or refused."""
            if not isinstance(consent, AcceptedElicitation):
                raise ToolError("the person did not agree; nothing was done")
            answer = consent.data.answer.strip()
            said = Said(confirmed=answer.lower() in YES, pin=answer)
            try:
                found = await asyncio.gather(*(call_directly(self._assistant, one.action, said) for one in calls))
            except ReparteeError as error:
                raise ToolError(str(error)) from error
            return Done(effects=[asdict(effect) for effects in found for effect in effects])

        return run

    def _doubt(self, calls: list[Call]) -> Doubt | None:
        """What is forbidden first. Raises `ToolError` for devices that there are not."""
        known = self._assistant.backends
        for call in calls:
            unknown = [one for one in call.entities if one not in known.of(one).home.by_id]
            if unknown:
                raise ToolError(f"this home has no {unknown[0][:60]}; `states` lists what there is")
        policy = self._assistant.settings.confirmation.policy
        now = known.situation(Conversation(Place(language=self._language)))
        doubts = [doubt for call in calls if (doubt := objection(call.action, policy, now))]
        return next((doubt for doubt in doubts if doubt.key not in CONSENTS), doubts[0] if doubts else None)

    def _words(self, doubt: Doubt) -> str:
        replies = self._assistant.replies
        return replies.ask(doubt, self._language) if doubt.asks else replies.error(doubt, self._language)

    @property
    def _language(self) -> str:
        return self._assistant.settings.brain.language
