"""The last day's slow turns by cause, from the performance log."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from repartee.assembly.assistant import data_folder
from repartee.assembly.settings import Settings
from repartee.contract import load_profile
from repartee.core.errors import BadInput
from repartee.proof import history
from repartee.proof.history import Past

from .finding import Finding, Grade, Part

SHARE = 0.1
"""Of the turns that must be slow before it is told; fewer are chance."""
FEWEST = 5
HINTS = {
    "wait": "Sentences seem unfinished to it: see `wait_*` in [audio], and give devices plain names.",
    "listen": "Sentences seem unfinished to it: see `wait_*` in [audio], and give devices plain names.",
    "hear": "The processor is busy or weak: see the machine and the models above; `stt_width = 8` in [brain].",
    "understand": "Understanding waits for the processor, or for a language model: see [llm].",
    "act": "The home answers late: see the home above, and the batteries and radio of slow devices.",
    "speak": 'The voice is slow: `tts = "espeak"`, or keep what was said (`speech_cache_mb` in [brain]).',
}


def examine(settings: Settings, now: float | None = None) -> Part:
    folder = data_folder(settings)
    if folder is None:
        return Part("turns", skipped="nothing is kept (`data` in [system] is `-`)")
    log = folder / "performance.jsonl"
    if not log.is_file():
        return Part("turns", skipped=f"no performance log yet in {folder}")
    try:
        turns = history.read(log, (now or time.time()) - history.DAY)
    except BadInput as error:
        return Part("turns", skipped=str(error))
    timed = [turn for turn in turns if turn.total is not None and turn.provenance.pace == "realtime"]
    limit = limit_ms(settings)
    slow = [turn for turn in timed if (turn.total or 0) > limit]
    failed = sum(turn.failed for turn in turns)
    seen = (
        f"{len(turns)} turns in the last day, {len(timed)} spoken; {len(slow)} of these took longer than"
        f" {limit:.0f} ms, {failed} failed"
    )
    return Part("turns", seen, [*causes(timed, slow), *failures(turns, failed)])


def limit_ms(settings: Settings) -> float:
    """The loosest target of the profile for a whole turn."""
    targets = [b.thresholds.target for b in load_profile(settings.contract.profile) if b.metric.name == "turn_answered"]
    return max(targets, default=1000.0)


def causes(timed: Sequence[Past], slow: Sequence[Past]) -> Iterator[Finding]:
    """Stages on the critical paths of slow turns that take longer there than in the others."""
    if len(slow) < max(FEWEST, SHARE * len(timed)):
        return
    blamed: dict[str, list[Past]] = defaultdict(list)
    for turn in slow:
        if turn.path:
            blamed[max(turn.path, key=lambda stage: turn.path[stage])].append(turn)
    for stage, turns in sorted(blamed.items(), key=lambda row: -len(row[1])):
        if len(turns) >= FEWEST:
            yield _cause(stage, turns, timed, len(slow))


def _cause(stage: str, turns: Sequence[Past], timed: Sequence[Past], slow: int) -> Finding:
    took = median(turn.path[stage] for turn in turns)
    usual = median(turn.path.get(stage, 0.0) for turn in timed)
    return Finding(
        f"slow_{stage}",
        Grade.COSTS,
        f"{stage} is to blame in {len(turns)} of {slow} slow turns, as in {turns[-1].id}",
        f"{took:.0f} ms there, {usual:.0f} ms in a usual turn",
        HINTS.get(stage, f"`repartee report` tells about {stage}."),
        took,
    )


def failures(turns: Sequence[Past], failed: int) -> Iterator[Finding]:
    if failed >= FEWEST and failed > 0.05 * len(turns):
        yield Finding(
            "failed_turns",
            Grade.BROKEN,
            f"{failed} of {len(turns)} turns of the last day failed",
            f"{100 * failed / len(turns):.0f} % of what people say is answered with an error",
            "See the server's log and `/health` for what broke.",
        )


def log_of(settings: Settings) -> Path | None:
    """The performance log (no words are in it); None: there is none."""
    folder = data_folder(settings)
    log = folder / "performance.jsonl" if folder else None
    return log if log and log.is_file() else None
