"""Any text becomes words that a voice can say."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repartee.languages.data import languages, own_data
from repartee.languages.markdown import plain
from repartee.languages.sentence_stream import CODE, SentenceStream, sentences_in
from repartee.languages.speakable import SYMBOLS, speakable, spoken_sentences

MARKDOWN = """# The plan

Do **this**, then *that*; see [the page](https://example.com/a_b?c=d).

- milk
- 2 kg flour
1. first
2. second

| name | state |
|---|---|
| lamp | on |

```python
print("never said")
```
Done :) 👍🏽
"""


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "Turned on the light.", "Turned on the light."),
        ("en", "**Done.** The *lamp* is `on`.", "Done. The lamp is on."),
        ("en", "It is 21.5 °C and 45% humid.", "It is 21.5 degrees Celsius and 45 percent humid."),
        ("de", "Es sind 21.5 °C um 7:30 Uhr.", "Es sind 21,5 Grad Celsius um 7 Uhr 30."),
        ("de", "z. B. 1.234,5 kWh, ca. 5 Min.", "zum Beispiel 1234,5 Kilowattstunden, circa 5 Minuten."),
        ("fr", "Il est 7h30, 1 h avant.", "Il est 7 heures 30, 1 heure avant."),
        ("es", "Son las 7:30 y hay 1 kg.", "Son las 7 y 30 y hay 1 kilogramo."),
        ("nl", "om 7:30 uur bijv. 5 %", "om 7 uur 30 bijvoorbeeld 5 procent"),
        ("en", "See https://www.example.com/foo?x=1, then.", "See a link to example.com, then."),
        ("en", "Mail me@home.org!", "Mail me at home.org!"),
        ("en", "At 7:05, 19:30 and 7:00 PM.", "At 7 oh 5, 19 30 and 7 PM."),
        ("de", "at 7:00 PM", "at 19 Uhr"),
        ("en", "5-10 km/h, 3 m², -5 °C", "5 to 10 kilometers per hour, 3 square meters, minus 5 degrees Celsius"),
        ("en", "$5 or 1,234.50 €", "5 dollars or 1234.50 euros"),
        ("en", "1 min, 2 min, 1.5 h", "1 minute, 2 minutes, 1.5 hours"),
        ("en", "2*3 = 6, and/or C++", "2 times 3 equals 6, or C plus plus"),
        ("en", "call 0800-123456 at 192.168.0.1", "call 0800-123456 at 192.168.0.1"),
        ("en", "No. 5 is alive", "number 5 is alive"),
        ("en", "No. I can't", "No. I can't"),
        ("en", "2026-03-02", "March 2, 2026"),
        ("de", "am 2026-03-02", "am 2. März 2026"),
        ("en", "2026-99-99", "2026-99-99"),
        ("en", "👍🏽 Great 👨‍👩‍👧 job 🇩🇪!", "Great job!"),
        ("en", "😀", ""),
        ("en", "***", ""),
        ("en", "<b>bold</b> &amp; &lt;fine&gt;", "bold and fine"),
        ("en", "a\u200bb \ud800 c\x07", "ab c"),
        ("en", "[note]: call mum", "note: call mum"),
        ("sw", "5 km", "5 kilometers"),
    ],
)
def test_what_is_said(language: str, text: str, said: str) -> None:
    assert speakable(text, language) == said


def test_a_page_of_markdown_is_read_as_its_words() -> None:
    said = list(spoken_sentences(MARKDOWN, "en"))
    assert said == [
        "The plan", "Do this, then that; see the page.", "milk", "2 kilograms flour", "1. first", "2. second",
        "name state", "lamp on", "There is some code, which I leave out.", "Done",
    ]  # fmt: skip


def test_a_whole_page_at_once_ends_each_of_its_blocks() -> None:
    said = plain(MARKDOWN, "CODE")
    assert said.startswith("The plan. Do this, then that; see the page. milk. 2 kg flour.")
    assert "name, state. lamp, on." in said
    assert "never said" not in said


@pytest.mark.parametrize("language", languages())
def test_every_sign_of_a_unit_has_a_name(language: str) -> None:
    speech, english = own_data(language, "speech"), own_data("en", "speech")
    assert speech.keys() == english.keys()
    assert speech["signs"].keys() == english["signs"].keys()
    assert {*SYMBOLS.values(), *speech["unit_symbols"].values()} <= own_data(language, "units").keys()
    for symbol, unit in SYMBOLS.items():
        names = own_data(language, "units")[unit]
        assert speakable(f"7 {symbol}", language) == f"7 {names['other']}"


NOISE = re.compile(r"[*_`~^|<>{}\[\]\\#@=&°]|https?://|  ")
texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*"*_`#[]()<>|~\\&-+.:/@=° \n\t1957,abäé'€$%😀", "http://a.b/c", "1. ", "7:05", " km",
                              "```"]), max_size=40).map("".join),
)  # fmt: skip


@given(texts, st.sampled_from([*languages(), "sw"]))
@example("1.000.000,00.0 ° 5-10 km/h", "de")
def test_nothing_that_is_noise_is_left(text: str, language: str) -> None:
    said = speakable(text, language)
    assert not NOISE.search(said)
    assert all(unicodedata.category(c) not in ("So", "Cc", "Cs", "Cf") for c in said)
    assert said == "" or any(c.isalnum() for c in said)
    assert len(said) <= 60 + 40 * len(text)


@given(
    st.lists(st.from_regex(r"[A-Za-zäöüéñ']{1,8}", fullmatch=True), min_size=1, max_size=12),
    st.sampled_from(languages()),
)
def test_plain_words_stay_as_they_are(said: list[str], language: str) -> None:
    known = {*own_data(language, "speech")["abbreviations"], "_"}
    sentence = " ".join(word for word in said if word not in known and any(c.isalpha() for c in word))
    assert speakable(sentence, language) == sentence


# ---------------------------------------------------------------- sentences as they come


def streamed(pieces: list[str], language: str = "en") -> list[str]:
    stream = SentenceStream(language)
    return [sentence for piece in pieces for sentence in stream.add(piece)] + list(stream.end())


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("en", "Dr. Who is at J. R. Hart's, e.g. now. Yes.", ["Dr. Who is at J. R. Hart's, e.g. now.", "Yes."]),
        ("en", "It is 3.5 degrees. Cold.", ["It is 3.5 degrees.", "Cold."]),
        ("en", "There are 3. Fine.", ["There are 3.", "Fine."]),
        ("de", "Am 3. März z. B. um 7. Gut.", ["Am 3. März z. B. um 7. Gut."]),
        ("en", '"Stop." He said.', ['"Stop."', "He said."]),
        ("en", "a line\nthat goes on\n- item\n\nnext", ["a line\nthat goes on", "- item", "next"]),
        ("en", "1. Milk\n2. Flour", ["1. Milk", "2. Flour"]),
        ("en", "Look:\n```\nx = 1. Y\n```\nDone.", ["Look:", CODE, "Done."]),
        ("en", "```\nnever closed", [CODE]),
        ("ja", "はい。そうです。", ["はい。", "そうです。"]),
        ("en", "", []),
        ("en", " \n ", []),
    ],
)
def test_where_sentences_end(language: str, text: str, sentences: list[str]) -> None:
    assert list(sentences_in(text, language)) == sentences


def test_a_sentence_is_out_as_soon_as_the_next_begins() -> None:
    stream = SentenceStream("en")
    assert list(stream.add("The lamp is")) == []
    assert list(stream.add(" on. ")) == []
    assert list(stream.add("A")) == ["The lamp is on."]
    assert list(stream.end()) == ["A"]


written = st.lists(
    st.sampled_from([*"abc.!?…\"') \n,-*1。", "Dr. ", "word ", "```", "\n\n", "x" * 40, ". "]), max_size=60
)


@given(written.map("".join), st.data())
def test_it_does_not_matter_how_the_text_was_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert streamed(pieces) == streamed([text]) == streamed(list(text))


@given(written.map("".join))
def test_nothing_but_code_is_lost_and_no_sentence_is_too_long(text: str) -> None:
    found = streamed([text])
    assert all(len(sentence) <= 302 for sentence in found)
    if "```" not in text:
        assert "".join("".join(found).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "unit", ["a", "word ", "One. ", ".", " ", "\n", "[", "*a", "`", "1. ", "<", "**a** ", "5 km ", "。"]
)
def test_long_texts_take_time_in_proportion(unit: str) -> None:
    def cost(characters: int) -> float:
        """CPU seconds, the better of two."""
        text, spent = unit * (characters // len(unit)), []
        for _ in range(2):
            began = time.process_time()
            list(spoken_sentences(text, "en"))
            spent.append(time.process_time() - began)
        return min(spent)

    cost(1_000)
    assert cost(48_000) < 10 * cost(12_000) + 0.05, "four times the text; sixteen times would be its square"
