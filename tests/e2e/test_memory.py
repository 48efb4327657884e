"""The memory by the real command line and the real server: told, asked after a restart, corrected, forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from tests.fakes.serving import serving

from .cli import repartee

pytestmark = pytest.mark.real_time


def test_what_was_told_is_known_to_the_next_process(tmp_path: Path) -> None:
    """Each command is a process of its own."""
    told = repartee("ask", "remember that my keys are in the drawer", folder=tmp_path)
    assert "your keys are in the drawer" in told.out
    assert "Your keys are in the drawer" in repartee("ask", "where are my keys?", folder=tmp_path).out


def test_listed_found_corrected_exported_forgotten(tmp_path: Path) -> None:
    (fact,) = repartee("memory", "add", "my", "keys", "are", "in", "the", "drawer", "--json", folder=tmp_path).rows
    assert (fact["kind"], fact["subject"], fact["value"]) == ("place", "keys", "in the drawer")
    (new,) = repartee("memory", "correct", str(fact["id"]), "my keys are on the table", "--json", folder=tmp_path).rows
    assert [row["id"] for row in repartee("memory", "list", "--json", folder=tmp_path).rows] == [new["id"]]
    assert "on the table" in repartee("memory", "find", "where are my keys", folder=tmp_path).out
    assert len(repartee("memory", "export", folder=tmp_path).rows) == 2
    assert json.loads(repartee("data", "show", "--json", folder=tmp_path).out)["kept"]["memory"] == 2
    refused = repartee("memory", "add", "the pin is 83917462", folder=tmp_path)
    assert refused.code == 2
    assert "83917462" not in refused.err
    assert repartee("memory", "forget", str(new["id"]), folder=tmp_path).out.startswith("1 forgotten")
    assert repartee("memory", "forget", "999", folder=tmp_path).code == 2
    assert repartee("memory", "forget", "--everything", folder=tmp_path, stdin=b"n\n").code == 1
    assert repartee("memory", "forget", "--everything", "--yes", folder=tmp_path).out.startswith("1 forgotten")
    assert b"drawer" not in b"".join(file.read_bytes() for file in tmp_path.rglob("memory.sqlite*"))


async def test_at_the_page(tmp_path: Path) -> None:
    settings = Settings(system=System(data=tmp_path))
    async with (
        open_assistant(settings) as assistant,
        serving(assistant) as url,
        httpx.AsyncClient(base_url=url) as page,
    ):
        (fact,) = (await page.post("api/memory", json={"text": "my name is Anna"})).json()
        asked = (await page.post("api/ask", json={"text": "what is my name"})).json()
        assert asked["reply"] == "Your name is Anna"
        changed = await page.put(f"api/memory/{fact['id']}", json={"text": "my name is Bea"})
        assert changed.json()["value"] == "Bea"
        assert [row["value"] for row in (await page.get("api/memory")).json()] == ["Bea"]
        assert len((await page.get("api/memory", params={"past": True})).json()) == 2
        assert (await page.post("api/memory", json={"text": "the pin is 83917462"})).status_code == 422
        assert (await page.delete("api/memory/999")).status_code == 404
        assert (await page.delete("api/memory")).status_code == 422
        assert (await page.delete("api/memory", params={"everything": True})).json() == {"forgotten": 2}
        asked = (await page.post("api/ask", json={"text": "what is my name"})).json()
        assert asked["reply"] == "You have not told me that"
        busy = repartee(
            "memory", "add", "my name is Eve", folder=tmp_path.parent, env={"REPARTEE_SYSTEM__DATA": str(tmp_path)}
        )
        assert busy.code == 2
        assert "at work" in busy.err
