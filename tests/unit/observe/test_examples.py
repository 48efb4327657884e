"""The examples run as they stand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from fastapi.testclient import TestClient

EXAMPLES = Path(__file__).parents[3] / "examples"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_plain_script(capsys: pytest.CaptureFixture[str]) -> None:
    load("measured_script").main()
    said = capsys.readouterr().out
    assert "? intent.p95 at most 50 ms: unproven" in said
    assert "acting" in said


def test_a_fastapi_program() -> None:
    service = load("measured_service")
    client = TestClient(service.app)
    answer = client.get("/hello")
    assert len(answer.headers["x-turn"]) == 12
    assert "Plotly.newPlot" in client.get("/report").text
    assert service.monitor.summary()["GET"]["n"] == 2
