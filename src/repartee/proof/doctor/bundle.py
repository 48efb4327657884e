"""What to attach to a bug report: one archive, without words, sound, names or secrets unless a person asks for them."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from repartee.assembly.assistant import data_folder
from repartee.assembly.kept_data import KeptData
from repartee.assembly.redaction import shown
from repartee.assembly.settings import Settings
from repartee.core.errors import BadInput
from repartee.core.selection import Selection
from repartee.proof.bench import PACKAGES, machine

from .finding import Part
from .slow_turns import log_of

LAST = 5_000_000
"""Bytes of the performance log that are taken: its end."""
NAMED = ("home",)
"""Parts whose findings hold names that people gave."""
PRIVATE = re.compile(
    r"[a-z]+://[^\s\"',;]+|(?<![\w.])~?/(?:[^\s/\"':,;]+/)+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\w-]+(?:\.[\w-]+)+:\d{1,5}\b"
)
"""Addresses and folders: people and machines are named in them."""
TURNS = ("turns",)
"""Kinds of kept data that are the words of turns."""
PERSONAL = re.compile(
    r"pin|token|key|passw|area|latitude|longitude|names|sensitivity|^ask$|^never$|time_zone|^host$|username"
)


def write(path: Path, settings: Settings, parts: Sequence[Part], *, words: bool, recording: Path | None) -> list[str]:
    """The names of the files in it. `words`: turns as they were said, and names of devices; `recording`: sound to put
    in. Raises `BadInput` where it can't be written."""
    files: dict[str, bytes] = {
        "findings.json": _json([_part(part, words) for part in parts]),
        "settings.json": _json(plain(settings.model_dump())),
        "machine.json": _json({"machine": machine(), "versions": {name: _version(name) for name in PACKAGES}}),
    }
    log = log_of(settings)
    if log:
        files["performance.jsonl"] = (
            log.read_bytes()[-LAST:].partition(b"\n")[2] if log.stat().st_size > LAST else log.read_bytes()
        )
    folder = data_folder(settings)
    if words and folder and folder.is_dir():
        rows = KeptData(folder, Selection(None, None, None), TURNS).rows()
        files["turns.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    if recording:
        files[f"recording{recording.suffix}"] = recording.read_bytes()
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        path.chmod(0o600)
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror or error}") from error
    return list(files)


def plain(values: Mapping[str, Any], place: tuple[str, ...] = ()) -> dict[str, Any]:
    """Settings without secrets, places and names; lists and folders are told by their size or presence."""
    told: dict[str, Any] = {}
    for key, value in values.items():
        at = (*place, key)
        if isinstance(value, Mapping):
            told[key] = plain(value, at) if not PERSONAL.search(key) else f"{len(value)} of them"
        elif isinstance(value, SecretStr) or (value is not None and PERSONAL.search(key)):
            told[key] = "set" if value else "not set"
        elif isinstance(value, list):
            told[key] = f"{len(value)} of them" if key in ("wake_words", "voices") else value
        elif isinstance(value, Path):
            told[key] = "-" if str(value) == "-" else "set"
        elif isinstance(value, str) and "://" in value:
            told[key] = "set"
        else:
            told[key] = value if value is None or isinstance(value, int | float) else shown(at, value).strip("'")
    return told


def _part(part: Part, words: bool) -> dict[str, Any]:
    """A finding about names tells without `words` only that it was found, and how often."""
    told: dict[str, Any] = part.as_json() if words else json.loads(PRIVATE.sub("…", json.dumps(part.as_json())))
    if part.name in NAMED and not words:
        counts = Counter(finding.name for finding in part.findings)
        told["findings"] = [{"name": name, "count": count} for name, count in counts.items()]
        told["seen"] = re.sub(r"[^0-9.,; a-z]", "", part.seen)
    return told


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
