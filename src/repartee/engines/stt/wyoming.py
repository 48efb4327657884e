"""Any speech-to-text service that speaks Wyoming: faster-whisper, Vosk, Speech-to-Phrase, another Repartee.

It can't be steered by what this home can hear. A service decodes whole utterances, so it is asked when silence begins,
with all sound so far, and again only where speech went on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from repartee.core.address import tcp_address
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.decode_schedule import DecodeSchedule, Due
from repartee.core.errors import EngineMissing, ReparteeError
from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.ports import Cursor

LANGUAGES = ()
CONNECT_WITHIN, ANSWER_WITHIN = 3.0, 10.0
"""Seconds."""
PIECE = SAMPLE_RATE // 5
"""Samples of one event."""
NOTHING = Hypothesis("", 0.0)


class Engine:
    def __init__(self, server: str = "", language: str | None = None) -> None:
        """`server`: `tcp://HOST:PORT`. Raises `EngineMissing` where none is named."""
        if find_spec("wyoming") is None:
            raise EngineMissing("wyoming", "install the package wyoming")
        address = tcp_address(server)
        if address is None:
            raise EngineMissing(
                "wyoming", "name the service in `stt_server` of [brain], as tcp://HOST:PORT; or install one"
            )
        self._address, self._language = address, language

    async def warm(self) -> None:
        """Raises `ReparteeError` where nobody answers."""
        await self._ask([np.zeros(SAMPLE_RATE // 10, np.int16)])

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        """Partials repeat what was heard at the last silence."""
        schedule, sound, heard, end = DecodeSchedule(), list[NDArray[np.int16]](), NOTHING, 0.0
        stale = False
        async for chunk in audio:
            sound.append(chunk.samples)
            end, stale = chunk.end, stale or chunk.voiced
            due = schedule.after(chunk)
            if due is Due.ALL:
                heard, stale = await self._ask(sound), False
            if due in (Due.ALL, Due.PARTIAL):
                yield Hearing(heard, end=end)
        yield Hearing(await self._ask(sound) if stale else heard, end=end, final=True)

    def close(self) -> None:
        """Each question has a connection of its own."""

    async def _ask(self, sound: Sequence[NDArray[np.int16]]) -> Hypothesis:
        where = f"the Wyoming service at {self._address.host}:{self._address.port}"
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return Hypothesis(await self._transcript(np.concatenate(sound)), 0.0)
        except TimeoutError as error:
            raise ReparteeError(f"{where} does not answer within {ANSWER_WITHIN:g} s") from error
        except (OSError, KeyError, ValueError, EOFError) as error:
            raise ReparteeError(f"{where} can't be asked: {error or 'the connection was closed'}") from error

    async def _transcript(self, samples: NDArray[np.int16]) -> str:
        from wyoming.asr import Transcribe, Transcript
        from wyoming.audio import AudioChunk as Piece
        from wyoming.audio import AudioStart, AudioStop
        from wyoming.client import AsyncTcpClient
        from wyoming.error import Error

        async with AsyncTcpClient(*self._address, connect_timeout=CONNECT_WITHIN) as service:
            await service.write_event(Transcribe(language=self._language).event())
            await service.write_event(AudioStart(SAMPLE_RATE, 2, 1).event())
            for at in range(0, len(samples), PIECE):
                data = samples[at : at + PIECE].astype("<i2", copy=False).tobytes()
                await service.write_event(Piece(SAMPLE_RATE, 2, 1, data).event())
            await service.write_event(AudioStop().event())
            while event := await service.read_event():
                if Transcript.is_type(event.type):
                    return str(Transcript.from_event(event).text).strip()
                if Error.is_type(event.type):
                    raise ValueError(Error.from_event(event).text)
        raise EOFError
