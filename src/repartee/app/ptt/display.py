"""What a person sees: one mark, one line a sentence, or all there is to know."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.text import Text

from .statistics import Statistics

STYLES = {"acted": "green", "asked": "yellow", "rejected": "red", "silence": "dim"}


class Detail(StrEnum):
    MINIMAL = "minimal"
    COMPACT = "compact"
    DETAILED = "detailed"


class Display:
    def __init__(self, detail: Detail, console: Console) -> None:
        self._detail, self._console = detail, console

    def say(self, words: str, style: str = "dim") -> None:
        if self._detail is not Detail.MINIMAL:
            self._console.print(Text(words, style=style))

    def state(self, recording: bool) -> None:
        mark = Text("● " if recording else "○ ", style="red" if recording else "dim")
        if self._detail is Detail.MINIMAL:
            self._console.print(mark, end="\r")
        elif self._detail is Detail.DETAILED:
            self._console.print(mark.append("recording" if recording else "released"))

    def heard(self, text: str) -> None:
        if self._detail is Detail.DETAILED:
            self._console.print(Text(f"  {text} …", style="dim"))

    def turn(self, record: Mapping[str, Any], statistics: Statistics) -> None:
        decision = str(record.get("decision", ""))
        if self._detail is Detail.MINIMAL:
            return
        line = Text(record.get("transcript") or "(silence)", style="bold")
        line.append(f"  {decision}", style=STYLES.get(decision, "")).append(
            f"  {record.get('reply') or ''}", style="italic"
        )
        self._console.print(line, soft_wrap=True)
        if self._detail is Detail.DETAILED:
            for span in record.get("spans", ()):
                self._console.print(Text(f"  {span['stage']:<12} ends {span['end_ms']} ms after speech", style="dim"))
            self.summary(statistics)

    def summary(self, statistics: Statistics) -> None:
        for line in statistics.lines():
            self._console.print(Text(f"  {line}", style="dim"))

    def problem(self, words: str) -> None:
        self._console.print(Text(words, style="red"))
