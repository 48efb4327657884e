"""How large the house is, held to its bounds: `make check` fails where one is passed.

A line of code is neither blank nor a comment.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

Function = ast.FunctionDef | ast.AsyncFunctionDef

FUNCTION_MEDIAN, FUNCTION_P99, FUNCTION_MOST, MODULE_MOST, ARGUMENTS, BROAD, TESTS = 6, 30, 50, 350, 8, 4, 0.5
"""Lines of a function in the median, at the 99th percentile, at most; of a module; arguments of a constructor that have
no default; broad excepts that do not raise again, each with its reason; lines of tests to lines of code."""


@dataclass
class House:
    modules: dict[str, int] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    arguments: dict[str, int] = field(default_factory=dict)
    broad: list[str] = field(default_factory=list)
    unreasoned: list[str] = field(default_factory=list)
    yielding: list[str] = field(default_factory=list)

    def add(self, path: Path) -> None:
        text = path.read_text("utf-8")
        self.modules[str(path)] = lines_of_code(text)
        rows = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, Function):
                where = f"{path}:{node.lineno} {node.name}"
                self.functions[where] = (node.end_lineno or node.lineno) - node.lineno + 1
                if node.name == "__init__":
                    self.arguments[where] = needed(node)
                self.yielding += [f"{path}:{line}" for line in yields_in_task_group(node)]
            elif isinstance(node, ast.ClassDef) and is_dataclass(node):
                self.arguments[f"{path}:{node.lineno} {node.name}"] = fields_needed(node)
            elif isinstance(node, ast.ExceptHandler) and is_broad(node) and not isinstance(node.body[-1], ast.Raise):
                where = f"{path}:{node.lineno}"
                self.broad.append(where)
                if "#" not in rows[node.lineno - 1] and not rows[node.lineno].strip().startswith("#"):
                    self.unreasoned.append(where)


def lines_of_code(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def needed(function: Function) -> int:
    """Arguments that a caller must give, `self` apart."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults) - 1
    return positional + sum(default is None for default in arguments.kw_defaults)


def is_dataclass(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def fields_needed(node: ast.ClassDef) -> int:
    """But for plain numbers and texts: those are what a record holds, not what a thing is made of."""
    fields = [line for line in node.body if isinstance(line, ast.AnnAssign) and line.value is None]
    return sum(ast.unparse(line.annotation) not in ("int", "float", "str", "bool") for line in fields)


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = ast.unparse(handler.type) if handler.type else "Exception"
    return bool({"Exception", "BaseException"} & set(caught.strip("()").split(", ")))


def yields_in_task_group(function: Function) -> Iterator[int]:
    """A `yield` inside a TaskGroup or a timeout hands the scope to whoever iterates: a cancelled child would then be
    thrown into the middle of somebody else's work. An `@asynccontextmanager` yields once, to its own `async with`."""
    if any("contextmanager" in ast.unparse(decorator) for decorator in function.decorator_list):
        return
    for node in ast.walk(function):
        if isinstance(node, ast.AsyncWith) and any(scope(item) for item in node.items):
            yield from (inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Yield | ast.YieldFrom))


def scope(item: ast.withitem) -> bool:
    return ast.unparse(item.context_expr).startswith(("asyncio.TaskGroup", "asyncio.timeout"))


def faults(house: House, tests: float) -> Iterator[str]:
    lengths = sorted(house.functions.values())
    if median(lengths) > FUNCTION_MEDIAN:
        yield f"functions have {median(lengths):.0f} lines in the median; {FUNCTION_MEDIAN} at most"
    if p99(lengths) > FUNCTION_P99:
        yield f"functions have {p99(lengths):.0f} lines at the 99th percentile; {FUNCTION_P99} at most"
    yield from (f"a long function: {where} ({n})" for where, n in house.functions.items() if n >= FUNCTION_MOST)
    yield from (f"a long module: {path} ({n})" for path, n in house.modules.items() if n > MODULE_MOST)
    yield from (f"{n} arguments without a default: {w}" for w, n in house.arguments.items() if n > ARGUMENTS)
    if len(house.broad) > BROAD:
        yield f"{len(house.broad)} broad excepts, {BROAD} at most: {', '.join(house.broad)}"
    yield from (f"a broad except without a reason: {where}" for where in house.unreasoned)
    yield from (f"a yield inside a TaskGroup or a timeout: {where}" for where in house.yielding)
    if tests < TESTS:
        yield f"{tests:.2f} lines of tests to a line of code; {TESTS} at least"


def p99(lengths: Sequence[int]) -> float:
    return quantiles(lengths, n=100)[98]


def main() -> int:
    house = House()
    for path in sorted(Path("src").rglob("*.py")):
        house.add(path)
    code = sum(house.modules.values())
    tests = sum(lines_of_code(path.read_text("utf-8")) for path in Path("tests").rglob("*.py"))
    full, lengths = [n for n in house.modules.values() if n], list(house.functions.values())
    print(f"{len(full)} modules of {median(full):.0f} lines, {max(full)} at most; {code} lines of code in all")
    print(f"{len(lengths)} functions of {median(lengths):.0f} lines, p99 {p99(lengths):.0f}, {max(lengths)} at most")
    print(f"{max(house.arguments.values())} constructor arguments at most, {len(house.broad)} broad excepts")
    print(f"{tests} lines of tests, {tests / code:.2f} to a line of code")
    found = list(faults(house, tests / code))
    for fault in found:
        print(fault)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
