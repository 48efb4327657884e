"""A GGUF file by llama.cpp (`xllamacpp`, the extra `llm`), in a process of its own: a crash there is none of ours.

The process starts when it is first needed and ends after a while without requests. What a prompt has in common
with the one before is not read again. Generation ends before the next token when the answer is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from repartee.core.distribution import install
from repartee.core.errors import EngineMissing, ModelAway, ModelGarbled, ModelStalled
from repartee.core.prompt import MAX_ANSWER, Message, Prompt, Role

from .process import Messages, ModelProcess

GGUF = b"GGUF"
"""The first four bytes of such a file."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer."""

    read: int = 0
    """Of the prompt."""
    reused: int = 0
    """Of the prompt, known from the one before."""
    made: int = 0


@dataclass(frozen=True, slots=True)
class Llama:
    """How the model is run."""

    context: int = 2_048
    """Tokens of prompt and answer together."""
    threads: int = 1
    batch: int = 256
    """Tokens of a prompt that are read in one go: an answer that is left stops after them."""
    gpu_layers: int = 0
    idle: float = 600.0
    """Seconds without a question after which its memory is given back."""


class Engine:
    def __init__(self, file: Path, settings: Llama | None = None) -> None:
        """Raises `EngineMissing` where package or file are absent, `ModelAway` for a file that is no GGUF."""
        if find_spec("xllamacpp") is None:
            raise EngineMissing("llama", install("llm"))
        if not file.is_file():
            raise EngineMissing("llama", f"there is no model file {file}")
        with file.open("rb") as head:
            if head.read(len(GGUF)) != GGUF:
                raise ModelAway(f"{file} is no GGUF file")
        self.usage = Usage()
        """Of the last answer that came to its end."""
        self._file, self._settings = file, settings or Llama()
        self._process: ModelProcess | None = None
        self._starting = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._open = 0

    async def warm(self) -> None:
        """Loads the model. Raises `ModelAway`."""
        async for _ in self.generate(Prompt((Message(Role.USER, "Hi"),), max_tokens=1)):
            pass

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        process = await self._running()
        self._open += 1
        number, answers = process.ask(_body(prompt))
        try:
            async for text in self._texts(answers, prompt):
                yield text
            process.finished(number)
        finally:
            process.leave(number)
            self._open -= 1
            self._rest()

    @property
    def pid(self) -> int | None:
        """Of the model's process, where it runs."""
        return self._process.pid if self._process and self._process.alive else None

    def close(self) -> None:
        """The process is killed; it holds nothing that is not in the file."""
        if self._idle:
            self._idle.cancel()
        if self._process:
            self._process.kill()
        self._process = None

    async def _texts(self, answers: Messages, prompt: Prompt) -> AsyncIterator[str]:
        patience, total = prompt.first_within, 0
        while True:
            try:
                async with asyncio.timeout(patience):
                    message = await answers.get()
            except TimeoutError as error:
                raise ModelStalled(f"{self._file.name} said nothing for {patience:g} s") from error
            if "failed" in message:
                raise ModelGarbled(f"{self._file.name} failed: {message['failed']}")
            if "done" in message:
                self.usage = Usage(message["read"], message["reused"], message["made"])
                return
            total += len(message["text"])
            if total > MAX_ANSWER:
                raise ModelGarbled(f"the answer of {self._file.name} is longer than {MAX_ANSWER} characters")
            yield message["text"]
            patience = prompt.stalled_after

    async def _running(self) -> ModelProcess:
        async with self._starting:
            if self._idle:
                self._idle.cancel()
            if self._process is None or not self._process.alive:
                settings = self._settings
                wanted = {
                    "file": str(self._file), "context": settings.context, "threads": settings.threads,
                    "batch": settings.batch, "gpu_layers": settings.gpu_layers,
                }  # fmt: skip
                self._process = await asyncio.to_thread(ModelProcess.start, wanted)
            return self._process

    def _rest(self) -> None:
        """Counts from the last question."""
        if self._idle:
            self._idle.cancel()
        if not self._open and self._process is not None:
            self._idle = asyncio.get_running_loop().call_later(self._settings.idle, self.close)


def _body(prompt: Prompt) -> dict[str, Any]:
    messages = [{"role": message.role.value, "content": message.text} for message in prompt.messages]
    asked: dict[str, Any] = {
        "messages": messages, "stream": True, "max_tokens": prompt.max_tokens, "temperature": 0, "cache_prompt": True,
        "timings_per_token": True,
    }  # fmt: skip
    if prompt.form and prompt.form.grammar:
        asked["grammar"] = prompt.form.grammar
    elif prompt.form:
        asked["response_format"] = {"type": "json_schema", "json_schema": {"schema": prompt.form.schema}}
    return asked
