"""`repartee settings`: every key, its default and its unit, as a file to start from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from inspect import cleandoc
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from repartee.assembly.settings import Settings


def settings() -> None:
    """Every setting with its default and unit: a repartee.toml to start from."""
    print(reference(), end="")


def reference() -> str:
    """A TOML file in which everything is as it would be without it; what has no default is commented out."""
    lines = ["# repartee.toml: every key with its default. Keep what you change.", ""]
    for name, field in Settings.model_fields.items():
        model = _model(field.annotation)
        if model:
            lines += _section(name, model, optional=False)
    return "\n".join(lines).rstrip() + "\n"


def _section(name: str, model: type[BaseModel], *, optional: bool) -> Iterator[str]:
    hidden = "# " if optional else ""
    yield f"{hidden}[{name}]  # {cleandoc(model.__doc__ or '').splitlines()[0]}"
    deeper: list[tuple[str, type[BaseModel]]] = []
    for key, field in model.model_fields.items():
        inner = _model(field.annotation)
        if inner:
            deeper.append((f"{name}.{key}", inner))
            continue
        default = field.get_default(call_default_factory=True)
        given = default is not None and default is not PydanticUndefined
        yield f"# {field.description}"
        yield f"{hidden if given else '# '}{key} = {_toml(default) if given else '...'}"
    yield ""
    for inner_name, inner in deeper:
        yield from _section(inner_name, inner, optional=True)


def _model(annotation: Any) -> type[BaseModel] | None:
    """The section that a key holds, also where it may be absent."""
    kinds = get_args(annotation) if get_origin(annotation) in (UnionType, Union) else (annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value if isinstance(value, int | float | bool | str) else str(value), ensure_ascii=False)
