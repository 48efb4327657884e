"""What people told the assistant, at the page: listed, told, corrected, forgotten."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from repartee.assembly.assistant import Assistant
from repartee.assembly.memory_book import MemoryBook

Number = Annotated[int, Path(ge=1, le=2**53)]


class Said(BaseModel):
    """A sentence to be remembered."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$")] | None = None


class MemoryRoutes:
    """Of one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/api/memory")

        @router.get("")
        async def facts(past: bool = False) -> list[dict[str, Any]]:
            """All facts, oldest first. `past`: also what does not hold any more."""
            return [fact.as_json() for fact in await self._book().facts(past)]

        @router.post("", status_code=201)
        async def tell(body: Said) -> list[dict[str, Any]]:
            """Remembers a sentence, and answers with the facts in it."""
            return [fact.as_json() for fact in await self._book().tell(body.text, self._language(body))]

        @router.put("/{number}")
        async def correct(number: Number, body: Said) -> dict[str, Any]:
            """What is so instead."""
            await self._known(number)
            return (await self._book().correct(number, body.text, self._language(body))).as_json()

        @router.delete("/{number}")
        async def forget(number: Number) -> dict[str, int]:
            """Forgets one, for good."""
            await self._known(number)
            return {"forgotten": await self._book().forget([number])}

        @router.delete("")
        async def forget_all(everything: Annotated[bool, Query()] = False) -> dict[str, int]:
            """Forgets all, for good; `everything=true` says that this is meant."""
            if not everything:
                raise HTTPException(422, "to forget all, say everything=true")
            return {"forgotten": await self._book().forget(None)}

        return router

    def _book(self) -> MemoryBook:
        memory, pin = self._assistant.conversing.memory, self._assistant.settings.confirmation.pin.get_secret_value()
        if memory is None:
            raise HTTPException(404, "nothing is remembered: `on` in [memory] is false, or its file can't be read")
        return MemoryBook(memory, (pin,) if pin else ())

    async def _known(self, number: int) -> None:
        if all(fact.id != number for fact in await self._book().facts(past=True)):
            raise HTTPException(404, f"there is no fact {number}")

    def _language(self, body: Said) -> str:
        return body.language or self._assistant.settings.brain.language
