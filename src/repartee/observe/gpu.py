"""NVIDIA's GPUs, where there are any: how busy, how much of their memory is taken, and how much of it by us.

Needs the extra `gpu` (NVML); without it, or without a driver, nothing is asked and nothing costs anything.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from repartee.core.distribution import install

try:
    import pynvml
except ImportError:
    pynvml = None

ABSENT = f"no GPU is asked: {install('gpu')}"


@dataclass(frozen=True, slots=True)
class GpuUse:
    """One GPU at one moment."""

    number: int
    name: str
    busy_percent: float
    memory: int
    """Bytes taken, by whomever."""
    total: int
    ours: int
    """Bytes taken by this process."""


class Gpus:
    """Those that this process may use. `reason` says what there is, or why nothing."""

    def __init__(self, nvml: Any = pynvml) -> None:
        self._nvml = nvml
        self._handles: list[Any] = []
        self.reason = ABSENT
        if nvml is None:
            return
        try:
            nvml.nvmlInit()
            self._handles = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
            self.reason = f"{len(self._handles)} NVIDIA GPUs" if self._handles else "no NVIDIA GPU here"
        except nvml.NVMLError as error:
            self.reason = f"no NVIDIA GPU here ({error})"

    def look(self) -> tuple[GpuUse, ...]:
        """Now; empty where there is none. One that does not answer is left out."""
        found = []
        for number, handle in enumerate(self._handles):
            try:
                found.append(self._use(number, handle))
            except self._nvml.NVMLError as error:
                self.reason = f"GPU {number} does not answer: {error}"
        if found:
            self.reason = "; ".join(f"{g.name}: {g.busy_percent:.0f} % busy, {g.ours / 1e6:.0f} MB ours" for g in found)
        return tuple(found)

    def _use(self, number: int, handle: Any) -> GpuUse:
        nvml = self._nvml
        memory, name = nvml.nvmlDeviceGetMemoryInfo(handle), nvml.nvmlDeviceGetName(handle)
        busy = nvml.nvmlDeviceGetUtilizationRates(handle).gpu
        own = [p for p in nvml.nvmlDeviceGetComputeRunningProcesses(handle) if p.pid == os.getpid()]
        return GpuUse(
            number, str(name), float(busy), int(memory.used), int(memory.total), sum(p.usedGpuMemory or 0 for p in own)
        )
