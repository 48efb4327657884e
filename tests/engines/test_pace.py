"""Sound at the pace of life: who comes late to fetch it has waited, and the clock says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from repartee.core.clock import LiveClock
from repartee.engines.audio import file
from tests import sound


@pytest.mark.parametrize("decode", [0.3, 1.4])
async def test_a_slow_decode_is_latency_and_no_stall(tmp_path: Path, decode: float) -> None:
    loop = asyncio.get_running_loop()
    source = file.Source(sound.write(tmp_path / "a.wav", sound.silence(4.0)), realtime=True)
    clock = source.clock
    assert isinstance(clock, LiveClock)
    began = loop.time()
    async for chunk in source:
        if chunk.start == pytest.approx(1.0, abs=0.01):
            await asyncio.sleep(decode)
            assert clock.now() == pytest.approx(loop.time() - began, abs=0.03)
    assert clock.stalls == 0
    assert clock.now() == pytest.approx(loop.time() - began, abs=0.03)
