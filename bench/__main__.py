"""`python -m bench [NAME...]`: measures, and writes each figure with where it comes from to bench/results/.

Each bench is a module of this package and runs in a process of its own; `python -m bench.turns` runs one alone.
"""

from __future__ import annotations

import subprocess
import sys

BENCHES = (
    "turns",
    "hearing",
    "varied",
    "calibrate",
    "healing",
    "talk",
    "speakers",
    "speech_end",
    "replies",
    "grammar",
    "reports",
    "generated",
    "meaning",
    "side_by_side",
    "wake",
    "echo",
    "store",
    "act",
    "backends",
    "conversation",
    "door",
    "doors",
    "page",
    "quiet_room",
    "resources",
    "measuring",
    "memory",
    "voices",
    "llm",
    "companion",
    "frames",
)


def main() -> int:
    """0 when every bench ran, 1 when one broke, 2 for a name that is none."""
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"there is no bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    broken = []
    for number, name in enumerate(names, 1):
        print(f"[{number}/{len(names)}] {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:  # noqa: S603  # ourselves
            broken.append(name)
    if broken:
        print(f"broken: {', '.join(broken)}", file=sys.stderr)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
