"""The weather, as the home knows it: now, and on the days ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from repartee.core.home import Entity, plain
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation, Skill
from repartee.languages.phrases import weather_name

from .language import word_list
from .targets import by_response, meaning, named, said, step
from .times import WEEKDAYS

WET = ("rainy", "pouring", "lightning-rainy", "snowy-rainy", "hail", "snowy")


def get_weather(intent: Intent, situation: Situation) -> Step:
    """The public template needs a temperature; not every weather has one."""
    entity = _weather(intent, situation)
    state = situation.states[entity.id]
    if state.value in UNKNOWN:
        return step(Intent("RepWeather", intent.slots, response="unknown"))
    temperature = state.attributes.get("temperature")
    if temperature is not None and not state.attributes.get("temperature_unit"):
        said = _said(state.value, situation)
        return step(Intent("RepWeather", intent.slots, response="warm"), weather=said, temperature=temperature)
    if temperature is None:
        return step(Intent("RepWeather", intent.slots), state=entity.id, weather=_said(state.value, situation))
    return step(intent, state=entity.id)


def is_weather(intent: Intent, situation: Situation) -> Step:
    """Is it sunny, does it rain: now, or on a day of the forecast."""
    if "day" in intent.slots and intent.slots["day"] != "today":
        found = _row(intent, situation)
        condition = str(found.get("condition", "")) if found else ""
    else:
        condition = situation.states[_weather(intent, situation).id].value or ""
    if condition in UNKNOWN or not condition:
        return step(replace(intent, response="unknown"))
    wanted = meaning(intent, "condition", CONDITIONS)
    return step(intent, weather=_said(condition, situation), yes=condition in wanted)


def elsewhere(intent: Intent, situation: Situation) -> Step:
    """The weather of another place: the home knows its own only, and what it calls so."""
    city = said(intent, "city")
    if any(entity.domain == "weather" for entity in situation.home.by_name.get(plain(city), ())):
        return get_weather(Intent("HassGetWeather", {"name": city}), situation)
    first, _, rest = city.casefold().partition(" ")
    if first in word_list(situation.context.language, "no_places"):
        if situation.home.area_named(rest) is None:
            raise Doubtful(Doubt("no_intent"))
        return get_weather(Intent("HassGetWeather"), situation)
    return step(intent)


UNKNOWN = (None, "unknown", "unavailable")
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "sunny": ("sunny", "clear-night"),
    "cloudy": ("cloudy", "partlycloudy", "windy-variant"),
    "wet": ("rainy", "pouring", "lightning-rainy", "snowy-rainy"),
    "snow": ("snowy", "snowy-rainy"),
    "windy": ("windy", "windy-variant"),
    "foggy": ("fog",),
    "stormy": ("lightning", "lightning-rainy"),
}
"""What people ask for, in Home Assistant's conditions."""


def _said(condition: str | None, situation: Situation) -> str:
    return weather_name(situation.context.language, str(condition))


def _row(intent: Intent, situation: Situation) -> Mapping[str, Any] | None:
    """Of the day that was said; None where the home has no forecast for it."""
    attributes = situation.states[_weather(intent, situation).id].attributes
    day = day_said(str(intent.slots.get("day", "today")), situation.now)
    return next((row for row in attributes.get("forecast") or () if _date(row, situation) == day), None)


def forecast(intent: Intent, situation: Situation) -> Step:
    """Of one day; what is left of today where none was said."""
    entity = _weather(intent, situation)
    found = _row(intent, situation)
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
        unit=situation.states[entity.id].attributes.get("temperature_unit", "°C"),
    )


def _weather(intent: Intent, situation: Situation) -> Entity:
    """Of the place that was named; without one, the first that the home has."""
    places = [entity for entity in situation.home.entities if entity.domain == "weather"]
    if not places:
        raise Doubtful(Doubt("no_domain", {"domain": "weather"}))
    return named(intent, situation, ("weather",)) if "name" in intent.slots else places[0]


def day_said(said: str, now: datetime) -> date:
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


SKILLS: dict[str, Skill] = {
    "HassGetWeather": by_response(
        get_weather,
        forecast=("RepForecast", forecast),
        **{"is": ("RepIsWeather", is_weather)},
        elsewhere=("RepWeatherElsewhere", elsewhere),
    ),
}
