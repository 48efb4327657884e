"""Any OpenAI-compatible server: Ollama, llama.cpp, vLLM, LM Studio, the cloud. Over one persistent connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from repartee.core.errors import ModelAway, ModelError, ModelGarbled, ModelStalled
from repartee.core.prompt import MAX_ANSWER, Message, Prompt, Role

from .events import TooLong, events
from .request import Binding, body, piece, read, refusal

CONNECT_WITHIN = 3.0
"""Seconds."""
UNBOUND = frozenset({400, 404, 415, 422, 500, 501})
"""What servers answer to a way of binding that they do not know."""
PIECE = 65_536
"""Bytes read at once."""


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """What `repartee llm check` found out."""

    model: str
    models: tuple[str, ...]
    """All that the server has."""


class Engine:
    def __init__(self, url: str, model: str = "", key: str = "") -> None:
        """`url`: up to and with `/v1`. `model`: its name; empty: the server's first. `key`: the secret itself."""
        self._url, self._model = url.rstrip("/"), model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.binding = Binding.SCHEMA
        """The strictest that the server has not refused."""

    async def warm(self) -> None:
        """Finds the model, and has the server load it. Raises `ModelError`."""
        hello = Prompt((Message(Role.USER, "Hi"),), max_tokens=1, first_within=120.0)
        async for _ in self.generate(hello):
            pass

    async def check(self) -> ServerCheck:
        """Raises `ModelError`."""
        models = await self._models()
        return ServerCheck(self._model or (models[0] if models else ""), models)

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Closing it closes the connection, at which servers stop generating."""
        ways = list(Binding)[list(Binding).index(self.binding) :] if prompt.form else [Binding.NONE]
        for way in ways:
            try:
                answers = self._answer(prompt, way)
                async for text in answers:
                    yield text
            except _NotBound as refused:
                if way is ways[-1]:
                    raise refused.why from refused
            else:
                self.binding = way if prompt.form else self.binding
                return
            finally:
                await answers.aclose()

    def close(self) -> None:
        """The connection ends with its loop."""
        if self._session is not None and self._loop is not None and self._loop.is_running():
            self._loop.create_task(self._session.close())
        self._session = None

    async def _answer(self, prompt: Prompt, binding: Binding) -> AsyncGenerator[str, None]:
        model = self._model or next(iter(await self._models()), "")
        try:
            response = await self._within(
                prompt.first_within,
                self._client().post(f"{self._url}/chat/completions", json=body(prompt, model, binding)),
            )
        except aiohttp.ClientError as error:
            raise self._away(error) from error
        try:
            if response.status != 200:
                why = refusal(response.status, await _start(response), response.headers)
                if prompt.form and response.status in UNBOUND:
                    raise _NotBound(why)
                raise why
            async for text in self._pieces(response, prompt):
                yield text
        except aiohttp.ClientError as error:
            raise ModelGarbled(f"the language model's server broke off in the middle: {error}") from error
        finally:
            response.close()

    async def _pieces(self, response: aiohttp.ClientResponse, prompt: Prompt) -> AsyncIterator[str]:
        if "json" in response.headers.get("Content-Type", ""):
            yield _whole(b"".join([data async for data in self._read(response, prompt)]))
            return
        finished = False
        try:
            async for event in events(self._read(response, prompt)):
                got = piece(event)
                finished = finished or got.finished
                if got.text:
                    yield got.text
                if event.strip() == "[DONE]":
                    return
        except TooLong as error:
            raise ModelGarbled("the language model's server sends an event without an end") from error
        if not finished:
            raise ModelGarbled("the language model's server broke off in the middle")

    async def _read(self, response: aiohttp.ClientResponse, prompt: Prompt) -> AsyncIterator[bytes]:
        """At most `MAX_ANSWER` bytes, none later than the prompt allows."""
        total, patience = 0, prompt.first_within
        while data := await self._within(patience, response.content.read(PIECE)):
            total += len(data)
            if total > MAX_ANSWER:
                raise ModelGarbled(f"the language model's answer is longer than {MAX_ANSWER} bytes")
            yield data
            patience = prompt.stalled_after

    async def _models(self) -> tuple[str, ...]:
        try:
            response = await self._within(CONNECT_WITHIN, self._client().get(f"{self._url}/models"))
            async with response:
                if response.status != 200:
                    raise refusal(response.status, await _start(response), response.headers)
                data = json.loads(await self._within(CONNECT_WITHIN, response.content.read(MAX_ANSWER)))
                return tuple(str(model["id"]) for model in data["data"])
        except aiohttp.ClientError as error:
            raise self._away(error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelGarbled(f"{self._url} is no OpenAI-compatible server: it has no list of models") from error

    async def _within(self, seconds: float, work: Any) -> Any:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            raise ModelStalled(f"nothing came from {self._url} within {seconds:g} s") from error

    def _client(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_WITHIN)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout, trust_env=False)
            self._loop = loop
        return self._session

    def _away(self, error: Exception) -> ModelError:
        return ModelAway(f"no language model at {self._url}: {type(error).__name__}")


class _NotBound(Exception):
    """The server does not know this way of being held to a form."""

    def __init__(self, why: ModelError) -> None:
        super().__init__(str(why))
        self.why = why


async def _start(response: aiohttp.ClientResponse) -> str:
    """The beginning of what it says."""
    return (await response.content.read(4_096)).decode("utf-8", "replace")


def _whole(data: bytes) -> str:
    try:
        return read(json.loads(data)).text
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ModelGarbled(f"the language model's server sends what is no answer: {data[:80]!r}") from error
