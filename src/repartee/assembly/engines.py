"""Finds engines by their names: `stt = "moonshine"` is `repartee.engines.stt.moonshine`, its class `Engine`."""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from repartee import engines
from repartee.core.breaker import Circuit
from repartee.core.distribution import remedy
from repartee.core.errors import BadSettings, EngineMissing
from repartee.engines.fallback import Breakers, Fallback, FallbackEngine

log = logging.getLogger(__name__)
KINDS = ("stt", "vad", "wake", "echo", "tts", "understanding", "home", "store", "audio")


def names(kind: str) -> list[str]:
    """The engines of a kind that this version has, installed or not."""
    folder = Path(engines.__path__[0]) / kind
    return sorted(module.name for module in pkgutil.iter_modules([str(folder)]))


def module(kind: str, name: str) -> Any:
    """Its module. Raises `BadSettings` for an unknown engine, `EngineMissing` where its package is absent."""
    if name not in names(kind):
        raise BadSettings(f"there is no {kind} engine {name!r}; there are: {', '.join(names(kind))}")
    try:
        return import_module(f"{engines.__name__}.{kind}.{name}")
    except ImportError as error:
        raise EngineMissing(name, f"{error}; {remedy(name)}") from error


def first_available(kind: str, wanted: Sequence[str], **options: Any) -> tuple[str, Any]:
    """The first engine that can be loaded, and its name. Raises the first one's `EngineMissing` when there is none."""
    failures: list[EngineMissing] = []
    for name in wanted:
        try:
            engine = module(kind, name).Engine(**options)
        except EngineMissing as error:
            failures.append(error)
            options = {}
        else:
            for failure in failures:  # at a level that is told without -v: it hears or speaks another way than asked
                log.error("%s; %s serves instead", failure, name)
            return name, engine
    raise failures[0]


def with_fallback(kind: str, wanted: Sequence[str], breakers: Breakers, **options: Any) -> tuple[str, Fallback[Any]]:
    """The first engine that can be loaded, by name, and those wanted after it, loaded when they must serve."""
    name, engine = first_available(kind, wanted, **options)
    later = list(dict.fromkeys(wanted[wanted.index(name) + 1 :]))
    fallback = [FallbackEngine[Any](name, lambda: engine, breakers.of(kind, name))]
    fallback[0].made = engine
    fallback += [fallback_engine(kind, other, breakers) for other in later if other != name]
    return name, Fallback(kind, fallback)


def fallback_engine(kind: str, name: str, breakers: Breakers) -> FallbackEngine[Any]:
    """An engine that is loaded when it is first needed."""
    return FallbackEngine(name, lambda: module(kind, name).Engine(), breakers.of(kind, name))


def engines_health(breakers: Breakers) -> dict[str, dict[str, str]]:
    """Each kind of which an engine is left alone, and who does its work meanwhile."""
    told: dict[str, dict[str, str]] = {}
    healths = breakers.healths()
    for kind, name, health in healths:
        if health.circuit is not Circuit.CLOSED and kind not in told:
            well = [other for k, other, h in healths if k == kind and h.circuit is Circuit.CLOSED and h.calls]
            instead = f"; {well[0]} serves" if well else ""
            reason = f"{name} failed {health.failures} times in a row and is tried again from time to time{instead}"
            told[kind] = {"status": "degraded", "reason": reason}
    return told


def check(kind: str, name: str) -> str | None:
    """None when the engine can be used here, else what is missing and how to get it."""
    try:
        made = getattr(module(kind, name), "Engine", None)
        if made is not None and kind in ("stt", "tts", "vad", "wake", "echo"):
            made()
    except EngineMissing as error:
        return error.remedy
    return None
