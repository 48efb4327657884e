"""Engines of one kind in the order in which they are wanted, each made when first needed, each behind its breaker."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from repartee.core.breaker import Breaker, BreakerHealth, CircuitOpen
from repartee.core.clock import Time
from repartee.core.errors import BadInput, EngineMissing, NothingWorks, ReparteeError

log = logging.getLogger(__name__)

REST, LONGEST_REST = 2.0, 60.0
"""Seconds for which an engine that failed again and again is left alone: at first, at most."""
E = TypeVar("E")
T = TypeVar("T")


class Breakers:
    """One for each engine in use, however many streams of sound or versions of the home use it."""

    def __init__(self, time: Time = time.monotonic) -> None:
        self._time = time
        self._known: dict[tuple[str, str], Breaker] = {}

    def of(self, kind: str, name: str) -> Breaker:
        if (kind, name) not in self._known:
            self._known[kind, name] = Breaker(f"{kind} {name}", rest=REST, longest=LONGEST_REST, time=self._time)
        return self._known[kind, name]

    def healths(self) -> Sequence[tuple[str, str, BreakerHealth]]:
        """Kind, name and health, for health pages and metrics."""
        return [(kind, name, breaker.health) for (kind, name), breaker in self._known.items()]


class FallbackEngine(Generic[E]):
    """One engine, made by `make` when it is first needed."""

    def __init__(self, name: str, make: Callable[[], E], breaker: Breaker) -> None:
        self.name, self.breaker = name, breaker
        self.made: E | None = None
        self._make = make

    @property
    def engine(self) -> E:
        """Raises what making it raises."""
        if self.made is None:
            self.made = self._make()
        return self.made

    def failed(self, error: Exception) -> None:
        """Said at the first failure in a row and when it is given up; not at every frame."""
        health = self.breaker.health
        if not isinstance(error, CircuitOpen) and (health.failures <= 1 or health.retry_in):
            log.error("%s failed: %r; the next of its kind serves, if there is one", self.breaker.name, error)


@contextmanager
def _tried(engine: FallbackEngine[Any], errors: list[Exception]) -> Iterator[None]:
    """One engine's turn: what it or its breaker raises is added to `errors`, but for bad input."""
    try:
        yield
    except BadInput:
        raise
    except Exception as error:  # an engine's edge: whatever breaks in it, the next may do better
        engine.failed(error)
        errors.append(error)


class Fallback(Generic[E]):
    """The first that works serves; what it could not do, the next does. Raises `NothingWorks` where none can.

    Bad input is no engine's failure and goes through, as does a cancellation.
    """

    def __init__(self, kind: str, fallback: Sequence[FallbackEngine[E]]) -> None:
        self.kind, self.fallback = kind, fallback

    @property
    def made(self) -> Sequence[E]:
        return [fallback_engine.made for fallback_engine in self.fallback if fallback_engine.made is not None]

    def name_of(self, engine: E) -> str:
        """Of one that was made."""
        return next((one.name for one in self.fallback if one.made is engine), "")

    def call(self, use: Callable[[E], T]) -> T:
        errors: list[Exception] = []
        for fallback_engine in self.fallback:
            with _tried(fallback_engine, errors), fallback_engine.breaker:
                return use(fallback_engine.engine)
        raise self._nothing(errors)

    async def run(self, use: Callable[[E], Awaitable[T]]) -> T:
        errors: list[Exception] = []
        for fallback_engine in self.fallback:
            with _tried(fallback_engine, errors), fallback_engine.breaker:
                return await use(fallback_engine.engine)
        raise self._nothing(errors)

    async def stream(self, use: Callable[[E], AsyncIterator[T]]) -> AsyncIterator[T]:
        """The next engine begins anew: what comes out is whole, though its beginning may come twice."""
        errors: list[Exception] = []
        for fallback_engine in self.fallback:
            with _tried(fallback_engine, errors), fallback_engine.breaker:
                async for item in use(fallback_engine.engine):
                    yield item
                return
        raise self._nothing(errors)

    def _nothing(self, errors: Sequence[Exception]) -> ReparteeError:
        """What is not installed is said as that."""
        if isinstance(errors[0], EngineMissing) and all(isinstance(error, EngineMissing) for error in errors):
            return errors[0]
        told = "; ".join(f"{engine.name}: {error}" for engine, error in zip(self.fallback, errors, strict=True))
        nothing = NothingWorks(self.kind, told)
        nothing.__cause__ = errors[0]
        return nothing
