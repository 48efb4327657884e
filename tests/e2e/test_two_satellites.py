"""Two satellites in two rooms hear one sentence, over real sockets: one answers, the other shows that it does not."""

from __future__ import annotations

import asyncio

import pytest

from repartee.core.turn import ELSEWHERE
from tests import sound
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.serving import Page, page, serving

pytestmark = pytest.mark.real_time
SIZE, FRAME = 320, 0.02
WITHIN = 30.0


async def say(satellite: Page, level: float) -> None:
    """A sentence in a quiet room, at the pace of life."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    samples = (sound.utterance("turn on the lamp", after=2.0)[0] * level).astype("<i2")
    await satellite.send(type="listen")
    for number, at in enumerate(range(0, len(samples), SIZE)):
        await satellite.socket.send(samples[at : at + SIZE].tobytes())
        await asyncio.sleep(max(0.0, begin + number * FRAME - loop.time()))


async def heard(satellite: Page, level: float) -> dict[str, object]:
    speaking = asyncio.create_task(say(satellite, level))
    record: dict[str, object] = (await satellite.until("finished", WITHIN))["record"]
    await speaking
    return record


async def test_the_one_that_hears_better_answers_and_the_other_shows_so() -> None:
    sound.utterance("turn on the lamp", after=2.0)
    home = RecordingHome()
    async with (
        fake_assistant(backend=home) as assistant,
        serving(assistant) as url,
        page(url, "?area=Hall") as far,
        page(url, "?area=Living+room") as near,
    ):
        for satellite in (far, near):  # what is loaded when first needed would hold up one of them
            assert (await heard(satellite, 1.0))["decision"] == "acted"
        home.performed.clear()
        softly, loudly = await asyncio.gather(heard(far, 0.5), heard(near, 1.0))
    assert (loudly["decision"], loudly["error"]) == ("acted", None)
    assert (softly["decision"], softly["error"]) == ("cancelled", ELSEWHERE)
    assert not softly["reply"]
    assert not softly["actions"]
    assert len(home.performed) == 1


async def test_pages_that_stand_nowhere_are_each_answered() -> None:
    sound.utterance("turn on the lamp", after=2.0)
    home = RecordingHome()
    async with fake_assistant(backend=home) as assistant, serving(assistant) as url, page(url) as one, page(url) as two:
        both = await asyncio.gather(heard(one, 0.5), heard(two, 1.0))
    assert ELSEWHERE not in [record["error"] for record in both]
