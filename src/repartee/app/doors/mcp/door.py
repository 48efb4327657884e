"""All tools and resources, and the two ways to them: streamable HTTP under `/mcp`, and standard input and output."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import Field
from sse_starlette.sse import AppStatus
from starlette.routing import BaseRoute

from repartee import __version__
from repartee.app.doors.bodies import MAX_BODY
from repartee.app.doors.speech import Speech, area_of
from repartee.app.doors.views import entity_view, home_view, household_view
from repartee.assembly.assistant import Assistant
from repartee.core.untrusted import write_json
from repartee.observe.report import Report, as_json

from .calling import Calling
from .consent import must_be_admin
from .saying import Saying

INSTRUCTIONS = """Controls one home by its voice assistant. Prefer `say` with a plain sentence; use `states` and `run`
where ids are known. `understood: false` means that the sentence was none this home understands."""
SESSIONS = 64
MOST = 500
"""Entities told at once."""
READS = ToolAnnotations(read_only_hint=True)


def open_server(speech: Speech) -> MCPServer[Any]:
    assistant = speech.assistant
    server: MCPServer[Any] = MCPServer("repartee", title="Repartee", version=__version__, instructions=INSTRUCTIONS)
    server.add_tool(Saying(speech).tool(), name="say")
    server.add_tool(Calling(assistant).tool(), name="run")
    server.add_tool(_states(assistant), name="states", annotations=READS)
    server.add_tool(_timers(assistant), name="timers", annotations=READS)
    server.add_tool(_explain(assistant), name="explain", annotations=READS)
    _resources(server, assistant)
    return server


def http_door(server: MCPServer[Any]) -> tuple[list[BaseRoute], AbstractAsyncContextManager[None]]:
    """Its routes, and what must be entered while they are served. Hosts and origins are the guard's to check."""
    AppStatus.should_exit = False  # a server that ended before in this process has set it, for good
    app = server.streamable_http_app(
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        max_request_body_size=MAX_BODY,
        max_sessions=SESSIONS,
    )
    return list(app.routes), server.session_manager.run()


def _states(assistant: Assistant) -> Any:
    async def states(
        entities: Annotated[list[str] | None, Field(max_length=MOST, description="Ids; none: all.")] = None,
        area: Annotated[str | None, Field(max_length=200, description="Only of this area.")] = None,
        domain: Annotated[str | None, Field(max_length=50, description="Only of this kind, as `light`.")] = None,
    ) -> dict[str, Any]:
        """The states of the things in the home, with their ids, names and areas."""
        home, found = assistant.backend.home, area_of(assistant, area)
        if area is not None and found is None:
            raise ToolError(f"this home has no area {area[:40]!r}; it has: {', '.join(a.name for a in home.areas)}")
        unknown = [one for one in entities or () if one not in home.by_id]
        if unknown:
            raise ToolError(f"this home has no {unknown[0][:60]}")
        wanted = [
            entity
            for entity in home.entities
            if (entities is None or entity.id in entities)
            and (found is None or entity.area == found)
            and (domain is None or entity.domain == domain)
        ]
        shown = [entity_view(entity, assistant.backend.states[entity.id]) for entity in wanted[:MOST]]
        return {"entities": shown, "left_out": max(0, len(wanted) - MOST)}

    return states


def _timers(assistant: Assistant) -> Any:
    async def timers() -> dict[str, Any]:
        """Timers, alarms, reminders, orders for later and lists, with their states. Set and cancel them by `say`."""
        return household_view(assistant.household.home, assistant.household.states)

    return timers


def _explain(assistant: Assistant) -> Any:
    async def explain(
        context: Context[object], turn: Annotated[str, Field(max_length=64, description="Id, as `say` gives it.")]
    ) -> dict[str, Any]:
        """Where the time of a turn went: its stages, its critical path, what became of its budgets."""
        must_be_admin(context)
        judged = assistant.telemetry.of(turn)
        if judged is None:
            raise ToolError(f"no turn {turn[:20]!r} among the latest")
        return dict(judged.as_json())

    return explain


def _resources(server: MCPServer[Any], assistant: Assistant) -> None:
    @server.resource("repartee://home", name="home", mime_type="application/json")
    async def home() -> str:
        """Floors, areas and entities with their states."""
        return write_json(home_view(assistant.backend.home, assistant.backend.states))

    @server.resource("repartee://household", name="household", mime_type="application/json")
    async def household() -> str:
        """Timers, alarms, reminders and lists."""
        return write_json(household_view(assistant.household.home, assistant.household.states))

    @server.resource("repartee://figures", name="figures", mime_type="application/json")
    async def figures() -> str:
        """How quick the assistant was since it began, and which promises it kept."""
        monitor = assistant.telemetry.monitor
        told = as_json(
            Report(monitor.profile, monitor.ledger, monitor.check(), monitor.recommendations(), monitor.turns)
        )
        return write_json({key: value for key, value in told.items() if key != "series"})
