"""Errors as clients of OpenAI's interfaces expect them."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from repartee.core.errors import BadInput, BadText, EngineMissing, ReparteeError, Unreachable
from repartee.core.untrusted import read_json, write_json

B = TypeVar("B", bound=BaseModel)


class Body(BaseModel):
    """What a client sends. Fields that we do not know are let be: the interfaces grow."""

    model_config = ConfigDict(extra="ignore")


class Wrong(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class Told(BaseModel):
    error: Wrong


ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Told, "description": "what was sent makes no sense, or can't be done here"},
    404: {"model": Told, "description": "there is no such model, or no such way"},
    429: {"model": Told, "description": "too many at once"},
    502: {"model": Told, "description": "the home did not do it"},
    503: {"model": Told, "description": "the home is away, an engine is missing, or all are busy"},
}
"""What any of its routes may answer instead."""


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, message: str, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.param, self.code = status, param, code

    def as_json(self) -> dict[str, object]:
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


def refusal(error: ReparteeError) -> Refusal:
    """What goes wrong in the house, as this interface tells it."""
    if isinstance(error, BadInput):
        return Refusal(str(error))
    return Refusal(str(error), 503 if isinstance(error, Unreachable | EngineMissing) else 502, code=error.key)


async def told(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    headers = {"retry-after": "1"} if error.status in (429, 503) else None
    return JSONResponse(error.as_json(), error.status, headers)


async def read(request: Request, kind: type[B]) -> B:
    """The body. Raises `Refusal` that says where it makes no sense."""
    try:
        return parsed(read_json(await request.body()), kind)
    except BadText as error:
        raise Refusal(str(error)) from error


def parsed(value: object, kind: type[B]) -> B:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Refusal(f"{where}: {first['msg']}" if where else first["msg"], param=where or None) from error


def event(value: dict[str, object], name: str | None = None) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {write_json(value)}\n\n" if name else f"data: {write_json(value)}\n\n"
