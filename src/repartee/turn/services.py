"""What a turn is done with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..core.backlog import Backlog
from ..core.conversation import Conversation
from ..core.limiter import PriorityLimiter
from ..core.ports import Synthesizer, Transcriber
from ..stages.act import Backends
from ..stages.reply import Replies
from ..stages.understand.interpret import Interpreter


@dataclass(frozen=True, slots=True)
class TurnServices:
    """What a turn is done with; assembly chooses it."""

    ear: Transcriber
    interpreter: Interpreter
    backends: Backends
    replies: Replies
    voice: Synthesizer
    names: Mapping[str, str] = field(default_factory=dict)
    """Kind to engine name, for the record."""
    begun: Callable[[str, Conversation], object] = lambda *_: None
    """Told the id of a turn and the conversation before it; again where the turn goes on."""
    deadline: float = 5.0
    """Seconds from the end of speech within which the reply begins, or the turn gives up."""
    concurrency: int = 4
    """Service calls of one plan under way at once."""
    limiter: PriorityLimiter = field(default_factory=lambda: PriorityLimiter("turns"))
    """Before thinking and acting: people's turns go before background work."""
    backlog: Backlog = field(default_factory=Backlog)
    resume: float = 1.5
    """Seconds after the end of speech in which what is said may still belong to the sentence; 0: it never does."""
    hurried: bool = False
    """Answers have come late: only what the answer needs is done, nothing on a guess. A language model is not asked,
    and that is said."""
    prepares: bool = True
    """The sound of the likely reply is made on a guess."""
    open_ear: bool = False
    """What an open microphone hears is meant for us, so that links that take time are asked about it, too."""
