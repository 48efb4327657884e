"""What the machine has used, where it tells: Intel's and AMD's running average power limit, as Linux shows it."""

from __future__ import annotations

from pathlib import Path

POWERCAP = Path("/sys/class/powercap")


def joules(folder: Path = POWERCAP) -> float | None:
    """Of all processor packages since some moment; None where nobody tells, or we may not read it."""
    found = []
    for zone in sorted(folder.glob("*-rapl:[0-9]")):
        try:
            found.append(int((zone / "energy_uj").read_text()) / 1e6)
        except (OSError, ValueError):
            return None
    return sum(found) if found else None
