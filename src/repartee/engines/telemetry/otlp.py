"""Turns as OpenTelemetry traces over OTLP: one span for the turn, one for each stage. Needs the extra `opentelemetry`.

A receiver that hangs or is away costs the turn nothing: spans wait in a bounded queue on a thread of their own.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from repartee.contract.verdict import worst
from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.spans import Span
from repartee.core.turn import TurnRecord
from repartee.observe.judged import Judged

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags
except ImportError as error:
    raise EngineMissing("otlp", "pip install 'repartee[opentelemetry]'") from error

QUEUE = 2048
"""Spans that wait; further ones are dropped."""
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
        self._processor = BatchSpanProcessor(sender, max_queue_size=QUEUE)

    def turn(self, record: TurnRecord, judged: Judged) -> None:
        """One trace. No words and no names go out; the id, the times, the engines and the verdict do."""
        if not record.spans:
            return
        last = max(span.end if span.end is not None else span.start for span in record.spans)
        shift = time.time() - last  # the turn's own clock is that of the sound: it ended just now
        trace = random.getrandbits(128)
        root = _context(trace)
        for span in record.spans:
            self._hand_over(_stage(span, record, root, shift))
        self._hand_over(_whole(record, judged, root, shift, last))

    def _hand_over(self, span: _Finished) -> None:
        """The spans are finished already: handed to the processor as they are, they cost a third of live ones."""
        self._processor.on_end(
            ReadableSpan(
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
        )

    def close(self) -> None:
        """Waits no longer than a receiver may take for one batch; what it has not taken by then is lost."""
        sending = threading.Thread(target=self._processor.shutdown, name="traces", daemon=True)
        sending.start()
        sending.join(PATIENCE)


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
