"""Installs a real Home Assistant, once per machine: `python -m tests.homes.install [VERSION]`.

It lives in a cache folder outside the checkout (`REPARTEE_CACHE`, else ~/.cache/repartee-test), in an environment of
its own with every version pinned, and is reused until the list of versions changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PYTHONS = {"2024.3.3": "3.11", "2025.4.4": "3.13"}
"""Version of Home Assistant to the Python it runs on. The first is the oldest we support: it knows no floors."""
DEFAULT = "2024.3.3"
LIMIT = 600
"""Seconds for one step of the installation."""


class NotInstalled(Exception):
    """Why, for a person."""


def cache() -> Path:
    return Path(os.environ.get("REPARTEE_CACHE") or Path.home() / ".cache" / "repartee-test")


def home_assistant(version: str = DEFAULT) -> Path:
    """The Python that runs Home Assistant as `-m homeassistant`; about 40 s the first time, nothing afterwards."""
    wanted = Path(__file__).with_name(f"home-assistant-{version}.txt")
    fingerprint = hashlib.sha256(wanted.read_bytes()).hexdigest()
    folder = cache() / f"home-assistant-{version}"
    python, done = folder / "bin" / "python", folder / "installed"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != fingerprint:
            uv = _uv()
            _run(uv, "venv", "--quiet", "--clear", "--python", _python(PYTHONS[version]), str(folder))
            _run(uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(wanted))
            done.write_text(fingerprint)
    return python


def _python(version: str) -> str:
    """One of this version that really runs: ours, one on the path, one that pyenv keeps."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    kept = sorted(str(path) for path in pyenv.glob(f"{version}.*/bin/python{version}"))
    for candidate in (sys.executable, shutil.which(f"python{version}"), *kept):
        test = "import sys; print('%d.%d' % sys.version_info[:2])"
        done = candidate and subprocess.run([candidate, "-c", test], capture_output=True, text=True, timeout=20)  # noqa: S603
        if done and done.stdout.strip() == version:
            return str(candidate)
    raise NotInstalled(f"it runs on Python {version}, and there is none here")


def _uv() -> str:
    """Installs in seconds what pip installs in a minute."""
    folder = cache() / "uv"
    uv = folder / "bin" / "uv"
    if not uv.exists():
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv==0.13.8")
    return str(uv)


def _run(*command: str) -> None:
    try:
        subprocess.run(  # noqa: S603
            command,
            check=True,
            timeout=LIMIT,
            capture_output=True,
            text=True,
            env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:] or ["no word why"]
        raise NotInstalled(f"{Path(command[0]).name} {' '.join(command[1:3])}: {last[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"{Path(command[0]).name} {' '.join(command[1:3])} took longer than {LIMIT} s") from error


if __name__ == "__main__":
    try:
        print(home_assistant(*sys.argv[1:2]))
    except NotInstalled as error:
        sys.exit(f"Home Assistant can't be installed: {error}")
