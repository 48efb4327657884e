"""Known faults of the packages that are locked. `make audit`; needs the network, and says what it could not check.

pip-audit says "no known vulnerabilities" and ends well where it could ask nobody: that is no answer, so packages that
were skipped are counted. Exit codes: 0 all checked and none known, 1 some known, 3 some or all could not be checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK = Path("requirements/run.txt")
WITHIN = 300
"""Seconds."""
KNOWN, UNCHECKED = 1, 3


@dataclass(frozen=True)
class Audit:
    faults: tuple[str, ...]
    """A line each."""
    checked: int
    skipped: tuple[str, ...]

    @property
    def code(self) -> int:
        return KNOWN if self.faults else UNCHECKED if self.skipped or not self.checked else 0

    @property
    def lines(self) -> list[str]:
        total = self.checked + len(self.skipped)
        if not self.checked:
            summary = (
                f"Nothing could be checked: none of {total} packages was found in a list of faults. Is there a network?"
            )
        elif self.skipped:
            summary = f"{self.checked} of {total} packages checked; not: {', '.join(self.skipped)}"
        else:
            summary = f"All {total} packages checked"
        return [*self.faults, f"{summary}; {len(self.faults)} known faults." if self.checked else summary]


def read(report: str) -> Audit:
    """Of pip-audit's JSON."""
    rows = json.loads(report).get("dependencies", []) if report.strip() else []
    skipped = tuple(row["name"] for row in rows if "skip_reason" in row)
    faults = tuple(_line(row, fault) for row in rows for fault in row.get("vulns", ()))
    return Audit(faults, len(rows) - len(skipped), skipped)


def _line(row: dict[str, str], fault: dict[str, Any]) -> str:
    mended = ", ".join(fault["fix_versions"]) or "no version yet"
    return f"{row['name']} {row['version']}: {fault['id']}, mended in {mended}"


def main(command: str = "pip-audit") -> int:
    """Runs it over the lock file."""
    options = ["-r", str(LOCK), "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run([command, *options], capture_output=True, text=True, timeout=WITHIN, check=False)  # noqa: S603
        audit = read(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        print(f"Nothing could be checked: {error}")
        return UNCHECKED
    if not audit.checked and not audit.skipped:
        print(done.stderr.strip()[-500:])
    print("\n".join(audit.lines))
    return audit.code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
