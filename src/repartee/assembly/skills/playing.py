"""What is playing, and where."""

from __future__ import annotations

from dataclasses import replace

from repartee.core.home import Entity
from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .targets import named, place, step, within


def playing(intent: Intent, situation: Situation) -> Step:
    """On the player that was named, else on those of the place, else on all that play."""
    players = [e for e in situation.home.entities if e.domain == "media_player"]
    if "name" in intent.slots:
        players = [named(intent, situation, ("media_player",))]
    where = place(intent, situation)
    players = [e for e in players if within(e, where, situation)]
    if not players:
        return step(replace(intent, response="no_player"))
    active = [e for e in players if situation.states[e.id].value == "playing"]
    here = [e for e in active if e.area and e.area == situation.context.area]
    if not active:
        silent = all(situation.states[e.id].value in (None, "unknown", "unavailable") for e in players)
        return step(replace(intent, response="unknown" if silent else "nothing"), state=players[0].id)
    titles = [_title(player, situation) for player in here or active]
    return step(intent, state=active[0].id, titles=titles, names=[player.name for player in here or active])


def _title(player: Entity, situation: Situation) -> str:
    """As the player tells it; a player that does not is named at least."""
    attributes = situation.states[player.id].attributes
    parts = [attributes.get(key) for key in ("media_title", "media_artist")]
    told = [str(part) for part in parts if part]
    return ", ".join(told) or str(attributes.get("source") or attributes.get("app_name") or "")


SKILLS = {"RepPlaying": playing}
