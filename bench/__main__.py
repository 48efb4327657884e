"""`python -m bench [NAME...]`: measures, and writes each figure with where it comes from to bench/results/."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SHARED = Path(os.environ.get("REPARTEE_SHARED", Path(__file__).parents[2] / "shared"))


def turns() -> None:
    from bench import turns

    turns.main(SHARED)


def speech_end() -> None:
    from bench import speech_end

    with tempfile.TemporaryDirectory() as scratch:
        speech_end.main(Path(scratch))


def resources() -> None:
    from bench import resources

    resources.main(SHARED)


def door() -> None:
    from bench import door

    with tempfile.TemporaryDirectory() as scratch:
        door.main(Path(scratch))


def homes() -> None:
    from bench import backends

    backends.main()


BENCHES: dict[str, Callable[[], None]] = {
    "turns": turns,
    "speech_end": speech_end,
    "resources": resources,
    "door": door,
    "homes": homes,
}


def main() -> int:
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"there is no bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for number, name in enumerate(names, 1):
        print(f"[{number}/{len(names)}] {name}", flush=True)
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
