"""A whole house of fakes, for tests of the turn and the session on virtual time."""

from __future__ import annotations

from typing import Any

from repartee.assembly.skills import load_skills
from repartee.core.conversation import Conversation
from repartee.core.home_file import home_from
from repartee.core.intent import Context
from repartee.core.ports import Understanding
from repartee.engines.audio.fake import Sink
from repartee.engines.home.demo import DemoHome
from repartee.engines.stt import fake as stt
from repartee.engines.tts import fake as tts
from repartee.engines.understanding.hassil import HassilUnderstanding
from repartee.engines.vad import fake as vad
from repartee.session import Ear, Session
from repartee.stages.act import Backends
from repartee.stages.reply import Replies
from repartee.stages.understand.interpret import Interpreter
from repartee.stages.understand.plan_cache import PlanCache
from repartee.turn import TurnServices

ROWS: dict[str, Any] = {
    "areas": [{"name": "Kitchen"}, {"name": "Bedroom"}],
    "entities": [
        {"name": "Lamp", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Fan", "domain": "fan", "area": "Bedroom", "state": "off"},
    ],
}


class House:
    """Everything a session needs; parts may be replaced before a session is made."""

    def __init__(self, *heard: str, delay: float = 0.0, deadline: float = 5.0) -> None:
        self.home = DemoHome(home_from(ROWS), delay=delay)
        self.ear: Any = stt.Engine(*heard)
        self.voice: Any = tts.Engine()
        self.understanding: Understanding = HassilUnderstanding(self.home.home)
        self.sink = Sink()
        self.deadline = deadline
        self.barge_in = True
        self.resume = 1.2
        self.records: list[Any] = []
        self.plans = PlanCache()

    def services(self) -> TurnServices:
        return TurnServices(
            ear=self.ear,
            interpreter=Interpreter(self.understanding, load_skills(), plans=self.plans),
            backends=Backends(self.home),
            replies=Replies(),
            voice=self.voice,
            names={"stt": "fake"},
            deadline=self.deadline,
            resume=self.resume,
        )

    def session(self, area: str | None = None) -> Session:
        ear = Ear(vad.Engine, barge_in=self.barge_in)
        return Session(self.services, ear, self.sink, Conversation(Context(area)), self.records.append)

    def state(self, entity: str) -> str | None:
        return self.home.states[entity].value


def spans(record: Any) -> dict[str, Any]:
    return {span.stage: span for span in record.spans}
