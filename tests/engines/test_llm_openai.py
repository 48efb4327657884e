"""The OpenAI-compatible client against a scripted server over real HTTP: what good ones and bad ones do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.errors import ModelAway, ModelBusy, ModelError, ModelGarbled, ModelStalled
from repartee.core.prompt import Message, OutputForm, Prompt, Role
from repartee.engines.llm.openai import Engine
from repartee.engines.llm.openai.events import events
from repartee.engines.llm.openai.request import Binding
from tests import virtual_time
from tests.fakes.llm_server import Exchange, Refuse, Whole, scripted

PROMPT = Prompt((Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Hello")), first_within=2, stalled_after=0.3)
FORM = OutputForm("plan", {"type": "object", "properties": {"x": {"enum": ["a"]}}}, 'root ::= "{}"')
BOUND = replace(PROMPT, form=FORM)
pytestmark = pytest.mark.real_time


async def said(engine: Engine, prompt: Prompt = PROMPT) -> list[str]:
    try:
        return [piece async for piece in engine.generate(prompt)]
    finally:
        engine.close()


async def hello(exchange: Exchange) -> None:
    await exchange.tokens(["Hel", "lo ", "there"])
    await exchange.done()


async def test_pieces_come_as_they_are_sent() -> None:
    async with scripted(hello) as server:
        assert await said(Engine(server.url, "small", "s3cret")) == ["Hel", "lo ", "there"]
        assert server.asked[0]["messages"][0] == {"role": "system", "content": "Be brief."}
        assert (server.asked[0]["model"], server.asked[0]["max_tokens"]) == ("small", 256)
        assert server.headers[0]["Authorization"] == "Bearer s3cret"


async def test_without_a_model_the_servers_first_is_asked() -> None:
    async with scripted(hello) as server:
        engine = Engine(server.url)
        assert (await engine.check()).model == "scripted"
        await said(engine)
        assert server.asked[0]["model"] == "scripted"


async def test_fragments_comments_and_other_line_ends() -> None:
    async def script(exchange: Exchange) -> None:
        event = json.dumps({"choices": [{"delta": {"content": "é🙂"}}]})
        data = f": ping\r\n\r\nevent: x\r\ndata: {event}\r\n\r\ndata: [DONE]\r\n\r\n".encode()
        for at in range(0, len(data), 3):
            await exchange.raw(data[at : at + 3])
            await asyncio.sleep(0.001)

    async with scripted(script) as server:
        assert await said(Engine(server.url)) == ["é🙂"]


async def test_a_tool_call_is_the_answer() -> None:
    async def script(exchange: Exchange) -> None:
        for part in ('{"x":', '"a"}'):
            await exchange.event({"choices": [{"delta": {"tool_calls": [{"function": {"arguments": part}}]}}]})
        await exchange.done()

    async with scripted(script) as server:
        assert "".join(await said(Engine(server.url), BOUND)) == '{"x":"a"}'


async def test_the_strictest_way_of_binding_that_a_server_knows_is_found_and_remembered() -> None:
    async def script(exchange: Exchange) -> None:
        if "response_format" in exchange.body or "grammar" in exchange.body:
            raise Refuse(400, "unknown field")
        await exchange.event({"choices": [{"delta": {"tool_calls": [{"function": {"arguments": "{}"}}]}}]})
        await exchange.done()

    async with scripted(script) as server:
        engine = Engine(server.url)
        assert "".join(await said(engine, BOUND)) == "{}"
        assert engine.binding is Binding.TOOL
        assert "".join(await said(engine, BOUND)) == "{}"
        assert len(server.asked) == 4
        assert server.asked[0]["response_format"]["json_schema"]["schema"] == FORM.schema
        assert server.asked[1]["grammar"] == FORM.grammar
        assert server.asked[3]["tools"][0]["function"]["name"] == "plan"


async def test_a_server_that_does_not_stream_is_read_all_the_same() -> None:
    async def script(_: Exchange) -> None:
        raise Whole({"choices": [{"message": {"content": "All at once"}, "finish_reason": "stop"}]})

    async with scripted(script) as server:
        assert await said(Engine(server.url)) == ["All at once"]


async def test_what_it_thinks_is_not_what_it_says() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.event({"choices": [{"delta": {"reasoning_content": "hmm", "content": None}}]})
        await exchange.event({"choices": []})
        await hello(exchange)

    async with scripted(script) as server:
        assert "".join(await said(Engine(server.url))) == "Hello there"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ModelAway),
        (403, ModelAway),
        (404, ModelAway),
        (400, ModelAway),
        (500, ModelAway),
        (429, ModelBusy),
        (503, ModelBusy),
    ],
)
async def test_a_refusal_is_said_as_what_it_is(status: int, error: type[ModelError]) -> None:
    async def script(_: Exchange) -> None:
        raise Refuse(status, "x" * 10_000, **{"Retry-After": "7"})

    async with scripted(script) as server:
        with pytest.raises(error, match=str(status)) as raised:
            await said(Engine(server.url, key="s3cret"))
        assert len(str(raised.value)) < 400
        assert "s3cret" not in str(raised.value)
        assert getattr(raised.value, "retry_after", 7) == 7


async def _tokens_and(exchange: Exchange, then: Any) -> None:
    await exchange.tokens(["one", " two"])
    await then(exchange)


async def _stall(_: Exchange) -> None:
    await asyncio.sleep(5)


async def _cut(exchange: Exchange) -> None:
    exchange.cut()


async def _end(exchange: Exchange) -> None:
    """Ends the answer without saying that it is over."""


async def _no_json(exchange: Exchange) -> None:
    await exchange.event("{not json")


async def _no_object(exchange: Exchange) -> None:
    await exchange.event("[1, 2]")


async def _no_text(exchange: Exchange) -> None:
    await exchange.event({"choices": [{"delta": {"content": {"a": 1}}}]})


async def _error(exchange: Exchange) -> None:
    await exchange.event({"error": {"message": "out of memory"}})


async def _flood(exchange: Exchange) -> None:
    for _ in range(2_000):
        await exchange.token("x" * 1_000)


async def _endless_line(exchange: Exchange) -> None:
    for _ in range(40):
        await exchange.raw(b"x" * 65_536)


@pytest.mark.parametrize(
    ("then", "error"),
    [
        (_stall, ModelStalled), (_cut, ModelGarbled), (_end, ModelGarbled), (_no_json, ModelGarbled),
        (_no_object, ModelGarbled), (_no_text, ModelGarbled), (_error, ModelAway), (_flood, ModelGarbled),
        (_endless_line, ModelGarbled),
    ],
)  # fmt: skip
async def test_what_goes_wrong_in_the_middle_ends_the_answer_and_says_why(then: Any, error: type[ModelError]) -> None:
    async with scripted(lambda exchange: _tokens_and(exchange, then)) as server:
        got: list[str] = []
        began = time.perf_counter()
        engine = Engine(server.url)
        with pytest.raises(error):
            await _into(got, engine)
        engine.close()
        assert got[:2] == ["one", " two"]
        assert time.perf_counter() - began < 3


async def _into(got: list[str], engine: Engine) -> None:
    async for piece in engine.generate(PROMPT):
        got.append(piece)  # noqa: PERF401  # kept when it breaks


async def test_a_server_that_never_begins() -> None:
    async with scripted(_stall) as server:
        with pytest.raises(ModelStalled):
            await said(Engine(server.url, "m"), replace(PROMPT, first_within=0.2))


async def test_no_server_at_all() -> None:
    with pytest.raises(ModelAway, match="127"):
        await said(Engine("http://127.0.0.1:1/v1", "m"))
    with pytest.raises(ModelAway):
        await Engine("http://127.0.0.1:1/v1").check()


async def test_left_in_the_middle_the_server_stops_generating() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.tokens([f"{n} " for n in range(500)], each=0.01)

    async with scripted(script) as server:
        engine = Engine(server.url)
        stream = engine.generate(PROMPT)
        await anext(stream)
        began = time.perf_counter()
        await stream.aclose()
        assert time.perf_counter() - began < 0.05
        await asyncio.sleep(0.1)
        sent = server.exchanges[0].sent
        await asyncio.sleep(0.15)
        assert server.exchanges[0].sent == sent < 50
        engine.close()


async def test_two_at_once_and_one_after_the_other() -> None:
    async with scripted(hello) as server:
        engine = Engine(server.url)
        answers = await asyncio.gather(*(_said(engine) for _ in range(5)))
        assert answers == [["Hel", "lo ", "there"]] * 5
        engine.close()


async def _said(engine: Engine) -> list[str]:
    return [piece async for piece in engine.generate(PROMPT)]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=20), max_size=5),
    st.data(),
)
def test_events_are_the_same_however_they_are_cut(texts: list[str], data: Any) -> None:
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    stream = "".join(f"data: {text}{end}data: more{end}{end}" for text in texts).encode()

    async def read() -> list[str]:
        return [event async for event in events(pieces())]

    async def pieces() -> AsyncIterator[bytes]:
        at = 0
        while at < len(stream):
            size = data.draw(st.integers(1, 9))
            yield stream[at : at + size]
            at += size

    assert virtual_time.run(read(), real=True) == [f"{text}\nmore" for text in texts]
