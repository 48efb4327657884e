"""A finished turn as figures: its latencies by the events of the contract, its provenance, its critical path."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.provenance import Origin, Provenance
from ..contract.recommend import Case
from ..contract.verdict import Measurement
from ..core.spans import Span
from ..core.turn import Decision, TurnRecord
from .critical import Path, critical_path

STAGES = {"hear": "hearing", "understand": "understanding", "act": "acting", "remember": "remembering"}
"""Stage of a turn to the metric that is its time."""
STALLED = "stalled"
SLACK = 0.005
"""Seconds that an anchor may move without anything being wrong."""
MOCKS = ("fake", "scripted", "silent", "mock")
"""Engines that only pretend are named after this."""


def provenance_of(record: TurnRecord, origin: Origin = Origin.REAL, machine: str = "") -> Provenance:
    """`origin`: of the sound, as the source of it says. An engine that pretends makes a mock of the whole turn."""
    pretends = any(name.startswith(MOCKS) for name in record.engines.values())
    pace = STALLED if _jumped(record) else record.pace
    return Provenance(Origin.MOCK if pretends else origin, pace, True, record.engines, machine)


def _jumped(record: TurnRecord) -> bool:
    """Whether the clock was set anew within the turn: it was understood before it was heard, or ended before it began.
    Such a turn has no latencies."""
    heard = max((s.end for s in record.spans if s.stage == "hear" and s.end is not None), default=None)
    understood = min((s.start for s in record.spans if s.stage == "understand"), default=None)
    backwards = any(span.end is not None and span.end < span.start - SLACK for span in record.spans)
    return backwards or (heard is not None and understood is not None and understood < heard - SLACK)


def measurements(record: TurnRecord) -> Iterator[Measurement]:
    """In milliseconds. What did not happen (no device, no reply, an error) has no latency."""
    labels = {"wait_class": record.wait_class}
    confirmed, audible = confirmed_at(record), audible_at(record)
    if confirmed is not None:
        yield Measurement("turn_action", _since(record, confirmed), labels)
    if audible is not None and record.decision is not Decision.SILENCE and record.error is None:
        yield Measurement("turn_first_audio", _since(record, audible), labels)
        yield Measurement("turn_answered", _since(record, max(audible, confirmed or audible)), labels)
    if record.amended and confirmed is not None and all(effect.confirmed for effect in record.taken_back):
        yield Measurement("amended", _since(record, confirmed))
    for span in record.spans:
        if span.stage in STAGES and span.end is not None and span.error is None:
            yield Measurement(STAGES[span.stage], _took(span, record.speech_end))
            if span.stage == "hear" and span.end > record.speech_end and not _jumped(record):
                yield Measurement("decode_final", (span.end - max(span.start, record.speech_end)) * 1000)
    yield from _reply(record)
    yield from _beside(record)


def _beside(record: TurnRecord) -> Iterator[Measurement]:
    """What came before the sentence, and after the reply had begun."""
    for span in record.spans:
        if span.end is None:
            continue
        if span.stage == "wake_word" and span.first is not None:
            yield Measurement("wake_first_stage", (span.first - span.start) * 1000)
            yield Measurement("wake_confirmed", (span.end - span.start) * 1000)
        if span.stage == "barge_in":
            yield Measurement("barge_in_stop", (span.end - span.start) * 1000)


def confirmed_at(record: TurnRecord) -> float | None:
    """When the home had confirmed everything that was asked for; not where the person asked for it to happen later."""
    later = record.reading is not None and any(part.when and part.when.waits for part in record.reading.parts)
    if later or not record.effects or not all(effect.confirmed for effect in record.effects):
        return None
    return max((s.end for s in record.spans if s.stage == "act" and s.end is not None), default=None)


def audible_at(record: TurnRecord) -> float | None:
    return min((s.first for s in record.spans if s.stage == "speak" and s.first is not None), default=None)


def paths(record: TurnRecord) -> dict[str, Path]:
    """Event to the way there."""
    found = {}
    for event, owner, came in (
        ("state_confirmed", "act", confirmed_at(record)),
        ("first_audible", "speak", audible_at(record)),
    ):
        path = critical_path(record.spans, record.speech_end, event, owner) if came is not None else None
        if path is not None:
            found[event] = path
    return found


def way_to_answer(record: TurnRecord) -> Path | None:
    """The critical path to the moment at which both the state change and the reply were there."""
    confirmed, audible = confirmed_at(record), audible_at(record)
    if confirmed is not None and (audible is None or confirmed > audible):
        return critical_path(record.spans, record.speech_end, "state_confirmed", "act")
    return critical_path(record.spans, record.speech_end, "first_audible", "speak") if audible is not None else None


def case_of(record: TurnRecord, event: str) -> Case | None:
    """The turn as evidence for a recommendation."""
    path = way_to_answer(record) if event == "answered" else paths(record).get(event)
    return Case(record.id, path.total, path.shares()) if path else None


def _reply(record: TurnRecord) -> Iterator[Measurement]:
    speak = next((s for s in record.spans if s.stage == "speak" and s.first is not None), None)
    if speak is None or record.error is not None:
        return
    heard = max((s.end for s in record.spans if s.stage in ("hear", "listen") and s.end is not None), default=None)
    begun = record.speech_end if heard is None else heard
    yield Measurement("responding", max(0.0, speak.start - begun) * 1000)
    yield Measurement("speaking_first", ((speak.first or speak.start) - speak.start) * 1000)


def _since(record: TurnRecord, time: float) -> float:
    return (time - record.speech_end) * 1000


def _took(span: Span, zero: float) -> float:
    """Its length; of hearing, which goes on while the person speaks, what came after the last voiced sample."""
    end = span.end if span.end is not None else span.start
    return (max(0.0, end - zero) if span.stage == "hear" else end - span.start) * 1000
