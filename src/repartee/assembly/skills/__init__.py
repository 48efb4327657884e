"""What the assistant can do: every module here that has `SKILLS` (intent name to skill) is in, one small file each."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType

from repartee.core.skill import Skill, Skills

from .lists import Lists


def load_skills(*, own_lists: bool = False, knowing: Mapping[str, Skill] | None = None) -> Skills:
    """`own_lists`: ours even where the home has lists. `knowing`: skills that know more than a situation tells.

    Raises `ValueError` where two files claim one intent.
    """
    found: dict[str, Skill] = {}
    for module in _modules():
        skills: Skills = getattr(module, "SKILLS", {})
        if twice := found.keys() & skills.keys():
            raise ValueError(f"{module.__name__} claims {', '.join(sorted(twice))}, which another skill has")
        found.update(skills)
    return {**found, **(Lists(own=True).skills if own_lists else {}), **(knowing or {})}


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(__path__):
        yield import_module(f"{__name__}.{module.name}")
