"""What the server tells programs that look after it: `/metrics`, `/health`, and what became of a turn's budgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import PlainTextResponse

from repartee.assembly.engines import engines_health
from repartee.assembly.homes import breakers, homes_health, limiters
from repartee.assembly.telemetry import Telemetry, health
from repartee.assembly.upkeep import duties_health, keeping_health
from repartee.contract.verdict import Measurement
from repartee.core.breaker import BreakerHealth
from repartee.core.duty import Duty
from repartee.core.kept import Keeping, keeping_of
from repartee.core.limiter import LimiterHealth, PriorityLimiter
from repartee.engines.fallback import Breakers
from repartee.engines.telemetry import breakers as breaker_metrics
from repartee.engines.telemetry.duties import DutyCollector, KeptCollector
from repartee.observe.report import Report, as_json

from .ports import Assistant


class OpsRoutes:
    """The watch, as the server sees it."""

    def __init__(
        self,
        telemetry: Telemetry,
        assistant: Assistant,
        engines: Breakers | None = None,
        turns: PriorityLimiter | None = None,
    ) -> None:
        """`engines`: their breakers. `turns`: the line before them."""
        self._turns = turns
        self._telemetry, self._assistant = telemetry, assistant
        self._engines = engines or Breakers()
        self._started = time.monotonic()
        telemetry.exporter.registry.register(breaker_metrics.BreakerCollector(self._breakers))
        telemetry.exporter.registry.register(breaker_metrics.LimiterCollector(self._lines))
        telemetry.exporter.registry.register(DutyCollector(self._duties))
        telemetry.exporter.registry.register(KeptCollector(self._keeping))
        self.ready = False
        """Whether the models are loaded."""
        self.problem = ""
        """Why they never will be; empty where nothing is wrong."""

    def _breakers(self) -> list[BreakerHealth]:
        return [*breakers(self._assistant.backend), *(health for *_, health in self._engines.healths())]

    def _lines(self) -> list[LimiterHealth]:
        return [*limiters(self._assistant.backend), *([self._turns.health] if self._turns else [])]

    def _duties(self) -> Sequence[Duty]:
        return [*self._assistant.duties, *self._telemetry.duties]

    def _keeping(self) -> Sequence[Keeping]:
        return keeping_of(self._assistant.store, self._assistant.household)

    def connected(self, change: int) -> None:
        """A person came (1) or went (-1)."""
        self._telemetry.sessions += change

    def sized(self, component: str, size: Callable[[], int]) -> None:
        """A part that can tell how many bytes it holds."""
        self._telemetry.resources.sized(component, size)

    def measured(self, figures: Mapping[str, float]) -> None:
        """Metric to its figure, told by who has a button."""
        self._telemetry.told([Measurement(metric, value) for metric, value in figures.items()])

    @property
    def full(self) -> bool:
        """Whether new sessions are turned away for now, because the processor has no room for them."""
        return self._telemetry.mitigations.active("cpu_peak")

    def routes(self) -> APIRouter:
        router, telemetry = APIRouter(), self._telemetry

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
            if not self.ready:
                response.status_code = 503
                return {"status": "starting", "reason": self.problem or "models are still loading"}
            return {"status": "ok", "reason": "models are loaded"}

        @router.get("/health")
        async def components() -> dict[str, Any]:
            """Every component, with its reason."""
            others = homes_health(self._assistant.backend) | engines_health(self._engines)
            others |= duties_health(self._duties()) | keeping_health(self._keeping())
            return health(telemetry, dict(self._assistant.engines), self.ready, self._started, others, self.problem)

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
        async def report() -> dict[str, Any]:
            """Figures, verdicts and recommendations since the start."""
            monitor = telemetry.monitor
            told = as_json(
                Report(monitor.profile, monitor.ledger, monitor.check(), monitor.recommendations(), monitor.turns)
            )
            return {key: value for key, value in told.items() if key != "series"}
