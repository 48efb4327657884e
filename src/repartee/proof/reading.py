"""What reading a sentence takes in a home of a thousand names: exact, misspelt, unknown, and in a person's own words.

CPU of the reading thread. Names are generated: that is what the budget speaks of, so they prove it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from repartee.contract import Origin
from repartee.core.home import Entity, Home
from repartee.core.intent import Context
from repartee.grammar import CompiledHome, compile_home
from repartee.languages.data import sentences

from .large_home import enlarged
from .results import Taken
from .stages import Stand

NAMES, EACH = 1_000, 200
SWITCHED = ("light", "switch", "fan")
INVENTED = ("flurble", "quux", "zibbet", "doohickey", "whatsit", "gromble", "snazzle", "wibbet")
OWN_WORDS = ("it would be lovely to have the {} on", "i guess the {} ought to go off now", "any chance the {} comes on",
             "so could somebody get the {} going")  # fmt: skip
"""What no template foresees."""
COMMON = (("turn on the {}", "HassTurnOn"), ("turn off the {}", "HassTurnOff"), ("switch the {} on", "HassTurnOn"),
          ("what time is it", "HassGetCurrentTime"), ("set a timer for five minutes", "HassStartTimer"),
          ("turn the {} off please", "HassTurnOff"), ("cancel all timers", "HassCancelAllTimers"))  # fmt: skip
"""Sentences and their intents."""


def measure_reading(stand: Stand, progress: Callable[[str], None]) -> list[Taken]:
    """Some seconds, most of them for compiling."""
    progress("reading in a home of a thousand names")
    home = enlarged(stand.assistant.backend.home, NAMES)
    compiled = compile_home(home, "en", sentences("en"))
    rng = random.Random(2)
    things = rng.sample([entity for entity in home.entities if entity.domain in SWITCHED], EACH)
    kinds: dict[str, tuple[str, Sequence[str]]] = {
        "parse": ("a sentence of the templates", [f"turn on the {entity.name}" for entity in things]),
        "parse_misspelt": ("with a letter missing in the name", [f"turn on the {_slip(e, rng)}" for e in things]),
        "parse_unknown": ("with a name that nothing has", list(_unknown(home, rng))),
        "parse_beyond_templates": ("in a person's own words", [_own(entity, rng) for entity in things]),
    }
    timed = [_timed(compiled, metric, what, texts, stand) for metric, (what, texts) in kinds.items()]
    return [*timed, _common(compiled, things, stand)]


def _common(compiled: CompiledHome, things: Sequence[Entity], stand: Stand) -> Taken:
    """Whether what people say most is read as what it is; the sentences are made, so it proves nothing about people."""
    made_up = replace(stand.provenance, origin=Origin.SYNTHETIC, pace="text")
    taken = Taken("quality", "common intents read right", made_up, {"what": "nlu_common_intents"})
    for number, thing in enumerate(things):
        form, intent = COMMON[number % len(COMMON)]
        readings = compiled.parse(form.format(thing.name), Context())
        read = readings[0].parts[0].intent if readings and readings[0].parts else None
        right = read is not None and read.name == intent and ("{}" not in form or thing.id in read.entities)
        taken.samples.append(100.0 * right)
    return taken


def _timed(compiled: CompiledHome, metric: str, what: str, texts: Sequence[str], stand: Stand) -> Taken:
    """Read once before: the automaton is warm, no answer is cached."""
    taken, here = Taken(metric, f"{NAMES:,} names, {what}", stand.provenance), Context()
    for text in texts:
        compiled.parse(text, here)
    for text in texts:
        taken.samples.append(_once(partial(compiled.parse, text, here)))
    taken.cpu = list(taken.samples)
    return taken


def _once(call: Callable[[], object]) -> float:
    """CPU ms."""
    began = time.thread_time()
    call()
    return (time.thread_time() - began) * 1000


def _slip(entity: Entity, rng: random.Random) -> str:
    name = entity.name.lower()
    at = rng.randrange(1, len(name) - 1)
    return name[:at] + name[at + 1 :]


def _unknown(home: Home, rng: random.Random) -> Sequence[str]:
    nouns = sorted({entity.name.split()[-1].lower() for entity in home.entities})
    return [f"turn on the {rng.choice(INVENTED)} {rng.choice((*INVENTED, *nouns))}" for _ in range(EACH)]


def _own(entity: Entity, rng: random.Random) -> str:
    return rng.choice(OWN_WORDS).format(entity.name)
