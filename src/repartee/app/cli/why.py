"""`repartee why`: one turn explained, of those that are kept. Reads beside a running assistant, and changes nothing."""

from __future__ import annotations

import json as jsonlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from pydantic import ValidationError

from repartee.assembly.assistant import data_folder
from repartee.contract import load_profile
from repartee.core.errors import BadInput
from repartee.core.turn import Decision, TurnRecord
from repartee.proof.why import explain, record_type

from .options import Config, Json, chosen

LATEST = "SELECT record FROM turns ORDER BY number DESC LIMIT 50"
NAMED = "SELECT record FROM turns WHERE id LIKE ? ORDER BY number DESC LIMIT 2"


def why(
    turn: Annotated[str | None, typer.Argument(help="Id of a turn, or how it begins; default: the newest.")] = None,
    profile: Annotated[str | None, typer.Option(help="Promises to hold it against; default: the settings'.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """What was heard, which words meant what, where the time went, and which promise broke."""
    settings = chosen(config)
    folder = data_folder(settings)
    if folder is None:
        raise BadInput("nothing is kept: `data` in [system] is `-`")
    record = kept(folder / "repartee.sqlite", turn)
    lines = list(explain(record, load_profile(profile or settings.contract.profile)))
    if json:
        print(jsonlib.dumps({"record": record.as_json(), "why": lines}, ensure_ascii=False))
    else:
        print("\n".join(lines))


def kept(path: Path, turn: str | None) -> TurnRecord:
    """The newest turn in which somebody spoke, or the one whose id begins like this. Raises `BadInput`."""
    if not path.is_file():
        raise BadInput(f"{path}: no turn was kept yet")
    try:
        sql = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        try:
            begins = turn.replace("%", "").replace("_", "") + "%" if turn else None
            rows = sql.execute(NAMED, (begins,)).fetchall() if begins else sql.execute(LATEST).fetchall()
        finally:
            sql.close()
    except sqlite3.Error as error:
        raise BadInput(f"{path} can't be read: {error}") from error
    return _one(rows, turn)


def _one(rows: Sequence[tuple[str]], turn: str | None) -> TurnRecord:
    try:
        records = [record_type().validate_json(record) for (record,) in rows]
    except ValidationError as error:
        raise BadInput(f"this turn can't be read ({error.error_count()} fields)") from error
    if turn and len(records) > 1:
        raise BadInput(f"several turns begin with {turn}: {records[0].id}, {records[1].id}")
    spoken = records if turn else [record for record in records if record.decision is not Decision.SILENCE]
    if not spoken:
        raise BadInput(f"no turn {turn} is kept" if turn else "no turn is kept in which somebody spoke")
    return spoken[0]
