"""A connection that is kept, on virtual time."""

from __future__ import annotations

import asyncio

import pytest

from repartee.core.errors import Refused, Unreachable
from repartee.homes.link import FIRST_PAUSE, LONGEST_PAUSE, REFUSED_PAUSE, Link


class Story:
    """What happens at each connection: an error, or seconds for which it holds."""

    def __init__(self, *chapters: BaseException | float) -> None:
        self.chapters = list(chapters)
        self.began: list[float] = []
        self.told = 0
        self.link = Link("home", "the home", self._changed)

    def _changed(self) -> None:
        self.told += 1

    async def once(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        chapter = self.chapters.pop(0) if self.chapters else 1e9
        if isinstance(chapter, BaseException):
            raise chapter
        self.link.ready()
        await asyncio.sleep(chapter)


async def test_it_comes_back_at_once_and_then_ever_more_slowly() -> None:
    story = Story(10.0, *[Unreachable("away")] * 12, 1e9)
    await story.link.open(story.once)
    story.link.check()
    await asyncio.sleep(11)
    with pytest.raises(Unreachable, match="the home can't be reached"):
        story.link.check()
    assert story.link.trouble == "away"
    await asyncio.sleep(200)
    assert story.link.trouble is None
    gaps = [later - earlier for earlier, later in zip(story.began[1:], story.began[2:], strict=False)]
    assert story.began[1] - 10 <= FIRST_PAUSE
    assert max(gaps) <= LONGEST_PAUSE
    assert gaps[-1] > LONGEST_PAUSE / 2 - 1e-9
    assert story.link.connections == 2
    assert story.told == 13
    await story.link.close()


async def test_after_a_good_connection_the_pauses_start_short_again() -> None:
    story = Story(1.0, *[Unreachable("away")] * 8, 1.0, 1.0)
    await story.link.open(story.once)
    await asyncio.sleep(100)
    assert story.began[-1] - story.began[-2] <= 1 + FIRST_PAUSE
    await story.link.close()


async def test_a_refused_key_is_not_tried_again_and_again() -> None:
    story = Story(1.0, Refused("wrong key"), 1e9)
    await story.link.open(story.once)
    await asyncio.sleep(30)
    with pytest.raises(Refused, match="new token"):
        story.link.check()
    assert len(story.began) == 2
    await asyncio.sleep(REFUSED_PAUSE)
    story.link.check()
    await story.link.close()


async def test_the_first_failure_is_the_callers() -> None:
    story = Story(Unreachable("nobody there"))
    with pytest.raises(Unreachable, match="nobody there"):
        await story.link.open(story.once)
    assert len(story.began) == 1


@pytest.mark.parametrize("mistake", [ZeroDivisionError("oops"), RecursionError("deep"), asyncio.CancelledError()])
async def test_a_mistake_of_ours_ends_one_connection_and_is_not_kept_quiet(
    mistake: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    first = Story(mistake)
    with pytest.raises(Unreachable, match="mistake"):
        await first.link.open(first.once)
    story = Story(1.0, mistake, mistake, 1e9)
    await story.link.open(story.once)
    await asyncio.sleep(1.3)  # the pauses between are shorter than a second
    assert "mistake" in str(story.link.trouble)
    assert type(mistake).__name__ in caplog.text
    with pytest.raises(Unreachable):
        story.link.check()
    await asyncio.sleep(5)
    story.link.check()
    assert (story.link.connections, story.link.duty.failures) == (2, 2)
    await story.link.close()


async def test_a_link_that_somebody_kills_connects_again() -> None:
    story = Story(1e9, 1e9)
    await story.link.open(story.once)
    assert story.link.duty.task is not None
    story.link.duty.task.cancel()
    await asyncio.sleep(5)
    story.link.check()
    assert (story.link.connections, story.link.duty.restarts) == (2, 1)
    await story.link.close()


@pytest.mark.parametrize("broken", [ZeroDivisionError("oops"), RecursionError(), MemoryError(), AssertionError("a")])
async def test_whatever_breaks_a_link_it_comes_back(broken: Exception) -> None:
    story = Story(1.0, broken, 1e9)
    await story.link.open(story.once)
    await asyncio.sleep(30)
    assert story.link.connections == 2
    story.link.check()
    await story.link.close()


async def test_closing_ends_it_even_where_a_cancellation_was_swallowed() -> None:
    link = Link("home", "the home", lambda: None)

    async def deaf() -> None:
        link.ready()
        try:
            await asyncio.sleep(1e9)
        except asyncio.CancelledError:
            await asyncio.sleep(1e9)

    await link.open(deaf)
    await link.close()
    with pytest.raises(Unreachable):
        link.check()
