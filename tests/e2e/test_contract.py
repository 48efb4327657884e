"""The contract against the running product: a spoken turn over the socket, scraped by a real Prometheus that runs the
generated rules; every expression of rules and dashboard names a metric that is there and suits its type."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from websockets.asyncio.client import connect

from tests.e2e.cli import COMMAND, repartee
from tests.sound import utterance

pytestmark = pytest.mark.real_time
IN_TIME = 40.0
web = httpx.Client(timeout=IN_TIME)
COUNTERS, GAUGES = {"counter", "histogram"}, {"gauge"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """`repartee serve`, ready, and the folder it keeps its things in."""
    folder = tmp_path_factory.mktemp("product")
    home = {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "HOME": str(folder)}
    process = subprocess.Popen(  # noqa: S603  # our own command
        [COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=folder, env={**os.environ, **home}
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        until(lambda: web.get(f"{found.group()}health/ready").status_code == 200)
        yield found.group().rstrip("/"), folder
    finally:
        process.terminate()
        process.wait(10)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + IN_TIME
    while not true():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.2)  # another process: nothing to wait on


def answered(base: str, path: str, **parameters: str) -> Any:
    reply = web.get(f"{base}{path}", params=parameters)
    assert reply.status_code == 200, reply.text
    return reply.json()


def scraped(base: str) -> str:
    return web.get(f"{base}/metrics").text


async def say(base: str, text: str) -> dict[str, Any]:
    """At the pace of life, through the page's socket; the finished turn."""
    sound, _ = utterance(text)
    async with connect(base.replace("http", "ws") + "/api/socket") as ws, asyncio.timeout(IN_TIME):
        await ws.send(json.dumps({"type": "listen"}))

        async def speak() -> None:
            for start in range(0, len(sound), 640):
                await ws.send(sound[start : start + 640].tobytes())
                await asyncio.sleep(0.04)

        speaking = asyncio.create_task(speak())
        async for message in ws:
            if isinstance(message, str) and (told := json.loads(message))["type"] == "finished":
                speaking.cancel()
                return dict(told["record"])
    raise AssertionError("no turn")


async def test_a_spoken_turn_is_judged_and_measured(product: tuple[str, Path]) -> None:
    base, folder = product
    record = await say(base, "turn on the kitchen lights")
    judged = answered(base, f"/api/turns/{record['turn']}/contract")
    assert judged["path"][-1]["end_ms"] > 0
    assert judged["blame"] in {part["stage"] for part in judged["path"]}
    starts = [part["start_ms"] for part in judged["path"]]
    assert starts == sorted(starts)
    text = scraped(base)
    assert re.search(r"repartee_turns_total [1-9]", text)
    assert re.search(r'repartee_turn_first_audio_seconds_count\{wait_class="\w+"\} 1', text)
    lines = (folder / "repartee" / "performance.jsonl").read_text().splitlines()
    assert record["turn"] in {json.loads(line)["turn"] for line in lines}
    assert not any(word in line for line in lines for word in ("kitchen", record["transcript"]) if word)
    assert answered(base, "/api/report")["turns"] >= 1


def test_health_gives_a_reason_for_each_component(product: tuple[str, Path]) -> None:
    base, _ = product
    assert answered(base, "/health/live") == {"status": "ok"}
    told = answered(base, "/health")
    assert told["status"] == "ok"
    assert {"stt", "tts", "home", "models", "memory", "stages", "budgets"} <= set(told["components"])
    assert all(component["reason"] for component in told["components"].values())
    assert web.get(f"{base}/api/turns/nobody/contract").status_code == 404


@pytest.fixture(scope="module")
def prometheus(product: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's, scraping the product every second and running the exported rules."""
    binary = shutil.which("prometheus")
    if binary is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no prometheus: sudo apt-get install prometheus")
        pytest.skip("no prometheus: sudo apt-get install prometheus")
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    assert repartee("contract", "export", "-o", folder, folder=folder).code == 0
    (folder / "prometheus.yml").write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": ["prometheus-rules.yml"],
                "scrape_configs": [
                    {"job_name": "repartee", "static_configs": [{"targets": [product[0].removeprefix("http://")]}]}
                ],
            }
        )
    )
    process = subprocess.Popen(  # noqa: S603
        [
            binary,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
    )
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _ready(base))
        until(lambda: bool(value(base, "count_over_time(repartee_turns_total[1m]) > 3")))
        until(lambda: bool(value(base, "repartee:luna_end_to_end:bad_share_1h")))
        yield base
    finally:
        process.terminate()
        process.wait(20)


def _ready(base: str) -> bool:
    try:
        return web.get(f"{base}/-/ready").status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def value(base: str, expression: str) -> list[Any]:
    told = answered(base, "/api/v1/query", query=expression)
    assert told["status"] == "success", told
    return list(told["data"]["result"])


def expressions(base: str, folder: Path) -> set[str]:
    rules = answered(base, "/api/v1/rules")["data"]["groups"]
    found = {rule["query"] for group in rules for rule in group["rules"]}
    for board in folder.glob("grafana-*.json"):
        found |= {target["expr"] for panel in json.loads(board.read_text())["panels"] for target in panel["targets"]}
    return found


def test_every_expression_names_what_is_there_and_suits_its_type(prometheus: str, tmp_path: Path) -> None:
    assert repartee("contract", "export", "-o", tmp_path, folder=tmp_path).code == 0
    found = expressions(prometheus, tmp_path)
    assert len(found) > 150
    metadata = answered(prometheus, "/api/v1/metadata")["data"]
    names = {name for expression in found for name in re.findall(r"\brepartee[_:][a-z0-9_:]+", expression)}
    assert names <= set(answered(prometheus, "/api/v1/label/__name__/values")["data"])
    for expression in found:
        assert value(prometheus, expression) is not None
        for function, name in re.findall(r"(rate|delta|\w+_over_time)\((?:\d\.?\d*, )?(repartee_\w+)", expression):
            kind = metadata[re.sub("_(bucket|count|sum)$", "", name)][0]["type"]
            assert kind in (COUNTERS if function == "rate" else GAUGES), expression


def test_rules_evaluate_without_errors_and_nothing_alerts_at_rest(prometheus: str) -> None:
    groups = answered(prometheus, "/api/v1/rules")["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert not [rule["lastError"] for rule in rules if rule.get("lastError")]
    assert {rule["health"] for rule in rules} == {"ok"}
    named = {rule["name"]: rule["state"] for rule in rules if rule["type"] == "alerting"}
    assert {"CPUUsageHigh", "MemoryUsageHigh", "VoiceLatencyHigh", "MemoryLeakDetected"} <= set(named)
    assert named["MemoryUsageHigh"] == "inactive"


# ---------------------------------------------------------------- the command


def test_contract_show_check_export(tmp_path: Path) -> None:
    shown = repartee("contract", "show", "luna", "--json", folder=tmp_path)
    assert shown.code == 0
    assert {row["budget"] for row in shown.rows} >= {"end_to_end.p95", "memory_stt.max"}
    assert "1,000 ms" in repartee("contract", "show", "luna", folder=tmp_path).out
    assert repartee("contract", "show", "orac", folder=tmp_path).out.count("in a baseline") == 14
    (tmp_path / "bad.toml").write_text('[budget]\nx = { metric = "hering", p95 = 1 }')
    bad = repartee("contract", "check", "bad.toml", "absent.yml", folder=tmp_path)
    assert bad.code == 2
    assert "did you mean 'hearing'?" in bad.err
    assert "absent.yml" in bad.err
    assert repartee("contract", "export", "--profile", "ptt", "-o", "out", folder=tmp_path).code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "grafana-ptt.json",
        "openslo.yml",
        "prometheus-rules.yml",
    ]
    assert repartee("contract", "check", "out/openslo.yml", folder=tmp_path).code == 0
    assert repartee("contract", "show", "sunshine", folder=tmp_path).code == 2


def test_contract_derive(tmp_path: Path) -> None:
    row = {"metric": "hearing", "what": "", "origin": "real", "pace": "realtime", "warm": True, "cpu": []}
    rows = [row | {"labels": {"n": str(part)}, "samples": [200.0] * 25} for part in (1, 2)]
    (tmp_path / "base.json").write_text(json.dumps({"schema": 1, "machine": "", "reference": [], "figures": rows}))
    done = repartee("contract", "derive", "base.json", "-o", "orac.toml", folder=tmp_path)
    assert done.code == 0
    assert "device_response: no target, not measured" in done.err
    assert repartee("contract", "check", "orac.toml", folder=tmp_path).code == 0
    (tmp_path / "odd.json").write_text("[]")
    odd = repartee("contract", "derive", "odd.json", folder=tmp_path)
    assert odd.code == 2
    assert "not a file that `repartee bench` wrote" in odd.err
