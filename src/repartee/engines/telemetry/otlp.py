"""Turns as OpenTelemetry traces over OTLP: one span for the turn, one for each stage. Needs the extra `opentelemetry`.

A turn only leaves a note; a thread makes spans of the notes and sends them, many at a time. A receiver that hangs or is
away costs the turn nothing: notes wait in a bounded queue, the oldest are dropped and counted.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from repartee.contract.verdict import worst
from repartee.core.distribution import install
from repartee.core.duty import Duty
from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.spans import Span
from repartee.core.turn import TurnRecord
from repartee.observe.judged import Judged

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags
except ImportError as error:
    raise EngineMissing("otlp", install("opentelemetry")) from error

QUEUE = 500
"""Turns that wait."""
BATCH = 80
"""Turns that are sent at once."""
EVERY = 2.0
"""Seconds for which turns are collected."""
PATIENCE = 3
"""Seconds that a receiver has to take a batch."""
OPERATIONS = {
    "hear": ("transcribe", "stt"),
    "understand": ("chat", "understanding"),
    "speak": ("generate_speech", "tts"),
    "act": ("execute_tool", "home"),
}
"""Stage to `gen_ai.operation.name`, where one of those names fits, and to the kind of engine at work."""
SCOPE = InstrumentationScope("repartee")
SAMPLED = TraceFlags(TraceFlags.SAMPLED)
FINE, FAILED = Status(StatusCode.UNSET), Status(StatusCode.ERROR)


class Tracer:
    """Hands finished turns on; `close` sends what is left."""

    def __init__(self, endpoint: str = "http://127.0.0.1:4318/v1/traces", exporter: SpanExporter | None = None) -> None:
        """`exporter`: another way out than OTLP over HTTP. Raises `BadSettings` for what is no address."""
        if urlsplit(endpoint).scheme not in ("http", "https"):
            raise BadSettings(f"traces go to an address like http://127.0.0.1:4318/v1/traces, not {endpoint!r}")
        self._resource = Resource.create({"service.name": "repartee"})
        sender = exporter or OTLPSpanExporter(endpoint=endpoint, timeout=PATIENCE)
        self._sender = sender
        self._notes: deque[Note] = deque()
        self._closing = threading.Event()
        self.dropped = 0
        """Turns that a slow receiver never heard of."""
        self.duty = Duty("traces")
        self.duty.start_thread(self._send)

    def turn(self, record: TurnRecord, judged: Judged) -> None:
        """One trace. No words and no names go out; the id, the times, the engines and the verdict do."""
        if len(self._notes) >= QUEUE:
            self._notes.popleft()
            self.dropped += 1
        self._notes.append(Note(record, judged, time.time()))

    def close(self) -> None:
        """Waits no longer than a receiver may take for one batch; what it has not taken by then is lost."""
        self._closing.set()
        self.duty.join(PATIENCE)

    def _send(self) -> None:
        while not self._closing.wait(EVERY):
            while self._notes and not self._closing.is_set():
                self._batch()
        self._batch()
        self._sender.shutdown()

    def _batch(self) -> None:
        notes = [self._notes.popleft() for _ in range(min(BATCH, len(self._notes)))]
        with self.duty.item():
            if spans := [span for note in notes for span in self.spans(note)]:
                self._sender.export(spans)

    def spans(self, note: Note) -> Iterator[ReadableSpan]:
        """The whole turn after its stages."""
        record = note.record
        if not record.spans:
            return
        last = max(span.end if span.end is not None else span.start for span in record.spans)
        shift = note.at - last  # the turn's own clock is that of the sound: it had ended just then
        root = _context(random.getrandbits(128))
        for span in record.spans:
            yield self._readable(_stage(span, record, root, shift))
        yield self._readable(_whole(record, note.judged, root, shift, last))

    def _readable(self, span: _Finished) -> ReadableSpan:
        """The spans are finished already: made as they are, they cost a third of live ones."""
        return ReadableSpan(
            span.name,
            context=span.context,
            parent=span.parent,
            resource=self._resource,
            attributes=span.attributes,
            events=span.events,
            status=span.status,
            start_time=span.start,
            end_time=span.end,
            instrumentation_scope=SCOPE,
        )


class Note(NamedTuple):
    """A turn that is over, and the Unix time at which it was."""

    record: TurnRecord
    judged: Judged
    at: float


@dataclass(frozen=True, slots=True)
class _Finished:
    """A span with its times in nanoseconds since 1970."""

    name: str
    context: SpanContext
    parent: SpanContext | None
    start: int
    end: int
    attributes: dict[str, str | float]
    events: tuple[Event, ...] = ()
    status: Status = FINE


def _whole(record: TurnRecord, judged: Judged, context: SpanContext, shift: float, last: float) -> _Finished:
    answered, broken = judged.path, worst(judged.verdicts)
    first = min(span.start for span in record.spans)
    attributes: dict[str, str | float] = {
        "repartee.turn": record.id,
        "repartee.decision": record.decision.value,
        "repartee.wait_class": record.wait_class,
        "repartee.pace": record.pace,
        "repartee.blame": answered.blame if answered else "",
        "repartee.worst_budget": broken.budget.key if broken else "",
        "gen_ai.conversation.id": record.id,
    }
    if answered:
        attributes["repartee.answered_ms"] = answered.total
    events = (Event("speech end", timestamp=_nanoseconds(record.speech_end, shift)),)
    status = FAILED if record.error else FINE
    return _Finished(
        "turn", context, None, _nanoseconds(first, shift), _nanoseconds(last, shift), attributes, events, status
    )


def _stage(span: Span, record: TurnRecord, parent: SpanContext, shift: float) -> _Finished:
    end = span.end if span.end is not None else span.start
    attributes: dict[str, str | float] = {"repartee.stage": span.stage}
    if span.stage in OPERATIONS:
        attributes["gen_ai.operation.name"], kind = OPERATIONS[span.stage]
        model = record.engines.get(kind)
        if model:
            attributes["gen_ai.request.model"], attributes["gen_ai.provider.name"] = model, "repartee"
    if span.error:
        attributes["error.type"] = span.error
    first = () if span.first is None else (Event("first result", timestamp=_nanoseconds(span.first, shift)),)
    status = Status(StatusCode.ERROR, span.error) if span.error else FINE
    start, context = _nanoseconds(span.start, shift), _context(parent.trace_id)
    return _Finished(span.stage, context, parent, start, _nanoseconds(end, shift), attributes, first, status)


def _context(trace: int) -> SpanContext:
    return SpanContext(trace, random.getrandbits(64), is_remote=False, trace_flags=SAMPLED)


def _nanoseconds(seconds: float, shift: float) -> int:
    return int((seconds + shift) * 1e9)
