"""`repartee profile memory`, with the real memray where it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.core.errors import BadInput, EngineMissing, ReparteeError
from repartee.proof import profiler

pytestmark = pytest.mark.real_time


def test_without_memray_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiler, "find_spec", lambda _: None)
    with pytest.raises(EngineMissing, match=r"repartee-voice\[memory\]"):
        profiler.heap(tmp_path / "heap.html", ["ask", "hello"])
    with pytest.raises(BadInput, match=r"written as \.html"):
        profiler.heap(tmp_path / "heap.svg", ["ask", "hello"])


@pytest.mark.full
def test_a_flame_graph_of_what_holds_the_memory(tmp_path: Path) -> None:
    pytest.importorskip("memray")
    profiler.heap(tmp_path / "heap.html", ["ask", "turn on the bed light"])
    assert "repartee" in (tmp_path / "heap.html").read_text()
    with pytest.raises(ReparteeError, match="memray run"):
        profiler.heap(tmp_path / "heap.html", ["listen", str(tmp_path / "absent.wav")])
