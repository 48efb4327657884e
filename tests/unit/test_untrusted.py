"""What can't be said is refused or mended, whatever it is."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.errors import BadText
from repartee.core.untrusted import DEEPEST, LARGEST, mend_json, mended, mended_text, number, read_json, write_json
from tests.hostile import ANY_TEXT, ANYTHING, deep

UNSPEAKABLE = [
    '{"a": NaN}', "[Infinity]", "-Infinity", "1e999", "-1e999", "9" * 400, "-" + "9" * 5000, r'"\ud800"',
    r'{"\udfff": 1}', deep(1000), deep(100_000), '{"a":' * 1000 + "1" + "}" * 1000, str(LARGEST), deep(DEEPEST + 1),
]  # fmt: skip


@pytest.mark.parametrize("text", UNSPEAKABLE, ids=range(len(UNSPEAKABLE)))
def test_a_door_refuses_it_and_a_home_has_it_mended(text: str) -> None:
    with pytest.raises(BadText):
        read_json(text)
    plain(mend_json(text))


@pytest.mark.parametrize("text", ["", "{", "nul", "[1", "{'a': 1}", "\ufeff{}"])
def test_what_is_no_json_is_refused_by_both(text: str) -> None:
    for read in (read_json, mend_json):
        with pytest.raises(BadText):
            read(text)


@pytest.mark.parametrize("raw", [b"\xff", b'"\xed\xa0\x80"', b"\x80{}"])
def test_bytes_that_are_no_unicode_are_refused(raw: bytes) -> None:
    with pytest.raises(BadText):
        read_json(raw)


def test_mending_keeps_the_rest() -> None:
    text = '{"a": NaN, "b": [1, 1e999, {"c": "x\\ud800"}], "d": ' + deep(2000) + ', "e": "[[{"}'
    told = mend_json(text)
    assert told["a"] is None
    assert told["b"] == [1, None, {"c": "x\ufffd"}]
    assert told["e"] == "[[{"
    plain(told)


def test_two_halves_of_a_character_are_joined() -> None:
    assert mended_text("\ud83d\ude00") == "😀"
    assert read_json(r'"\ud83d\ude00"') == "😀"


@given(ANYTHING)
def test_what_goes_out_is_valid_json(value: Any) -> None:
    text = write_json(value)
    text.encode("utf-8")
    json.loads(text, parse_constant=pytest.fail)


@given(ANYTHING)
def test_what_is_mended_can_be_said_and_is_mended_once(value: Any) -> None:
    plain(mended(value))
    assert mended(mended(value)) == mended(value)


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(), st.lists, max_leaves=10))
def test_what_can_be_said_is_not_touched(value: Any) -> None:
    assert read_json(write_json(value)) == mend_json(write_json(value)) == mended(value) == value


@given(ANY_TEXT)
def test_whatever_text_comes_it_is_read_or_refused(text: str) -> None:
    for read in (read_json, mend_json):
        try:
            plain(read(text))
        except BadText:
            continue


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", float("nan"), 10**400, "9" * 400, "x", "", None, True, [1]])
def test_a_number_can_be_counted_with(value: object) -> None:
    with pytest.raises(BadText):
        number(value)


def plain(value: object, level: int = 0) -> None:
    """Fails for anything that can't be said."""
    assert level <= DEEPEST
    match value:
        case None | bool():
            pass
        case int():
            assert abs(value) < LARGEST
        case float():
            assert math.isfinite(value)
        case str():
            value.encode("utf-8")
        case list():
            for one in value:
                plain(one, level + 1)
        case dict():
            for key, one in value.items():
                plain(key)
                plain(one, level + 1)
        case _:
            pytest.fail(f"{value!r} is no plain data")
