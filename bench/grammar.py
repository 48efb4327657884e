"""The home's grammar: right answers, speed, size, near misses and people's own words, beside two other recognisers.

Times are microseconds of CPU a sentence. `warm`: the automaton has heard the sentence before, no answer is cached;
`first`: it has not. Sentences are the public test sets; homes are theirs, enlarged by generated names (synthetic).
"""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from bench.figures import SHARED, spread
from bench.homes import enlarged, merged, read_homes
from bench.record import real, save
from bench.slips import one_edit, sounding_alike
from repartee.contract.provenance import Origin
from repartee.core.home import Entity, Home
from repartee.core.home_file import home_from
from repartee.core.intent import Context
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.cache import Cache, CachedUnderstanding
from repartee.languages.data import sentences
from repartee.proof.compare.slots import same_slots
from repartee.proof.compare.understanders import Recogniser, gazetteer, hassil, ours
from repartee.stages.understand.planning import decide

NAMES = 1_000
SLIPS = 1_000
Row = Mapping[str, Any]
Meanings = Mapping[str, frozenset[str]]
SPOKEN: Meanings = {
    "iot_hue_lightoff": frozenset({"HassTurnOff"}),
    "iot_wemo_off": frozenset({"HassTurnOff"}),
    "iot_hue_lighton": frozenset({"HassTurnOn"}),
    "iot_wemo_on": frozenset({"HassTurnOn"}),
    "iot_coffee": frozenset({"HassTurnOn"}),
    "iot_hue_lightup": frozenset({"HassLightSet"}),
    "iot_hue_lightdim": frozenset({"HassLightSet"}),
    "iot_hue_lightchange": frozenset({"HassLightSet"}),
    "iot_cleaning": frozenset({"HassVacuumStart"}),
    "audio_volume_up": frozenset({"HassSetVolume", "HassSetVolumeRelative", "HassMediaPlayerMute"}),
    "audio_volume_down": frozenset({"HassSetVolume", "HassSetVolumeRelative", "HassMediaPlayerMute"}),
    "audio_volume_mute": frozenset({"HassSetVolume", "HassSetVolumeRelative", "HassMediaPlayerMute"}),
    "datetime_query": frozenset({"HassGetCurrentTime", "HassGetCurrentDate"}),
    "weather_query": frozenset({"HassGetWeather"}),
    "lists_createoradd": frozenset({"HassListAddItem", "HassShoppingListAddItem"}),
    "lists_remove": frozenset(
        {"HassListCompleteItem", "HassListRemoveItem", "RepListRemove", "HassShoppingListCompleteItem"}
    ),
    "lists_query": frozenset({"RepListItems", "ListStatus"}),
    "alarm_set": frozenset({"RepSetAlarm", "AlarmSet"}),
    "alarm_query": frozenset({"RepAlarms", "AlarmStatus"}),
    "alarm_remove": frozenset({"RepCancelAlarm", "AlarmCancel"}),
    "play_music": frozenset({"HassMediaSearchAndPlay"}),
    "qa_maths": frozenset({"RepSum", "Calculate"}),
}
"""What counts as right; alarms, list questions and sums by the names of our own intents, strict and loose."""


def main() -> None:
    base = merged(read_homes(SHARED / "nlu" / "en.homes.json")).home
    figures = {
        "public_sentences": {language: public_sentences(language) for language in ("en", "fr", "nl")},
        "speed": {str(names): speed(enlarged(base, names)) for names in (100, NAMES, 10_000)},
        "build": build(enlarged(base, NAMES)),
        "slips": slips(enlarged(base, NAMES)),
        "unknown": unknown(enlarged(base, NAMES)),
        "spoken_requests": spoken_requests(),
        "status_and_next": status_and_next(enlarged(base, NAMES)),
        "cached": cached(enlarged(base, NAMES)),
    }
    figures["speed"]["p50_of_1000_to_100_names"] = round(
        figures["speed"][str(NAMES)]["warm"]["p50"] / figures["speed"]["100"]["warm"]["p50"], 2
    )
    packages = ("hassil", "home-assistant-intents", "gazetteer-matcher", "rapidfuzz", "unicode-rbnf")
    save("grammar", figures, real(origin=Origin.SYNTHETIC), packages)


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (SHARED / "nlu" / name).read_text("utf-8").splitlines()]


def timed(recognise: Recogniser, text: str, area: str | None) -> tuple[Any, float]:
    start = time.thread_time()
    answer = recognise(text, area)
    return answer, (time.thread_time() - start) * 1e6


def public_sentences(language: str) -> dict[str, Any]:
    """Percent of sentences with right intent and slots: each in its home, and all homes merged into one."""
    homes, data = read_homes(SHARED / "nlu" / f"{language}.homes.json"), rows(f"{language}.jsonl")
    made: dict[str | None, Recogniser] = {}
    for name, home_data in homes.items():
        home = home_from(home_data).home
        made[name] = ours(compile_home(home, language), home)
    one = merged(homes).home
    everyone = {"repartee": ours(compile_home(one, language), one), "hassil": hassil(one, language)}
    if language == "en":
        everyone["gazetteer-matcher"] = gazetteer(one)
    return {
        "n": len(data),
        "each_in_its_home_percent": _right(data, made)["percent"],
        "merged": {name: _right(data, {None: recogniser}) for name, recogniser in everyone.items()},
    }


def _right(data: Sequence[Row], recognisers: Mapping[str | None, Recogniser]) -> dict[str, Any]:
    """By home, or one (under None) for all."""
    right, times = 0, []
    for row in data:
        area = row["context"].get("area")
        answer, us = timed(recognisers.get(row["home"]) or recognisers[None], row["sentence"], area)
        times.append(us)
        right += answer is not None and answer[0] == row["intent"] and same_slots(row["slots"], answer[1], area)
    return {"percent": round(100 * right / len(data), 2), "us": spread(times)}


def speed(home: Home) -> dict[str, Any]:
    """Exact sentences: the public ones, and commands for generated names."""
    rng = random.Random(2)
    public = [(row["sentence"], row["context"].get("area")) for row in rows("en.jsonl")]
    things = [e for e in home.entities if e.domain in ("light", "switch", "fan")]
    public += [(f"turn {rng.choice(('on', 'off'))} the {rng.choice(things).name}", None) for _ in range(300)]
    gc.collect()
    recognise = ours(compile_home(home, "en"), home)
    cold = timed(recognise, "turn on the lights in the kitchen", None)[1]
    passes = [[timed(recognise, text, area)[1] for text, area in public] for _ in range(3)]
    made: dict[str, Any] = {
        "names": len(home.entities),
        "cold_first_sentence_us": round(cold),
        "first": spread(passes[0]),
        "warm": spread(passes[2]),
    }
    if len(home.entities) <= NAMES:
        some = rng.sample(public, 150)
        for name, other in (("hassil", hassil(home)), ("gazetteer-matcher", gazetteer(home))):
            timed(other, "turn on the lights", None)
            made[f"{name}_warm"] = spread([timed(other, text, area)[1] for text, area in some])
    return made


def build(home: Home) -> dict[str, Any]:
    """Milliseconds of CPU and megabytes, each from a process that had compiled nothing before."""
    fresh = [json.loads(_alone("build_timed")) for _ in range(5)]
    memory = json.loads(_alone("build_memory"))
    compiled = compile_home(home, "en")
    compiled.parse("turn on the lights", Context())
    renames = []
    for n, entity in enumerate(home.entities[:40]):
        later = home.renamed(entity.id, f"Zebra {n}")
        start = time.thread_time()
        compiled.changed(later)
        renames.append((time.thread_time() - start) * 1e3)
    return {
        "english_1000_names_ms": round(median(each["ms"] for each in fresh), 1),
        "memory_mb": round(memory["mb"], 1),
        "memory_after_2000_sentences_mb": round(memory["used_mb"], 1),
        "rename_ms": {"median": round(median(renames), 2), "max": round(max(renames), 2)},
        "states": len(compiled.language.nfa.states),
        "arcs": compiled.language.nfa.arcs,
    }


def _alone(what: str) -> str:
    run = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-m", "bench.grammar", what], check=True, capture_output=True, text=True
    )
    return run.stdout


def build_memory() -> None:
    """Megabytes that Python has allocated for one home's grammar, after building and after use."""
    home = enlarged(merged(read_homes(SHARED / "nlu" / "en.homes.json")).home, NAMES)
    tracemalloc.start()
    compiled = compile_home(home, "en")
    compiled.vocabulary  # noqa: B018  # made at the first near miss
    gc.collect()
    mb = tracemalloc.get_traced_memory()[0] / 1e6
    for sentence in _many_sentences(home, 2_000):
        compiled.parse(sentence, Context())
        compiled.expect(Context()).step(compiled.spoken(sentence))
    gc.collect()
    print(json.dumps({"mb": mb, "used_mb": tracemalloc.get_traced_memory()[0] / 1e6}))


def build_timed() -> None:
    home = enlarged(merged(read_homes(SHARED / "nlu" / "en.homes.json")).home, NAMES)
    start = time.process_time()
    compile_home(home, "en")
    print(json.dumps({"ms": (time.process_time() - start) * 1e3}))


def _many_sentences(home: Home, count: int) -> Iterable[str]:
    rng = random.Random(9)
    public = [row["sentence"] for row in rows("en.jsonl")]
    for n in range(count):
        yield public[n % len(public)] if n % 2 else f"turn on the {rng.choice(home.entities).name}"


VERBS = {
    "light": ("turn on the", "turn off the"),
    "switch": ("turn on the", "turn off the"),
    "fan": ("turn on the", "turn off the"),
    "media_player": ("turn on the", "turn off the"),
    "cover": ("open the", "close the"),
    "lock": ("lock the", "unlock the"),
}


def slips(home: Home) -> dict[str, Any]:
    """Percent right, wrong and asked, with one slip in a device's name. A slip that is another device's name exactly
    can't be told from that device: such draws are counted apart and left out."""
    compiled = compile_home(home, "en")
    names = {" ".join(name.lower().split()) for entity in home.entities for name in entity.names}
    things = [entity for entity in home.entities if entity.domain in VERBS]
    made = {}
    for kind, slip in (("one_edit", one_edit), ("one_word_sounding_alike", sounding_alike)):
        rng = random.Random(5)
        counts: Counter[str] = Counter()
        times = []
        while sum(counts.values()) - counts["another_name"] < SLIPS:
            entity = rng.choice(things)
            said = slip(entity.name.lower(), rng)
            if said in names:
                counts["another_name"] += said != entity.name.lower()
                continue
            outcome, us = _slip(compiled, entity, f"{rng.choice(VERBS[entity.domain])} {said}")
            counts[outcome] += 1
            times.append(us)
        share = {what: round(100 * counts[what] / SLIPS, 2) for what in ("right", "wrong", "asked", "nothing")}
        made[kind] = {**share, "n": SLIPS, "another_name": counts["another_name"], "us": spread(times)}
    return made


def _slip(compiled: CompiledHome, entity: Entity, text: str) -> tuple[str, float]:
    start = time.thread_time()
    readings = compiled.parse(text, Context())
    us = (time.thread_time() - start) * 1e6
    reading = decide(readings)
    if reading is None:
        return "nothing", us
    if not reading.acts:
        return "asked", us
    return ("right" if reading.parts[0].intent.entities == (entity.id,) else "wrong"), us


UNKNOWN = ("flurble lamp", "quux fan", "zibbet heater", "snorkel pump", "gizmo shutter", "doohickey", "whatsit radio")


def unknown(home: Home) -> dict[str, Any]:
    """Names nobody here has, and sentences that are none of a home's business."""
    recognise = ours(compile_home(home, "en"), home, acting=True)
    named = [f"{verb} {name}" for name in UNKNOWN for verbs in VERBS.values() for verb in verbs]
    chatter = [row["sentence"] for row in rows("spoken_requests.jsonl") if row["intent"].startswith("general_")]
    made = {}
    for kind, texts in (("unknown_name", named), ("out_of_domain", chatter)):
        answers = [timed(recognise, text, None) for text in texts]
        made[kind] = {"acted": sum(a is not None for a, _ in answers), "us": spread([us for _, us in answers])}
    return made


def spoken_requests() -> dict[str, Any]:
    """People's own words, in a home of 40 entities, spoken in the living room: right intent by kind, chatter that acts.

    `right` counts the best reading, `acted_right` what would be done at once.
    """
    home = home_from(json.loads((SHARED / "homes" / "recorded_40.json").read_text("utf-8"))).home
    compiled = compile_home(home, "en", sentences("en"))
    compiled.parse("it is too dark in here", Context())
    everyone = {
        "repartee": (ours(compiled, home), ours(compiled, home, acting=True)),
        "hassil": (hassil(home),) * 2,
        "gazetteer-matcher": (gazetteer(home),) * 2,
    }
    data = rows("spoken_requests.jsonl")
    return {name: _spoken(data, best, acting) for name, (best, acting) in everyone.items()}


def _spoken(data: Sequence[Row], best: Recogniser, acting: Recogniser) -> dict[str, Any]:
    kinds: dict[str, list[bool]] = defaultdict(list)
    acted, chatter, acted_right, acted_wrong, times = 0, 0, 0, 0, []
    for row in data:
        answer, us = timed(best, row["sentence"], "Living Room")
        times.append(us)
        done = acting(row["sentence"], "Living Room")
        if row["intent"] in SPOKEN:
            right = SPOKEN[row["intent"]]
            kinds[row["intent"]].append(answer is not None and answer[0] in right)
            acted_right += done is not None and done[0] in right
            acted_wrong += done is not None and done[0] not in right
        elif row["intent"].startswith("general_"):
            chatter += 1
            acted += done is not None
    mapped = [right for each in kinds.values() for right in each]
    return {
        "n": len(mapped),
        "right_percent": round(100 * sum(mapped) / len(mapped), 1),
        "acted_right_percent": round(100 * acted_right / len(mapped), 1),
        "acted_on_another_intent_percent": round(100 * acted_wrong / len(mapped), 1),
        "chatter": chatter,
        "chatter_acted": acted,
        "us": spread(times),
        "right_by_kind": {kind: f"{sum(each)}/{len(each)}" for kind, each in sorted(kinds.items())},
    }


def status_and_next(home: Home) -> dict[str, Any]:
    """Microseconds a word: how far it has got and what may follow, after each word of each public sentence."""
    compiled = compile_home(home, "en")
    context = Context(area=home.areas[0].id)
    made: dict[str, Any] = {}
    for kind in ("first", "warm"):
        times: list[float] = []
        letters = steps = 0.0
        for row in rows("en.jsonl"):
            place = compiled.expect(context)
            for n, word in enumerate(compiled.spoken(row["sentence"]).split(" ")):
                start = time.thread_time()
                following = place.step(f" {word}" if n else word)
                if following is None:
                    break
                place = following
                _ = place.status, place.letters()
                spent = (time.thread_time() - start) * 1e6
                times.append(spent)
                letters, steps = letters + spent, steps + len(word) + 1
        made[kind] = {"word_us": spread(times), "character_us": round(letters / steps, 2)}
    return made


def cached(home: Home) -> dict[str, Any]:
    """A sentence that was said before, answered by the cache of parses."""
    remembering = CachedUnderstanding(compile_home(home, "en"), Cache(), Cache())
    public = [row["sentence"] for row in rows("en.jsonl")]
    remembering.warm(public, Context())
    times = [timed(lambda text, _: remembering.parse(text, Context()), text, None)[1] for text in public]  # type: ignore[arg-type, return-value]
    statistics = remembering.parses.statistics
    return {"us": spread(times), "hits": statistics.hits, "saved_ms": round(1000 * statistics.saved_s, 1)}


if __name__ == "__main__":
    {"": main, "build_memory": build_memory, "build_timed": build_timed}[sys.argv[1] if len(sys.argv) > 1 else ""]()
