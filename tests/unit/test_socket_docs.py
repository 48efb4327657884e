"""docs/socket.md is the reference of the socket: what the code can say stands there, and nothing that it can't."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from repartee.app.doors import closing, guard
from repartee.app.doors.guard import Door
from repartee.app.doors.http.routes import create_app
from repartee.app.doors.http.setup import Restart, Setup
from repartee.app.doors.socket.messages import Answer, Ask, End, Held, Listen, Played, Stop
from repartee.assembly.settings_file import SettingsFile
from tests.fakes.assistant import still_assistant

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "socket.md").read_text("utf-8")
SENT = {str(get_args(m.model_fields["type"].annotation)[0]) for m in (Listen, Held, End, Ask, Answer, Stop, Played)}
TOLD = {
    "hello",
    "home",
    "state",
    "household",
    "started",
    "heard",
    "acted",
    "asking",
    "replying",
    "finished",
    "recorded",
    "speaking",
    "spoken",
    "silence",
    "hold",
    "resume",
    "error",
}


def test_every_message_is_documented() -> None:
    assert set(re.findall(r'\| `\{"type": "(\w+)"', DOCS)) == SENT
    assert set(re.findall(r"^\| `(\w+)` \|", DOCS, re.MULTILINE)) == TOLD


def test_the_page_knows_every_message_and_every_reason_to_close() -> None:
    web = ROOT / "src" / "repartee" / "app" / "web"
    app, connection = (web / "app.js").read_text("utf-8"), (web / "connection.js").read_text("utf-8")
    told = app[app.index("const told") : app.index("for (const [type")]
    handled = set(re.findall(r"^  (\w+)[:(]", told, re.MULTILINE)) | {"hello"}
    assert handled >= TOLD
    for code in (
        closing.BAD_FRAME,
        closing.NONSENSE,
        closing.BUSY,
        closing.GONE,
        closing.SLOW,
        guard.UNAUTHORISED,
        guard.FORBIDDEN,
        guard.SLOW_DOWN,
    ):
        assert str(code) in connection
        assert re.search(rf"\| [\d, ]*{code}", DOCS)


def test_every_route_is_documented() -> None:
    app = create_app(still_assistant(), Door(), 1, Setup(SettingsFile(), Restart()))
    routes = {(method, path) for path, ways in app.openapi()["paths"].items() for method in ways}
    documented = re.findall(r"\| `(GET|POST|PUT|DELETE) (/[\w/{}-]+)", DOCS)
    assert routes == {(method.lower(), path) for method, path in documented}
