"""The three caches in the real assistant: what one run learns, and what the next one starts with."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.engines.audio import nowhere

pytestmark = pytest.mark.real_time
SAID = "turn on the bed light"


async def test_what_was_said_is_remembered_and_known_at_the_next_start(tmp_path: Path) -> None:
    settings = read_settings(None, {"system": {"data": str(tmp_path)}})
    async with open_assistant(settings) as house:
        telemetry = house.telemetry
        session = house.session(nowhere.Sink())
        for text in (SAID, SAID, "turn it off"):
            record = await session.ask(text)
            assert all(effect.confirmed for effect in record.effects), record.reply
        telemetry.sampled(telemetry.resources.sample())
        shown = telemetry.exporter.exposition().decode()
        for kind, hits in (("parse", 1), ("plan", 1), ("context", 0)):
            assert f'repartee_cache_hits_total{{cache="{kind}"}} {hits}.0' in shown
        assert len(house.understandings.contexts) == 1
    async with open_assistant(settings) as house:
        await house.warm()
        await house.session(nowhere.Sink()).ask(SAID)
        told = house.understandings.parses.statistics
        assert (told.hits, told.misses) == (1, 0)
