"""Prints how large the house is: a look at its shape with every check, no gate."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

LONG_MODULE, LONG_FUNCTION = 350, 50


def main() -> None:
    modules: dict[Path, int] = {}
    functions: dict[str, int] = {}
    for path in sorted(Path("src").rglob("*.py")):
        text = path.read_text()
        modules[path] = sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions[f"{path}:{node.lineno} {node.name}"] = (node.end_lineno or node.lineno) - node.lineno + 1
    code, tests = sum(modules.values()), sum(len(p.read_text().splitlines()) for p in Path("tests").rglob("*.py"))
    full = [lines for lines in modules.values() if lines]
    print(
        f"{len(full)} modules of {median(full):.0f} lines, {len(functions)} functions"
        f" of {median(functions.values()):.0f} (medians); {code} lines of code, {tests} of tests"
    )
    for what, lines in {**{str(p): n for p, n in modules.items() if n > LONG_MODULE}}.items():
        print(f"a long module: {what} ({lines})")
    for what, lines in functions.items():
        if lines > LONG_FUNCTION:
            print(f"a long function: {what} ({lines})")


if __name__ == "__main__":
    main()
