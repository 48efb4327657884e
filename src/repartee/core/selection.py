"""Which of the things that are kept are meant: of whom, and from when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """Without any limit: everything."""

    since: float | None = None
    """Unix seconds; what is older is not meant."""
    until: float | None = None
    """Unix seconds; what is as old or younger is not meant."""
    person: str | None = None
    """Id; what is of somebody else, or of nobody known, is not meant."""

    @property
    def everything(self) -> bool:
        return self.since is None and self.until is None and self.person is None

    def holds(self, at: float | None, person: str = "") -> bool:
        """Whether a thing of this time is meant; None: it has none, and is meant only where no time was named."""
        if self.person is not None and person != self.person:
            return False
        if at is None:
            return self.since is None and self.until is None
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)
