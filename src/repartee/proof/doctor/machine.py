"""The machine: processor, memory, disk and clock, read from the system and judged."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from repartee import __file__ as installed
from repartee.assembly.assistant import data_folder
from repartee.assembly.settings import Settings

from .finding import Finding, Fix, Grade, Part

WATCHED = 3.0
"""Seconds over which processor and clock are watched."""
MEMORY_MB = 600.0
"""What a server with its models takes, with some room."""
DISK_MB = 200.0
"""Below this much free disk history and logs are in danger."""
STEAL, OTHERS, SLOWED = 3.0, 40.0, 0.8
"""Percent of the processor, percent of the machine, share of the highest frequency."""
CLOCK = 0.5
"""Seconds that the wall clock may move against the steady one while it is watched."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the system says of itself."""

    cores: float
    """That we may use: by affinity and quota."""
    steal: float
    """Percent of the time in which the host gave our processor to others."""
    others: float
    """Percent of all cores that other programs took."""
    frequency: float | None
    """MHz now, at its fullest core; None: the system does not tell."""
    highest: float | None
    """MHz that the processor can do."""
    governor: str
    """The policy of its frequency; empty: unknown."""
    free_mb: float
    """Memory that a program may have now."""
    swapped_mb: float
    """Read back from swap while it was watched."""
    disk_mb: float | None
    """Free where data is kept; None: nothing is kept."""
    writable: bool
    """Whether the data folder takes a file."""
    clock_s: float
    """Seconds that the wall clock has moved against the steady one."""
    now: float
    """Unix time."""
    installed: float
    """Unix time at which this program was installed: no clock may say less."""


async def examine(settings: Settings, seconds: float = WATCHED) -> Part:
    folder = data_folder(settings)
    machine = await read(folder, seconds)
    speed = f", {machine.frequency:.0f} MHz" if machine.frequency else ""
    disk = f", {machine.disk_mb / 1000:.1f} GB of disk free" if machine.disk_mb is not None else ""
    seen = (
        f"{machine.cores:g} cores{speed}, {machine.free_mb / 1000:.1f} GB of memory free{disk}; "
        f"other programs took {machine.others:.0f} % and the host {machine.steal:.1f} % for {seconds:g} s"
    )
    return Part("machine", seen, list(findings(machine, folder)))


def findings(machine: Machine, folder: Path | None = None) -> Iterator[Finding]:
    yield from _processor(machine)
    yield from _memory(machine)
    yield from _disk(machine, folder)
    yield from _clock(machine)


def _processor(machine: Machine) -> Iterator[Finding]:
    if machine.cores < 2:
        yield Finding(
            "few_cores",
            Grade.COSTS,
            f"{machine.cores:g} cores may be used",
            "hearing and answering wait for each other: a turn takes up to twice its time",
            "Give it two cores (a container's CPU limit, a virtual machine's setting).",
        )
    if machine.steal >= STEAL:
        longer = 100 * machine.steal / max(100 - machine.steal, 1)
        yield Finding(
            "steal",
            Grade.COSTS,
            f"the host took {machine.steal:.1f} % of the processor away",
            f"everything takes {longer:.0f} % longer",
            "Move to a host that is not overbooked, or reserve its cores.",
        )
    if machine.others >= OTHERS:
        yield Finding(
            "busy",
            Grade.COSTS,
            f"other programs took {machine.others:.0f} % of all cores",
            "what they take is missing when somebody speaks; answers come late in bursts",
            "See `top`; move what is busy elsewhere, or start it with `nice`.",
        )
    yield from _frequency(machine)


def _frequency(machine: Machine) -> Iterator[Finding]:
    """Idle processors are slow on purpose, so it counts only what a busy core has reached."""
    if not machine.frequency or not machine.highest or machine.frequency >= SLOWED * machine.highest:
        return
    times = machine.highest / machine.frequency
    why = f" (governor {machine.governor})" if machine.governor else ""
    yield Finding(
        "frequency",
        Grade.COSTS,
        f"a busy core ran at {machine.frequency:.0f} of {machine.highest:.0f} MHz{why}",
        f"computing takes {100 * (times - 1):.0f} % longer",
        "Set the governor to `performance` or `schedutil`, and see that it is cool and has a strong power supply.",
    )


def _memory(machine: Machine) -> Iterator[Finding]:
    if machine.swapped_mb > 1:
        yield Finding(
            "swapping",
            Grade.COSTS,
            f"{machine.swapped_mb:.0f} MB came back from swap while it was watched",
            "the first sentence after a pause waits for the disk: hundreds of milliseconds",
            "Close something large, or add memory.",
            300.0,
        )
    if machine.free_mb < MEMORY_MB:
        yield Finding(
            "memory",
            Grade.COSTS,
            f"{machine.free_mb:.0f} MB of memory are free; it wants {MEMORY_MB:.0f} MB",
            "models are pushed out of memory and read again",
            "Close something large, or add memory.",
            200.0,
        )


def _disk(machine: Machine, folder: Path | None) -> Iterator[Finding]:
    if not machine.writable:
        yield Finding(
            "data_folder",
            Grade.BROKEN,
            f"{folder} takes no file",
            "timers, lists and history are forgotten at the next start",
            "Give this user the right to write there, or set `data` in [system].",
            fix=Fix(f"make the folder {folder}", lambda: _make(folder)) if folder and not folder.exists() else None,
        )
    if machine.disk_mb is not None and machine.disk_mb < DISK_MB:
        speech = folder / "speech" if folder else None
        cached = speech is not None and speech.is_dir()
        yield Finding(
            "disk_full",
            Grade.BROKEN,
            f"{machine.disk_mb:.0f} MB of disk are free where data is kept",
            "timers and lists can't be written: what was asked for is lost at the next start",
            "Free some disk, or set `data` in [system] to another one.",
            fix=Fix(f"empty the cache of spoken replies in {speech}", lambda: _empty(speech)) if cached else None,
        )


def _clock(machine: Machine) -> Iterator[Finding]:
    if machine.now < machine.installed - 86_400:
        yield Finding(
            "clock_past",
            Grade.BROKEN,
            f"the clock says {time.strftime('%Y-%m-%d', time.gmtime(machine.now))}, before this program was installed",
            "alarms ring at the wrong time, certificates are refused",
            "Switch on time from the network (`timedatectl set-ntp true`).",
        )
    if abs(machine.clock_s) > CLOCK:
        yield Finding(
            "clock_moves",
            Grade.COSTS,
            f"the clock moved by {machine.clock_s:+.1f} s while it was watched",
            "timers and alarms are off by that",
            "See what sets it: two programs that set the time quarrel.",
        )


async def read(folder: Path | None, seconds: float) -> Machine:
    """Watches for so long; one core is kept busy for the last moment, so that its frequency is the one it works at."""
    wall, steady = time.time(), time.monotonic()
    before, swap, own = psutil.cpu_times(), psutil.swap_memory().sin, _own()
    await asyncio.sleep(seconds)
    after, mine = psutil.cpu_times(), _own() - own
    everything = max(sum(after[:8]) - sum(before[:8]), 1e-6)
    idle = sum(getattr(after, name, 0.0) - getattr(before, name, 0.0) for name in ("idle", "iowait"))
    stolen = getattr(after, "steal", 0.0) - getattr(before, "steal", 0.0)
    frequency, highest = _frequencies()
    return Machine(
        cores=_cores(),
        steal=100 * stolen / everything,
        others=100 * max(everything - idle - stolen - mine, 0.0) / everything,
        frequency=frequency,
        highest=highest,
        governor=_governor(),
        free_mb=psutil.virtual_memory().available / 1e6,
        swapped_mb=(psutil.swap_memory().sin - swap) / 1e6,
        disk_mb=shutil.disk_usage(_nearest(folder)).free / 1e6 if folder else None,
        writable=folder is None or _takes_files(folder),
        clock_s=(time.time() - wall) - (time.monotonic() - steady),
        now=time.time(),
        installed=_installed(),
    )


def _installed() -> float:
    return Path(installed).stat().st_mtime


def _own() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _cores() -> float:
    process = psutil.Process()
    cores = float(len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else psutil.cpu_count() or 1)
    quota = Path("/sys/fs/cgroup/cpu.max")
    if quota.is_file():
        most, _, period = quota.read_text().partition(" ")
        if most.isdigit() and period.strip().isdigit():
            cores = min(cores, int(most) / int(period))
    return cores


def _frequencies() -> tuple[float | None, float | None]:
    """MHz: reached by a core that works, and the most it can."""
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        sum(range(1000))
    try:
        cores = psutil.cpu_freq(percpu=True)
    except (OSError, NotImplementedError):
        return None, None
    told = [core for core in cores or [] if core.current and core.max]
    if not told:
        return None, None
    return max(core.current for core in told), max(core.max for core in told)


def _governor() -> str:
    file = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return file.read_text().strip() if file.is_file() else ""


def _takes_files(folder: Path) -> bool:
    """Without writing one; a folder that is not there is made by the first start where its parent takes it."""
    return os.access(_nearest(folder), os.W_OK | os.X_OK)


def _nearest(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)


def _empty(folder: Path | None) -> None:
    if folder:
        for path in folder.iterdir():
            if path.is_file():
                path.unlink()
