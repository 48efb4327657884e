"""Fits what each piece of evidence counts, and chooses the thresholds: on varied recordings, each left out in turn.

`python -m bench.varied` hears the recordings first. A fold leaves whole recordings out, with all their conditions; the
figures and the curve are of what was left out. The weights that ship are fitted on all of them.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import astuple, dataclass, fields, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.curve import draw
from bench.figures import SHARED
from bench.heard import SKILLS, situated
from bench.record import machine, save
from bench.varied import Case, Utterance, cases
from repartee.contract.provenance import Origin, Provenance
from repartee.core.conversation import Conversation
from repartee.core.hearing import Clarity, Hearing
from repartee.core.intent import Context, Reading
from repartee.grammar import compile_home
from repartee.grammar.weighty import weighty
from repartee.proof.outcomes import Row, home_before, outcome_of, same_slots
from repartee.stages.understand import evidence as shipped
from repartee.stages.understand.decision import Chosen, DecisionThresholds, Prior, choose, options, prior, weighed
from repartee.stages.understand.evidence import Evidence, Weights, plain
from repartee.stages.understand.planning import decide, plan

FOLDS = 16
RIDGE = 2.0
FOR = {"rival"}
"""Evidence of which more speaks for it; more of any other speaks against it."""
ACT = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97)
WEIGHTY = partial(weighty, language="en")
Floats = NDArray[np.float64]
Weigh = Callable[[Reading], Prior]


@dataclass(frozen=True)
class Example:
    """The best option of one look."""

    recording: str
    found: Evidence
    right: bool
    count: float
    """How much it counts: the looks of one utterance, and the wordings in one look, count as one."""


class World:
    """The home in which all is heard."""

    def __init__(self, shared: Path, stack: AsyncExitStack) -> None:
        self._file, self._stack = shared / "homes" / "recorded_40.json", stack
        home = home_before(self._file, None).home
        area = home.area_named("Living Room")
        assert area is not None
        self._context, self._understanding = Context(area.id), compile_home(home, "en")
        self._weighs: dict[str, Weigh] = {}
        self.read = cache(self._read)

    def _read(self, text: str) -> Reading | None:
        return decide(self._understanding.parse(text, self._context))

    async def weigh(self, row: Row | None) -> Weigh:
        """How usual a plan is where the recording was made."""
        name = row.file if row else ""
        if name not in self._weighs:
            backends = await self._stack.enter_async_context(situated(home_before(self._file, row)))
            now = backends.situation(Conversation(self._context))
            usual = DecisionThresholds()

            def made(reading: Reading) -> Prior:
                return prior(plan(reading, SKILLS, now), now.states, (), usual)

            self._weighs[name] = made
        return self._weighs[name]


def looks(utterance: Utterance) -> list[Hearing]:
    """Those that were steered, the earliest first; the final hearing is the last of them once more."""
    found = [look.hearing for look in utterance.looks if look.hearing.home]
    return found[:-1] if len(found) > 1 and found[-1].final else found


def taken(utterance: Utterance, decided: Callable[[Hearing], Chosen]) -> Chosen:
    """As a turn does it: one look at what is clear, two at what is faint, all at what is doubtful."""
    choice = Chosen("", None)
    for n, hearing in enumerate(looks(utterance)):
        choice = decided(hearing)
        if choice.clarity is Clarity.CLEAR or (choice.clarity is Clarity.FAINT and n >= 1):
            break
    return choice


def judged(case: Case, choice: Chosen, read: Callable[[str], Reading | None]) -> str:
    """`right`, `asked`, `wrong` or `rejected`."""
    if case.spoken.row is not None:
        return outcome_of(choice.reading, case.spoken.row)
    if choice.reading is None:
        return "rejected"
    if not choice.reading.acts:
        return "asked"
    meant = read(case.spoken.text) if case.spoken.kind in ("command", "trap") else None
    return "right" if meant and _same(meant, choice.reading) else "wrong"


def _same(one: Reading, other: Reading) -> bool:
    return len(one.parts) == len(other.parts) and all(
        a.intent.name == b.intent.name
        and (a.when is None) == (b.when is None)
        and same_slots(b.intent.slots, a.intent.slots, "Living Room")
        for a, b in zip(one.parts, other.parts, strict=True)
    )


async def examples(world: World, known: Sequence[Case], thresholds: DecisionThresholds) -> list[Example]:
    """Of a command the first utterance; what its reading itself makes a question is neither
    right nor wrong, and left out."""
    made, attracted = [], await attractors(world, known, thresholds)
    for case in known:
        weigh = await world.weigh(case.spoken.row)
        of = case.utterances[:1] if case.spoken.kind == "command" else case.utterances
        for utterance in of:
            heard = looks(utterance)
            for hearing in heard:
                ranked = options(hearing, world.read, weigh, thresholds, WEIGHTY)
                if not ranked:
                    continue
                verdict = judged(case, Chosen("", ranked[0].reading), world.read)
                if verdict == "asked" and case.spoken.kind in ("command", "trap"):
                    continue
                wordings = weighed(hearing, ranked, others(attracted, case.spoken.recording))
                count = 1 / len(heard) / len(wordings)
                made += [Example(case.spoken.recording, found, verdict == "right", count) for _, found in wordings]
    return made


async def attractors(world: World, known: Sequence[Case], thresholds: DecisionThresholds) -> dict[str, set[str]]:
    """Text to the recordings without any command for which it was the best one."""
    found: dict[str, set[str]] = defaultdict(set)
    weigh = await world.weigh(None)
    for case in known:
        if case.spoken.kind in ("talk", "noise"):
            for hearing in (h for utterance in case.utterances for h in looks(utterance)):
                if ranked := options(hearing, world.read, weigh, thresholds, WEIGHTY):
                    found[plain(ranked[0].heard.text)].add(case.spoken.recording)
    return found


def others(attracted: Mapping[str, set[str]], recording: str = "") -> dict[str, int]:
    """How many recordings, without the one that is left out; a single one says nothing about a text."""
    counts = {text: len(recordings - {recording}) for text, recordings in attracted.items()}
    return {text: count for text, count in sorted(counts.items()) if count > 1}


def fitted(from_: Sequence[Example], attracting: Mapping[str, int]) -> Weights:
    """Ridge logistic regression (Newton's method); evidence that would count the wrong way round counts nothing."""
    names = [field.name for field in fields(Evidence)]
    sign = np.array([1 if name in FOR else -1 for name in names])
    x = np.array([astuple(e.found) for e in from_], float)
    y, count = np.array([e.right for e in from_], float), np.array([e.count for e in from_])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    used = np.ones(len(names), bool)
    while True:
        found = _newton(((x - mean) / spread)[:, used], y, count)
        wrong = np.flatnonzero(used)[found[1:] * sign[used] < 0]
        if not len(wrong):
            break
        used[wrong] = False
    weights = np.zeros(len(names))
    weights[used] = found[1:] / spread[used]
    bias = float(found[0] - (weights * mean).sum())
    return Weights(round(bias, 4), dict(zip(names, (round(float(w), 4) for w in weights), strict=True)), attracting)


def _newton(x: Floats, y: Floats, count: Floats) -> Floats:
    rows = np.column_stack([np.ones(len(x)), x])
    ridge = RIDGE * np.r_[0.0, np.ones(x.shape[1])]
    found = np.zeros(rows.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (count * (y - p)) - ridge * found
        bend = (rows * (count * p * (1 - p) + 1e-9)[:, None]).T @ rows + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        found = found + step
        if np.abs(step).max() < 1e-7:
            break
    return found


def fold(recording: str) -> int:
    return zlib.crc32(recording.encode()) % FOLDS


def left_out(from_: Sequence[Example], attracted: Mapping[str, set[str]]) -> list[Weights]:
    """For each fold, fitted without it."""

    def without(n: int) -> Weights:
        known = {text: {r for r in recordings if fold(r) != n} for text, recordings in attracted.items()}
        return fitted([e for e in from_ if fold(e.recording) != n], others(known))

    return [without(n) for n in range(FOLDS)]


async def outcomes(
    world: World, known: Sequence[Case], of: Callable[[str], DecisionThresholds]
) -> list[tuple[Case, str, tuple[Chosen, ...]]]:
    """Of what is no command all utterances count, the worst of them."""
    found = []
    for case in known:
        weigh, thresholds = await world.weigh(case.spoken.row), of(case.spoken.recording)
        choices = tuple(
            taken(utterance, lambda h, w=weigh, t=thresholds: choose(h, world.read, w, t, WEIGHTY))  # type: ignore[misc]
            for utterance in case.utterances
        )
        verdicts = [judged(case, choice, world.read) for choice in choices] or ["rejected"]
        if case.spoken.kind == "command":
            verdict = verdicts[0]
        else:
            verdict = next(v for v in ("wrong", "right", "asked", "rejected") if v in verdicts)
        found.append((case, verdict, choices))
    return found


def shares(found: Sequence[tuple[Case, str, Any]]) -> dict[str, Any]:
    """Percent of the recordings in all conditions, with the bootstrap's 95 % over recordings."""
    by = defaultdict(list)
    for case, verdict, _ in found:
        by[case.spoken.recording].append(verdict)
    groups = list(by.values())
    picks = np.random.default_rng(0).integers(0, len(groups), (2000, len(groups)))
    sizes = np.array([len(g) for g in groups])
    made: dict[str, Any] = {"recordings": len(groups), "heard": len(found)}
    for name in ("right", "asked", "wrong", "rejected"):
        hits = np.array([g.count(name) for g in groups])
        low, high = np.percentile(100 * hits[picks].sum(axis=1) / sizes[picks].sum(axis=1), [2.5, 97.5])
        made[name] = {
            "n": int(hits.sum()),
            "percent": round(100 * hits.sum() / sizes.sum(), 1),
            "95": [round(float(low), 1), round(float(high), 1)],
        }
    return made


GROUPS: Mapping[str, Callable[[Case], bool]] = {
    "commands_varied": lambda c: c.spoken.kind == "command" and c.spoken.origin is Origin.REAL,
    "commands_plain": lambda c: c.spoken.kind == "command" and c.spoken.condition == "plain",
    "talk": lambda c: c.spoken.kind == "talk" and c.spoken.origin is Origin.REAL,
    "noise": lambda c: c.spoken.kind == "noise",
    "synthetic_commands": lambda c: c.spoken.kind == "command" and c.spoken.origin is Origin.SYNTHETIC,
    "synthetic_talk": lambda c: c.spoken.kind == "talk" and c.spoken.origin is Origin.SYNTHETIC,
    "synthetic_traps": lambda c: c.spoken.kind == "trap",
}


def summary(found: Sequence[tuple[Case, str, Any]]) -> dict[str, Any]:
    made = {name: shares(of) for name, holds in GROUPS.items() if (of := [f for f in found if holds(f[0])])}
    real = [f for f in found if GROUPS["commands_varied"](f[0])]
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for case, verdict, _ in real:
        by[case.spoken.condition][verdict] += 1
    made["by_condition"] = {name: dict(counts) for name, counts in sorted(by.items())}
    return made


def brief(made: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{name} " + "/".join(f"{made[name][v]['percent']:g}" for v in ("right", "asked", "wrong", "rejected"))
        for name in GROUPS
        if name in made
    )


async def measure(shared: Path) -> tuple[dict[str, Any], Weights]:
    known = cases()
    async with AsyncExitStack() as stack:
        world, usual = World(shared, stack), DecisionThresholds()
        made, attracted = await examples(world, known, usual), await attractors(world, known, usual)
        folds, whole = left_out(made, attracted), fitted(made, others(attracted))
        curve = []
        for act in ACT:
            at = [replace(usual, weights=w, act=act, sure=max(act, usual.sure)) for w in folds]
            found = await outcomes(world, known, lambda recording, at=at: at[fold(recording)])  # type: ignore[misc]
            curve.append({"act": act, **summary(found)})
            print(act, brief(curve[-1]), flush=True)
        at = [replace(usual, weights=w) for w in folds]
        found = await outcomes(world, known, lambda recording: at[fold(recording)])
        figures = {"left_out": summary(found), "curve": curve, "examples": len(made)}
        for case, verdict, choices in found:
            if verdict == "wrong" or (verdict == "asked" and case.spoken.kind in ("talk", "noise")):
                texts = [utterance.looks[-1].hearing.text if utterance.looks else "" for utterance in case.utterances]
                print(verdict, case.spoken.kind, case.spoken.recording, case.spoken.condition, texts,
                      [(c.text, bool(c.reading)) for c in choices])  # fmt: skip
    return figures, whole


def main(shared: Path) -> None:
    figures, whole = asyncio.run(measure(shared))
    print(whole)
    provenance = Provenance(Origin.REAL, "fast", True, {"stt": "moonshine", "vad": "silero"}, machine())
    path = Path(shipped.__file__).with_name("evidence.json")
    content = {
        "made_by": "python -m bench.calibrate",
        "provenance": provenance.as_json(),
        "examples": figures["examples"],
        "bias": whole.bias,
        "weights": whole.by_name,
        "attractors": whole.attractors,
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    save("varied", figures, provenance, ("moonshine-voice", "onnxruntime"))
    draw(figures["curve"])


if __name__ == "__main__":
    main(SHARED)
