"""The templates that devices bring along, bounded in time, output and memory (docs/decisions/050-bounded-templates.md).

A subset of Jinja: expressions, `if` and `set`; no loops, no macros, no includes. What remains takes a time that is
linear in its own length and its payload's, and both are limited. What could multiply text (`*`, `replace`, `join`,
padding) is limited to `LONGEST` characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from repartee.core.errors import BadText
from repartee.core.untrusted import mend_json, mended, mended_text, write_json

LONGEST_TEMPLATE: Final = 2000
"""Characters."""
LONGEST_PAYLOAD: Final = 64 * 1024
"""Characters of a message that a template is applied to."""
LONGEST: Final = 64 * 1024
"""Characters of what one step of a template may make, and of what comes out."""
DEEPEST: Final = 40
"""Levels of parts in one another."""
FAILURES: Final = (TemplateError, BadText, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What a template may fail with while it is applied."""

_PARTS: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.If,
    nodes.Assign, nodes.BinExpr, nodes.UnaryExpr, nodes.Concat, nodes.Call, nodes.Keyword, nodes.List, nodes.Tuple,
    nodes.Dict, nodes.Pair, nodes.Slice,
)  # fmt: skip
_GROW: Final = (nodes.Concat, nodes.BinExpr, nodes.List, nodes.Tuple, nodes.Dict, nodes.Call)
"""Not in a `set`: what is made of itself again and again doubles each time."""
_FILTERS: Final = (
    "abs", "bool", "capitalize", "count", "d", "default", "first", "float", "int", "last", "length", "lower", "max",
    "min", "round", "string", "sum", "title", "trim", "upper",
)  # fmt: skip
_METHODS: Final = frozenset(
    {"endswith", "get", "isdigit", "lower", "lstrip", "rstrip", "split", "startswith", "strip", "title", "upper"}
)

Template = Callable[[Mapping[str, object]], str]
"""Values by name to the text; raises one of `FAILURES`."""


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers are counted with; only `+` puts texts or lists together."""
        if operator == "**":
            power = float(left) ** float(right)
            whole = isinstance(left, int) and isinstance(right, int) and right >= 0 and abs(power) < 2**53
            return int(power) if whole else power
        if operator != "+" and not (_is_number(left) and _is_number(right)):
            raise SecurityError(f"{operator} is for numbers")
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  (jinja's own names)
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if __obj in __self.globals.values():
            return __obj(*args, **kwargs)
        if isinstance(owner, str) and name == "replace":
            return _replace(owner, *args)
        if isinstance(owner, str | dict) and name in _METHODS:
            return __obj(*args, **kwargs)
        raise SecurityError(f"{name or type(__obj).__name__} can't be called here")


def value_template(source: object) -> Callable[[str], str]:
    """Payload to the text that the template makes of it; empty where it fails. No template: the payload itself.

    Raises `TemplateError` and other `FAILURES` for a template that can't be.
    """
    if not source:
        return lambda payload: payload
    template = compiled(str(source))

    def value(payload: str) -> str:
        if len(payload) > LONGEST_PAYLOAD:
            return ""
        try:
            data = mend_json(payload)
        except BadText:
            data = None
        try:
            return template({"value": payload, "value_json": data}).strip()
        except FAILURES:
            return ""

    return value


@lru_cache(maxsize=1024)
def compiled(source: str) -> Template:
    """Raises `TemplateError` or `ValueError` for one that is too long, too deep, or could take for ever."""
    if len(source) > LONGEST_TEMPLATE:
        raise ValueError(f"a template of {len(source)} characters; {LONGEST_TEMPLATE} are enough")
    try:
        tree = _environment.parse(source)
        _check(tree)
        template = _environment.from_string(tree)
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise ValueError("a template that is nested too deep") from error

    def render(values: Mapping[str, object]) -> str:
        made: list[str] = []
        room = LONGEST
        for piece in template.generate(values):
            room -= len(piece)
            if room < 0:
                raise ValueError(f"a template that makes more than {LONGEST} characters")
            made.append(piece)
        return mended_text("".join(made))

    return render


def _check(node: nodes.Node, level: int = 0) -> None:
    """Raises `SecurityError` or `ValueError`."""
    if level > DEEPEST:
        raise ValueError("a template that is nested too deep")
    if not isinstance(node, _PARTS):
        raise SecurityError(
            f"{type(node).__name__.lower()} is not for templates of devices: only expressions, if and set"
        )
    if isinstance(node, nodes.Assign) and any(isinstance(inner, _GROW) for inner in _inside(node.node)):
        raise SecurityError("set takes a value as it is; put together what you need where it is used")
    for inner in node.iter_child_nodes():
        _check(inner, level + 1)


def _inside(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for inner in node.iter_child_nodes():
        yield from _inside(inner)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _replace(text: object, old: object, new: object, count: int | None = None) -> str:
    text, old, new = str(text), str(old), str(new)
    times = text.count(old) if count is None else min(text.count(old), count)
    if len(text) + times * (len(new) - len(old)) > LONGEST:
        raise ValueError("replace makes too much")
    return text.replace(old, new, times)


def _join(parts: Iterable[object], between: str = "") -> str:
    texts = [str(part) for part in parts]
    if sum(map(len, texts)) + len(str(between)) * len(texts) > LONGEST:
        raise ValueError("join makes too much")
    return str(between).join(texts)


def _iif(condition: object, yes: object = True, no: object = False) -> object:
    return yes if condition else no


def _whole(value: Any, default: int = 0) -> int:
    return int(FILTERS["int"](value, default))


def _float(value: Any, default: float = 0.0) -> float:
    return float(FILTERS["float"](value, default))


def _to_json(value: object) -> str:
    return write_json(mended(value))


_environment = _Environment(autoescape=False)  # makes payloads, never pages
_environment.filters = {name: FILTERS[name] for name in _FILTERS if name in FILTERS} | {
    "replace": _replace, "join": _join, "iif": _iif, "tojson": _to_json, "to_json": _to_json, "from_json": mend_json,
}  # fmt: skip
_environment.globals = {"float": _float, "int": _whole, "iif": _iif}
