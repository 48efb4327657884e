"""`bench/house.py` finds what it is there to find."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bench.house import House, faults, fields_needed, lines_of_code, needed, yields_in_task_group


def house(text: str, tmp_path: Path) -> House:
    path = tmp_path / "module.py"
    path.write_text(text)
    found = House()
    found.add(path)
    return found


def function(text: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return node


def test_a_line_of_code_is_neither_blank_nor_a_comment() -> None:
    assert lines_of_code("a = 1\n\n# why\n  # indented\nb = 2  # here\n") == 2


def test_arguments_with_a_default_are_apart() -> None:
    assert needed(function("def __init__(self, a, b, c=1, *, d, e=2): pass")) == 3


def test_plain_figures_of_a_record_are_no_arguments() -> None:
    node = ast.parse("class A:\n    a: float\n    b: str\n    c: Home\n    d: Home = HOME").body[0]
    assert isinstance(node, ast.ClassDef)
    assert fields_needed(node) == 1


@pytest.mark.parametrize("body", ["pass", "x = 1", "return None"])
def test_an_except_that_swallows_all_is_counted_and_wants_a_reason(body: str, tmp_path: Path) -> None:
    found = house(f"def f():\n    try:\n        g()\n    except Exception:\n        {body}\n", tmp_path)
    assert len(found.broad) == len(found.unreasoned) == 1
    told = house(f"def f():\n    try:\n        g()\n    except Exception:  # the edge\n        {body}\n", tmp_path)
    assert not told.unreasoned


def test_an_except_that_raises_again_is_none(tmp_path: Path) -> None:
    text = "def f():\n    try:\n        g()\n    except BaseException:\n        close()\n        raise\n"
    assert not house(text, tmp_path).broad


@pytest.mark.parametrize("scope", ["asyncio.TaskGroup() as group", "asyncio.timeout(3)"])
def test_a_yield_inside_a_scope_is_found(scope: str) -> None:
    text = f"async def f():\n    async with {scope}:\n        yield 1"
    assert list(yields_in_task_group(function(text))) == [3]
    assert not list(yields_in_task_group(function(f"@asynccontextmanager\n{text}")))


def test_what_passes_a_bound_is_named(tmp_path: Path) -> None:
    long = "def f():\n" + "    x = 1\n" * 60
    found = house(long * 6, tmp_path)
    told = " ".join(faults(found, tests=0.1))
    for fault in ("a long function", "a long module", "in the median", "99th percentile", "lines of tests"):
        assert fault in told
