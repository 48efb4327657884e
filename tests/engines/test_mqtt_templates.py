"""Templates of devices: what people write works, what could take for ever is refused or cut."""

from __future__ import annotations

import json
import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.engines.home.mqtt.template import FAILURES, LONGEST, LONGEST_PAYLOAD, compiled, value_template
from tests.hostile import ANY_TEXT, deep

PAYLOAD = json.dumps({"t": 20.5, "POWER": "ON", "a": {"b-c": [1, 2]}, "s": "a,b", "n": None, "l": [3, 4]})


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{{ value_json.t | float + 0.5 }}", "21.0"),
        ("{{ value_json.t | round(1) }}", "20.5"),
        ("{{ value_json['a']['b-c'][1] }}", "2"),
        ("{{ value_json.POWER }}", "ON"),
        ("{% if value_json.POWER == 'ON' %}yes{% else %}no{% endif %}", "yes"),
        ("{{ 'on' if value_json.t > 20 else 'off' }}", "on"),
        ("{{ value_json.s.split(',')[1] }}", "b"),
        ("{{ value_json.s.replace(',', '-') | upper }}", "A-B"),
        ("{{ value_json.get('x', 'none') }}", "none"),
        ("{{ value_json.x | default('?') }}", "?"),
        ("{{ iif(value_json.t > 20, 1, 2) }}", "1"),
        ("{% set t = value_json.t %}{{ (t * 9 / 5 + 32) | round(1) }}", "68.9"),
        ("{{ value_json.l | max ~ value_json.l | join('/') }}", "43/4"),
        ("{{ float(value_json.t) ** 2 }}", "420.25"),
        ("{{ value_json.l | tojson }}", "[3,4]"),
        ("{{ value is defined and value_json.n is none }}", "True"),
        ("{{ value_json.nothing.here }}", ""),
    ],
)
def test_what_people_write(template: str, made: str) -> None:
    assert value_template(template)(PAYLOAD) == made


REFUSED = [
    "{% for i in range(9) %}x{% endfor %}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% include 'x' %}",
    "{% set a = 'x' ~ 'x' %}{% set a = a ~ a %}{{ a }}", "{% set a = [1, 1] %}{% set a = [a, a] %}{{ a }}",
    "{{ " + "(" * 900 + "1" + ")" * 900 + " }}", "x" * 2001, "{{ " + "-" * 1900 + "1 }}", "{{ [" * 3,
    "{% set a = namespace(x=1) %}", "{% call x() %}{% endcall %}", "{% filter upper %}x{% endfilter %}",
    "{% block x %}{% endblock %}", "{{ value | format }}", "{{ value | center(1000000000) }}",
]  # fmt: skip


@pytest.mark.parametrize("template", REFUSED, ids=range(len(REFUSED)))
def test_what_could_take_for_ever_is_refused_before_it_runs(template: str) -> None:
    with pytest.raises(FAILURES):
        compiled(template)


CUT = [
    "{{ 'a' * 1000000000 }}", "{{ 1000000000 * 'a' }}", "{{ 'a'.ljust(1000000000) }}", "{{ [1] * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}", "{{ '{:1000000000}'.format(1) }}", "{{ 'a'.zfill(1000000000) }}",
    "{{ 9 ** 9 ** 9 ** 9 }}", "{{ range(1000000000) }}", "{{ lipsum(n=10000) }}", "{{ ''.__class__.__mro__ }}",
    "{{ value.replace('a', value) }}", "{{ value | replace('a', value) }}", "{{ value_json | join(value) }}",
    "{{ 'a'.expandtabs(1000000000) }}", "{{ value ~ value }}", "{{ value }}", "{{ cycler('a') }}",
    "{{ value.join(value) }}", "{{ value.translate(value) }}", "{{ value.encode('utf-32') }}",
]  # fmt: skip


@pytest.mark.parametrize("template", CUT, ids=range(len(CUT)))
@pytest.mark.parametrize("payload", ["a" * 200_000, json.dumps(list(range(40_000)))], ids=["text", "list"])
def test_what_would_make_too_much_makes_nothing(template: str, payload: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    value = value_template(template)
    began = time.thread_time()
    assert value(payload) == ""
    assert time.thread_time() - began < 1.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000, "kilobytes"


@pytest.mark.parametrize("payload", [deep(1000), '{"t": NaN}', '{"t": 1e999}', r'{"t": "\ud800"}', "a" * 50_000])
def test_a_payload_at_its_worst_makes_text_or_nothing(payload: str) -> None:
    value_template("{{ value_json.t | default('') ~ value_json }}")(payload).encode("utf-8")


def worst() -> str:
    """Of the length that is allowed: as many steps as go into it, each over the whole payload."""
    step = "{{value|upper|trim|length}}"
    return step * (2000 // len(step))


def test_the_longest_template_on_the_longest_payload_is_done_in_time() -> None:
    value = value_template(worst())
    began = time.thread_time()
    value("ß" * LONGEST_PAYLOAD)
    assert time.thread_time() - began < 2.0


OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "<", "in", "and", "or"]
EXPRESSION = st.recursive(
    st.sampled_from(["value", "value_json", "'a'", "9", "value_json.a", "x", "true", "none", "value[0]"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(
            inner, st.sampled_from(["upper", "int", "float", "length", "join", "tojson", "replace('a', value)"])
        ).map(lambda parts: f"{parts[0]}|{parts[1]}"),
        st.tuples(inner, inner).map(lambda parts: f"[{parts[0]}, {parts[1]}]"),
        inner.map(lambda part: f"({part}).split('a')"),
    ),
    max_leaves=30,
)


@given(EXPRESSION, ANY_TEXT)
def test_whatever_is_written_ends_soon_in_bounded_text(expression: str, payload: str) -> None:
    try:
        value = value_template("{{ " + expression + " }}")
    except FAILURES:
        return
    made = value(payload)
    made.encode("utf-8")
    assert len(made) <= LONGEST


@given(ANY_TEXT | st.text("{}%|() value_json.'+*", max_size=80))
def test_any_text_is_a_template_or_refused(source: str) -> None:
    try:
        value_template(source)("x")
    except FAILURES:
        return
