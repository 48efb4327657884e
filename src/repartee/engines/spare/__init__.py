"""An engine that fails loses no turn: each has its breaker, and the next of its kind does what it could not."""

from .ears import Ears
from .gates import Gate
from .parsers import Parsers
from .spares import Breakers, Spare, Spares
from .spotters import Spotter
from .voices import Voices

__all__ = ["Breakers", "Ears", "Gate", "Parsers", "Spare", "Spares", "Spotter", "Voices"]
