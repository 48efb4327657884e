"""Accuracy, judged like time: each recording is one occurrence, 100 where it was so and 0 where it was not.

Through the whole assistant, as fast as it computes. Each part takes its share of the time; what does not fit in is
left out evenly, and the number of recordings stands beside the figure.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soxr

from repartee.assembly.assistant import Assistant
from repartee.contract import Origin
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.turn import TurnRecord
from repartee.engines.audio import nowhere

from . import outcomes, word_errors
from .outcomes import ASKED, RIGHT, WRONG, Row
from .results import Taken
from .sounds import Samples, Source, faster, files_in, in_room, insert, load, louder, mixed, quiet, spots
from .stages import REPLY, Stand
from .wakes import measure_wakes

TALK = ("read_speech", "negative_words", "negative_names", "negative_other_wake_words", "negative_smart_mirror")
"""Folders beside the commands in which nobody commands anything."""
KEYWORDS = "multiple_keywords.wav"
"""A recording of many wake words: not talk that means nothing."""
LONGEST = 30.0
"""Seconds: what is longer is no utterance."""
PAUSES = (0.3, 0.6, 0.9, 1.2)
SEED = 4
SPOKEN = (REPLY, "The timer for the pasta is over in five minutes", "Which lamp do you mean, the desk or the floor",
          "It is eighteen degrees outside and it will rain in the evening", "I have locked the front door",
          "There is milk and bread on your shopping list", "Sorry, I could not reach the kitchen lights")  # fmt: skip
"""Of our own voice, to be heard again."""


@dataclass(slots=True)
class Played:
    """What came of a recording: its turns, and what the home was like afterwards."""

    turns: list[TurnRecord] = field(default_factory=list)
    states: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def meant(self) -> object:
        """What the last turn was taken for."""
        reading = self.turns[-1].reading if self.turns else None
        return [(p.intent.name, dict(p.intent.slots)) for p in reading.parts] if reading else None


@dataclass(frozen=True, slots=True)
class Quality:
    """Plays recordings in the home in which they were said."""

    stand: Stand

    async def play(self, samples: Samples, row: Row | None = None, *, realtime: bool = False) -> Played:
        """In a home in which nothing has happened, or as the row says it is."""
        home = self.stand.recordings.home
        as_it_is = outcomes.home_before(home, row) if home and row else None
        found = Played()
        async with self.stand.assistant.with_fresh_home(as_it_is) as fresh:
            area = row.area if row else None
            async for record in fresh.session(nowhere.Sink(), area).listen(Source(samples, realtime=realtime)):
                found.turns.append(record)
            found.states = {entity.id: fresh.backend.states[entity.id].value for entity in fresh.backend.home.entities}
        return found

    def taken(self, what: str, text: str, metric: str = "quality") -> Taken:
        labels = {"what": what} if metric == "quality" else {}
        provenance = replace(self.stand.provenance, origin=self.stand.recordings.origin, pace="fast")
        return Taken(metric, text, provenance, labels)


Part = Callable[[float], AsyncIterator[Taken]]
"""Until a moment of `time.monotonic`."""


async def measure_quality(stand: Stand, seconds: float, progress: Callable[[str], None]) -> list[Taken]:
    """Every part that the recordings at hand allow."""
    quality, found = Quality(stand), list[Taken]()
    parts: list[tuple[str, float, Part]] = [
        ("commands", 3, quality_of_commands(quality)),
        ("own voice", 1, quality_of_voice(quality)),
        ("talk", 2, quality_of_talk(quality)),
        ("wake words", 2, quality_of_wakes(quality)),
        ("pauses", 2, quality_of_pauses(quality)),
        ("commands varied", 2, quality_of_varied(quality)),
    ]
    end = time.monotonic() + seconds
    for number, (name, weight, part) in enumerate(parts):
        progress(f"quality: {name}")
        share = weight / sum(other for _, other, _ in parts[number:])
        until = time.monotonic() + max(0.0, end - time.monotonic()) * share
        found += [taken async for taken in part(until) if taken.samples]
    return found


def evenly(files: Sequence[Path]) -> Iterator[Path]:
    """All of them, in an order of which any beginning is an even sample."""
    order = sorted(range(len(files)), key=lambda n: f"{n:012b}"[::-1])
    return (files[n] for n in order)


def quality_of_commands(quality: Quality) -> Part:
    async def part(until: float) -> AsyncIterator[Taken]:
        right, asked, wrong = (
            quality.taken(f"home_commands_{name}", f"recorded commands {name}") for name in (RIGHT, ASKED, WRONG)
        )
        for path, row in commands(quality.stand):
            came = outcomes.outcome(_first(await quality.play(load(path), row)), row)
            for name, taken in ((RIGHT, right), (ASKED, asked), (WRONG, wrong)):
                taken.samples.append(100.0 * (came == name))
            if time.monotonic() > until:
                break
        for taken in (right, asked, wrong):
            yield taken

    return part


def commands(stand: Stand) -> Iterator[tuple[Path, Row]]:
    """Those of which somebody wrote down what must come of them."""
    files = stand.recordings.files
    rows = {row.file: row for row in outcomes.expected(files[0].parent)} if files else {}
    return ((path, rows[path.name]) for path in evenly(files) if path.name in rows)


def quality_of_talk(quality: Quality) -> Part:
    async def part(until: float) -> AsyncIterator[Taken]:
        acted = quality.taken("not_a_command_acted", "talk that was acted on")
        asked = quality.taken("not_a_command_asked", "talk that was answered with a question")
        words = quality.taken("read_speech_wer", "word errors in read sentences")
        pairs: list[tuple[str, str]] = []
        said = _texts(quality.stand.recordings.beside / TALK[0]) if quality.stand.recordings.beside else {}
        for path in talk(quality.stand):
            samples = load(path)
            if len(samples) > LONGEST * SAMPLE_RATE:
                continue
            came = (await quality.play(samples)).turns
            acted.samples.append(100.0 * any(t.reading is not None and t.reading.acts for t in came))
            asked.samples.append(100.0 * any(t.reading is not None and not t.reading.acts for t in came))
            if path.name in said:
                pairs.append((said[path.name], await heard(quality.stand.assistant, samples)))
            if time.monotonic() > until:
                break
        words.samples += word_errors.percent(pairs)
        for taken in (acted, asked, words):
            yield taken

    return part


def talk(stand: Stand) -> Iterator[Path]:
    """An even sample of each folder in turn."""
    base = stand.recordings.beside
    rows = [list(evenly([p for p in files_in(base / name) if p.name != KEYWORDS])) for name in TALK] if base else []
    for number in range(max(map(len, rows), default=0)):
        yield from (row[number] for row in rows if number < len(row))


def quality_of_voice(quality: Quality) -> Part:
    """What our recogniser hears of our voice, without help from the home."""

    async def part(until: float) -> AsyncIterator[Taken]:
        taken = quality.taken("tts_round_trip_wer", "word errors where our ear hears our voice")
        taken.provenance = replace(taken.provenance, origin=Origin.REAL)  # its own input is what a voice is judged by
        assistant, pairs = quality.stand.assistant, []
        for text in _sayable(assistant):
            sound = np.concatenate([to_16k(c) async for c in assistant.models.voice.synthesize(text, "en")])
            pairs.append((text, await heard(assistant, sound)))
            if time.monotonic() > until and len(pairs) >= len(SPOKEN):
                break
        taken.samples += word_errors.percent(pairs)
        yield taken

    return part


def _sayable(assistant: Assistant) -> Iterator[str]:
    """Replies as they come, and of this home's own names."""
    yield from SPOKEN
    for entity in assistant.backend.home.entities[:23]:
        yield f"Turned on the {entity.name} in the house"


def quality_of_wakes(quality: Quality) -> Part:
    async def part(until: float) -> AsyncIterator[Taken]:
        base = quality.stand.recordings.beside
        if base:
            settings, provenance = quality.stand.assistant.settings.audio, quality.stand.provenance
            for taken in await measure_wakes(base, settings, provenance, until):
                yield taken

    return part


def quality_of_pauses(quality: Quality) -> Part:
    """A pause within a command: how often it ends the turn, and whether the whole sentence is done all the same."""

    async def part(until: float) -> AsyncIterator[Taken]:
        any_ = quality.taken("cut_off_any", "pauses of 0.3 to 1.2 s that ended the turn")
        open_ = quality.taken("cut_off_open", "the same, in a sentence that could not be over")
        healed = quality.taken("cut_off_healed", "pauses that ended the turn, and the whole sentence was done")
        rng = random.Random(SEED)
        for path, row in commands(quality.stand):
            samples = load(path)
            whole = await quality.play(samples, row)
            for at in spots(samples):
                seconds = rng.choice(PAUSES)
                paused = await quality.play(insert(samples, at, seconds), row)
                cut = _cut(paused, at / SAMPLE_RATE, seconds)
                any_.samples.append(100.0 * cut)
                if await _class_at(quality, samples, at, row) == "open":
                    open_.samples.append(100.0 * cut)
                if cut and outcomes.outcome(_first(whole), row) == RIGHT:
                    same = paused.states == whole.states and paused.meant == whole.meant
                    healed.samples.append(100.0 * same)
            if time.monotonic() > until:
                break
        for taken in (any_, open_, healed):
            yield taken

    return part


def _cut(played: Played, at: float, seconds: float) -> bool:
    """Whether a turn ended within the pause."""
    return any(at - 0.1 <= t.speech_end < at + seconds and t.wait_class != "released" for t in played.turns[:-1])


async def _class_at(quality: Quality, samples: Samples, at: int, row: Row) -> str:
    """How far the sentence has got there: what ends the turn if nothing more is said."""
    ended = await quality.play(np.concatenate([samples[:at], quiet(samples, 2.0)]), row)
    return ended.turns[0].wait_class if ended.turns else "free"


def quality_of_varied(quality: Quality) -> Part:
    """The commands at other speeds and levels, with noise and in other rooms: done wrong?"""

    async def part(until: float) -> AsyncIterator[Taken]:
        taken = quality.taken("wrong_action_varied", "commands varied in speed, level, noise and room, done wrong")
        variations = list(_variations(quality.stand.recordings.beside))
        for number, vary in enumerate(variations * 2):
            for path, row in commands(quality.stand):
                came = outcomes.outcome(_first(await quality.play(vary(load(path)), row)), row)
                taken.samples.append(100.0 * (came == WRONG))
                if time.monotonic() > until:
                    break
            if time.monotonic() > until or number >= len(variations) - 1:
                break
        yield taken

    return part


def _variations(beside: Path | None) -> Iterator[Callable[[Samples], Samples]]:
    noises = files_in(beside / "noise") if beside else []
    rooms = [load(path) for path in files_in(beside / "rooms")] if beside else []
    if noises:
        yield lambda samples: mixed(samples, noises, 15.0, len(samples))
    yield lambda samples: faster(samples, 1.1)
    yield from (lambda samples, room=room: in_room(samples, room) for room in rooms)
    yield lambda samples: faster(samples, 0.9)
    yield lambda samples: louder(samples, -12.0)
    yield lambda samples: louder(samples, 12.0)


async def heard(assistant: Assistant, samples: Samples) -> str:
    """What the recogniser makes of it by itself."""

    async def sound() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(samples, SAMPLE_RATE, 0.0, voiced=True)
        yield AudioChunk(np.zeros(SAMPLE_RATE // 2, np.int16), SAMPLE_RATE, len(samples) / SAMPLE_RATE)

    text = ""
    async for hearing in assistant.models.ear.transcribe(sound(), None):
        text = hearing.free.text
    return text


def to_16k(chunk: AudioChunk) -> Samples:
    resampled: Samples = soxr.resample(chunk.samples, chunk.rate, SAMPLE_RATE).astype(np.int16)
    return resampled


def _first(played: Played) -> TurnRecord | None:
    return played.turns[0] if played.turns else None


def _texts(folder: Path) -> Mapping[str, str]:
    """File to what is said in it, as its manifest tells."""
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        return {}
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines() if line.strip()]
    return {row["file"]: row["text"] for row in rows if row.get("text")}
