"""Any text-to-speech service that speaks Wyoming: Piper, another Repartee. Sound is handed on as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from repartee.core.address import tcp_address
from repartee.core.audio import AudioChunk
from repartee.core.errors import EngineMissing, ReparteeError

CONNECT_WITHIN, FIRST_WITHIN = 3.0, 10.0
"""Seconds; the second also between two pieces of sound."""


class Engine:
    def __init__(self, server: str = "", voice: str | None = None) -> None:
        """`server`: `tcp://HOST:PORT`; `voice`: as it names it, none: its own choice for the language.

        Raises `EngineMissing` where no service is named.
        """
        if find_spec("wyoming") is None:
            raise EngineMissing("wyoming", "install the package wyoming")
        address = tcp_address(server)
        if address is None:
            raise EngineMissing(
                "wyoming", "name the service in `tts_server` of [brain], as tcp://HOST:PORT; or install one"
            )
        self._address, self._voice = address, voice

    async def warm(self) -> None:
        """Has the service load its voice. Raises `ReparteeError` where nobody answers."""
        async for _ in self.synthesize("Hello.", "en"):
            pass

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        """Leaving it closes the connection, at which services stop."""
        if not any(letter.isalnum() for letter in text):
            return
        where = f"the Wyoming service at {self._address.host}:{self._address.port}"
        try:
            async for chunk in self._spoken(text, language):
                yield chunk
        except TimeoutError as error:
            raise ReparteeError(f"{where} sends nothing for {FIRST_WITHIN:g} s") from error
        except (OSError, KeyError, ValueError, EOFError) as error:
            raise ReparteeError(f"{where} can't be asked: {error or 'the connection was closed'}") from error

    def close(self) -> None:
        """Each text has a connection of its own."""

    async def _spoken(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        from wyoming.audio import AudioChunk as Piece
        from wyoming.audio import AudioStop
        from wyoming.client import AsyncTcpClient
        from wyoming.error import Error
        from wyoming.tts import Synthesize, SynthesizeVoice

        voice = SynthesizeVoice(self._voice) if self._voice else SynthesizeVoice(language=language)
        position = 0
        async with AsyncTcpClient(*self._address, connect_timeout=CONNECT_WITHIN) as service:
            await service.write_event(Synthesize(text, voice).event())
            while True:
                async with asyncio.timeout(FIRST_WITHIN):
                    event = await service.read_event()
                if event is None:
                    raise EOFError
                if AudioStop.is_type(event.type):
                    return
                if Error.is_type(event.type):
                    raise ValueError(Error.from_event(event).text)
                if Piece.is_type(event.type) and (samples := _mono(Piece.from_event(event))) is not None:
                    yield AudioChunk(samples, event.data["rate"], position / event.data["rate"])
                    position += len(samples)


def _mono(piece: Any) -> Any:
    """Shape (n,); None for a piece without sound. Raises `ValueError` for what is not 16 bit."""
    if piece.width != 2:
        raise ValueError(f"samples of {piece.width} bytes; 2 are expected")
    samples = np.frombuffer(piece.audio, "<i2").astype(np.int16, copy=False)
    if piece.channels > 1:
        samples = samples.reshape(-1, piece.channels)[:, 0]
    return samples if len(samples) else None
