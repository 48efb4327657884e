"""The HTTP side of `repartee serve` against its own description: every check of schemathesis, on the demo home."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .cli import COMMAND

pytestmark = pytest.mark.real_time
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
OWN_RULES = """
[[operations]]
include-path-regex = "^/v1/|^/api/settings"
checks.positive_data_acceptance.enabled = false
"""
"""Bodies whose rules no schema of ours holds: OpenAI's interfaces have their own, each setting has."""
NOT_ASKED = ("/api/restart", "/api/home-assistant")
"""What ends the server, and what connects to any address it is given."""
EXAMPLES = 15
"""For each way and path; `make test-full` takes more."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Its address, and where it writes what surprises it."""
    errors = tmp_path / "errors"
    own = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    fast = {"REPARTEE_SYSTEM__REQUESTS_AT_ONCE": "100000", "REPARTEE_SYSTEM__REQUESTS_PER_SECOND": "10000"}
    with errors.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # our own command
            [COMMAND, "-v", "serve", "--port", "0"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **own, **fast},
        )  # fmt: skip
        try:
            assert process.stdout
            line = process.stdout.readline().decode()
            assert "ready" in line, errors.read_text()
            yield line.split()[-1], errors
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.parametrize("examples", [EXAMPLES, pytest.param(300, marks=pytest.mark.full)])
def test_every_check_of_schemathesis_passes(server: tuple[str, Path], tmp_path: Path, examples: int) -> None:
    if not SCHEMATHESIS.exists():
        pytest.skip("schemathesis is not installed")
    url, errors = server
    (tmp_path / "schemathesis.toml").write_text(OWN_RULES)
    left_out = [option for path in NOT_ASKED for option in ("--exclude-path", path)]
    done = subprocess.run(  # noqa: S603
        [SCHEMATHESIS, "run", f"{url}api/openapi.json", "--max-examples", str(examples), "--seed", "1", "--no-color",
         *left_out],
        cwd=tmp_path, capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    assert "Traceback" not in errors.read_text()
