"""A real MQTT broker on loopback, in a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from .home_assistant import free_port
from .install import NotInstalled

USER, PASSWORD = "repartee", "a long password"
CONFIGURATION = """
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
persistence true
persistence_location {folder}/
"""


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        raise NotInstalled(f"no {name}; sudo apt-get install mosquitto")
    return found


class Mosquitto:
    """Use as a context manager. What is retained survives `stop` and `start`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._program = _tool("mosquitto")
        (folder / "mosquitto.conf").write_text(CONFIGURATION.format(port=self.port, folder=folder) + _user())
        passwords = folder / "passwords"
        subprocess.run(  # noqa: S603
            [_tool("mosquitto_passwd"), "-b", "-c", str(passwords), USER, PASSWORD], check=True, timeout=20
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Mosquitto:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def version(self) -> str:
        told = subprocess.run([self._program, "-h"], capture_output=True, text=True, timeout=20, check=False).stdout  # noqa: S603
        return told.splitlines()[0].removeprefix("mosquitto version ") if told else "unknown"

    def start(self) -> None:
        """Returns when it takes connections."""
        self._process = subprocess.Popen(  # noqa: S603
            [self._program, "-c", str(self._folder / "mosquitto.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        limit = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > limit:
                    raise RuntimeError("Mosquitto did not start") from None
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None


def _user() -> str:
    """Started by root it would become another user, who may not read our folder."""
    return "user root\n" if os.geteuid() == 0 else ""
