"""Act, ask or reject: from what was heard, what is so at home, and what was said here before. Pure.

Three pieces of evidence, all in nats (natural-log likelihoods): how much better the free hypothesis explains the sound
than the best thing sayable here (`gap`: large, this was no command); how much better the best plan is than the second
best *plan*, however it was worded (`margin`: small, ask); and how usual a plan is in the home as it is (`prior`: it
counts in both, so that an unusual plan must have been heard more clearly).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from repartee.core.hearing import Clarity, Hearing, Hypothesis
from repartee.core.home import State
from repartee.core.intent import Choice, Doubt, Intent, Reading
from repartee.core.plan import Action, Plan, Step

FREE = frozenset({"item", "message", "search_query"})
"""Slots that hold anything a person says."""


@dataclass(frozen=True, slots=True)
class DecisionThresholds:
    """The thresholds, in nats; docs/hearing.md draws what they trade."""

    gap: float = 0.0
    """Act up to this gap ..."""
    gap_character: float = 0.5
    """... and this much more for each character of the sentence (what is short is easily near to anything) ..."""
    gap_most: float = 8.5
    """... but no further than this."""
    character: float = 0.1
    """How much more likely a sentence is for each character: what is short is easily near to anything."""
    begun: float = 3.0
    """A sentence was only begun where that is more likely than the best whole one by this, and about as likely as the
    free hypothesis (`near`); then wait longer, or ask."""
    near: float = 1.0
    sure: float = 5.0
    """Up to this gap one look is enough; beyond, what was said is `FAINT`."""
    gap_ask: float = 2.5
    """Ask up to this much more; beyond it was no command."""
    clear: float = 4.0
    clear_character: float = 0.5
    """Ask, however near the free hypothesis is, about what is itself less likely than this, and this a character: then
    nothing was heard clearly, and the free hypothesis is a guess as well."""
    dictated: float = 5.0
    """Ask about free text (what is put on a list, what is announced) in a sentence that is itself less likely than
    this: free text is near to any sound."""
    margin: float = 1.0
    """Act only when the second best plan is less likely by this."""
    redundant: float = 3.0
    """How much less likely is what is so already ("turn on" what is on)."""
    impossible: float = 2.0
    """How much less likely is what can't be done here and now ("pause the timer", and there is none)."""
    clause: float = 2.0
    """How much less likely each further clause is, and "in ten minutes": most people want one thing, now."""
    habit: float = 0.5
    """How much more likely is what was wanted in this session before."""

    def limit(self, text: str) -> float:
        """The gap up to which this sentence is acted on."""
        return min(self.gap_most, self.gap + self.gap_character * len(text))

    def unclear(self, heard: Hypothesis) -> bool:
        return -heard.log_likelihood > self.clear + self.clear_character * len(heard.text)

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
    """Something sayable here that may have been said."""

    heard: Hypothesis
    reading: Reading
    prior: Prior
    length: float
    """What its length adds when options are compared."""

    @property
    def posterior(self) -> float:
        return self.heard.log_likelihood + self.prior.nats

    @property
    def score(self) -> float:
        return self.posterior + self.length


def choose(
    hearing: Hearing,
    read: Callable[[str], Reading | None],
    prior: Callable[[Reading], Prior],
    thresholds: DecisionThresholds,
    says_when: Callable[[str], bool] = lambda _text: False,
) -> Chosen:
    """`read`: the one reading of a text; `prior`: how usual it is; `says_when`: whether a text has words of time. What
    was heard without steering is read as it is.

    Not every time is something that the engine is steered to: a hypothesis with words of time that is a sentence is an
    option, free or only begun as it may be. Where the free one has such words, what lacks them is not simply done.
    """
    if not hearing.home:
        return Chosen(hearing.text, read(hearing.text))
    options = [
        Option(heard, reading, prior(reading), thresholds.character * len(heard.text))
        for heard in hearing.home
        if heard.finished and (reading := read(heard.text)) is not None
    ]
    options.extend(
        Option(heard, reading, prior(reading), thresholds.character * len(heard.text))
        for heard in _beyond(hearing)
        if says_when(heard.text) and (reading := read(heard.text)) is not None
    )
    if not options:
        return Chosen(hearing.text, None, Clarity.DOUBTFUL)
    ranked = sorted(options, key=lambda option: -option.score)
    best = ranked[0]
    gap, limit = hearing.free.log_likelihood - best.posterior, thresholds.limit(best.heard.text)
    if gap > limit + thresholds.gap_ask:
        return Chosen(hearing.text, None, Clarity.DOUBTFUL)
    rivals = _rivals(ranked, thresholds.margin)
    begun = best.heard.finished and _begun(hearing, best.heard.log_likelihood, thresholds)
    unclear = thresholds.unclear(best.heard) or thresholds.doubts(best.heard, best.reading)
    unclear = unclear or (says_when(hearing.free.text) and not says_when(best.heard.text))
    if gap > limit or rivals or begun or unclear:
        return Chosen(best.heard.text, _asking(best, rivals), Clarity.DOUBTFUL, best.prior.sensible)
    clarity = Clarity.CLEAR if gap <= thresholds.sure else Clarity.FAINT
    return Chosen(best.heard.text, best.reading, clarity, best.prior.sensible)


def _beyond(hearing: Hearing) -> list[Hypothesis]:
    """What is no whole sentence by the grammar that steers the engine: the free hypothesis, and what was begun."""
    known = {heard.text for heard in hearing.home}
    free = [hearing.free] if hearing.free.text not in known else []
    return [*free, *(heard for heard in hearing.home if not heard.finished)]


def under_way(hearing: Hearing, thresholds: DecisionThresholds) -> str:
    """The words by which to tell how far a sentence has got: the likeliest sayable ones, begun or whole."""
    finished = [heard for heard in hearing.home if heard.finished]
    if not finished:
        return hearing.text
    best = max(finished, key=thresholds.likelihood)
    if begun := _begun(hearing, best.log_likelihood, thresholds):
        return begun.text
    near = hearing.free.log_likelihood - best.log_likelihood <= thresholds.limit(best.text)
    return best.text if near else hearing.text


def _begun(hearing: Hearing, finished: float, thresholds: DecisionThresholds) -> Hypothesis | None:
    """What the sentence has begun with, where that is about what was heard and no whole sentence is as likely."""
    begun = [heard for heard in hearing.home if not heard.finished]
    if not begun:
        return None
    best = max(begun, key=thresholds.likelihood)
    like_free = thresholds.likelihood(best) > thresholds.likelihood(hearing.free) - thresholds.near
    return best if like_free and best.log_likelihood > finished + thresholds.begun else None


def _rivals(ranked: Sequence[Option], margin: float) -> list[Option]:
    best = ranked[0]
    return [o for o in ranked[1:] if o.score > best.score - margin and _meaning(o.reading) != _meaning(best.reading)]


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
