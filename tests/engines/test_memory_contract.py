"""What every memory must do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repartee.core.errors import BadInput
from repartee.core.memory import Fact, Query
from repartee.engines.embed import fake as letters
from repartee.engines.memory import fake, sqlite

KEYS = Fact("your keys are in the drawer", "place", "keys", "in the drawer", "anna", learned=100.0)
TABLE = Fact("your keys are on the table", "place", "keys", "on the table", "anna", learned=200.0)
BIRTHDAY = Fact("Tom's birthday is on May 3", "birthday", "tom", "May 3", "anna", "--05-03", learned=100.0)
BINS = Fact("the bins go out on Thursdays", person="anna", learned=100.0)


@pytest.fixture(params=["fake", "sqlite", "sqlite without vectors"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "fake":
        return fake.Engine()
    embedder = letters.Engine() if request.param == "sqlite" else None
    return sqlite.Engine(tmp_path / "memory.sqlite", embedder, ("not",), now=lambda: 300.0)


async def test_what_is_asked_for_comes_first(memory: Any) -> None:
    await memory.add([KEYS, BIRTHDAY, BINS])
    assert (await memory.search(Query("where are my keys")))[0].fact.text == KEYS.text
    assert (await memory.search(Query("when is the birthday of tom")))[0].fact.event == "--05-03"
    assert (await memory.search(Query("when do the bins go out")))[0].fact.text == BINS.text
    await memory.close()


async def test_the_same_again_is_one_fact(memory: Any) -> None:
    first = await memory.add([KEYS])
    again = await memory.add(
        [Fact("Your  keys are in the drawer", "place", "keys", "In the  drawer", "anna", learned=150)]
    )
    assert [fact.id for fact in first] == [fact.id for fact in again]
    assert [fact.learned for fact in await memory.export()] == [150]
    twice = [(await memory.add([BINS]))[0].id for _ in range(2)]
    assert twice[0] == twice[1]
    await memory.close()


async def test_a_contradiction_ends_what_held_before(memory: Any) -> None:
    await memory.add([KEYS])
    await memory.add([TABLE])
    found = await memory.search(Query("where are my keys"))
    assert [r.fact.value for r in found] == ["on the table"]
    past = await memory.search(Query("where are my keys", past=True))
    assert {r.fact.value for r in past} == {"on the table", "in the drawer"}
    assert [fact.until for fact in await memory.export()] == [200.0, None]
    back = (await memory.add([Fact(KEYS.text, "place", "keys", "in the drawer", "anna", learned=250)]))[0]
    assert (await memory.search(Query("where are my keys")))[0].fact.id == back.id
    await memory.close()


async def test_two_people_have_facts_of_their_own(memory: Any) -> None:
    await memory.add([KEYS, Fact("your keys are in the car", "place", "keys", "in the car", "ben")])
    assert len([fact for fact in await memory.export() if fact.until is None]) == 2
    await memory.close()


async def test_what_is_forgotten_is_gone_and_the_version_says_so(memory: Any) -> None:
    kept = await memory.add([KEYS, BIRTHDAY, BINS])
    before = memory.version
    assert await memory.forget([kept[0].id, 999]) == 1
    assert memory.version > before
    assert all(r.fact.id != kept[0].id for r in await memory.search(Query("where are my keys", past=True)))
    assert await memory.forget(None) == 2
    assert await memory.export() == []
    assert await memory.forget(None) == 0
    await memory.close()


@pytest.mark.parametrize(
    "text", ["", "   ", '"', "NEAR(", "a OR", "\0", "*", "🙂", "\ud800", "'; DROP TABLE facts; --", "x " * 5000]
)
async def test_any_question_is_answered(memory: Any, text: str) -> None:
    await memory.add([KEYS, Fact(text, value=text)])
    assert len(await memory.search(Query(text))) <= 2
    await memory.close()


async def test_no_more_than_was_asked_for(memory: Any) -> None:
    await memory.add([Fact(f"the door number {n} is open") for n in range(20)])
    assert len(await memory.search(Query("which door is open", limit=3))) == 3
    await memory.close()


async def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    for embedder in (letters.Engine(), None):
        memory = sqlite.Engine(path, embedder)
        await memory.add([KEYS, BIRTHDAY])
        await memory.close()
    memory = sqlite.Engine(path, letters.Engine())
    found = await memory.search(Query("where are my keys"))
    assert found[0].fact.value == "in the drawer"
    assert len(await memory.export()) == 2
    await memory.close()


async def test_nothing_of_what_was_forgotten_stays_in_the_files(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    memory = sqlite.Engine(path, letters.Engine())
    kept = await memory.add([Fact("the safe is behind the xylophone"), KEYS])
    await memory.forget([kept[0].id])
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())  # noqa: ASYNC240
    assert b"xylophone" not in files
    assert b"drawer" in files
    await memory.close()


async def test_facts_without_vectors_get_them_when_there_is_time(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    memory = sqlite.Engine(path)
    await memory.add([KEYS, BIRTHDAY])
    await memory.close()
    memory = sqlite.Engine(path, letters.Engine())
    assert await memory.reindex() == 2
    assert await memory.reindex() == 0
    assert (await memory.search(Query("keyss drawr")))[0].fact.text == KEYS.text
    await memory.close()


async def test_near_duplicates_merge_unless_a_number_or_a_negation_differs(tmp_path: Path) -> None:
    memory = sqlite.Engine(tmp_path / "memory.sqlite", letters.Engine(), ("not",))
    first = (await memory.add([Fact("the heating engineer will come to the house on Tuesday morning")]))[0]
    close = (await memory.add([Fact("the heating engineer will come to the house on tuesday morning!")]))[0]
    other = (await memory.add([Fact("the heating engineer will not come to the house on Tuesday morning")]))[0]
    digit = (await memory.add([Fact("the heating engineer will come to the house 2 on Tuesday morning")]))[0]
    assert first.id == close.id
    assert len({first.id, other.id, digit.id}) == 3
    await memory.close()


async def test_it_stays_within_its_bounds(tmp_path: Path) -> None:
    memory = sqlite.Engine(tmp_path / "memory.sqlite", letters.Engine(), most=10)
    for number in range(25):
        await memory.add([Fact(f"fact number {number}", learned=float(number))])
    facts = await memory.export()
    assert [fact.learned for fact in facts] == [float(n) for n in range(15, 25)]
    assert (await memory.search(Query("fact number 24")))[0].fact.text == "fact number 24"
    await memory.close()


@pytest.mark.parametrize("content", [b"no database at all, only some text " * 100, b"SQLite format 3\0" + b"x" * 200])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "memory.sqlite"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"memory\.sqlite"):
        sqlite.Engine(path)
    assert path.read_bytes() == content


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["add", "forget"]), st.integers(0, 30)), max_size=40))
def test_the_matrix_says_what_a_list_would(steps: list[tuple[str, int]]) -> None:
    import numpy as np

    from repartee.engines.memory.sqlite.vectors import VectorTable

    table, known = VectorTable(4), dict[int, Any]()
    chance = np.random.default_rng(0)
    for verb, id in steps:
        if verb == "add":
            known[id] = chance.normal(size=4).astype(np.float32)
            table.put(id, known[id])
        else:
            known.pop(id, None)
            table.remove([id])
    asked = np.ones(4, np.float32)
    assert table.nearest(asked, 100) == pytest.approx({id: float(v @ asked) for id, v in known.items()}, abs=1e-5)
