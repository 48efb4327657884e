"""When an utterance is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.decode_schedule import DecodeSchedule, Due

FRAME = 0.032


def dues(*pattern: tuple[float, bool], unclear: bool = True) -> list[tuple[float, Due]]:
    """Seconds voiced or not, one after the other; when (seconds, at the end of a frame) what was due."""
    schedule, at = DecodeSchedule(), 0.0
    found: list[tuple[float, Due]] = []
    for seconds, voiced in pattern:
        for _ in range(round(seconds / FRAME)):
            chunk = AudioChunk(np.zeros(512, np.int16), SAMPLE_RATE, at, voiced, unclear)
            at = chunk.end
            if (due := schedule.after(chunk)) is not Due.NOTHING:
                found.append((round(at, 2), due))
    return found


def test_partials_while_somebody_speaks() -> None:
    found = dues((2.0, True))
    assert {due for _, due in found} == {Due.PARTIAL}
    assert len(found) == 4


def test_partials_become_rarer_in_a_long_sentence() -> None:
    at = [when for when, due in dues((20.0, True)) if due is Due.PARTIAL]
    assert at[-1] - at[-2] > 3 * (at[1] - at[0])


def test_all_with_the_first_silent_frame_and_again_while_it_lasts() -> None:
    found = dues((0.32, True), (2.0, False))
    assert [due for _, due in found] == [Due.ALL, Due.AGAIN, Due.AGAIN]
    first = 0.32 + FRAME
    assert [when - first for when, _ in found] == [
        pytest.approx(after, abs=FRAME) for after in (0.0, *DecodeSchedule.LASTS)
    ]


def test_what_is_clear_is_looked_at_once() -> None:
    assert [due for _, due in dues((0.32, True), (2.0, False), unclear=False)] == [Due.ALL]


def test_what_turns_out_to_be_unclear_late_is_looked_at_once_more() -> None:
    schedule, at, found = DecodeSchedule(), 0.0, []
    for n in range(40):
        chunk = AudioChunk(np.zeros(512, np.int16), SAMPLE_RATE, at, n < 10, unclear=n > 30)
        at = chunk.end
        found.append(schedule.after(chunk))
    assert found[10] is Due.ALL
    assert [n for n, due in enumerate(found) if due is Due.AGAIN] == [31]


def test_speech_that_goes_on_needs_no_second_look() -> None:
    found = dues((0.32, True), (0.1, False), (0.32, True), (0.1, False))
    assert [due for _, due in found if due is not Due.PARTIAL] == [Due.ALL, Due.ALL]


def test_a_look_that_was_given_up_does_not_delay_the_next_partial() -> None:
    def partial_after(given_up: bool) -> float:
        schedule, at = DecodeSchedule(), 0.0
        for n in range(100):
            chunk = AudioChunk(np.zeros(512, np.int16), SAMPLE_RATE, at, n != 8)
            at = chunk.end
            due = schedule.after(chunk)
            if due is Due.ALL and given_up:
                schedule.abandoned()
            if due is Due.PARTIAL:
                return at
        raise AssertionError

    assert partial_after(given_up=True) < 0.45 < partial_after(given_up=False)
