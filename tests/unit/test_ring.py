"""The ring between a thread that captures and the loop."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.ring import Ring


def counted(begin: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (np.arange(begin, begin + count) % 30_000).astype(np.int16)


@given(st.integers(1, 50), st.lists(st.tuples(st.booleans(), st.integers(0, 80)), max_size=60))
def test_what_is_read_was_written_in_order_and_what_is_missing_is_counted(
    capacity: int, steps: list[tuple[bool, int]]
) -> None:
    ring, written = Ring(capacity), 0
    for writes, count in steps:
        if writes:
            ring.write(counted(written, count))
            written += count
        else:
            before = ring.position + ring.lost * 0
            got = ring.take(count)
            begin = ring.position - len(got)
            assert begin >= before
            assert (got == counted(begin, len(got))).all()
    taken = ring.position - ring.lost
    assert 0 <= taken <= written
    assert ring.written == written
    assert len(ring) <= capacity


def test_a_slow_reader_loses_the_oldest() -> None:
    ring = Ring(100)
    ring.write(counted(0, 250))
    assert (ring.take(1000) == counted(150, 100)).all()
    assert (ring.lost, ring.position) == (150, 250)


def test_sound_from_before_is_still_there_for_a_while() -> None:
    ring = Ring(100)
    ring.write(counted(0, 80))
    ring.take(80)
    assert (ring.before(80, 50) == counted(30, 50)).all()
    ring.write(counted(80, 60))
    assert (ring.before(80, 50) == counted(40, 40)).all()
    assert len(ring.before(20, 50)) == 0


def test_a_ring_holds_something() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Ring(0)


def test_two_threads_without_a_lock() -> None:
    """A writer as fast as it can, a reader as fast as it can: every sample is right or counted as lost."""
    ring, total = Ring(2_000), 400_000
    done = threading.Event()

    def write() -> None:
        for at in range(0, total, 160):
            ring.write(counted(at, 160))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    taken = 0
    while not done.is_set() or len(ring):
        got = ring.take(320)
        begin = ring.position - len(got)
        assert (got == counted(begin, len(got))).all()
        taken += len(got)
    writer.join()
    assert taken + ring.lost == total
