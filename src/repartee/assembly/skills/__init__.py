"""What the assistant can do: every module here that has `SKILLS` (intent name to skill) is in, one small file each."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from repartee.core.skill import Skill, Skills
from repartee.stages.reply import Templates

from .lists import Lists

SENTENCES = Path(__file__).parent / "sentences"
"""A folder a language: the sentences of our own skills, in the format of the sentence data."""


def load_skills(*, own_lists: bool = False) -> Skills:
    """`own_lists`: ours even where the home has lists. Raises `ValueError` where two files claim one intent."""
    found: dict[str, Skill] = {}
    for module in _modules():
        skills: Skills = getattr(module, "SKILLS", {})
        if twice := found.keys() & skills.keys():
            raise ValueError(f"{module.__name__} claims {', '.join(sorted(twice))}, which another skill has")
        found.update(skills)
    return {**found, **Lists(own=True).skills} if own_lists else found


def load_replies() -> Templates:
    """The templates that skills bring along (`REPLIES`: language to intent to template)."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for module in _modules():
        for language, templates in getattr(module, "REPLIES", {}).items():
            known = found.setdefault(language, {})
            known.update({intent: {"default": template} for intent, template in templates.items()})
    return found


def sentences(language: str) -> Path | None:
    """The folder of our own sentences in this language; None where nobody has written any yet."""
    folder = SENTENCES / language.partition("-")[0]
    return folder if folder.is_dir() else None


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(__path__):
        yield import_module(f"{__name__}.{module.name}")
