"""`repartee load` as a person runs it: a real server, real speech at the pace of life, seconds instead of hours."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from repartee.proof.load.crowd import Crowd
from repartee.proof.load.run import unlimited
from repartee.proof.load.shape import SHAPES, Phase
from repartee.proof.load.socket_line import SocketLine
from repartee.proof.load.spoken import Spoken
from tests import sound
from tests.e2e.cli import repartee
from tests.fakes.assistant import fake_assistant
from tests.fakes.serving import serving

pytestmark = pytest.mark.real_time
NOWHERE = {"REPARTEE_SHARED": "/nowhere"}


def test_one_person_alone_with_a_server_of_its_own(tmp_path: Path) -> None:
    done = repartee("load", "single", "--scale", "0.3", "-o", "out", "--json", folder=tmp_path, env=NOWHERE)
    assert done.code in (1, 3), done.err
    told = done.rows[0]
    (phase,) = told["phases"]
    assert phase["said"] >= 2
    assert phase["fates"].get("answered", 0) >= 2, "the product's own voice is understood by itself"
    assert 0 < phase["answered"]["p50"] < 10_000
    assert phase["rss_mb"] > 50
    assert told["origin"] == "synthetic"
    assert not [
        verdict for verdict in told["verdicts"] if verdict["outcome"] == "kept" and "response" in verdict["budget"]
    ]
    assert told["ready_s"] > 0
    assert json.loads((tmp_path / "out" / "load-single.json").read_text()) == told
    assert (tmp_path / "out" / "load-single.html").read_text().count("Plotly.newPlot") == 3
    assert "| alone | 1 |" in (tmp_path / "out" / "load-single.md").read_text()


async def test_who_is_too_many_is_refused_at_once_and_politely(tmp_path: Path) -> None:

    async with fake_assistant() as assistant, serving(assistant, sessions=3) as url:
        arguments = ("load", "concurrent", "--url", url, "--scale", "0.02", "--users", "8", "--json")
        done = await asyncio.to_thread(repartee, *arguments, folder=tmp_path, env=NOWHERE)
    told = done.rows[0]
    assert told["refused"]["n"] >= 4, done.err
    assert told["refused"]["politely"] == told["refused"]["n"]
    assert "3 conversations are open; try again later" in told["refused"]["why"][0][0]
    checks = {check["name"]: check["outcome"] for check in told["checks"]}
    assert checks["refused late or without a reason"] == "kept"
    assert max(phase["users"] for phase in told["phases"]) <= 3


async def test_only_the_server_limits_how_many_come() -> None:
    """More than a client's own default of a hundred connections."""
    inside = Phase("inside", 6, (125, 125))
    async with fake_assistant() as assistant, serving(assistant, sessions=115) as url, unlimited() as http:
        crowd = Crowd(lambda: SocketLine(http, url), [Spoken("a.wav", sound.silence(1.0), 0.9)])
        await crowd.live(inside, lambda: crowd.users >= 115 and len(crowd.refused) >= 10)
        assert crowd.users == 115
        assert len(crowd.refused) == 10
        await crowd.leave()


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in SHAPES if name not in ("single", "spike")])
def test_every_shape_runs_in_seconds(tmp_path: Path, name: str) -> None:
    scale = "0.1" if name == "prerelease" else "0.01"  # so few people say a sentence in some seconds, by chance
    done = repartee("load", name, "--scale", scale, "--users", "3", "--json", folder=tmp_path, env=NOWHERE)
    assert done.code in (0, 1, 3), done.err
    assert sum(phase["said"] for phase in done.rows[0]["phases"]) >= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("storm",), "single, concurrent, sustained"),
        (("single", "--url", "here"), "no address of a server"),
        (("single", "--recordings", "."), "no recordings"),
        (("single", "--profile", "sunshine"), "choose one of moonshot"),
    ],
)
def test_bad_use_is_explained(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = repartee("load", *arguments, folder=tmp_path, env=NOWHERE)
    assert done.code == 2
    assert said in done.err
