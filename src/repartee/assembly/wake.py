"""Turns the settings of wake words into an ear for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.ports import AudioSource, WakeWord
from repartee.engines.fallback import Breakers, Fallback, FallbackEngine, FallbackWakeWord
from repartee.stages.audio_in.wake import WakeDetector, WakeGate

from .engines import module
from .settings import Audio

log = logging.getLogger(__name__)
NONE = "none"
NO_OPINION = 0.5


def known_words(settings: Audio) -> Sequence[str]:
    """All that the first stage has a model for."""
    words: Sequence[str] = module("wake", settings.wake).WORDS
    return words


@cache
def bundled_words() -> tuple[str, ...]:
    """The words of the package of the first stage, without loading it: a typed sentence may begin with one too."""
    spec = find_spec("pymicro_wakeword")
    folder = Path(spec.origin).parent / "models" if spec and spec.origin else None
    return tuple(sorted(file.stem.replace("_", " ") for file in folder.glob("*.json"))) if folder else ()


def names(settings: Audio) -> tuple[str, ...]:
    """What we are called: the words that are set, else all that could be."""
    return tuple(word for word in settings.wake_words if not word.endswith(".json")) or bundled_words()


def waking(settings: Audio, words: Sequence[str], breakers: Breakers | None = None) -> WakeDetector:
    """For one stream of sound. Raises `BadSettings` for an unknown word, `EngineMissing` without the first stage."""
    first: Any = module("wake", settings.wake).Engine(words)
    for word in settings.wake_sensitivity:
        if word not in first.words:
            raise BadSettings(
                f"audio.wake_sensitivity: {word!r} is no wake word here; there are {', '.join(first.words)}"
            )
    breakers = breakers or Breakers()
    second = _second(settings, first.words)
    confirming = second and _spotter(second, settings.wake_confirm, breakers, NO_OPINION)
    return WakeDetector(_spotter(first, settings.wake, breakers), confirming, settings.wake_rules)


def waker(settings: Audio, words: Sequence[str], breakers: Breakers) -> Callable[[AudioSource], WakeGate]:
    """Closes a microphone until one of the words is said. Raises as `waking` does, and at once.

    A model's path is taken only where a person has written it into the settings: `words` may come in by a door, and
    whoever stands there must not choose which files are opened here, nor learn which there are.
    """
    known = [*known_words(settings), *settings.wake_words]
    for word in words:
        if word not in known:
            raise BadSettings(f"no such wake word here; there are {', '.join(known_words(settings))}")
    ear = waking(settings, words, breakers)
    return lambda source: WakeGate(source, ear, settings.wake_window)


def _spotter(engine: WakeWord, name: str, breakers: Breakers, otherwise: float = 0.0) -> WakeWord:
    return FallbackWakeWord(
        engine, Fallback("wake", [FallbackEngine(name, lambda: engine, breakers.of("wake", name))]), otherwise
    )


def _second(settings: Audio, words: Sequence[str]) -> WakeWord | None:
    """Without its package, and for words it does not know, the first stage decides alone."""
    if settings.wake_confirm in (NONE, settings.wake):
        return None
    try:
        engine = module("wake", settings.wake_confirm)
    except EngineMissing as error:
        log.error("wake words are not confirmed: %s", error)
        return None
    known = [word for word in words if word in engine.WORDS]
    second: WakeWord | None = engine.Engine(known) if known else None
    return second
