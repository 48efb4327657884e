"""What the assistant can do: every module here that has `SKILLS` (intent name to skill) is in, one small file each."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from repartee.core.skill import Skill, Skills


def load_skills() -> Skills:
    """Raises `ValueError` where two files claim one intent."""
    found: dict[str, Skill] = {}
    for module in pkgutil.iter_modules(__path__):
        skills: Skills = getattr(import_module(f"{__name__}.{module.name}"), "SKILLS", {})
        if twice := found.keys() & skills.keys():
            raise ValueError(f"{module.name} claims {', '.join(sorted(twice))}, which another skill has")
        found.update(skills)
    return found
