"""The tool `say`: a sentence is carried out as if a person had said it."""

# No `from __future__ import annotations`: the SDK evaluates them, and resolvers are local.
from dataclasses import asdict
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel, Field

from repartee.app.doors.speech import Asker, Speech, area_of, understood
from repartee.core.errors import ReparteeError
from repartee.core.turn import TurnRecord
from repartee.languages.phrases import phrase

from .consent import CONSENTS, Consent, can_ask, grant_of, wants_consent

Text = Annotated[str, Field(min_length=1, max_length=1000, description="What to say, as a person would say it.")]
Talk = Annotated[str, Field(max_length=100, description="Names a conversation, so that 'turn it off' means something.")]
Area = Annotated[str | None, Field(max_length=200, description="Area of the home in which it is said.")]
Language = Annotated[str | None, Field(max_length=20, description="Its language, as `en`.")]


class Said(BaseModel):
    """What came of a sentence."""

    reply: str
    understood: bool
    question: str | None = Field(description="What is asked back; answer it with the next sentence.")
    choices: list[str]
    actions: list[dict[str, Any]] = Field(description="What was done, an effect an entity.")
    turn: str = Field(description="Id, for `explain`.")


class Saying:
    """Sentences of agents, each conversation by itself. A resolver may run again for the same call, so that what it
    did is noted: a sentence is carried out once."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._noted: dict[Asker, tuple[str, TurnRecord]] = {}

    def tool(self) -> Any:
        asked = self._asked

        async def resolve(
            context: Context[object], text: Text, conversation: Talk = "", area: Area = None, language: Language = None
        ) -> Consent | Elicit[Consent]:
            return await asked(context, text, self._asker(context, conversation, area, language))

        async def say(
            context: Context[object],
            consent: Annotated[ElicitationResult[Consent], Resolve(resolve)],
            text: Text,
            conversation: Talk = "",
            area: Area = None,
            language: Language = None,
        ) -> Said:
            """Say a sentence to the home, as a person would: switch things, ask for states, set timers and reminders,
            remember something. What a person must agree to is asked of a person, or refused."""
            who = self._asker(context, conversation, area, language)
            return self._told(await self._settled(who, text, consent), who)

        return say

    def _asker(self, context: Context[object], talk: str, area: str | None, language: str | None) -> Asker:
        if area is not None and area_of(self._speech.assistant, area) is None:
            known = ", ".join(one.name for one in self._speech.assistant.backend.home.areas)
            raise ToolError(f"this home has no area {area[:40]!r}; it has: {known}")
        return Asker(f"mcp {grant_of(context).name} {talk}", area, language)

    async def _asked(self, context: Context[object], text: str, who: Asker) -> Consent | Elicit[Consent]:
        noted = self._noted.get(who)
        if noted and noted[0] != text:
            raise ToolError("a person's answer is awaited in this conversation")
        if noted is None:
            try:
                record = await self._speech.ask(text, who)
            except ReparteeError as error:
                raise ToolError(str(error)) from error
            noted = self._noted[who] = (text, record)
        if wants_consent(noted[1], self._speech.doubt(who)) and can_ask(context):
            return Elicit(noted[1].reply, Consent)
        return Consent()

    async def _settled(self, who: Asker, text: str, consent: Any) -> TurnRecord:
        """After the person's answer; without one what wants it is called off."""
        said, record = self._noted.pop(who, ("", None))
        if said != text or record is None:
            raise ToolError("this sentence was not said before; call the tool anew")
        if self._speech.doubt(who) not in CONSENTS:
            return record
        answer = consent.data.answer if isinstance(consent, AcceptedElicitation) else ""
        language = who.language or self._speech.assistant.settings.brain.language
        return await self._speech.ask(answer.strip() or phrase(language, "no") or "no", who)

    def _told(self, record: TurnRecord, who: Asker) -> Said:
        asks = self._speech.doubt(who) is not None
        return Said(
            reply=record.reply,
            understood=understood(record),
            question=record.question if asks else None,
            choices=list(record.alternatives) if asks else [],
            actions=[asdict(effect) for effect in record.effects],
            turn=record.id,
        )
