"""Runs the real command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("repartee")


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output, as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def repartee(*arguments: str | Path, folder: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Result:
    """In `folder`, whose settings and data are its own. A busy machine is slow; a hung process is not waited for."""
    home = {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "HOME": str(folder), "COLUMNS": "200"}
    done = subprocess.run(  # noqa: S603  # our own command
        [COMMAND, *map(str, arguments)],
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=240,
        env={**os.environ, **home, **(env or {})},
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())
