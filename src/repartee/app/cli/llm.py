"""`repartee llm check`: which language model answers, how fast, and whether it can be held to a form."""

from __future__ import annotations

import asyncio
import json as jsonlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from repartee.assembly.models import open_models
from repartee.assembly.settings import Settings, read_settings
from repartee.core.errors import BadInput, ModelError
from repartee.core.ports import LanguageModel
from repartee.core.prompt import Message, OutputForm, Prompt, Role
from repartee.engines.llm import openai

from .options import Config, Json

QUESTION = Prompt((Message(Role.USER, "Say in one sentence what a lamp is."),), max_tokens=40, first_within=60.0)
FORM = OutputForm(
    "check",
    {
        "type": "object",
        "properties": {"lamp": {"type": "string", "enum": ["kitchen", "hall"]}},
        "required": ["lamp"],
        "additionalProperties": False,
    },
)
BOUND = Prompt((Message(Role.USER, "Which lamp? Answer in prose."),), FORM, max_tokens=60, first_within=60.0)


@dataclass(frozen=True, slots=True)
class Checked:
    role: str
    where: str
    model: str
    first_token_ms: float | None = None
    """With the model loaded."""
    tokens_per_second: float | None = None
    bound: bool | None = None
    """It keeps to the form it is given; otherwise each answer is read with more care, and more of them are refused."""
    error: str | None = None


llm = typer.Typer(help="Language models.", no_args_is_help=True)


@llm.callback()
def about() -> None:
    """Language models."""


@llm.command()
def check(
    url: Annotated[str | None, typer.Option(help="A server other than that of the settings.")] = None,
    file: Annotated[Path | None, typer.Option(help="A GGUF file other than that of the settings.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Which language model answers, how fast, and whether it can be held to a form."""
    model = {"fast": {"url": url or "", "file": file}} if url or file else {}
    settings = read_settings(config, {"llm": model})
    models = open_models(settings.llm)
    if not models:
        raise BadInput("no language model is set; see [llm] in docs/conversation.md")
    told = asyncio.run(_all(models, settings))
    if json:
        for row in told:
            print(jsonlib.dumps(asdict(row), ensure_ascii=False))
    else:
        _print(told)
    raise typer.Exit(int(any(row.error for row in told)))


async def _all(models: Mapping[str, LanguageModel], settings: Settings) -> list[Checked]:
    told = []
    for role, model in models.items():
        chosen = getattr(settings.llm, role)
        told.append(await _checked(role, model, chosen.url or str(chosen.file), chosen.model))
        model.close()
    await asyncio.sleep(0)
    return told


async def _checked(role: str, model: LanguageModel, where: str, name: str) -> Checked:
    try:
        if isinstance(model, openai.Engine):
            name = (await model.check()).model
        await model.warm()
        first, rate = await _speed(model)
        return Checked(role, where, name, first, rate, await _keeps_to_form(model))
    except ModelError as error:
        return Checked(role, where, name, error=str(error))


async def _speed(model: LanguageModel) -> tuple[float | None, float | None]:
    """Milliseconds to the first token, tokens a second after it."""
    began, first, count = time.perf_counter(), None, 0
    async for _ in model.generate(QUESTION):
        first = first or time.perf_counter()
        count += 1
    if first is None:
        return None, None
    rate = (count - 1) / (time.perf_counter() - first) if count > 1 else None
    return round((first - began) * 1000, 1), rate and round(rate, 1)


async def _keeps_to_form(model: LanguageModel) -> bool:
    try:
        answer = jsonlib.loads("".join([piece async for piece in model.generate(BOUND)]))
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("lamp") in ("kitchen", "hall")


def _print(told: list[Checked]) -> None:
    table = Table("role", "where", "model", "first token", "tokens a second", "bound", box=None)
    for row in told:
        if row.error:
            table.add_row(row.role, row.where, row.model, f"[red]{row.error}[/]")
        else:
            table.add_row(
                row.role, row.where, row.model, f"{row.first_token_ms} ms", str(row.tokens_per_second),
                "[green]yes[/]" if row.bound else "[red]no[/]",
            )  # fmt: skip
    Console(highlight=False).print(table)
