"""Turns as traces: one span a stage, no words, and a receiver that hangs harms nobody."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from repartee.core.errors import BadSettings
from repartee.core.spans import Span
from repartee.core.turn import TurnRecord
from repartee.engines.telemetry.otlp import Tracer
from repartee.observe import Monitor
from repartee.observe.judged import Judged
from tests.unit.observe.test_turns import spoken


def judge(record: TurnRecord) -> Judged:
    return Monitor().turn(record)


def test_one_span_a_stage() -> None:
    memory = InMemorySpanExporter()
    tracer = Tracer(exporter=memory)
    record = spoken()
    record.spans[3].error = "NotConfirmed"
    tracer.turn(record, judge(record))
    tracer.close()
    spans = {span.name: span for span in memory.get_finished_spans()}
    assert set(spans) == {"turn", "hear", "listen", "understand", "act", "speak"}
    root = spans["turn"]
    assert root.attributes is not None
    assert root.attributes["repartee.blame"] == "hear"
    act, speak, hear = spans["act"], spans["speak"], spans["hear"]
    assert all(span.parent and span.parent.span_id == root.context.span_id for span in (act, speak, hear))
    assert act.status.status_code is StatusCode.ERROR
    assert hear.end_time
    assert hear.start_time
    assert (hear.end_time - hear.start_time) / 1e9 == pytest.approx(0.15, abs=1e-6)
    assert hear.attributes is not None
    assert hear.attributes["gen_ai.request.model"] == "moonshine"
    assert speak.events[0].name == "first result"
    told = str([(span.attributes, span.events) for span in spans.values()])
    assert "lamp" not in told
    assert "done" not in told


def test_no_spans_no_trace_and_no_address_no_tracer() -> None:
    memory = InMemorySpanExporter()
    tracer = Tracer(exporter=memory)
    nothing = TurnRecord("x", 0, "", spoken().decision)
    tracer.turn(nothing, judge(nothing))
    tracer.close()
    assert memory.get_finished_spans() == ()
    with pytest.raises(BadSettings, match="address like"):
        Tracer("localhost")


@pytest.fixture
def receiver_that_hangs() -> Iterator[str]:
    release = threading.Event()

    class Hangs(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            release.wait(20)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hangs)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces"
    release.set()
    server.shutdown()
    server.server_close()


def test_a_receiver_that_hangs_costs_the_turn_nothing(receiver_that_hangs: str) -> None:
    tracer = Tracer(receiver_that_hangs)
    record = spoken()
    found = judge(record)
    before = time.process_time()
    for _ in range(1000):  # into a queue of 500
        tracer.turn(record, found)
    assert time.process_time() - before < 20
    closing = threading.Thread(target=tracer.close)
    closing.start()
    closing.join(30)
    assert not closing.is_alive(), "the end is bounded too"
    assert tracer.dropped >= 400


def test_a_span_that_never_ended_is_told_as_an_instant() -> None:
    memory = InMemorySpanExporter()
    tracer = Tracer(exporter=memory)
    record = TurnRecord("x", 0, "", spoken().decision, spans=(Span("hear", 1.0),))
    tracer.turn(record, judge(record))
    tracer.close()
    assert {span.name for span in memory.get_finished_spans()} == {"turn", "hear"}
