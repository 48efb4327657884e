"""What is wrong with settings, for people: file, key, and what is allowed."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .redaction import shown


def explained(error: ValidationError, where: str, settings: type[BaseModel]) -> str:
    """A line for each key that is wrong, with what is allowed there."""
    return "\n".join(f"{where}: {_line(detail, settings)}" for detail in error.errors())


def _line(detail: ErrorDetails, settings: type[BaseModel]) -> str:
    place = [str(part) for part in detail["loc"]]
    key = ".".join(place)
    if detail["type"] == "extra_forbidden":
        known = _keys(place[:-1], settings)
        return f"{key}: unknown key; {'.'.join(place[:-1]) or 'the file'} may have {', '.join(known)}"
    if detail["type"].startswith(("model_", "dict_")):  # in place of a table of which some keys are secret
        return f"{key}: it is a table, [{key}] with keys of its own"
    return f"{key}: {detail['msg']}, not {shown(place, detail['input'])}"


def _keys(place: list[str], model: type[BaseModel]) -> list[str]:
    for part in place:
        inner = model.model_fields[part].annotation if part in model.model_fields else None
        if not isinstance(inner, type) or not issubclass(inner, BaseModel):
            return []
        model = inner
    return sorted(model.model_fields)
