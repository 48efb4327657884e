"""Our monitor inside the real Pipecat and the real LiveKit Agents, in an environment of their own."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.homes.fixtures import absent
from tests.homes.install import cache

pytestmark = [pytest.mark.real_time, pytest.mark.full]
PACKAGES = ("pipecat-ai==1.14.0", "livekit-agents==1.8.9")
OURS = ("numpy", "ddsketch", "psutil", "rapidfuzz", "protobuf")
"""What the measuring part of ours needs."""
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def python() -> Path:
    """Installed once a machine; a skip (in CI a failure) where that can't be."""
    folder = cache() / "frameworks-1"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "frameworks.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done, found = folder / "installed", folder / "bin" / "python"
        if not done.exists():
            made = [[sys.executable, "-m", "venv", "--clear", str(folder)],
                    [str(found), "-m", "pip", "install", "--quiet", *PACKAGES, *OURS]]  # fmt: skip
            for command in made:
                step = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)  # noqa: S603
                if step.returncode:
                    absent(f"Pipecat and LiveKit Agents can't be installed: {step.stderr.strip()[-200:]}")
            done.touch()
    return found


def summary(python: Path, program: str) -> dict[str, Any]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    script = ROOT / "tests" / "frameworks" / program
    done = subprocess.run(  # noqa: S603
        [str(python), str(script)], capture_output=True, text=True, timeout=120, check=False, env=env
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def test_pipecat(python: Path) -> None:
    told = summary(python, "with_pipecat.py")
    assert told.keys() == {"hear", "understand", "speak", "turn_first_audio"}
    assert told["turn_first_audio"]["p50"] == pytest.approx(300, abs=150)
    assert told["hear"]["n"] == 1


def test_livekit_agents(python: Path) -> None:
    told = summary(python, "with_livekit.py")
    assert told["hear"]["p50"] == pytest.approx(200, rel=0.02)
    assert told["understand"]["p50"] == pytest.approx(300, rel=0.02)
    assert told["turn_first_audio"]["p50"] == pytest.approx(1000, rel=0.02)
