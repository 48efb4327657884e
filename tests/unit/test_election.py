"""Several satellites hear one sentence: one answers, on virtual time."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.election import MOST, WITHIN, Candidate, Claim, Election
from tests.virtual_time import run

LAMP = Claim("turn on the lamp", True, -20.0, -0.1)


async def heard(election: Election, place: str, begins: float, lasts: float, claim: Claim) -> tuple[bool, float]:
    """Whether it answers, and how long it waited."""
    await asyncio.sleep(begins)
    candidate: Candidate = election.stand(place)
    await asyncio.sleep(lasts)
    before = asyncio.get_running_loop().time()
    wins = await election.wins(candidate, claim)
    return wins, asyncio.get_running_loop().time() - before


async def both(one: tuple[float, float, Claim], other: tuple[float, float, Claim]) -> tuple[bool, bool]:
    election = Election()
    first, second = await asyncio.gather(heard(election, "one", *one), heard(election, "other", *other))
    return first[0], second[0]


async def test_who_hears_alone_does_not_wait() -> None:
    assert await heard(Election(), "one", 0.0, 1.0, LAMP) == (True, 0.0)


async def test_the_louder_one_answers_though_it_was_later() -> None:
    louder = replace(LAMP, level=-10.0)
    assert await both((0.0, 1.0, LAMP), (0.1, 1.1, louder)) == (False, True)


async def test_as_loud_the_clearer_one_answers_and_as_clear_the_sooner_one() -> None:
    clearer = replace(LAMP, clarity=-0.01, level=-20.5)
    assert await both((0.0, 1.0, LAMP), (0.1, 1.0, clearer)) == (False, True)
    assert await both((0.0, 1.0, LAMP), (0.1, 1.0, LAMP)) == (True, False)


async def test_who_understood_it_answers_however_soft() -> None:
    loud_nonsense = Claim("torn on delay", False, -5.0, 0.0)
    assert await both((0.0, 1.0, loud_nonsense), (0.0, 1.0, LAMP)) == (False, True)


async def test_two_people_who_say_different_things_are_both_answered() -> None:
    blinds = replace(LAMP, text="close the blinds")
    assert await both((0.0, 1.0, LAMP), (0.1, 1.0, blinds)) == (True, True)


async def test_one_after_the_other_both_are_answered() -> None:
    assert await both((0.0, 1.0, LAMP), (0.5, 1.0, LAMP)) == (True, True)


async def test_nobody_waits_longer_than_agreed_and_who_comes_too_late_stays_silent() -> None:
    election = Election()
    quick, slow = await asyncio.gather(
        heard(election, "quick", 0.0, 1.0, LAMP), heard(election, "slow", 0.0, 3.0, replace(LAMP, level=0.0))
    )
    assert quick[0]
    assert quick[1] == pytest.approx(WITHIN)
    assert slow == (False, 0.0)


async def test_the_same_satellite_twice_is_no_rival_and_the_old_are_forgotten() -> None:
    election = Election()
    for _ in range(3 * MOST):
        assert await heard(election, "one", 0.0, 0.0, LAMP) == (True, 0.0)
    assert len(election._candidates) <= MOST


CLAIMS = st.builds(
    Claim, st.sampled_from(("turn on the lamp", "turn on a lamp")), st.just(True), st.floats(-60, 0), st.floats(-2, 0)
)


@given(st.lists(st.tuples(st.floats(0, 0.1), st.floats(0.5, 0.7), CLAIMS), min_size=2, max_size=5))
def test_of_any_number_exactly_one_answers(satellites: list[tuple[float, float, Claim]]) -> None:
    async def answered() -> list[bool]:
        election, names = Election(), itertools.count()
        told = await asyncio.gather(*(heard(election, str(next(names)), *one) for one in satellites))
        return [wins for wins, _ in told]

    assert run(answered()).count(True) == 1
