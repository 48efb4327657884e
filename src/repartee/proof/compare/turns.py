"""A server of ours as a contestant: sentences at the pace of life over its socket."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp

from repartee.proof.load.socket_line import SocketLine
from repartee.proof.load.spoken import Spoken
from repartee.proof.load.uttered import Fate, Refused

from .work import Item, Made


class OurTurns:
    """`url` as the server prints it."""

    def __init__(self, url: str, items: Sequence[Item]) -> None:
        self._url = url if "://" in url else f"http://{url}"
        self._area = next((item.area for item in items if item.area), "")

    async def open(self) -> None:
        """Raises `ConnectionError`."""
        self._http = aiohttp.ClientSession()
        self._line = SocketLine(self._http, self._url, self._area or "")
        try:
            await self._line.open()
        except Refused as error:
            await self.close()
            raise ConnectionError(str(error)) from error

    async def do(self, item: Item) -> Made:
        assert item.samples is not None
        said = await self._line.say(Spoken(item.name, item.samples, item.voiced_until, item.text))
        error = said.detail if said.fate in (Fate.LOST, Fate.FAILED, Fate.BUSY) else ""
        stages = {"act": said.acted} if said.acted is not None else {}
        understood = said.fate in (Fate.RIGHT, Fate.ANSWERED)
        return Made(said.heard, understood=understood, done_ms=said.answered, stages=stages, error=error)

    async def close(self) -> None:
        await self._line.close()
        await self._http.close()
