"""An engine that fails loses no turn: each has its breaker, and the next of its kind does what it could not."""

from .chain import Breakers, Fallback, FallbackEngine
from .synthesizer import FallbackSynthesizer
from .transcriber import FallbackTranscriber
from .vad import FallbackVad
from .wake_word import FallbackWakeWord

__all__ = [
    "Breakers",
    "Fallback",
    "FallbackEngine",
    "FallbackSynthesizer",
    "FallbackTranscriber",
    "FallbackVad",
    "FallbackWakeWord",
]
