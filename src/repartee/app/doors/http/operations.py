"""What the server tells programs that look after it: `/metrics`, `/health`, and what became of a turn's budgets."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import PlainTextResponse

from repartee.assembly.assistant import Assistant
from repartee.assembly.engines import engines_health
from repartee.assembly.homes import homes_health
from repartee.assembly.runtime_status import RuntimeStatus
from repartee.assembly.telemetry import health
from repartee.assembly.upkeep import duties_health, keeping_health
from repartee.contract import SHIPPED, load_profile
from repartee.observe.report import Report, as_json


class OpsRoutes:
    """Metrics, health, and verdicts of one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant, self._telemetry = assistant, assistant.telemetry
        self._started = time.monotonic()

    def routes(self) -> APIRouter:
        router, telemetry, readiness = APIRouter(), self._telemetry, self._assistant.readiness
        status = RuntimeStatus(self._assistant)

        @router.get("/metrics", response_class=PlainTextResponse)
        async def metrics() -> Response:
            """For Prometheus."""
            return Response(await telemetry.exporter.scrape(), media_type=telemetry.exporter.content_type)

        @router.get("/health/live")
        async def live() -> dict[str, str]:
            """Answers as long as the event loop turns."""
            return {"status": "ok"}

        @router.get("/health/ready")
        async def ready(response: Response) -> dict[str, str]:
            """503 until the models are loaded."""
            if not readiness.ready:
                response.status_code = 503
                return {"status": "starting", "reason": readiness.problem or "models are still loading"}
            return {"status": "ok", "reason": "models are loaded"}

        @router.get("/health")
        async def components() -> dict[str, Any]:
            """Every component, with its reason."""
            others = homes_health(self._assistant.backend) | engines_health(self._assistant.models.breakers)
            others |= duties_health(status.duties()) | keeping_health(status.keeping())
            names = dict(self._assistant.engines)
            return health(telemetry, names, readiness.ready, self._started, others, readiness.problem)

        self._figures(router)
        return router

    def _figures(self, router: APIRouter) -> None:
        telemetry = self._telemetry

        @router.get("/api/turns/{turn}/contract")
        async def contract(turn: str) -> dict[str, Any]:
            """What became of the budgets of one of the latest turns, and its critical path."""
            judged = telemetry.of(turn)
            if judged is None:
                raise HTTPException(404, f"no turn {turn[:20]!r} among the latest")
            return judged.as_json()

        @router.get("/api/profile", response_class=PlainTextResponse)
        async def profile() -> Response:
            """What the threads did in the last half hour and more: stacks and counts, for flame graph programs."""
            if telemetry.stacks is None:
                raise HTTPException(404, "no profile is kept: `profiler` in [contract] is 0")
            return Response(telemetry.stacks.collapsed(), media_type="text/plain")

        @router.get("/api/report")
        async def report(profile: str | None = None) -> dict[str, Any]:
            """Figures, verdicts and recommendations since the start. `profile`: against another that ships; every
            budget of it is told, also those that have no figure, with the reason."""
            monitor = telemetry.monitor
            if profile is not None and profile not in SHIPPED:
                raise HTTPException(404, f"no such profile; there are: {', '.join(SHIPPED)}")
            chosen = load_profile(profile) if profile else monitor.profile
            verdicts = monitor.check(chosen, everything=profile is not None)
            advice = monitor.recommendations(chosen)
            told = as_json(Report(chosen, monitor.ledger, verdicts, advice, monitor.turns))
            return {key: value for key, value in told.items() if key != "series"}
