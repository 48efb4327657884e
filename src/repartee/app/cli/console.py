"""How a turn is told to a person in a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from repartee.core.turn import Decision, TurnRecord

WIDTH = 40
"""Characters of the longest bar."""
MARKED = {"✓": "green", "✗": "red", "?": "yellow"}
STYLES = {
    Decision.ACTED: "green", Decision.ASKED: "yellow", Decision.REJECTED: "red", Decision.CANCELLED: "dim",
    Decision.SILENCE: "dim",
}  # fmt: skip


def show_json(record: TurnRecord, **more: object) -> None:
    """One object a line; flushed, somebody may be reading along."""
    print(json.dumps({**more, **record.as_json()}, ensure_ascii=False), flush=True)


def show(record: TurnRecord, console: Console, title: str = "", contract: Sequence[str] = ()) -> None:
    """Words, what came of them, the reply, where the time went, and what became of the budgets (`contract`)."""
    head = Text(f"{title}: " if title else "", style="bold")
    head.append(record.transcript or "(silence)").append(f"  {record.decision}", style=STYLES[record.decision])
    console.print(head, soft_wrap=True)
    for effect in record.effects:
        mark = Text("  ✓ " if effect.confirmed else "  ✗ ", style="green" if effect.confirmed else "red")
        console.print(mark.append(f"{effect.entity} {effect.service}").append(f" {effect.error or ''}", style="red"))
    if record.reply:
        console.print(Text(f"  “{record.reply}”", style="italic"))
    if record.error:
        console.print(Text(f"  {record.error}", style="red"))
    for row in waterfall(record):
        console.print(Text(f"  {row}", style="dim"), soft_wrap=True)
    for line in contract:
        console.print(Text(f"  {line}", style=MARKED.get(line[:1], "dim")), soft_wrap=True)


def waterfall(record: TurnRecord) -> list[str]:
    """A line a stage: its name, when it ended after the last voiced sample, and a bar."""
    rows = [span for span in record.spans if span.end is not None]
    if not rows:
        return []
    first, last = min(span.start for span in rows), max(span.end or span.start for span in rows)
    scale = WIDTH / max(last - first, 1e-6)
    lines = []
    for span in rows:
        begin = round((span.start - first) * scale)
        length = max(1, round(((span.end or span.start) - span.start) * scale))
        relative = span.relative(record.speech_end)
        lines.append(f"{span.stage:<10} {relative['end_ms']:>9} ms  {' ' * begin}{'━' * length}")
    note = {"fast": "computed: audio time plus measured computation", "text": "from the typed sentence"}
    return [*lines, f"({note.get(record.pace, 'measured')}; counted from the last voiced sample)"]
