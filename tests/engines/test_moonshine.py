"""How the model's pieces spell what may be said, and what a steered search finds among it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.audio import AudioChunk
from repartee.core.decode_schedule import DecodeSchedule
from repartee.core.errors import EngineMissing
from repartee.core.hearing import Hearing, Hypothesis
from repartee.engines.stt.moonshine import UNSAYABLE, Engine, View, bundled_model, near, sure
from repartee.engines.stt.moonshine.model import FRAME, Model
from repartee.engines.stt.moonshine.search import Found, greedy, mixed, steered
from repartee.engines.stt.moonshine.sound import Ahead, Growing
from repartee.engines.stt.moonshine.spelling import Pieces, Place, Speller, fold
from repartee.engines.stt.moonshine.views import VIEWS, Samples, drier, faster
from repartee.engines.stt.moonshine.vocabulary import Vocabulary
from tests import sound


@dataclass(frozen=True)
class Toy:
    """A cursor over a list of sentences; `*` at the end of one: anything may follow."""

    sentences: tuple[str, ...]
    said: str = ""

    def step(self, text: str) -> Toy | None:
        said = self.said + text
        fits = any(s.startswith(said) or (s[-1:] == "*" and said.startswith(s[:-1])) for s in self.sentences)
        return Toy(self.sentences, said) if fits else None

    def letters(self) -> str | None:
        if any(s[-1:] == "*" and self.said.startswith(s[:-1]) for s in self.sentences):
            return None
        follow = {s[len(self.said)] for s in self.sentences if s.startswith(self.said) and s != self.said}
        return "".join(sorted(follow))

    @property
    def complete(self) -> bool:
        return any(s == self.said or (s[-1:] == "*" and len(self.said) > len(s)) for s in self.sentences)

    @property
    def key(self) -> Hashable:
        return self.said


def written(text: str, *sentences: str) -> Place | None:
    place: Place | None = Place(Toy(sentences))
    for character in text.lower():
        place = place.write(character) if place else None
    return place


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" Turn on the lamp.", "turn on the lamp"),
        ("Turn on, the lamp!", "turn on the lamp"),
        (" dim to 50%", "dim to 50 %"),
        (" dim to 50 percent", "dim to 50 percent"),
        (" wake me at 5pm", "wake me at 5 pm"),
        (" wake me at 5 p.m.", "wake me at 5 pm"),
        (" what's up?", "what's up"),
        (" at five o'clock", "at five o'clock"),
        (" twenty-one", "twenty one"),
        (" set it to 20.5 degrees", "set it to 20.5 degrees"),
    ],
)
def test_ways_of_writing(text: str, sentence: str) -> None:
    place = written(text, sentence)
    assert place is not None
    assert place.complete


@pytest.mark.parametrize(
    "text", [" turn of", " turnon", " t.u.r.n on", " - turn on", " turn,on", " turn  on", ". turn on"]
)
def test_what_is_not_sayable_is_not_written(text: str) -> None:
    assert written(text, "turn on") is None


def test_a_word_that_ended_may_be_followed_by_another() -> None:
    begun = written(" turn on the", "turn on the lamp")
    inside = written(" turn on th", "turn on the lamp")
    assert begun is not None
    assert inside is not None
    assert (begun.between, begun.complete) == (True, False)
    assert not inside.between


def small(*texts: str) -> Speller:
    raw = [
        b"<unk>",
        b"<s>",
        b"</s>",
        *(bytes([b]) for b in range(256)),
        *(t.replace(" ", "\u2581").encode() for t in texts),
    ]
    return Speller(Pieces(Vocabulary(tuple(raw))))


def test_pieces_that_may_follow() -> None:
    speller = small(" turn", " Turn", "turn", " t", " to", " on", " off", ",", "n", "<<ST_1>>", "  ")
    follow = speller.follow(Place(Toy(("turn on",))))
    assert {speller.said(int(i)) for i in follow.ids} == {" turn", "turn", " t"}
    assert len(follow.ids) == 4
    after = follow.places[list(follow.ids).index(259)]
    assert {speller.said(int(i)) for i in speller.follow(after).ids} == {" on", ""}
    assert speller.follow(Place(Toy(("turn on",)))) is follow


def test_of_two_pieces_of_one_text_the_later_is_used() -> None:
    assert small("a").follow(Place(Toy(("a",)))).ids.tolist() == [259]


def test_a_lone_space_is_only_written_before_numerals() -> None:
    speller = small(" ", "5", " for", "f")
    lone = speller.after(Place(Toy(("for 5", "for f"))), 261)
    assert lone is not None
    space = speller.after(lone, 259)
    assert space is not None
    assert speller.after(space, 260) is not None
    assert speller.after(space, 262) is None


@given(st.text(max_size=30))
def test_folding_leaves_letters_without_marks(text: str) -> None:
    folded = fold(text)
    assert folded is None or folded == folded.lower()


def test_a_mixture_lies_between_its_parts() -> None:
    one = Found(Hypothesis("x", -2), (Hypothesis("a", -4), Hypothesis("b", -9)))
    two = Found(Hypothesis("y", -3), (Hypothesis("b", -4), Hypothesis("c", -5)))
    both = mixed(one, two)
    likelihood = {each.text: each.log_likelihood for each in both.home}
    assert both.free == one.free
    assert set(likelihood) == {"a", "b", "c"}
    assert likelihood["a"] == pytest.approx(-4.69, abs=0.01)
    assert likelihood["b"] == pytest.approx(-3.69, abs=0.01)
    assert likelihood["b"] > likelihood["c"]


@cache
def model() -> Model:
    try:
        return Model(bundled_model())
    except EngineMissing as error:
        pytest.skip(str(error))


@cache
def pieces() -> Pieces:
    return Pieces(model().vocabulary)


def search(text: str, *sentences: str, width: int = 8) -> Found:
    samples, _ = sound.utterance(text, after=0.2)
    found = steered(model(), model().encode(samples), Speller(pieces()), Place(Toy(sentences)), width)
    assert found is not None
    return found


def test_among_what_may_be_said_the_right_one_wins() -> None:
    found = search("turn on the kitchen light", "turn on the kitchen light", "turn off the kitchen light", "next")
    assert found.home[0].text.lower().strip(" .,?!") == "turn on the kitchen light"
    assert found.home[0].finished
    assert found.free.log_likelihood - found.home[0].log_likelihood < 3
    finished = [each.log_likelihood for each in found.home if each.finished]
    assert len({each.text.lower().strip(" .,?!") for each in found.home if each.finished}) == len(finished)


def test_free_text_is_written_freely() -> None:
    found = search("add apples to the list", "add *")
    assert "apples" in found.home[0].text.lower()


def test_a_sentence_that_stops_in_the_middle_is_found_as_begun() -> None:
    found = search("turn on the kitchen", "turn on the kitchen light", "what time is it")
    begun = [each for each in found.home if not each.finished]
    assert any(each.text.lower().strip(" .,") == "turn on the kitchen" for each in begun)


def test_the_free_hypothesis_is_the_greedy_one() -> None:
    samples, _ = sound.utterance("what time is it")
    encoded = model().encode(samples)
    found = steered(model(), encoded, Speller(pieces()), Place(Toy(("next",))))
    alone = greedy(model(), encoded)
    assert found is not None
    assert found.free.text == alone.text
    assert found.free.log_likelihood == pytest.approx(alone.log_likelihood, abs=0.05)


def test_talk_is_far_from_anything_sayable() -> None:
    found = search("it was the best of times it was the worst of times", "turn on the lamp", "turn off the lamp")
    best = max((each.log_likelihood for each in found.home), default=UNSAYABLE.log_likelihood)
    assert found.free.log_likelihood - best > 10


def test_more_than_nine_seconds_of_speech() -> None:
    samples, _ = sound.utterance("one two three four five six seven eight nine ten " * 3)
    assert len(samples) > 385 * FRAME
    assert (
        "seven" in greedy(model(), model().encode(samples)).text.lower()
        or "7" in greedy(model(), model().encode(samples)).text
    )


@pytest.mark.real_time
async def test_the_engine_gives_home_hypotheses_where_it_falls_silent() -> None:
    engine = Engine(width=4)
    try:
        samples, end = sound.utterance("what time is it")
        expect = Toy(("what time is it", "what is the time"))
        hearings = [h async for h in engine.transcribe(sound.stream(samples, [(0.5, end)]), expect)]
    finally:
        engine.close()
    assert all(not hearing.home for hearing in hearings[:-2])
    assert hearings[-1].home[0].text.lower().strip(" ?.") == "what time is it"
    assert hearings[-1].gap == pytest.approx(0, abs=1)
    assert hearings[-1].home == hearings[-2].home


def test_a_search_that_nobody_waits_for_ends() -> None:
    samples, _ = sound.utterance("next")
    left = [True, True, False]
    place = Place(Toy(("next", "next one please")))
    assert steered(model(), model().encode(samples), Speller(pieces()), place, 4, lambda: left.pop(0)) is None
    assert left == []


@pytest.mark.real_time
async def test_a_dip_within_a_word_is_no_silence() -> None:
    """The full look begins with the first silent frame, and is given up where the next one is voiced."""
    engine = Engine(width=4)
    try:
        samples, end = sound.utterance("what time is it")
        voiced = [(0.5, 0.9), (0.95, end)]
        expect = Toy(("what time is it", "what is the time"))
        hearings = [h async for h in engine.transcribe(sound.stream(samples, voiced), expect)]
    finally:
        engine.close()
    assert next(hearing.end for hearing in hearings if hearing.home) == pytest.approx(end, abs=0.1)


@pytest.mark.real_time
@pytest.mark.parametrize("unclear", [True, False])
async def test_what_is_unclear_is_looked_at_again_when_the_silence_lasts(
    unclear: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(width=4)
    looks: list[float] = []
    views: list[View] = []
    usual = engine._again

    def again(samples: Samples, expect: Toy, before: Hearing, view: View) -> Hearing:
        looks.append(len(samples) / 16_000)
        views.append(view)
        return usual(samples, expect, before, view)

    async def marked(chunks: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
        async for chunk in chunks:
            yield replace(chunk, unclear=unclear)

    monkeypatch.setattr(engine, "_again", again)
    try:
        samples, end = sound.utterance("what time is it", after=0.7)
        expect = Toy(("what time was it",))
        async for _ in engine.transcribe(marked(sound.stream(samples, [(0.5, end)])), expect):
            pass
    finally:
        engine.close()
    assert looks == ([pytest.approx(end + after, abs=0.07) for after in DecodeSchedule.LASTS] if unclear else [])
    assert views == (list(VIEWS) if unclear else []), "each from another side"


async def test_a_look_ahead_takes_nothing_away() -> None:
    samples, _ = sound.utterance("next")
    ahead = Ahead(sound.stream(samples))
    first, second = await ahead.following(), await ahead.following()
    assert first is not None
    assert second is not None
    chunks = [chunk async for chunk in ahead]
    assert chunks[:2] == [first, second]
    assert sum(len(chunk.samples) for chunk in chunks) == len(samples)


async def test_who_looked_ahead_and_does_not_want_it_any_more() -> None:
    waiting = asyncio.Event()

    async def never() -> AsyncIterator[AudioChunk]:
        await waiting.wait()
        yield AudioChunk(np.zeros(1, np.int16), 16_000, 0.0)

    ahead = Ahead(never())
    following = ahead.following()
    assert ahead.following() is following
    ahead.close()
    with pytest.raises(asyncio.CancelledError):
        await following


@pytest.mark.parametrize(
    ("home", "expected"), [(-2.0, (True, True)), (-8.0, (True, False)), (-40.0, (False, False)), (None, (False, False))]
)
def test_near_and_sure(home: float | None, expected: tuple[bool, bool]) -> None:
    hypotheses = () if home is None else (Hypothesis("next", home),)
    hearing = Hearing(Hypothesis("necks", -2.0), hypotheses)
    assert (near(hearing), sure(hearing)) == expected


def test_nothing_that_may_be_over_is_not_sure() -> None:
    assert not sure(Hearing(Hypothesis("turn on", -2.0), (Hypothesis("turn on", -2.0, finished=False),)))


def chunks(*pattern: tuple[float, bool]) -> Iterator[AudioChunk]:
    at = 0.0
    for seconds, voiced in pattern:
        for _ in range(round(seconds / 0.02)):
            yield AudioChunk(np.zeros(320, np.int16), 16_000, at, voiced)
            at += 0.02


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        (((0.2, True), (0.5, False), (1.0, True)), 0.4),
        (((0.2, True), (0.2, False), (1.0, True)), 0.0),
        (((0.6, True), (0.5, False), (1.0, True)), 0.0),
        (((0.5, False), (1.0, True), (0.5, False), (1.0, True)), 0.0),
    ],
)
def test_a_cough_and_a_pause_before_the_words(pattern: tuple[tuple[float, bool], ...], left_out: float) -> None:
    growing = Growing()
    for chunk in chunks(*pattern):
        growing.append(chunk)
    assert (len(growing.samples) - len(growing.words)) / 16_000 == pytest.approx(left_out, abs=0.03)


def test_other_views_are_the_same_words() -> None:
    samples, _ = sound.utterance("what time is it")
    assert len(faster(samples)) == pytest.approx(len(samples) / 1.08, abs=2)
    assert len(drier(samples)) == len(samples)
    ours = model()
    for view in VIEWS:
        assert "time" in greedy(ours, ours.encode(view(samples), 0.3)).text.lower()


def test_an_echo_is_softer_in_the_drier_view() -> None:
    burst = np.zeros(16_000, np.float64)
    burst[1000:1800] = np.random.default_rng(0).standard_normal(800) * 8000
    tail = 10 ** (-3 * np.arange(8000) / 8000) * np.random.default_rng(1).standard_normal(8000) * 0.05
    echo = np.convolve(burst, np.r_[1.0, tail])[:16_000].clip(-32767, 32767).astype(np.int16)

    def late(samples: Samples) -> float:
        return float((samples[4000:8000].astype(np.float64) ** 2).mean())

    assert late(drier(echo)) < 0.5 * late(echo)
    loud = slice(1000, 1800)
    assert np.abs(drier(echo)[loud].astype(float)).mean() > 0.8 * np.abs(echo[loud].astype(float)).mean()
