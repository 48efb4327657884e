"""What a door asks of the assistant behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from fastapi import APIRouter

from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.ports import AudioSink, AudioSource, HomeBackend, TurnStore
from repartee.core.turn import Event, TurnRecord
from repartee.turn import Picked


class Session(Protocol):
    """One conversation: its history, its context, at most one turn at a time."""

    def listen(self, source: AudioSource) -> AsyncIterator[TurnRecord]:
        """Turn after turn until the source ends; the end of the source ends a turn at once."""
        ...

    async def ask(self, said: str | Picked) -> TurnRecord:
        """A typed sentence, or an answer by button; the reply is spoken all the same."""
        ...

    def events(self) -> Channel[Event]:
        """A new subscription to what happens."""
        ...

    def stop(self) -> None:
        """Cancels what is being said or done."""
        ...


class OpsRoutes(Protocol):
    """Who keeps an eye on the server."""

    def connected(self, change: int) -> None:
        """A person came (1) or went (-1)."""
        ...

    def sized(self, component: str, size: Callable[[], int]) -> None:
        """A part that can tell how many bytes it holds."""
        ...

    def measured(self, figures: Mapping[str, float]) -> None:
        """Metric to its figure, of what no turn can tell by itself: a button that was pressed."""
        ...

    @property
    def full(self) -> bool:
        """Whether new sessions are turned away for now."""
        ...

    def routes(self) -> APIRouter:
        """What it tells by itself."""
        ...


class Assistant(Protocol):
    """One home and what understands it; many sessions."""

    @property
    def backend(self) -> HomeBackend: ...

    @property
    def household(self) -> HomeBackend:
        """Timers, alarms, reminders and lists, which the home itself has not."""
        ...

    @property
    def store(self) -> TurnStore | None:
        """None: nothing is kept."""
        ...

    @property
    def engines(self) -> Mapping[str, str]:
        """Kind to engine name."""
        ...

    @property
    def duties(self) -> Sequence[Duty]:
        """What must live as long as it does."""
        ...

    def session(
        self, sink: AudioSink, area: str | None = None, language: str | None = None, *, wake_words: Sequence[str] = ()
    ) -> Session:
        """Raises `BadSettings` for an area that this home has not, and for wake words that nobody knows."""
        ...
