"""`repartee llm check`, against a scripted server and a real small model."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from repartee.app.cli import app
from repartee.core.errors import BadInput, BadSettings
from tests.engines.test_llm_llama import small_model
from tests.fakes.llm_server import Exchange, scripted


def checked(*arguments: str) -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(app, ["llm", "check", "--json", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout.splitlines()[-1])


@pytest.mark.real_time
async def test_a_server_is_found_and_whether_it_can_be_bound() -> None:
    async def script(exchange: Exchange) -> None:
        bound = "response_format" in exchange.body
        await exchange.tokens(['{"lamp": ', '"hall"}'] if bound else ["A lamp ", "shines ", "light."], each=0.01)
        await exchange.done()

    async with scripted(script) as server:
        code, told = await asyncio.to_thread(checked, "--url", server.url)
    assert (code, told["model"], told["bound"], told["error"]) == (0, "scripted", True, None)


@pytest.mark.real_time
async def test_a_server_that_lies_about_its_form_is_found_out() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.tokens(["Well, ", "a lamp..."])
        await exchange.done()

    async with scripted(script) as server:
        _, told = await asyncio.to_thread(checked, "--url", server.url)
    assert told["bound"] is False


def test_no_server_is_said() -> None:
    code, told = checked("--url", "http://127.0.0.1:1/v1")
    assert code == 1
    assert "127.0.0.1:1" in str(told["error"])


def test_a_local_file_answers_and_is_bound() -> None:
    code, told = checked("--file", str(small_model()))
    assert (code, told["bound"]) == (0, True)


def test_what_is_set_wrong_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no language model"):
        checked()
    config = tmp_path / "repartee.toml"
    config.write_text('[llm.fast]\nurl = "http://127.0.0.1:1/v1"\nfile = "x.gguf"\n')
    with pytest.raises(BadSettings, match="either"):
        checked("--config", str(config))
