"""The profile that is always on: it sees who works, not who waits, and stays small."""

from __future__ import annotations

import threading

import pytest

from repartee.observe import stacks
from repartee.observe.stacks import OTHER, Stacks

pytestmark = pytest.mark.real_time


def busy(end: threading.Event) -> None:
    while not end.is_set():
        sum(range(1000))


def test_who_works_is_seen_and_who_waits_is_not() -> None:
    end = threading.Event()
    threads = [
        threading.Thread(target=busy, args=(end,), name="worker"),
        threading.Thread(target=end.wait, name="idle"),
    ]
    for thread in threads:
        thread.start()
    profile = Stacks()
    for _ in range(20):
        profile.sample()
    end.set()
    for thread in threads:
        thread.join()
    lines = profile.collapsed().splitlines()
    assert any(line.startswith("worker;") and "busy (test_stacks.py:" in line for line in lines)
    assert not any(line.startswith("idle;") for line in lines)
    assert all(line.rpartition(" ")[2].isdigit() for line in lines)
    assert profile.cpu < 0.05, "a sample is well below a millisecond"


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "MOST", 0)
    end = threading.Event()
    thread = threading.Thread(target=busy, args=(end,))
    thread.start()
    profile = Stacks()
    profile.sample()
    end.set()
    thread.join()
    assert profile.collapsed().startswith(OTHER)


def test_it_runs_until_stopped_and_rests_when_told() -> None:
    rests = Stacks(50, still=lambda: False)
    works = Stacks(50)
    for profile in (rests, works):
        profile.start()
    sampled = threading.Event()
    while not works.samples:
        sampled.wait(0.02)
    for profile in (rests, works):
        profile.stop()
    assert rests.samples == 0
