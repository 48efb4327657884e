"""Libraries that report to their makers don't: no device id is left, no other machine is spoken to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real_time
LOAD = "import repartee; import onnxruntime; onnxruntime.get_available_providers()"


def test_the_runtime_of_the_models_leaves_no_id(tmp_path: Path) -> None:
    known = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    environment = {**known, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", LOAD], check=True, env=environment, timeout=120)  # noqa: S603
    assert list(tmp_path.rglob("*")) == []
