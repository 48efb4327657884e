"""GPUs: told where there are some, nothing where there are none. NVML stands in for itself where there is no GPU."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

from repartee.observe import Resources
from repartee.observe.gpu import ABSENT, Gpus, GpuUse


class NVMLError(Exception):
    """As NVML's own."""


def nvml(count: int = 1, broken: bool = False) -> Any:
    def look(_: object) -> object:
        if broken:
            raise NVMLError("GPU is lost")
        return SimpleNamespace(used=3_000_000_000, total=8_000_000_000)

    processes = [SimpleNamespace(pid=os.getpid(), usedGpuMemory=1_000_000_000), SimpleNamespace(pid=1, usedGpuMemory=5)]
    return SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: count,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetMemoryInfo=look,
        nvmlDeviceGetName=lambda _: "A GPU",
        nvmlDeviceGetUtilizationRates=lambda _: SimpleNamespace(gpu=37),
        nvmlDeviceGetComputeRunningProcesses=lambda _: processes,
    )


def test_what_a_gpu_does_is_told() -> None:
    gpus = Gpus(nvml())
    assert gpus.look() == (GpuUse(0, "A GPU", 37.0, 3_000_000_000, 8_000_000_000, 1_000_000_000),)
    assert gpus.reason == "A GPU: 37 % busy, 1000 MB ours"


def test_none_and_a_broken_one_stop_nothing() -> None:
    assert Gpus(None).look() == ()
    assert Gpus(None).reason == ABSENT
    assert Gpus(nvml(0)).reason == "no NVIDIA GPU here"
    lost = Gpus(nvml(broken=True))
    assert lost.look() == ()
    assert "GPU is lost" in lost.reason


def test_samples_hold_it() -> None:
    resources = Resources(gpus=Gpus(nvml()))
    resources.sample()
    told = {m.metric: (m.value, m.labels) for m in resources.measurements() if m.metric.startswith("gpu")}
    assert told == {"gpu_busy": (37.0, {"gpu": "0"}), "gpu_memory": (1000.0, {"gpu": "0"})}
