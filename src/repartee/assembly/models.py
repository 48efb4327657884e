"""The language models of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.core.errors import BadSettings

from .secret import read_secret
from .settings import LanguageModels, ModelSettings

if TYPE_CHECKING:
    from repartee.core.ports import LanguageModel


def open_models(settings: LanguageModels) -> dict[str, LanguageModel]:
    """By role; empty where none is set. Nothing is loaded yet. Raises `BadSettings`, `EngineMissing`, `ModelAway`."""
    wanted = {"fast": settings.fast, "good": settings.good}
    return {role: open_model(role, model) for role, model in wanted.items() if model is not None}


def open_model(role: str, settings: ModelSettings) -> LanguageModel:
    if bool(settings.url) == (settings.file is not None):
        raise BadSettings(f"llm.{role}: give either `url` of a server or `file` of a model")
    if settings.file is not None:
        from repartee.engines.llm import llama

        return llama.Engine(
            settings.file, llama.Llama(context=settings.context, threads=settings.threads, idle=settings.idle)
        )
    from repartee.engines.llm import openai

    return openai.Engine(settings.url, settings.model, read_secret(settings.key) if settings.key else "")
