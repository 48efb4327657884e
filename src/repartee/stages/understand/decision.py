"""Act, ask or reject: from what was heard, what is so at home, and what was said here before. Pure.

Everything sayable here that may have been said is an option, and so is the free hypothesis where it can be read. The
likeliest one (in nats, with how usual its plan is in the home as it is) is weighed: how probable is it, by all the
`evidence`, that this was said? From `act` on it is done, from `ask` on it is asked about. Two plans that are about as
likely are asked about as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from repartee.core.hearing import Clarity, Hearing, Hypothesis
from repartee.core.home import State
from repartee.core.intent import Choice, Doubt, Intent, Reading
from repartee.core.plan import Action, Plan, Step
from repartee.grammar.weighty import TIME

from .evidence import FAR, Evidence, Weights, evidence, plain, unexplained, weights

FREE = frozenset({"item", "message", "search_query"})
"""Slots that hold anything a person says."""

WORDINGS = 3
"""Of one plan that are weighed: one that was heard less clearly may leave less unexplained."""


@dataclass(frozen=True, slots=True)
class DecisionThresholds:
    """Probabilities, and nats; docs/hearing.md draws what they trade."""

    act: float = 0.75
    """Probability from which it is acted on."""
    ask: float = 0.4
    """Probability from which it is asked about; below it was no command."""
    sure: float = 0.93
    """Probability from which one look is enough; below, what was said is `FAINT`."""
    lone: float = 0.93
    """Probability from which a single word is acted on: one is near to anything."""
    lone_ask: float = 0.45
    """Probability from which a single word is asked about."""
    character: float = 0.1
    """Nats by which a sentence is likelier for each character when sentences are compared: short ones win easily."""
    unsteered: float = 3.0
    """Nats by which the free hypothesis is less likely, where it is read as it stands ..."""
    unread: float = 20.0
    """... and for a score of nought instead of one."""
    begun: float = 3.0
    """A sentence was only begun where that is more likely than the best whole one by this, and about as likely as the
    free hypothesis (`near`); then wait longer, or ask."""
    near: float = 1.0
    gap: float = 8.5
    """However probable it is, what the free hypothesis is likelier than by more is asked about. How far a sentence has
    got is judged by the best sayable one up to this gap ..."""
    gap_character: float = 0.5
    """... and up to so much for each of its characters; beyond, by the free hypothesis."""
    dictated: float = 5.0
    """Ask about free text (what is put on a list, what is announced) in a sentence that is itself less likely than
    this: free text is near to any sound."""
    margin: float = 1.0
    """Act only when the second best plan is less likely by this."""
    opposite: float = 6.0
    """The same for a plan that would change nothing, or can't be done, where another one makes sense."""
    redundant: float = 3.0
    """How much less likely is what is so already ("turn on" what is on)."""
    impossible: float = 2.0
    """How much less likely is what can't be done here and now ("pause the timer", and there is none)."""
    clause: float = 2.0
    """How much less likely each further clause is, and "in ten minutes": most people want one thing, now."""
    habit: float = 0.5
    """How much more likely is what was wanted in this session before."""
    weights: Weights = field(default_factory=weights)
    """What each piece of evidence counts."""

    def least(self, heard: Hypothesis) -> float:
        """The probability from which it is acted on."""
        return self.act if " " in plain(heard.text) else max(self.act, self.lone)

    def floor(self, heard: Hypothesis) -> float:
        """The probability below which it is no command."""
        return self.ask if " " in plain(heard.text) else max(self.ask, self.lone_ask)

    def doubts(self, text: Hypothesis, reading: Reading) -> bool:
        """Whether free text in it may be something else."""
        free = any(slot in FREE for part in reading.parts for slot in part.intent.slots)
        return free and -text.log_likelihood > self.dictated

    def likelihood(self, heard: Hypothesis) -> float:
        """By which hypotheses are compared."""
        return heard.log_likelihood + self.character * len(heard.text)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an utterance is taken for."""

    text: str
    reading: Reading | None
    """None: no command."""
    clarity: Clarity = Clarity.CLEAR
    sensible: bool = True
    """It makes sense in the home as it is."""


class Prior(NamedTuple):
    """How usual a plan is in the home as it is."""

    nats: float = 0.0
    """Added to its log-likelihood."""
    sensible: bool = True
    """There is something to be done, and it can be done."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may have been said."""

    heard: Hypothesis
    reading: Reading
    prior: Prior
    bonus: float
    """What its length adds when options are compared, and what it takes that the grammar did not steer to it."""

    @property
    def score(self) -> float:
        return self.heard.log_likelihood + self.prior.nats + self.bonus


Weighty = Callable[[str], frozenset[str]]
"""The kinds of words in a text that change what a deed is: its time, a condition, an exception."""


def nothing_weighty(_text: str) -> frozenset[str]:
    return frozenset()


def choose(
    hearing: Hearing,
    read: Callable[[str], Reading | None],
    prior: Callable[[Reading], Prior],
    thresholds: DecisionThresholds,
    weighty: Weighty = nothing_weighty,
) -> Chosen:
    """`read`: the one reading of a text; `prior`: how usual it is. What was heard without steering is read as it is.

    Where the free hypothesis has weighty words of a kind that the best option lacks, that is not simply done.
    """
    if not hearing.home:
        return Chosen(hearing.text, read(hearing.text))
    ranked = options(hearing, read, prior, thresholds, weighty)
    if not ranked:
        return Chosen(hearing.text, None, Clarity.DOUBTFUL)
    attractors = thresholds.weights.attractors
    likely = [(thresholds.weights.probability(found), option) for option, found in weighed(hearing, ranked, attractors)]
    sure, best = max(likely, key=lambda each: each[0])
    if sure < thresholds.floor(best.heard):
        return Chosen(hearing.text, None, Clarity.DOUBTFUL)
    rivals = _rivals(ranked, thresholds)
    begun = best.heard.finished and _begun(hearing, best.heard.log_likelihood, thresholds)
    lacks = _lacks(hearing.free.text, best.heard.text, weighty)
    far = hearing.free.log_likelihood - best.heard.log_likelihood - best.prior.nats > thresholds.gap
    doubtful = far or begun or lacks or thresholds.doubts(best.heard, best.reading)
    if sure < thresholds.least(best.heard) or rivals or doubtful:
        return Chosen(best.heard.text, _asking(best, rivals), Clarity.DOUBTFUL, best.prior.sensible)
    clarity = Clarity.CLEAR if sure >= thresholds.sure else Clarity.FAINT
    return Chosen(best.heard.text, best.reading, clarity, best.prior.sensible)


def _lacks(free: str, said: str, weighty: Weighty) -> bool:
    """Whether weighty words of the free text have no counterpart. Words of time count wherever they are: the engine may
    be steered to some other time only."""
    known = weighty(said)
    return bool(weighty(unexplained(free, said)) - known or {TIME} & weighty(free) - known)


def options(
    hearing: Hearing,
    read: Callable[[str], Reading | None],
    prior: Callable[[Reading], Prior],
    thresholds: DecisionThresholds,
    weighty: Weighty = nothing_weighty,
) -> list[Option]:
    """All that can be read, the best first: what the engine was steered to, the free hypothesis as it stands, and what
    was only begun for the engine but is a sentence with a time."""
    found = [
        Option(heard, reading, prior(reading), thresholds.character * len(heard.text))
        for heard in hearing.home
        if heard.finished and (reading := read(heard.text)) is not None
    ]
    steered = {plain(option.heard.text) for option in found}
    known = weighty(max(found, key=lambda option: option.score).heard.text) if found else frozenset[str]()
    for heard in (hearing.free, *(heard for heard in hearing.home if not heard.finished)):
        more = weighty(heard.text) - known
        if plain(heard.text) in steered or not (more or heard is hearing.free):
            continue
        if (reading := read(heard.text)) is not None:
            lost = 0.0 if more else thresholds.unsteered + thresholds.unread * (1 - reading.score)
            found.append(Option(heard, reading, prior(reading), thresholds.character * len(heard.text) - lost))
    return sorted(found, key=lambda option: -option.score)


def weighed(hearing: Hearing, ranked: Sequence[Option], attractors: Mapping[str, int]) -> list[tuple[Option, Evidence]]:
    """What speaks for and against the first of them, in the likeliest of its wordings."""
    best = ranked[0]
    rival = next((best.score - other.score for other in ranked[1:] if not _alike(best, other)), FAR)
    wordings = [option for option in ranked if _alike(best, option)][:WORDINGS]
    return [(o, evidence(hearing, o.heard, o.reading, o.prior.nats, rival, attractors)) for o in wordings]


def under_way(hearing: Hearing, thresholds: DecisionThresholds) -> str:
    """The words by which to tell how far a sentence has got: the likeliest sayable ones, begun or whole."""
    finished = [heard for heard in hearing.home if heard.finished]
    if not finished:
        return hearing.text
    best = max(finished, key=thresholds.likelihood)
    if begun := _begun(hearing, best.log_likelihood, thresholds):
        return begun.text
    limit = min(thresholds.gap, thresholds.gap_character * len(best.text))
    return best.text if hearing.free.log_likelihood - best.log_likelihood <= limit else hearing.text


def _begun(hearing: Hearing, finished: float, thresholds: DecisionThresholds) -> Hypothesis | None:
    """What the sentence has begun with, where that is about what was heard and no whole sentence is as likely."""
    begun = [heard for heard in hearing.home if not heard.finished]
    if not begun:
        return None
    best = max(begun, key=thresholds.likelihood)
    like_free = thresholds.likelihood(best) > thresholds.likelihood(hearing.free) - thresholds.near
    return best if like_free and best.log_likelihood > finished + thresholds.begun else None


def _rivals(ranked: Sequence[Option], thresholds: DecisionThresholds) -> list[Option]:
    """What else may have been meant."""
    best = ranked[0]
    others = [option for option in ranked[1:] if not _alike(best, option)]
    return [o for o in others if best.score - o.score < _margin(best, o, thresholds)]


def _margin(best: Option, other: Option, thresholds: DecisionThresholds) -> float:
    """What would change nothing must have been heard much more clearly than what makes sense."""
    pointless = not best.prior.sensible and other.prior.sensible
    return thresholds.opposite if pointless else thresholds.margin


def _alike(one: Option, other: Option) -> bool:
    return _meaning(one.reading) == _meaning(other.reading)


def _meaning(reading: Reading) -> object:
    return [(part.intent.name, dict(part.intent.slots), part.group, part.when) for part in reading.parts]


def _asking(best: Option, rivals: Sequence[Option]) -> Reading:
    if best.reading.doubt:
        return best.reading
    options = {option.heard.text.strip(" .,?!"): option.reading.parts for option in (best, *rivals[:1])}
    choices = tuple(Choice(text, parts) for text, parts in options.items())
    return replace(best.reading, doubt=Doubt("did_you_mean", {}, choices))


def prior(plan: Plan, states: Mapping[str, State], history: Sequence[Intent], thresholds: DecisionThresholds) -> Prior:
    """0 nats: neither usual nor unusual."""
    total = -thresholds.clause * max(0, len(plan.steps) - 1)
    senseless = 0.0
    for step in plan.steps:
        if step.later or COMMAND in step.intent.slots:
            total -= thresholds.clause
        if (step.doubt is not None and not step.doubt.asks) or _out_of_place(step, states):
            senseless += thresholds.impossible
        elif _is_so(step, states):
            senseless += thresholds.redundant
        if any(_same(step.intent, before) for before in history):
            total += thresholds.habit
    return Prior(total - senseless, senseless == 0)


def _same(intent: Intent, other: Intent) -> bool:
    return intent.name == other.name and intent.slots == other.slots


COMMAND = "conversation_command"
"""The slot of what is to be done later."""
RESULTS = {
    "turn_on": "on", "turn_off": "off", "open_cover": "open", "close_cover": "closed", "open_valve": "open",
    "close_valve": "closed", "lock": "locked", "unlock": "unlocked", "media_pause": "paused", "media_play": "playing",
    "start": "cleaning", "return_to_base": "docked", "start_mowing": "mowing", "dock": "docked",
}  # fmt: skip
"""What a service without data leaves its entities in."""


NEEDS = {
    "media_pause": ("playing",), "media_play": ("paused", "idle", "on"), "media_next_track": ("playing", "paused"),
    "media_previous_track": ("playing", "paused"),
}  # fmt: skip
"""What the entities of a service must be like for it to make sense."""


def _out_of_place(step: Step, states: Mapping[str, State]) -> bool:
    """Nothing that the step is for is known to be in a state in which it makes sense."""
    needs = [(NEEDS.get(action.service.partition(".")[2]), action.entities) for action in step.actions]
    return any(
        wanted and entities and all(states[e].value not in (None, *wanted) for e in entities)
        for wanted, entities in needs
    )


def _is_so(step: Step, states: Mapping[str, State]) -> bool:
    """Everything that the step wants is known to be so already."""
    return bool(step.actions) and all(_done(action, states) for action in step.actions)


def _done(action: Action, states: Mapping[str, State]) -> bool:
    result = RESULTS.get(action.service.partition(".")[2])
    if result is None or action.data or not action.entities:
        return False
    return all(states[entity].value == result for entity in action.entities)
