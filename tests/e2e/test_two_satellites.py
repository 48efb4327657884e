"""Two satellites in two rooms hear one sentence, over real sockets: one answers, the other shows that it does not."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from repartee.core.turn import ELSEWHERE
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.serving import QUIET, Page, page, serving

pytestmark = pytest.mark.real_time
FRAME = 0.02


async def say(satellite: Page, level: float) -> None:
    """A second of speech at the pace of life."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    await satellite.send(type="listen")
    tone = (np.sin(np.arange(320) / 5) * level).astype("<i2").tobytes()
    for number in range(150):
        await satellite.socket.send(tone if 25 <= number < 75 else QUIET)
        await asyncio.sleep(max(0.0, begin + number * FRAME - loop.time()))


async def heard(satellite: Page, level: float) -> dict[str, object]:
    speaking = asyncio.create_task(say(satellite, level))
    record: dict[str, object] = (await satellite.until("finished"))["record"]
    await speaking
    return record


async def test_the_one_that_hears_better_answers_and_the_other_shows_so() -> None:
    home = RecordingHome()
    async with (
        fake_assistant(backend=home) as assistant,
        serving(assistant) as url,
        page(url, "?area=Hall") as far,
        page(url, "?area=Living+room") as near,
    ):
        softly, loudly = await asyncio.gather(heard(far, 2000.0), heard(near, 12000.0))
    assert (loudly["decision"], loudly["error"]) == ("acted", None)
    assert (softly["decision"], softly["error"]) == ("cancelled", ELSEWHERE)
    assert not softly["reply"]
    assert not softly["actions"]
    assert len(home.performed) == 1


async def test_pages_that_stand_nowhere_are_each_answered() -> None:
    home = RecordingHome()
    async with fake_assistant(backend=home) as assistant, serving(assistant) as url, page(url) as one, page(url) as two:
        both = await asyncio.gather(heard(one, 2000.0), heard(two, 12000.0))
    assert [record["error"] for record in both] == [None, None]
