"""All that is kept in the data folder, for the people it is about: counted, given out, deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repartee.core.errors import BadInput
from repartee.core.memory import Fact
from repartee.core.selection import Selection
from repartee.engines.memory.sqlite.tables import Tables
from repartee.engines.store.database import lock
from repartee.engines.store.selected import StoredData

STORE, MEMORY, SPEECH, RECORDED = "repartee.sqlite", "memory.sqlite", "speech", "recorded"
"""Files and folders within the data folder."""
KINDS = ("turns", "household", "memory", "sound")
"""What can be asked for: turns with their words; timers, alarms, reminders and lists; what was told to be remembered;
the sound of replies."""
EVERYTHING = Selection()
Row = Mapping[str, Any]


@dataclass(frozen=True)
class KeptData:
    """Of one data folder; nothing need be there yet."""

    folder: Path
    selection: Selection = EVERYTHING
    kinds: Collection[str] = KINDS

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise BadInput(f"nothing is kept under {kind!r}; there are: {', '.join(KINDS)}")

    def rows(self) -> Iterator[Row]:
        """One a thing, `what` first."""
        with StoredData(self.folder / STORE) as store:
            if "turns" in self.kinds:
                yield from ({"what": "turn", **turn} for turn in store.turns(self.selection))
            if "household" in self.kinds:
                yield from ({"what": "household", **thing} for thing in store.household(self.selection))
        if "memory" in self.kinds:
            yield from ({"what": "memory", **fact.as_json()} for fact in self._facts())
        if "sound" in self.kinds:
            yield from ({"what": "sound", "file": str(file), "bytes": file.stat().st_size} for file in self._sounds())

    def counts(self) -> dict[str, int]:
        found = self._none()
        for row in self.rows():
            found["turns" if row["what"] == "turn" else row["what"]] += 1
        return found

    def damaged(self) -> list[Path]:
        return StoredData(self.folder / STORE).damaged()

    def delete(self) -> dict[str, int]:
        """How many of each. Raises `BadInput` while an assistant is at work here: it has in memory what would go."""
        gone = self._none()
        if not self.folder.exists():
            return gone
        with ExitStack() as stack:
            if not (self.folder / STORE).exists():
                stack.callback(lock(self.folder / STORE).release)
            store = stack.enter_context(StoredData(self.folder / STORE, delete=True))
            if "turns" in gone:
                gone["turns"] = store.delete_turns(self.selection)
            if "household" in gone:
                gone["household"] = store.delete_household(self.selection)
            if set(KINDS) <= set(self.kinds) and self.selection.everything:
                gone["damaged files"] = store.delete_damaged()
            if "memory" in gone:
                gone["memory"] = self._forget()
            for file in self._sounds() if "sound" in gone else ():
                file.unlink(missing_ok=True)
                gone["sound"] += 1
            store.scrub()
        return gone

    def _none(self) -> dict[str, int]:
        return {kind: 0 for kind in KINDS if kind in self.kinds}

    def _facts(self) -> list[Fact]:
        path = self.folder / MEMORY
        if not path.exists():
            return []
        tables = Tables(path)
        try:
            return [fact for fact in tables.all() if self.selection.holds(fact.learned, fact.person)]
        finally:
            tables.close()

    def _forget(self) -> int:
        facts = self._facts()
        if not facts:
            return 0
        tables = Tables(self.folder / MEMORY)
        try:
            gone = tables.remove([fact.id for fact in facts])
            tables.commit()
            tables.scrub()
        finally:
            tables.close()
        return len(gone)

    def _sounds(self) -> list[Path]:
        """Of replies, and of turns that a person had recorded; whose they are is not kept."""
        files = sorted(
            file for name in (SPEECH, RECORDED) for file in (self.folder / name).rglob("*") if file.is_file()
        )
        return [file for file in files if self.selection.holds(file.stat().st_mtime)]
