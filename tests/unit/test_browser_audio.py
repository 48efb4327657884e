"""Sound from and to a page: how frames are cut, what is lost when, and how far ahead a reply may run."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.channel import Channel
from repartee.core.errors import BadAudio
from repartee.engines.audio.browser import AHEAD, FRAME, GRACE, RING, Sink, Source
from tests import virtual_time

RATE = 22_050


async def drained(source: Source) -> list[AudioChunk]:
    return [chunk async for chunk in source]


def pcm(samples: int, start: int = 0) -> bytes:
    return (np.arange(start, start + samples) % 30_000).astype("<i2").tobytes()


def hum(seconds: float) -> AudioChunk:
    return AudioChunk(np.full(round(seconds * RATE), 1000, np.int16), RATE, 0.0)


def spoken_to(outbox: Channel[str | bytes]) -> list[str | bytes]:
    """What waits in the outbox: messages by their type, sound as bytes."""
    items: list[str | bytes] = []
    while len(outbox):
        item = outbox._items.popleft()
        items.append(json.loads(item)["type"] if isinstance(item, str) else item)
    return items


@given(st.lists(st.integers(0, 2000), max_size=30))
def test_however_a_sender_cuts_its_frames_every_sample_arrives_once_and_in_place(sizes: list[int]) -> None:
    async def main() -> list[AudioChunk]:
        source = Source(asyncio.get_running_loop().time)
        sent = 0
        for size in sizes:
            source.feed(pcm(size, sent))
            sent += size
        source.end()
        return await drained(source)

    chunks = virtual_time.run(main())
    sound = np.concatenate([c.samples for c in chunks]) if chunks else np.zeros(0, np.int16)
    assert sound.tobytes() == pcm(sum(sizes))
    assert all(len(c.samples) == FRAME for c in chunks[:-1])
    assert [c.start for c in chunks] == [n * FRAME / SAMPLE_RATE for n in range(len(chunks))]


async def test_half_a_sample_is_refused_with_its_size() -> None:
    source = Source()
    with pytest.raises(BadAudio, match="641 bytes"):
        source.feed(b"\0" * 641)


async def test_the_clock_counts_from_the_earliest_arrival() -> None:
    loop = asyncio.get_running_loop()
    source = Source(loop.time)
    await asyncio.sleep(5)
    source.feed(pcm(FRAME * 10))  # the pre-roll comes at once: 0.2 s of sound
    assert source.clock.now() == pytest.approx(0.2)
    await asyncio.sleep(0.1)
    source.feed(pcm(FRAME))  # 0.08 s late
    assert source.clock.now() == pytest.approx(0.3, abs=1e-3)


async def test_a_turn_that_does_not_keep_up_loses_the_oldest_and_knows_it() -> None:
    source = Source()
    source.feed(pcm(FRAME * (RING + 7)))
    source.end()
    chunks = await drained(source)
    assert (source.dropped, len(chunks)) == (7, RING)
    assert chunks[0].start == pytest.approx(7 * FRAME / SAMPLE_RATE)


async def test_a_reply_is_announced_sent_a_little_ahead_and_ends_when_the_page_has_played_it() -> None:
    loop = asyncio.get_running_loop()
    outbox: Channel[str | bytes] = Channel(64)
    sink = Sink(outbox, loop.time)
    for _ in range(10):
        await sink.play(hum(0.1))
    assert loop.time() == pytest.approx(1.0 - AHEAD)
    draining = asyncio.create_task(sink.drain())
    await asyncio.sleep(AHEAD)
    assert not draining.done()
    sink.played(1)
    await draining
    assert loop.time() == pytest.approx(1.0)
    sent = spoken_to(outbox)
    assert (sent[0], sent[-1]) == ("speaking", "spoken")
    assert all(frame == hum(0.1).samples.tobytes() for frame in sent[1:-1])


async def test_a_page_that_never_says_it_has_played_holds_nobody_up_for_long() -> None:
    loop = asyncio.get_running_loop()
    sink = Sink(Channel(64), loop.time)
    await sink.play(hum(0.2))
    await sink.drain()
    assert loop.time() == pytest.approx(0.2 + GRACE)


async def test_silence_takes_the_reply_back_and_lets_go_of_who_waits() -> None:
    loop = asyncio.get_running_loop()
    outbox: Channel[str | bytes] = Channel(64)
    sink = Sink(outbox, loop.time)
    await sink.play(hum(0.2))
    draining = asyncio.create_task(sink.drain())
    await asyncio.sleep(0.01)
    sink.stop()
    await draining
    assert loop.time() < 0.1
    assert spoken_to(outbox)[-1] == "silence"


async def test_silence_where_nobody_speaks_tells_nothing() -> None:
    outbox: Channel[str | bytes] = Channel(64)
    sink = Sink(outbox)
    sink.stop()
    await sink.drain()
    assert not len(outbox)


async def test_an_old_utterance_that_was_played_does_not_end_the_next() -> None:
    loop = asyncio.get_running_loop()
    sink = Sink(Channel(64), loop.time)
    await sink.play(hum(0.2))
    sink.stop()
    await sink.play(hum(0.2))
    draining = asyncio.create_task(sink.drain())
    await asyncio.sleep(0.3)
    sink.played(1)
    await asyncio.sleep(0.01)
    assert not draining.done()
    sink.played(2)
    await draining
