from __future__ import annotations

from dataclasses import replace

import pytest

from repartee.core.intent import Context, Intent
from repartee.grammar import CompiledHome
from repartee.grammar.cache import Cache, CachedUnderstanding

from .conftest import HERE

BED = Intent("HassTurnOn", {"name": "Bed Light"}, entities=("light.bed_light",))
BATH = Intent("HassTurnOn", {"name": "Bathroom Lamp"}, entities=("light.bathroom_lamp",))


class Telemetry:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_the_least_recently_used_goes_first() -> None:
    cache: Cache[int] = Cache(entries=2)
    cache.put("a", 1, 10)
    cache.put("b", 2, 10)
    assert cache.get("a") == 1
    cache.put("c", 3, 10)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    assert cache.statistics.evicted == 1


def test_bytes_are_bounded() -> None:
    cache: Cache[str] = Cache(size=100)
    cache.put("a", "x", 60)
    cache.put("b", "y", 60)
    assert (cache.get("a"), cache.bytes, len(cache)) == (None, 60, 1)
    cache.put("huge", "z", 101)
    assert (cache.get("huge"), cache.get("b")) == (None, "y")
    cache.put("b", "again", 80)
    assert cache.bytes == 80


def test_age_is_bounded() -> None:
    telemetry = Telemetry()
    cache: Cache[int] = Cache(ttl=10, now=telemetry)
    cache.put("a", 1, 1)
    telemetry.time = 9.0
    assert cache.get("a") == 1
    telemetry.time = 11.0
    assert cache.get("a") is None
    assert (cache.statistics.expired, len(cache), cache.bytes) == (1, 0, 0)


def test_hits_and_what_they_save_are_counted() -> None:
    cache: Cache[int] = Cache()
    assert cache.statistics.hit_percent is None
    cache.put("a", 1, 1, cost_s=0.5)
    cache.get("a")
    cache.get("a")
    cache.get("b")
    assert cache.statistics.hit_percent == pytest.approx(200 / 3)
    assert cache.statistics.saved_s == 1.0
    cache.remove("a")
    assert cache.statistics.removed == 1
    assert cache.get("a") is None


@pytest.fixture
def cached(grammar: CompiledHome) -> CachedUnderstanding:
    return CachedUnderstanding(grammar, Cache(), Cache())


def test_the_second_time_it_is_remembered(cached: CachedUnderstanding) -> None:
    first = cached.parse("turn on the bed light", HERE)
    assert cached.parse("turn on the bed light", HERE) is first
    assert cached.parses.statistics.hits == 1


def test_the_area_is_part_of_the_question(cached: CachedUnderstanding) -> None:
    areas = [
        cached.parse("turn off the lights", Context(area=area))[0].parts[0].intent.slots["area"]
        for area in ("kitchen", "bedroom")
    ]
    assert areas == ["Kitchen", "Bedroom"]


def test_it_is_never_answered_without_knowing_what_it_was(cached: CachedUnderstanding) -> None:
    names = [
        cached.parse("turn it off", replace(HERE, history=(last,)))[0].parts[0].intent.slots["name"]
        for last in (BED, BATH, BED)
    ]
    assert names == ["Bed Light", "Bathroom Lamp", "Bed Light"]
    assert cached.contexts.statistics.hits == 1
    assert len(cached.parses) == 0
    assert not any(reading.acts for reading in cached.parse("turn it off", HERE))


def test_what_stands_alone_is_remembered_whatever_was_before(cached: CachedUnderstanding) -> None:
    first = cached.parse("turn on the bed light", replace(HERE, history=(BATH,)))
    assert cached.parse("turn on the bed light", replace(HERE, history=(BED,))) is first


def test_another_version_is_another_question(grammar: CompiledHome) -> None:
    cache: Cache[object] = Cache()
    one = CachedUnderstanding(grammar, cache, Cache())  # type: ignore[arg-type]
    other = CachedUnderstanding(grammar.changed(grammar.home.renamed("light.bed_light", "Moon")), cache, Cache())  # type: ignore[arg-type]
    assert one.parse("turn on the bed light", HERE)[0].acts
    assert not any(reading.acts and reading.score == 1 for reading in other.parse("turn on the bed light", HERE))
    assert one.version != other.version


def test_a_correction_is_forgotten(cached: CachedUnderstanding) -> None:
    context = replace(HERE, history=(BED,))
    cached.warm(["turn it off", "turn on the tv"], context)
    cached.forget("turn it off", context)
    assert (len(cached.parses), len(cached.contexts)) == (1, 0)
    cached.forget("turn on the tv", context)
    assert len(cached.parses) == 0
    assert cached.status("turn on", HERE) is not None
    assert cached.expect(HERE) is not None


def test_what_was_asked_without_a_history_is_not_the_answer_with_one(cached: CachedUnderstanding) -> None:
    assert not any(reading.acts for reading in cached.parse("turn it off", HERE))
    assert cached.parse("turn it off", replace(HERE, history=(BED,)))[0].acts


def test_warming_is_no_look_up(cached: CachedUnderstanding) -> None:
    cached.warm(["turn on the bed light"], HERE)
    assert cached.parses.statistics.misses == 0
    assert cached.parse("turn on the bed light", HERE)
    assert cached.parses.statistics.hits == 1


def test_what_rests_on_something_that_changed_is_a_miss() -> None:
    cache: Cache[int] = Cache()
    cache.put("a", 1, 1)
    assert cache.get("a", lambda value: value == 1) == 1
    assert cache.get("a", lambda value: value == 2) is None
    assert cache.get("a") is None
    assert (cache.statistics.hits, cache.statistics.misses, cache.statistics.expired) == (1, 2, 1)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("no, the other one", True),
        ("No, the bedroom", True),
        ("I meant the kitchen", True),
        ("turn on the lamp", False),
        ("north lamp on", False),
        ("", False),
    ],
)
def test_a_correction_is_known_by_how_it_begins(cached: CachedUnderstanding, text: str, is_one: bool) -> None:
    assert cached.corrects(text) is is_one
