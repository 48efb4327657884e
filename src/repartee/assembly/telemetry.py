"""Keeps an eye on a running assistant: every turn gets its verdicts, every ten seconds the process its figures."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from repartee.contract.budgets import Profile
from repartee.contract.files import load_profile
from repartee.contract.provenance import Provenance
from repartee.contract.verdict import Measurement, Verdict
from repartee.core.duty import Duty
from repartee.core.errors import EngineMissing, OutOfTime
from repartee.core.spans import UnderWay
from repartee.core.turn import TurnRecord
from repartee.engines.telemetry.prometheus import Exporter
from repartee.grammar.cache import Cache
from repartee.observe.dissatisfaction import Dissatisfaction
from repartee.observe.energy import joules
from repartee.observe.journal import Journal
from repartee.observe.judged import Judged
from repartee.observe.monitor import Monitor
from repartee.observe.resources import EVERY, Account, Collector, Resources, Usage
from repartee.observe.stacks import Stacks

from .footprint import Footprints
from .mitigation import Mitigations
from .recent_window import Recent, acting
from .settings import Contract

log = logging.getLogger(__name__)
OF: Mapping[str, Sequence[str]] = {
    "wake_word": (), "vad": (), "stt": (), "intent": ("parse", "context"), "action": ("plan",), "tts": ("tts_audio",),
    "memory": ("memory",),
}  # fmt: skip
"""Component to the caches that are part of it."""
LIVED = Provenance()
"""Of what a person did, at the pace of life."""
WRITTEN = 30
"""Of so many samples one is written down, with the metrics above: every five minutes."""
COUNTED = 8
"""Of so many turns the allocations are looked at once."""
KEPT = 1000
"""Turns whose verdicts can still be asked for."""


OVERDUE = 30.0
"""Seconds after which a stage that has not ended hangs."""


class Telemetry:
    """Told of every finished turn; `run` samples the process until cancelled."""

    def __init__(
        self, profile: Profile, mitigations: Mitigations, journal: Path | None = None, traces: str | None = None
    ) -> None:
        """`journal`: file of the performance log. `traces`: address of an OTLP receiver. What can't be had of these
        two is said once, and the assistant goes on."""
        self.monitor = Monitor(profile)
        self.exporter = Exporter(profile)
        self.resources = Resources()
        self.collector = Collector()
        self.mitigations = mitigations
        self.footprints = Footprints()
        """What the parts of the assistant take of the memory."""
        self._answering: Callable[[], int] = lambda: 0
        self._connections: Callable[[], int] = lambda: 0
        self._under_way: Callable[[], Sequence[UnderWay]] = lambda: ()
        self._counted = (time.monotonic(), 0)
        """When turns were last counted, and how many there had been."""
        self._samples = 0
        self._most = 0
        """Turns under way together since the last sample."""
        self._sessions = 0
        self.session_limit = 0
        """People who may be connected at once; the server says so. 0: nobody said."""
        self._woken = 0.0
        """When the sampler was to wake, monotonic."""
        self._failed = 0
        self._dissatisfaction = Dissatisfaction()
        self._judged: OrderedDict[str, Judged] = OrderedDict()
        self._caches: dict[str, Cache[Any]] = {}
        self._account = Account(self.collector, COUNTED).open()
        self._leaked = False
        self._recent = Recent(acting(profile, mitigations.allowed))
        self.stacks: Stacks | None = None
        """The profile that is always on, where somebody wants it."""
        self._journal = _journal(journal)
        self.log_path = journal if self._journal else None
        """File of the performance log; None: none is kept."""
        self.tracer = _tracer(traces)
        self.duty = Duty("sampler")
        for component, caches in OF.items():
            self.resources.sized(component, partial(self._size, component, caches))

    @property
    def sessions(self) -> int:
        """People connected now; the server keeps it."""
        return self._sessions

    @sessions.setter
    def sessions(self, people: int) -> None:
        self._sessions = people
        self.monitor.users = max(1, people)

    @property
    def duties(self) -> Sequence[Duty]:
        """What must live for us to see anything."""
        parts = (self, self._journal, self.stacks, self.tracer)
        return [part.duty for part in parts if part is not None]

    @property
    def caches(self) -> Mapping[str, Cache[Any]]:
        """By their names in the contract."""
        return self._caches

    def cached(self, name: str, cache: Cache[Any]) -> None:
        """A cache, by its name in the contract. It shrinks where memory is short and that is allowed."""
        self._caches[name] = cache
        self.mitigations.on("memory_peak", cache.shrink)

    def attach(
        self, answering: Callable[[], int], connections: Callable[[], int], under_way: Callable[[], Sequence[UnderWay]]
    ) -> None:
        """`answering`: how many people are being answered. `connections`: how many to the store are open.
        `under_way`: the stages that turns are in."""
        self._answering, self._connections, self._under_way = answering, connections, under_way

    def overdue(self, seconds: float = OVERDUE) -> Sequence[UnderWay]:
        """Stages of turns, and measurements, that began longer ago than this and have not ended: they hang."""
        measured = [UnderWay(measure.name, measure.seconds) for measure in self.monitor.overdue(seconds)]
        return [*(stage for stage in self._under_way() if stage.seconds > seconds), *measured]

    def _size(self, component: str, caches: Sequence[str]) -> int:
        return self.footprints.bytes.get(component, 0) + sum(c.bytes for n, c in self._caches.items() if n in caches)

    def finished(self, record: TurnRecord) -> Judged:
        """Into the figures, the log and the traces; may set off what the person allowed."""
        found, spent = self.monitor.turn(record), self._account.close()
        self.exporter.measured(found.measured, found.provenance)
        self.exporter.turn(found.verdicts, failed=record.failed, late=late(record))
        if shown := self._dissatisfaction.kind(record):
            self.exporter.dissatisfied(shown)
        self._failed += record.failed
        share = Measurement("turn_errors", 100 * self._failed / self.monitor.turns)
        self.monitor.note(share, LIVED)
        self._most = max(self._most, self._answering() + 1)  # this one is over just now
        self._judged[record.id] = found
        if len(self._judged) > KEPT:
            self._judged.popitem(last=False)
        self.mitigations.consider(found.verdicts)
        self._recent.record(found.measured, found.provenance)
        if self._journal:
            self._journal.write(record, found, spent, shown, self.monitor.users)
        if self.tracer:
            self.tracer.turn(record, found)
        return found

    def told(self, measurements: Sequence[Measurement], provenance: Provenance = LIVED) -> None:
        """Figures that came from beside a turn, lived by a person."""
        for measurement in measurements:
            self.monitor.note(measurement, provenance)
        self.exporter.measured(measurements, provenance)

    def of(self, turn: str) -> Judged | None:
        """What became of one of the latest turns."""
        return self._judged.get(turn)

    async def run(self) -> None:
        """Samples until cancelled."""
        self.collector.start()
        if self.stacks:
            self.stacks.start()
        try:
            while True:
                with self.duty.item():
                    self.sampled(self.resources.sample())
                self._woken = time.monotonic() + EVERY
                await asyncio.sleep(EVERY)
        finally:
            self.collector.stop()
            if self.stacks:
                self.stacks.stop()

    def sampled(self, usage: Usage) -> None:
        """A new sample: into the figures, and judged where many samples are one figure."""
        provenance = Provenance()
        sizes = [Measurement("cache_memory", c.bytes / 1e6, {"cache": name}) for name, c in self._caches.items()]
        measured = [*self.resources.measurements(), *sizes, *self._levels()]
        for measurement in measured:
            self.monitor.note(measurement, provenance)
        measured += [Measurement("collector_pause", pause) for pause in self.collector.drain()]
        self.exporter.measured(measured, provenance)
        self._samples += 1
        if self._journal and self._samples % WRITTEN == 0:
            energy = joules()
            self._journal.used(usage.figures | ({"energy_j": energy} if energy is not None else {}))
        self.monitor.note(Measurement("requests", self._rate()), provenance)
        leaks = self.resources.verdict.leaks
        if self.resources.verdict.growth:
            self.monitor.note(Measurement("memory_leaks", float(leaks)), provenance)
        if leaks and not self._leaked:
            self.exporter.leaked()
            log.warning("memory %s", self.resources.verdict.reason)
        self._leaked = leaks
        for name, cache in self._caches.items():
            statistics = cache.statistics
            asked, gone = statistics.hits + statistics.misses, statistics.evicted + statistics.expired
            self.exporter.cache(name, statistics.hits, asked, gone, statistics.saved_s)
            if (percent := statistics.hit_percent) is not None:
                share = Measurement("cache_hits", percent, {"cache": name})
                self.monitor.note(share, provenance)
        self.exporter.total("disk_io", usage.disk / 1e6)
        self.exporter.total("network_io", usage.network / 125_000)
        self._recent.record(measured, provenance)
        self.mitigations.consider(self._recent.verdicts(self.sessions))
        self.exporter.acting({action: self.mitigations.active(action) for action in self.mitigations.known})

    def _levels(self) -> Iterator[Measurement]:
        yield Measurement("sessions", self.sessions)
        if self.session_limit:
            yield Measurement("session_limit", self.session_limit)
        if self._woken:
            yield Measurement("loop_delay", max(0.0, time.monotonic() - self._woken) * 1000)
        yield Measurement("stages_hanging", len(self.overdue()))
        for name, cache in self._caches.items():
            yield Measurement("cache_lookup", cache.look_s() * 1e6, {"cache": name})
        yield Measurement("concurrent_requests", max(self._most, self._answering()))
        self._most = 0
        yield Measurement("database_connections", self._connections())

    def _rate(self) -> float:
        """Turns a second since it was last asked."""
        (since, before), now = self._counted, (time.monotonic(), self.monitor.turns)
        self._counted = now
        return (now[1] - before) / max(now[0] - since, 1e-6)

    def profiled(self, rate: float) -> None:
        """From the start on, `rate` times a second; not while the processor has no room for background work."""
        self.stacks = Stacks(rate, lambda: not self.mitigations.active("cpu_average"))

    def verdicts(self) -> Sequence[Verdict]:
        """On everything measured since the start."""
        return self.monitor.check()

    def close(self) -> None:
        if self.tracer:
            self.tracer.close()
        if self._journal:
            self._journal.close()


def late(record: TurnRecord) -> bool:
    """Whether the turn gave up for lack of time."""
    return record.error is not None and record.error.startswith(OutOfTime.SAYS)


def open_telemetry(chosen: Contract, data: Path | None) -> Telemetry:
    """`data`: the folder of what is kept, the performance log among it."""
    journal = data / "performance.jsonl" if data and chosen.log else None
    telemetry = Telemetry(load_profile(chosen.profile), Mitigations(chosen.actions), journal, chosen.traces)
    if chosen.profiler:
        telemetry.profiled(chosen.profiler)
    return telemetry


@asynccontextmanager
async def sampling(telemetry: Telemetry) -> AsyncIterator[Telemetry]:
    """Sampling, until the end."""
    telemetry.duty.start(telemetry.run)
    try:
        yield telemetry
    finally:
        await telemetry.duty.stop()


def health(
    telemetry: Telemetry,
    engines: dict[str, str],
    ready: bool,
    started: float,
    others: Mapping[str, dict[str, str]] | None = None,
    problem: str = "",
) -> dict[str, Any]:
    """Each component with its reason; `status` is the worst of them. `others`: back ends and engines with more
    to say than that they were chosen.
    `problem`: why models can't be loaded."""
    leak = telemetry.resources.verdict
    overdue = telemetry.overdue()
    newest = telemetry.resources.samples[-1] if telemetry.resources.samples else None
    components: dict[str, dict[str, str]] = {
        kind: {"status": "ok", "reason": f"{name} is chosen"} for kind, name in engines.items()
    }
    components |= others or {}
    components["models"] = {
        "status": "degraded" if problem else "ok" if ready else "starting",
        "reason": problem or ("loaded" if ready else "still loading"),
    }
    components["memory"] = {
        "status": "degraded" if leak.leaks else "ok",
        "reason": f"{newest.rss / 1e6:.0f} MB; {leak.leak}: {leak.reason}" if newest else "not sampled yet",
    }
    components["gpu"] = {"status": "ok", "reason": telemetry.resources.gpus.reason}
    components["stages"] = {
        "status": "degraded" if overdue else "ok",
        "reason": f"{overdue[0].stage} has not ended for {overdue[0].seconds:.0f} s" if overdue else "none hangs",
    }
    mitigations = telemetry.mitigations.under_way()
    components["budgets"] = {
        "status": "degraded" if mitigations else "ok",
        "reason": "; ".join(f"{r.what}, because {r.because}" for r in mitigations) or "no action is under way",
    }
    order = ("ok", "starting", "degraded")
    worst = max((c["status"] for c in components.values()), key=order.index)
    return {"status": worst, "uptime_s": round(time.monotonic() - started, 1), "components": components}


def _journal(path: Path | None) -> Journal | None:
    if path is None:
        return None
    try:
        return Journal(path)
    except OSError as error:
        log.warning("no performance log: %s", error)
        return None


def _tracer(endpoint: str | None) -> Any:
    if not endpoint:
        return None
    try:
        from repartee.engines.telemetry.otlp import Tracer

        return Tracer(endpoint)
    except EngineMissing as error:
        log.warning("no traces: %s", error)
        return None
