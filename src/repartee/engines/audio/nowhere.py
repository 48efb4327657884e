"""A sink for those who only read the reply: takes sound as fast as it comes and drops it."""

from __future__ import annotations

from repartee.core.audio import AudioChunk


class Sink:
    async def play(self, chunk: AudioChunk) -> None:
        """Discarded."""

    async def drain(self) -> None:
        """At once."""

    def stop(self) -> None:
        """Silent already."""

    def hold(self) -> None:
        """Nothing is heard."""

    def resume(self) -> None:
        """Nothing was held."""
