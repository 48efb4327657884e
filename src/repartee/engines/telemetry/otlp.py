"""Turns as OpenTelemetry traces over OTLP: one span for the turn, one for each stage. Needs the extra `opentelemetry`.

A receiver that hangs or is away costs the turn nothing: spans wait in a bounded queue on a thread of their own.
"""

from __future__ import annotations

import threading
import time
from urllib.parse import urlsplit

from repartee.contract.verdict import worst
from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.turn import TurnRecord
from repartee.observe.judged import Judged

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
    from opentelemetry.trace import Status, StatusCode, set_span_in_context
except ImportError as error:
    raise EngineMissing("otlp", "pip install 'repartee[opentelemetry]'") from error

QUEUE = 2048
"""Spans that wait; further ones are dropped."""
PATIENCE = 3
"""Seconds that a receiver has to take a batch."""
OPERATIONS = {"hear": "transcribe", "understand": "chat", "speak": "generate_speech", "act": "execute_tool"}
"""Stage to `gen_ai.operation.name`, where one of those names fits."""


class Tracer:
    """Hands finished turns on; `close` sends what is left."""

    def __init__(self, endpoint: str = "http://127.0.0.1:4318/v1/traces", exporter: SpanExporter | None = None) -> None:
        """`exporter`: another way out than OTLP over HTTP. Raises `BadSettings` for what is no address."""
        if urlsplit(endpoint).scheme not in ("http", "https"):
            raise BadSettings(f"traces go to an address like http://127.0.0.1:4318/v1/traces, not {endpoint!r}")
        self._provider = TracerProvider(resource=Resource.create({"service.name": "repartee"}), shutdown_on_exit=False)
        sender = exporter or OTLPSpanExporter(endpoint=endpoint, timeout=PATIENCE)
        self._provider.add_span_processor(BatchSpanProcessor(sender, max_queue_size=QUEUE))
        self._tracer = self._provider.get_tracer("repartee")

    def turn(self, record: TurnRecord, judged: Judged) -> None:
        """One trace. No words and no names go out; the id, the times, the engines and the verdict do."""
        if not record.spans:
            return
        ended = [span.end if span.end is not None else span.start for span in record.spans]
        first, last = min(span.start for span in record.spans), max(ended)
        shift = time.time() - last  # the turn's own clock is that of the sound: it ended just now

        def nanoseconds(seconds: float) -> int:
            return int((seconds + shift) * 1e9)

        answered, broken = judged.path, worst(judged.verdicts)
        root = self._tracer.start_span(
            "turn",
            start_time=nanoseconds(first),
            attributes={
                "repartee.turn": record.id,
                "repartee.decision": record.decision.value,
                "repartee.wait_class": record.wait_class,
                "repartee.pace": record.pace,
                "repartee.answered_ms": answered.total if answered else -1.0,
                "repartee.blame": answered.blame if answered else "",
                "repartee.worst_budget": broken.budget.key if broken else "",
                "gen_ai.conversation.id": record.id,
            },
        )
        context = set_span_in_context(root)
        for span, end in zip(record.spans, ended, strict=True):
            child = self._tracer.start_span(
                span.stage, context, start_time=nanoseconds(span.start), attributes=_attributes(span.stage, record)
            )
            if span.first is not None:
                child.add_event("first result", timestamp=nanoseconds(span.first))
            if span.error:
                child.set_status(Status(StatusCode.ERROR, span.error))
                child.set_attribute("error.type", span.error)
            child.end(nanoseconds(end))
        if record.error:
            root.set_status(Status(StatusCode.ERROR))
        root.add_event("speech end", timestamp=nanoseconds(record.speech_end))
        root.end(nanoseconds(last))

    def close(self) -> None:
        """Waits no longer than a receiver may take for one batch; what it has not taken by then is lost."""
        sending = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        sending.start()
        sending.join(PATIENCE)


def _attributes(stage: str, record: TurnRecord) -> dict[str, str]:
    kind = {"hear": "stt", "understand": "understanding", "speak": "tts", "act": "home"}.get(stage, "")
    found = {"repartee.stage": stage}
    if stage in OPERATIONS:
        found["gen_ai.operation.name"] = OPERATIONS[stage]
    if record.engines.get(kind):
        found["gen_ai.request.model"] = record.engines[kind]
        found["gen_ai.provider.name"] = "repartee"
    return found
