"""How many people this machine carries, from what a turn was measured to cost.

People speak when they like (Poisson); a turn needs the processor for a time that varies. The mean wait is Allen and
Cunneen's approximation (Allen, Probability, Statistics and Queueing Theory, 1990, 5.3), exact for one server (Pollaczek
and Khinchine): Erlang's C times the spread of the service times. Its tail is taken as exponential. It says what to
expect, not what was seen: a load test does that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from repartee.contract import Budget, Profile
from repartee.core.errors import BadInput

MOST = 10_000
"""People that are thought of."""


@dataclass(frozen=True, slots=True)
class Service:
    """What one turn takes of the machine."""

    seconds: float
    """CPU of a turn, mean."""
    spread: float
    """Squared coefficient of variation."""
    answer_ms: float
    """p95 of the answer while nobody else speaks."""
    memory_mb: float
    servers: int = 1
    """Turns that are computed at the same time: one, for one thread hears for everybody."""
    n: int = 0

    @classmethod
    def measured(cls, cpu: Sequence[float], answers_ms: Sequence[float], memory_mb: float) -> Service:
        """`cpu`: seconds of each turn. Raises `BadInput` for too few."""
        if min(len(cpu), len(answers_ms)) < 5:
            raise BadInput(f"{len(cpu)} turns are too few to say what one costs: give the bench more --seconds")
        mean = float(np.mean(cpu))
        return cls(mean, float(np.var(cpu)) / mean**2, float(np.quantile(answers_ms, 0.95)), memory_mb, n=len(cpu))


@dataclass(frozen=True, slots=True)
class Load:
    """What so many people make of it."""

    users: int
    busy: float
    """Share of the time that a server works; from 1 on the queue has no end."""
    cpu_percent: float
    """Of one core."""
    wait_ms: float
    """p95 of waiting for others."""
    answer_ms: float

    def figure(self, budget: Budget, memory_mb: float) -> float | None:
        """What a budget of a tier is held against; None for one of something else."""
        return {
            "turn_answered": self.answer_ms, "process_cpu": self.cpu_percent, "process_memory": memory_mb
        }.get(budget.metric.name)  # fmt: skip


def load(service: Service, users: int, turns_per_hour: float) -> Load:
    """Of `users` people who each speak so often."""
    arrivals = users * turns_per_hour / 3600
    work = arrivals * service.seconds
    busy = work / service.servers
    wait = p95_wait(service, arrivals) * 1000
    return Load(users, busy, min(work, service.servers) * 100, wait, service.answer_ms + wait)


def p95_wait(service: Service, arrivals: float) -> float:
    """Seconds; infinite where more comes than can be done."""
    offered = arrivals * service.seconds
    if offered >= service.servers:
        return math.inf
    queued = erlang_c(service.servers, offered)
    mean = queued * service.seconds / (service.servers - offered) * (1 + service.spread) / 2
    return mean / queued * math.log(queued / 0.05) if queued > 0.05 else 0.0


def erlang_c(servers: int, offered: float) -> float:
    """The share that has to wait; `offered` load below `servers`. By the recursion of Erlang's B."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def breaks(service: Service, profile: Profile, users: int, turns_per_hour: float) -> list[Budget]:
    """The promises to so many people that would not be kept (at their targets)."""
    there = load(service, users, turns_per_hour)
    tiers = [b for b in profile if b.users and b.users[0] <= users <= b.users[1]]
    figures = [(budget, there.figure(budget, service.memory_mb)) for budget in tiers]
    return [b for b, figure in figures if figure is not None and b.beyond(figure, b.thresholds.target)]


def carried(service: Service, profile: Profile, turns_per_hour: float) -> int:
    """The most people to whom every promise is kept, counted up from one; 0 where not even one."""
    for users in range(1, MOST + 1):
        if load(service, users, turns_per_hour).busy >= 1 or breaks(service, profile, users, turns_per_hour):
            return users - 1
    return MOST
