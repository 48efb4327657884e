"""Where the time goes inside: flame graphs of a running assistant, and what its start is spent on."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil

from repartee.core.distribution import install
from repartee.core.errors import BadInput, EngineMissing, ReparteeError

FORMATS = {".svg": "flamegraph", ".json": "speedscope", ".txt": "raw"}


def flame(output: Path, pid: int, seconds: float, rate: int) -> None:
    """py-spy looks at the process from outside, without stopping it. Raises `BadInput`, `EngineMissing`, and
    `ReparteeError` with what py-spy said."""
    form = FORMATS.get(output.suffix)
    if form is None:
        raise BadInput(f"{output}: a profile is written as {', '.join(FORMATS)}")
    if not psutil.pid_exists(pid):
        raise BadInput(f"there is no process {pid}")
    command = [_py_spy(), "record", "--pid", str(pid), "--duration", str(max(1, round(seconds))), "--rate", str(rate)]
    command += ["--format", form, "--output", str(output), "--nonblocking", "--threads"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)  # noqa: S603
    if done.returncode or not output.is_file():
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise ReparteeError(f"py-spy: {' '.join(last) or 'no profile'} (another user's process needs sudo)")


def heap(output: Path, arguments: Sequence[str]) -> None:
    """Runs `repartee ARGUMENTS` in a process of its own, every allocation of which memray writes down, native ones too.
    Raises `BadInput`, `EngineMissing`, and `ReparteeError` with what memray said."""
    if output.suffix != ".html":
        raise BadInput(f"{output}: a profile of the memory is written as .html")
    if find_spec("memray") is None:
        raise EngineMissing("memray", f"{install('memory')} (Linux and macOS)")
    with tempfile.TemporaryDirectory() as folder:
        written = str(Path(folder) / "heap.bin")
        memray = [sys.executable, "-m", "memray"]
        code = "import sys; sys.argv[0] = 'repartee'; from repartee.app.cli import main; main()"
        _checked([*memray, "run", "--native", "--quiet", "--output", written, "-c", code, *arguments], "memray run")
        _checked([*memray, "flamegraph", "--force", "--output", str(output), written], "memray flamegraph")


def _checked(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600, check=False)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise ReparteeError(f"{what}: {' '.join(last) or 'failed'}")


def running() -> int:
    """The one `repartee serve` of this machine. Raises `BadInput` where there is none, or several."""
    found = [int(process.pid) for process in psutil.process_iter(["cmdline"]) if _serves(process.info["cmdline"] or [])]
    if len(found) != 1:
        several = f"several run ({', '.join(map(str, found))})" if found else "none runs"
        raise BadInput(f"which assistant? {several}: name one with --pid")
    return found[0]


@dataclass(slots=True)
class Import:
    """A module that was imported, and what it imported first."""

    name: str
    own_ms: float
    total_ms: float
    inside: list[Import] = field(default_factory=list)


def imports(module: str) -> list[Import]:
    """What importing `module` takes, as a tree, in a fresh Python. Raises `ReparteeError` where that fails."""
    code = f"import {module}"
    done = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise ReparteeError(f"{module} can't be imported: {done.stderr.strip().splitlines()[-1]}")
    return parsed(done.stderr.splitlines())


def parsed(lines: Sequence[str]) -> list[Import]:
    """Of `-X importtime`: a module stands after what it imported, which is indented deeper."""
    waiting: list[tuple[int, Import]] = []
    for line in lines:
        own, _, rest = line.removeprefix("import time:").partition("|")
        total, _, name = rest.partition("|")
        if not own.strip().isdigit():
            continue
        depth = len(name) - len(name.lstrip())
        found = Import(name.strip(), int(own) / 1000, int(total) / 1000)
        while waiting and waiting[-1][0] > depth:
            found.inside.insert(0, waiting.pop()[1])
        waiting.append((depth, found))
    return [found for _, found in waiting]


def tree(roots: Sequence[Import], least_ms: float = 5.0, indent: str = "") -> list[str]:
    """Lines, slowest first, without what is not worth a line."""
    lines = []
    for root in sorted(roots, key=lambda r: -r.total_ms):
        if root.total_ms >= least_ms:
            lines.append(f"{root.total_ms:8.1f} ms {root.own_ms:8.1f} own  {indent}{root.name}")
            lines += tree(root.inside, least_ms, indent + "  ")
    return lines


def _serves(line: Sequence[str]) -> bool:
    """`[python] .../repartee serve`; not what only starts one."""
    at = next((i for i, part in enumerate(line[:2]) if Path(part).name == "repartee"), None)
    return at is not None and "serve" in line[at + 1 : at + 2]


def _py_spy() -> str:
    beside = Path(sys.executable).with_name("py-spy")
    found = str(beside) if beside.is_file() else shutil.which("py-spy")
    if found is None:
        raise EngineMissing("py-spy", install("profile"))
    return found
