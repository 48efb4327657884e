"""What an agent may not do on its own word: a person is asked through the client, or it is refused."""

from __future__ import annotations

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from repartee.app.doors.access import WITHOUT_TOKENS, Grant, Scope
from repartee.app.doors.guard import GRANT
from repartee.core.turn import Decision, TurnRecord

CONSENTS = frozenset({"confirm", "pin"})
"""Doubts that only a person may settle; any other question an agent may answer."""


class Consent(BaseModel):
    """A person's answer."""

    answer: str = Field("", max_length=200, description="yes or no; the PIN where one is asked for")


def can_ask(context: Context[object]) -> bool:
    """Whether this client can put a question to a person."""
    told = context.client_capabilities
    return bool(told and told.elicitation is not None)


def grant_of(context: Context[object]) -> Grant:
    """What the token of this request grants; over standard input and output there is none."""
    request = getattr(context.request_context, "request", None)
    found = request.scope.get(GRANT) if request is not None else None
    return found if isinstance(found, Grant) else WITHOUT_TOKENS


def must_be_admin(context: Context[object]) -> None:
    """Raises `ToolError`."""
    if not grant_of(context).may(Scope.ADMIN):
        raise ToolError("the token does not grant 'admin'")


def wants_consent(record: TurnRecord, doubt: str | None) -> bool:
    """`doubt`: the key of the question that is open now."""
    return record.decision is Decision.ASKED and doubt in CONSENTS
