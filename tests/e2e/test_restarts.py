"""What people were promised outlives the process: the real command line and the real server, one after the other."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.cli import COMMAND, repartee

pytestmark = pytest.mark.real_time


@contextmanager
def served(folder: Path, end: signal.Signals) -> Iterator[httpx.Client]:
    """`repartee serve` on the folder's data, which ends by this signal."""
    own = {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "HOME": str(folder)}
    process = subprocess.Popen(  # noqa: S603  # our own command
        [COMMAND, "serve", "--port", "0"], cwd=folder, stdout=subprocess.PIPE, env={**os.environ, **own}
    )
    try:
        assert process.stdout
        line = process.stdout.readline().decode()
        assert "ready" in line
        with httpx.Client(base_url=line.split()[-1], timeout=20) as client:
            yield client
    finally:
        process.send_signal(end)
        process.wait(20)


def say(client: httpx.Client, text: str) -> str:
    reply: str = client.post("/api/ask", json={"text": text}).json()["reply"]
    return reply


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_timers_and_orders_outlive_server_and_command_line(tmp_path: Path, end: signal.Signals) -> None:
    assert repartee("ask", "set a timer for 50 minutes named pizza", folder=tmp_path).code == 0
    with served(tmp_path, end) as client:
        assert "minutes" in say(client, "how much time is left on the pizza timer")
        assert (
            say(client, "turn on the coffee maker every day at noon") == "Every day at noon: turn on the coffee maker"
        )
    with served(tmp_path, end) as client:
        assert "minutes" in say(client, "how much time is left on the pizza timer")
        assert say(client, "what is scheduled") == "Every day at noon: turn on the coffee maker"
        health = client.get("/health").json()["components"]
        assert {name: health[name]["status"] for name in ("store", "household", "duties")} == dict.fromkeys(
            ("store", "household", "duties"), "ok"
        )
    (scheduled,) = repartee("ask", "what is scheduled", "--json", folder=tmp_path).rows
    assert scheduled["reply"] == "Every day at noon: turn on the coffee maker"
