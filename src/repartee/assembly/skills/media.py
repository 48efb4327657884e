"""Music and television: pause, go on, skip, volume, play something."""

from __future__ import annotations

from repartee.core.home import Entity
from repartee.core.intent import Data, Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation, Skill

from .language import word_list
from .targets import amount, calls, nearby, said, step

VOLUME_STEP = 0.1
"""Of full volume: "louder" without a number."""


def _simple(service: str, likely: tuple[str, ...], data: Data | None = None) -> Skill:
    """A service for the player that was named, or the likely one."""

    def skill(intent: Intent, situation: Situation) -> Step:
        return step(intent, calls(service, _players(intent, situation, *likely), data))

    return skill


def _players(intent: Intent, situation: Situation, *likely: str) -> tuple[Entity, ...]:
    """`likely`: the states of the players that are probably meant where none is named."""
    return nearby(intent, situation, "media_player", lambda entity: situation.states[entity.id].value in likely)


def pause(intent: Intent, situation: Situation) -> Step:
    """What rings is stopped before what plays: in many languages both are just "stop"."""
    ringing = any(situation.states[thing.id].value == "ringing" for thing in situation.household.entities)
    if ringing and "name" not in intent.slots:
        return step(intent, Action("household.stop", (), {"area": situation.context.area or ""}))
    return step(intent, calls("media_player.media_pause", _players(intent, situation, "playing")))


def set_volume(intent: Intent, situation: Situation) -> Step:
    data = {"volume_level": amount(intent, "volume_level") / 100}
    return step(intent, calls("media_player.volume_set", _players(intent, situation, "playing", "paused"), data))


def change_volume(intent: Intent, situation: Situation) -> Step:
    """`volume_step` is up, down, or percent points with a sign."""
    wanted = intent.slots.get("volume_step")
    players = _players(intent, situation, "playing", "paused")
    points = {"up": VOLUME_STEP, "down": -VOLUME_STEP}.get(str(wanted))
    change = amount(intent, "volume_step") / 100 if points is None else points
    return step(intent, *(_louder(player, change, situation) for player in players))


def _louder(player: Entity, change: float, situation: Situation) -> Action:
    level = situation.states[player.id].attributes.get("volume_level")
    if not isinstance(level, int | float):
        return calls(f"media_player.volume_{'up' if change > 0 else 'down'}", (player,))
    return calls("media_player.volume_set", (player,), {"volume_level": round(min(1, max(0, level + change)), 2)})


def play(intent: Intent, situation: Situation) -> Step:
    """What begins with a word for something of the house is no music, though the verb for both may be the same: "mets
    un minuteur", "pon la calefacción"."""
    if any(word in word_list(situation.context.language, "no_music") for word in _first(said(intent, "search_query"))):
        raise Doubtful(Doubt("no_intent"))
    data = {
        "media_content_id": said(intent, "search_query"),
        "media_content_type": str(intent.slots.get("media_class", "music")),
    }
    players = _players(intent, situation, "playing", "paused", "idle")
    return step(intent, calls("media_player.play_media", players, data), tells_failure=True)


def _first(query: str) -> list[str]:
    """The first words, without what is glued to them by an apostrophe."""
    return query.casefold().replace("'", " ").replace("’", " ").split()[:2]


SKILLS: dict[str, Skill] = {
    "HassMediaPause": pause,
    "HassMediaUnpause": _simple("media_player.media_play", ("paused",)),
    "HassMediaNext": _simple("media_player.media_next_track", ("playing",)),
    "HassMediaPrevious": _simple("media_player.media_previous_track", ("playing",)),
    "HassMediaPlayerMute": _simple("media_player.volume_mute", ("playing",), {"is_volume_muted": True}),
    "HassMediaPlayerUnmute": _simple("media_player.volume_mute", ("playing",), {"is_volume_muted": False}),
    "HassSetVolume": set_volume,
    "HassSetVolumeRelative": change_volume,
    "HassMediaSearchAndPlay": play,
}
