"""What the process uses: CPU by component, memory and its growth, descriptors, threads, tasks, disk and network.

A sample costs about a millisecond and is taken every ten seconds, well below 0.2 % of a core.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from ..contract.verdict import Measurement
from .gpu import Gpus, GpuUse
from .network import Traffic
from .slope import Leak, LeakVerdict, leak_verdict

EVERY = 10.0
"""Seconds between samples."""
SHORTEST = 1.0
"""Seconds over which a rate says anything: the few milliseconds before a first sample would be a thousand percent."""
KEPT = 24 * 360
"""Samples of a day."""
LEAST = 900.0
"""Seconds of samples before growth is told: a start that fills caches would otherwise be a gigabyte an hour."""
JUDGED = 30
"""Samples from one look at the growth to the next: a slope over a day's samples costs ten milliseconds."""
BLOCK = 64
"""Bytes that one of Python's allocated blocks takes, about: it serves to tell Python's growth from native growth."""
VOICE = ("stt", "tts", "vad", "pcm", "wake")
"""Threads (by the beginning of their name) that hear and speak; the main thread is `loop`, all others `background`."""


@dataclass(frozen=True, slots=True)
class Usage:
    """One sample; rates are since the one before."""

    at: float
    """Seconds, monotonic."""
    cpu_percent: float
    """Of one core."""
    components: Mapping[str, float]
    """Component to percent of one core."""
    rss: int
    """Bytes."""
    python: int
    """Bytes that Python's own blocks take, about."""
    files: int
    threads: int
    tasks: int
    disk: int = 0
    """Bytes read and written since the process began; 0 where the system does not tell."""
    network: int = 0
    """Bytes received and sent by this process, without loopback."""
    memory: Mapping[str, int] = field(default_factory=dict)
    """Component to bytes, of those that tell."""
    gpus: Sequence[GpuUse] = ()
    window: float = EVERY
    """Seconds that its rates are over."""

    @property
    def figures(self) -> dict[str, float]:
        """Of the process, by metric, in the units of the contract."""
        rates = {"process_cpu": self.cpu_percent} if self.window >= SHORTEST else {}
        return rates | {
            "process_memory": self.rss / 1e6,
            "python_memory": self.python / 1e6,
            "file_descriptors": self.files,
            "threads": self.threads,
            "open_tasks": self.tasks,
        }


class Resources:
    """Samples this process (or another). Keeps a day; `leak()` judges it."""

    def __init__(
        self, pid: int | None = None, clock: Callable[[], float] = time.monotonic, gpus: Gpus | None = None
    ) -> None:
        self._process = psutil.Process(pid)
        self._own = pid is None
        self._traffic = Traffic(self._process)
        self.gpus = gpus or Gpus()
        self._clock = clock
        self._at = clock()
        self._sized: dict[str, Callable[[], int]] = {}
        self.samples: deque[Usage] = deque(maxlen=KEPT)
        self._taken = 0
        self.verdict = LeakVerdict(Leak.UNCERTAIN, None, None, "too early to say")
        """The newest look at whether memory leaks."""
        self._cpu, self._threads = self._times()

    def sized(self, component: str, size: Callable[[], int]) -> None:
        """A component that can tell how many bytes it holds: a model, a cache, a buffer."""
        self._sized[component] = size

    def sample(self) -> Usage:
        """Now; also kept."""
        at = self._clock()
        with self._process.oneshot():
            cpu, threads = self._times()
            elapsed = max(at - self._at, 1e-6)
            usage = Usage(
                at,
                (cpu - self._cpu) / elapsed * 100,
                self._by_component(threads, elapsed),
                self._process.memory_info().rss,
                sys.getallocatedblocks() * BLOCK if self._own else 0,
                _files(self._process),
                self._process.num_threads(),
                _tasks() if self._own else 0,
                _disk(self._process),
                self._traffic.look() if self._own else 0,
                {name: size() for name, size in self._sized.items()},
                self.gpus.look() if self._own else (),
                elapsed,
            )
        self._cpu, self._threads, self._at = cpu, threads, at
        self.samples.append(usage)
        self._taken += 1
        if self._taken % JUDGED == 0 and usage.at - self.samples[0].at >= LEAST:
            self.verdict = self.leak()
        return usage

    def measurements(self) -> Iterator[Measurement]:
        """The newest sample in the units of the contract."""
        if not self.samples:
            return
        usage = self.samples[-1]
        for metric, value in usage.figures.items():
            yield Measurement(metric, value)
        if usage.window >= SHORTEST:
            for component, percent in usage.components.items():
                yield Measurement("component_cpu", percent, {"component": component})
        for component, size in usage.memory.items():
            yield Measurement("component_memory", size / 1e6, {"component": component})
        first = self.samples[0]
        hours = (usage.at - first.at) / 3600
        if hours > 0:
            yield Measurement("disk_io", max(0, usage.disk - first.disk) / 1e6 / hours)
            yield Measurement("network_io", max(0, usage.network - first.network) / 125_000 / (hours * 3600))
        for gpu in usage.gpus:
            yield Measurement("gpu_busy", gpu.busy_percent, {"gpu": str(gpu.number)})
            yield Measurement("gpu_memory", gpu.ours / 1e6, {"gpu": str(gpu.number)})
        if self.verdict.growth is not None:
            yield Measurement("memory_growth", max(0.0, self.verdict.growth.value))

    def leak(self, allowed: float = 5.0) -> LeakVerdict:
        """Over all that is kept."""
        samples = tuple(self.samples)
        python = [s.python for s in samples] if self._own else None
        return leak_verdict([s.at for s in samples], [s.rss for s in samples], python, allowed)

    async def run(self, every: float = EVERY, tell: Callable[[Usage], None] | None = None) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(every)
            usage = self.sample()
            if tell:
                tell(usage)

    def _times(self) -> tuple[float, dict[int, float]]:
        cpu = self._process.cpu_times()
        threads = {t.id: t.user_time + t.system_time for t in self._process.threads()}
        return cpu.user + cpu.system, threads

    def _by_component(self, threads: Mapping[int, float], elapsed: float) -> dict[str, float]:
        names = {t.native_id: component_of(t) for t in threading.enumerate()} if self._own else {}
        spent: dict[str, float] = {"voice": 0.0, "background": 0.0, "loop": 0.0}
        for thread, seconds in threads.items():
            component = names.get(thread, "background")
            spent[component] += max(0.0, seconds - self._threads.get(thread, 0.0))
        return {component: seconds / elapsed * 100 for component, seconds in spent.items()}


def component_of(thread: threading.Thread) -> str:
    if thread is threading.main_thread():
        return "loop"
    return "voice" if thread.name.startswith(VOICE) else "background"


@dataclass(slots=True)
class Collector:
    """Pauses of Python's garbage collector, and how much is allocated. `start`, then read; `stop` at the end."""

    pauses: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    """Milliseconds, newest last."""
    total: float = 0.0
    """Milliseconds since `start`."""
    collections: int = 0
    _began: float = 0.0

    def start(self) -> None:
        gc.callbacks.append(self._called)

    def drain(self) -> list[float]:
        """Pauses since it was last asked, milliseconds."""
        return [self.pauses.popleft() for _ in range(len(self.pauses))]

    def stop(self) -> None:
        if self._called in gc.callbacks:
            gc.callbacks.remove(self._called)

    def _called(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            pause = (time.perf_counter() - self._began) * 1000
            self.pauses.append(pause)
            self.total += pause
            self.collections += 1


@dataclass(frozen=True, slots=True)
class Spent:
    """What a piece of work left behind."""

    blocks: float | None
    """Python's allocated blocks, more than before: mean of the turns since the last look. None: not looked."""
    pause_ms: float
    """Time the garbage collector stopped us."""
    collections: int


@dataclass(slots=True)
class Account:
    """Allocations and collector pauses of one turn: `open` at its beginning, `close` at its end.

    Python counts its blocks pool by pool, which takes longer than all else that is asked of a turn: only every
    `counted` of them is looked at.
    """

    collector: Collector
    counted: int = 1
    _turns: int = 0
    _blocks: int = 0
    _pause: float = 0.0
    _collections: int = 0

    def open(self) -> Account:
        if self._turns % self.counted == 0:
            self._blocks = sys.getallocatedblocks()
        self._pause, self._collections = self.collector.total, self.collector.collections
        return self

    def close(self) -> Spent:
        """Also opens the next."""
        c, before = self.collector, (self._blocks, self._pause, self._collections)
        self._turns += 1
        self.open()
        looked = self._turns % self.counted == 0
        blocks = (self._blocks - before[0]) / self.counted if looked else None
        return Spent(blocks, c.total - before[1], c.collections - before[2])


def _files(process: psutil.Process) -> int:
    counted = getattr(process, "num_fds", None) or process.num_handles
    return int(counted())


def _tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        return 0


def _disk(process: psutil.Process) -> int:
    """What went to and came from disks; not every system tells, and Linux only for our own processes."""
    try:
        counters = process.io_counters()
    except (AttributeError, NotImplementedError, psutil.Error):
        return 0
    return int(counters.read_bytes + counters.write_bytes)
