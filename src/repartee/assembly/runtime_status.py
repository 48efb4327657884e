"""What health pages and Prometheus are told of a running assistant beside its turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repartee.core.breaker import BreakerHealth
from repartee.core.duty import Duty
from repartee.core.kept import Keeping, keeping_of
from repartee.core.limiter import LimiterHealth
from repartee.engines.telemetry.breakers import BreakerCollector, LimiterCollector
from repartee.engines.telemetry.duties import DutyCollector, KeptCollector

from .assistant import Assistant
from .homes import breakers, limiters


@dataclass(frozen=True, slots=True)
class RuntimeStatus:
    """Each as it is when asked."""

    assistant: Assistant

    def breakers(self) -> Sequence[BreakerHealth]:
        engines = (health for *_, health in self.assistant.models.breakers.healths())
        return [*breakers(self.assistant.backend), *engines]

    def limiters(self) -> Sequence[LimiterHealth]:
        return [*limiters(self.assistant.backend), self.assistant.limiter.health, self.assistant.backlog.health]

    def duties(self) -> Sequence[Duty]:
        return [*self.assistant.duties, self.assistant.observers]

    def keeping(self) -> Sequence[Keeping]:
        return keeping_of(self.assistant.store, self.assistant.household)

    def export(self) -> None:
        """From now on Prometheus reads them, too. Once an assistant."""
        registry = self.assistant.telemetry.exporter.registry
        collectors = (
            BreakerCollector(self.breakers), LimiterCollector(self.limiters), DutyCollector(self.duties),
            KeptCollector(self.keeping),
        )  # fmt: skip
        for collector in collectors:
            registry.register(collector)
