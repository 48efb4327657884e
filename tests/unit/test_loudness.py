"""Loudness: one measure, and one learner of the room's level, for all who listen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.stages.audio_in.loudness import LEAST, RoomLevel, block_levels, power

LEVELS = st.floats(0.0, 32_767.0)


def test_the_level_of_blocks() -> None:
    sound = np.concatenate([np.full(80, 3, np.int16), np.full(80, -400, np.int16), np.ones(7, np.int16)])
    assert block_levels(sound, 80).tolist() == pytest.approx([3.0, 400.0])
    assert power(sound[:160]) == pytest.approx((9 + 160_000) / 2)


def test_a_full_scale_block_does_not_overflow() -> None:
    assert block_levels(np.full(80, -32_768, np.int16), 80).tolist() == pytest.approx([32_768.0])


@given(st.lists(LEVELS, min_size=1, max_size=50))
def test_a_room_becomes_louder_slowly(levels: list[float]) -> None:
    room = RoomLevel(rise=1.5, smooth=0.06)
    before = room.hear(levels[0], 0.02)
    for level in levels[1:]:
        after = room.hear(level, 0.02)
        assert LEAST <= after <= before * 1.5**0.02 + 1e-9
        before = after


@given(LEVELS, LEVELS)
def test_a_room_becomes_quieter_at_once(first: float, second: float) -> None:
    room = RoomLevel(rise=1.3)
    room.hear(first, 0.02)
    assert room.hear(second, 0.02) <= max(second, LEAST)


def test_digital_silence_is_no_room_in_which_everything_is_loud_for_ever() -> None:
    """From a room of exactly nothing a factor never leads back up."""
    room = RoomLevel(rise=1.5)
    room.hear(0.0, 1.0)
    for _ in range(20):
        room.hear(300.0, 1.0)
    assert room.level == 300.0
