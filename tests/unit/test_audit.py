"""What `make audit` says: above all that it has checked nothing, where it has."""

from __future__ import annotations

import json

import pytest
from bench.audit import Audit, main, read

GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
AWAY = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1)"}


def audited(*rows: object) -> Audit:
    return read(json.dumps({"dependencies": rows}))


def test_nothing_checked_is_no_good_news() -> None:
    for audit in (audited(AWAY, AWAY), read(""), audited()):
        assert audit.code == 3
        assert "Nothing could be checked" in audit.lines[-1]


def test_what_is_known_and_what_was_left_out_is_told() -> None:
    assert audited(GOOD).code == 0
    assert "All 1 packages checked; 0 known faults" in audited(GOOD).lines[-1]
    some = audited(GOOD, AWAY)
    assert some.code == 3
    assert "1 of 2 packages checked; not: c" in some.lines[-1]
    bad = audited(GOOD, BAD, AWAY)
    assert bad.code == 1
    assert bad.lines[0] == "b 2: CVE-1, mended in 3"


def test_without_the_tool_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("no-such-program-anywhere") == 3
    assert "Nothing could be checked" in capsys.readouterr().out
