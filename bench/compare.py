"""Us beside others on one machine: `repartee compare` over all that can run here, kept in bench/results/compare_*.json.

Home Assistant runs in an environment of its own (tests/homes/install.py). Whisper needs faster-whisper and a model's
folder each in REPARTEE_WHISPER (several, with the separator of PATH); without them it is left out, and said so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.homes.home_assistant import HomeAssistantProcess

from bench.backends import house
from bench.figures import SHARED
from bench.homes import merged, read_homes
from bench.record import real, save
from repartee.core.home import Home
from repartee.proof.compare import report

VERSIONS = ("2024.3.3", "2025.4.4")
"""Of Home Assistant."""
SENTENCES, ENTITIES = 150, 100
"""More than the 128 sentences that it remembers."""
HOME = SHARED / "homes" / "recorded_40.json"


def compare(folder: Path, *arguments: str, token: str = "") -> dict[str, Any]:
    command = [str(Path(sys.executable).with_name("repartee")), "compare", *arguments, "--json"]
    env = {**os.environ, "REPARTEE_HOME_TOKEN": token}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=env)  # noqa: S603
    print(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout)
    for row in told["contestants"]:
        row.pop("made", None)
    told["command"] = "repartee " + " ".join(Path(a).name if "/" in a and ":" not in a else a for a in command[1:-1])
    return told


def home_file(folder: Path, home: Home) -> Path:
    """A home as the product reads it."""
    floors = {floor.id: floor.name for floor in home.floors}
    areas = {area.id: area.name for area in home.areas}
    data: dict[str, list[dict[str, Any]]] = {
        "floors": [{"name": f.name, "aliases": list(f.aliases)} for f in home.floors],
        "areas": [{"name": a.name, "aliases": list(a.aliases), "floor": floors.get(a.floor or "")} for a in home.areas],
        "entities": [
            {"name": e.name, "domain": e.domain, "area": areas.get(e.area or ""), "aliases": list(e.aliases)}
            for e in home.entities
        ],
    }
    path = folder / "home.json"
    rows = {part: [_known(row) for row in each] for part, each in data.items()}
    path.write_text(json.dumps(rows))
    return path


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def agents(folder: Path) -> list[dict[str, Any]]:
    """The conversation agent of each Home Assistant on commands for its own devices, one process after the other."""
    found = []
    for version in VERSIONS:
        rows = house(ENTITIES)
        with HomeAssistantProcess(folder / version, rows, version, integrations=()) as process:
            texts = folder / f"said-{version}.txt"
            texts.write_text("\n".join(said(rows)))
            target = f"homeassistant:{process.url}"
            found.append(
                {
                    **compare(folder, "understand", target, "--sentences", str(texts), token=process.token),
                    "version": version,
                }
            )
    return found


def said(rows: Sequence[dict[str, Any]]) -> list[str]:
    """On and off, of its lamps and switches, no sentence twice."""
    names = [row["name"] for row in rows if row["domain"] in ("light", "switch")]
    return [f"turn {how} the {name}" for how in ("on", "off") for name in names][:SENTENCES]


def main(only: Sequence[str] = ()) -> None:
    whisper = [f"whisper:{path}" for path in os.environ.get("REPARTEE_WHISPER", "").split(os.pathsep) if path]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        everything = home_file(folder, merged(read_homes(SHARED / "nlu" / "en.homes.json")).home)
        runs: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "hear": lambda: [
                compare(folder, "hear", "ours", "moonshine", "pocketsphinx", *whisper, "--home", str(HOME))
            ],
            "understand": lambda: [
                compare(folder, "understand", "ours", "hassil", "gazetteer", "--home", str(everything))
            ],
            "speak": lambda: [compare(folder, "speak", "espeak", "piper")],
            "wake": lambda: [compare(folder, "wake", "ours", "--most", "200")],
            "agents": lambda: agents(folder),
        }
        for name, run in runs.items():
            if not only or name in only:
                told = run()
                print(*map(report.markdown, told), sep="\n")
                packages = ("hassil", "gazetteer-matcher", "moonshine-voice", "pocketsphinx")
                save(f"compare_{name}", {"runs": told}, real(pace="fast"), packages)


if __name__ == "__main__":
    main(sys.argv[1:])
