"""eSpeak NG through ctypes: a hundred languages, the first sound after a tenth of a millisecond. GPL-3 (see NOTICE).

The C library is one voice for the whole process, and not for two threads at once: all calls go through one worker.
API: `speak_lib.h` of eSpeak NG 1.52.
"""

from __future__ import annotations

import asyncio
import ctypes
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import AudioChunk
from repartee.core.channel import Channel
from repartee.core.errors import EngineMissing
from repartee.core.worker import Worker
from repartee.languages.sentence_stream import pieces_of

SYNCHRONOUS, UTF8, RATE, CHUNK_MS, OK, IPA = 2, 1, 1, 40, 0, 2
PIECE = 1_000
"""Characters that the library is given at once; the next are given when the sound of these was taken."""
WAITING = 100_000
"""Chunks: more than a piece ever makes, so that none is lost to a slow listener."""
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Engine:
    def __init__(self, words_per_minute: int = 175) -> None:
        if find_spec("espeakng_loader") is None:
            raise EngineMissing("espeak", "install the package espeakng-loader")
        self._speed = words_per_minute

    async def warm(self) -> None:
        """Loads the library (about 10 ms)."""
        await worker().run(library)

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        """Chunks of 40 ms at the library's rate (22,050 Hz). Stops the synthesis when the iteration ends."""
        position = 0
        for piece in pieces_of(text, PIECE):
            async for samples in self._said(piece, language):
                yield AudioChunk(samples, library().rate, position / library().rate)
                position += len(samples)

    async def _said(self, piece: str, language: str) -> AsyncIterator[NDArray[np.int16]]:
        chunks = Channel[NDArray[np.int16]](capacity=WAITING)
        speaking = _Speaking(chunks, asyncio.get_running_loop())
        task = asyncio.ensure_future(worker().run(_speak, piece, language, self._speed, speaking))
        task.add_done_callback(lambda _: chunks.close())
        try:
            async for samples in chunks:
                yield samples
            await task
        finally:
            speaking.unheard = True

    def close(self) -> None:
        """The library stays with the process."""


class _Speaking:
    """Hands what the library says, on its thread, to the loop."""

    def __init__(self, chunks: Channel[NDArray[np.int16]], loop: asyncio.AbstractEventLoop) -> None:
        self._chunks = chunks
        self._loop = loop
        self.unheard = False

    def __call__(self, wav: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        """The library's callback; a result of 1 ends the synthesis."""
        if wav and count > 0 and not self.unheard:
            samples = np.ctypeslib.as_array(wav, (count,)).copy()
            try:
                self._loop.call_soon_threadsafe(self._chunks.push, samples)
            except RuntimeError:  # the loop is gone: the program ends
                self.unheard = True
        return int(self.unheard)


def _speak(text: str, language: str, speed: int, speaking: _Speaking) -> None:
    dll = library().dll
    if dll.espeak_SetVoiceByName(language.encode()) != OK:
        dll.espeak_SetVoiceByName(b"en")
    dll.espeak_SetParameter(RATE, speed, 0)
    callback = _Callback(speaking)
    dll.espeak_SetSynthCallback(callback)
    data = text.replace("\0", " ").encode("utf-8", "replace")
    dll.espeak_Synth(ctypes.c_char_p(data), ctypes.c_size_t(len(data) + 1), 0, 0, 0, UTF8, None, None)


def phonemes(text: str, voice: str) -> Iterator[tuple[str, str]]:
    """Of each clause: its phonemes in IPA, and the text it was read from. Belongs on `worker`."""
    dll = library().dll
    if dll.espeak_SetVoiceByName(voice.encode()) != OK:
        dll.espeak_SetVoiceByName(b"en")
    read = dll.espeak_TextToPhonemes
    read.restype = ctypes.c_char_p
    data = text.replace("\0", " ").encode("utf-8", "replace")
    buffer = ctypes.create_string_buffer(data)
    begin = ctypes.addressof(buffer)
    place = ctypes.c_void_p(begin)
    while place.value:
        before = place.value
        clause = (read(ctypes.byref(place), UTF8, IPA) or b"").decode("utf-8", "replace")
        yield clause, data[before - begin : (place.value or begin + len(data)) - begin].decode("utf-8", "replace")


def languages() -> dict[str, str]:
    """Language to the name of eSpeak's voice for it. Belongs on `worker`."""
    listed = library().dll.espeak_ListVoices
    listed.restype = ctypes.POINTER(ctypes.POINTER(_EspeakVoice))
    found: dict[str, str] = {}
    for entry in listed(None):
        if not entry:
            break
        found.setdefault(entry.contents.languages[1:].decode(), entry.contents.name.decode())
    return found


class _EspeakVoice(ctypes.Structure):
    """`espeak_VOICE`, as far as it is read here. `languages` begins with a byte of priority."""

    _fields_ = (("name", ctypes.c_char_p), ("languages", ctypes.c_char_p))


class _Library:
    def __init__(self) -> None:
        import espeakng_loader

        self.dll = ctypes.CDLL(espeakng_loader.get_library_path())
        self.rate: int = self.dll.espeak_Initialize(
            SYNCHRONOUS, CHUNK_MS, espeakng_loader.get_data_path().encode(sys.getfilesystemencoding()), 0
        )
        if self.rate <= 0:
            raise EngineMissing("espeak", "its voices can't be read; install the package espeakng-loader anew")


@cache
def library() -> _Library:
    return _Library()


@cache
def worker() -> Worker:
    return Worker("tts")
