"""The weather, as the home knows it: now, and on the days ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation, Skill
from repartee.languages.phrases import weather_name

from .targets import named, step
from .times import WEEKDAYS

WET = ("rainy", "pouring", "lightning-rainy", "snowy-rainy", "hail", "snowy")


def get_weather(intent: Intent, situation: Situation) -> Step:
    return step(intent, state=_weather(intent, situation).id)


def forecast(intent: Intent, situation: Situation) -> Step:
    """Of one day; what is left of today where none was said."""
    entity = _weather(intent, situation)
    state = situation.states[entity.id]
    day = _day(str(intent.slots.get("day", "today")), situation.now)
    found = next((row for row in state.attributes.get("forecast") or () if _date(row, situation) == day), None)
    if found is None:
        raise Doubtful(Doubt("no_forecast"))
    condition = str(found.get("condition", ""))
    return step(
        intent,
        state=entity.id,
        asked=str(intent.slots.get("about", "")),
        weather=weather_name(situation.context.language, condition),
        wet=condition in WET or float(found.get("precipitation_probability") or 0) >= 50,
        low=_whole(found.get("templow")),
        high=_whole(found.get("temperature")),
        unit=state.attributes.get("temperature_unit", "°C"),
    )


def _weather(intent: Intent, situation: Situation) -> Entity:
    """Of the place that was named; without one, the first that the home has."""
    places = [entity for entity in situation.home.entities if entity.domain == "weather"]
    if not places:
        raise Doubtful(Doubt("no_domain", {"domain": "weather"}))
    return named(intent, situation, ("weather",)) if "name" in intent.slots else places[0]


def _day(said: str, now: datetime) -> date:
    ahead = {"today": 0, "tomorrow": 1, "day after tomorrow": 2}.get(said)
    if ahead is None:
        ahead = (WEEKDAYS.index(said) - now.weekday()) % 7 if said in WEEKDAYS else 0
    return now.date() + timedelta(days=ahead)


def _date(row: Mapping[str, Any], situation: Situation) -> date | None:
    """Where the home is; a row without a zone means the home's own."""
    try:
        at = datetime.fromisoformat(str(row.get("datetime")))
    except ValueError:
        return None
    return (at.astimezone(situation.now.tzinfo) if at.tzinfo else at).date()


def _whole(value: object) -> int | None:
    return round(value) if isinstance(value, int | float) else None


SKILLS: dict[str, Skill] = {"HassGetWeather": get_weather, "RepForecast": forecast}
