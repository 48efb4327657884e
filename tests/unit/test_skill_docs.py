"""The skill of docs/skills.md works as it stands there."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from repartee.assembly.skills import load_skills
from repartee.core.intent import Context
from repartee.core.plan import Outcome
from repartee.core.skill import Situation
from repartee.engines.home.demo import demo_home
from repartee.grammar.compiled import compile_home
from repartee.stages.reply import Replies
from repartee.stages.understand.planning import plan

DOCS = (Path(__file__).parents[2] / "docs" / "skills.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_example_is_a_skill(tmp_path: Path) -> None:
    (tmp_path / "dice.json").write_text(block("json"))
    module: dict[str, Any] = {"__package__": "repartee.assembly.skills", "__name__": "dice"}
    exec(block("python"), module)  # noqa: S102  our own document
    file = demo_home()
    (reading, *_) = compile_home(file.home, "en", tmp_path).parse("roll a die with 20 sides", Context())
    made = plan(reading, module["SKILLS"], Situation(file.home, file.states))
    reply = re.search(r'`"RepDie": "(.*?)"`', DOCS)
    assert reply is not None
    replies = Replies({"en": {"RepDie": {"default": reply[1]}}})
    said = replies.render([Outcome(step) for step in made.steps], file.home, file.states)
    assert 1 <= int(said) <= 20


def test_every_skill_is_in_the_table() -> None:
    told = re.findall(r"`((?:Hass|Rep)[\w*]+)`", DOCS.partition("## Add a skill")[0])
    names = [name for name in load_skills() if name.startswith(("Hass", "Rep"))]
    assert [name for name in names if not any(fnmatch(name, pattern) for pattern in told)] == []
