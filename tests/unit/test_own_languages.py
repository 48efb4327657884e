"""Our own skills in French and Dutch: alarms, reminders, lists, sums, forecasts, everything off; and corrections."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest

from repartee.assembly.skills import load_skills
from repartee.assembly.skills.alarms import moment
from repartee.core.conversation import Conversation
from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent
from repartee.core.skill import Doubtful
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.household import DOMAINS, Household
from repartee.grammar.compiled import CompiledHome, compile_home
from repartee.languages.clock import told_time
from repartee.languages.data import sentences
from repartee.stages.act import Backends, act
from repartee.stages.reply import Replies
from repartee.stages.understand.confirmation import ConfirmationPolicy, confirm
from repartee.stages.understand.planning import decide, plan

MONDAY = datetime(2026, 3, 2, 14, 30).astimezone()
NAMES = {
    "en": ("Kitchen", "Bedroom", "Lamp", "Ceiling Light"),
    "fr": ("Cuisine", "Chambre", "Lampe", "Plafonnier"),
    "nl": ("Keuken", "Slaapkamer", "Lamp", "Plafondlamp"),
}


def rows(language: str) -> dict[str, Any]:
    kitchen, bedroom, lamp, ceiling = NAMES[language]
    forecast = [
        {"datetime": (MONDAY + timedelta(days=n)).isoformat(), "condition": "rainy" if n == 1 else "sunny",
         "temperature": 12.4 + n, "templow": 5.0}
        for n in range(3)
    ]  # fmt: skip
    return {
        "areas": [{"name": kitchen}, {"name": bedroom}],
        "entities": [
            {"name": f"{lamp} {kitchen}", "domain": "light", "area": kitchen, "state": "on"},
            {"name": f"{lamp} {bedroom}", "domain": "light", "area": bedroom, "state": "on"},
            {"name": ceiling, "domain": "light", "area": bedroom, "state": "off"},
            {"name": "Radio", "domain": "media_player", "area": kitchen, "state": "playing"},
            {"name": "Forecast", "domain": "weather", "state": "sunny", "attributes": {"forecast": forecast}},
        ],
    }


@lru_cache
def grammar(language: str) -> CompiledHome:
    return compile_home(home_from(rows(language)).home, language, sentences(language))


def understood(language: str, text: str, *history: Intent) -> Intent:
    reading = decide(grammar(language).parse(text, Context(language=language, history=history)))
    assert reading is not None, text
    assert reading.acts, text
    return reading.parts[0].intent


@pytest.mark.parametrize(
    ("language", "text", "at"),
    [
        ("fr", "mets un réveil à sept heures et demie", "03-03 07:30"),
        ("fr", "réveille-moi demain à six heures trente", "03-03 06:30"),
        ("fr", "réveille-moi à huit heures moins le quart du soir", "03-02 19:45"),
        ("fr", "mets une alarme pour midi demain", "03-03 12:00"),
        ("fr", "mets le réveil à six heures et quart vendredi", "03-06 06:15"),
        ("nl", "zet de wekker om half zeven", "03-03 06:30"),
        ("nl", "wek me morgen om kwart voor acht", "03-03 07:45"),
        ("nl", "zet een wekker op zeven uur dertig 's ochtends", "03-03 07:30"),
        ("nl", "maak me vrijdag wakker", ""),
        ("nl", "maak me wakker om kwart over zes vrijdag", "03-06 06:15"),
    ],
)
def test_spoken_times(language: str, text: str, at: str) -> None:
    if not at:  # no time was said
        readings = grammar(language).parse(text, Context(language=language))
        assert all(_has_no_time(reading.parts[0].intent) for reading in readings if reading.score >= 0.8)
        return
    intent = understood(language, text)
    assert intent.name == "RepSetAlarm"
    assert moment(intent, MONDAY).strftime("%m-%d %H:%M") == at


def _has_no_time(intent: Intent) -> bool:
    """No alarm, or one of which it has to be asked when."""
    if intent.name != "RepSetAlarm":
        return True
    with pytest.raises(Doubtful):
        moment(intent, MONDAY)
    return True


@pytest.mark.parametrize(
    ("language", "at", "repeat", "words"),
    [
        ("fr", datetime(2026, 3, 3, 7, 5), "", "demain à 7 heures 5"),
        ("fr", datetime(2026, 3, 2, 18), "", "à 18 heures"),
        ("fr", datetime(2026, 3, 6, 7), "daily", "tous les jours à 7 heures"),
        ("nl", datetime(2026, 3, 3, 7, 5), "", "morgen om 7:05 uur"),
        ("nl", datetime(2026, 3, 6, 18), "", "vrijdag om 18 uur"),
        ("nl", datetime(2026, 3, 6, 7), "weekdays", "op werkdagen om 7 uur"),
        ("en", datetime(2026, 3, 3, 7, 5), "", "tomorrow at 7:05 AM"),
    ],
)
def test_times_are_told(language: str, at: datetime, repeat: str, words: str) -> None:
    assert told_time(language, at.astimezone(), MONDAY, repeat) == words


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("fr", {
            "mets un réveil à sept heures": "Réveil réglé : demain à 7 heures",
            "quels sont mes réveils": "demain à 7 heures",
            "annule le réveil de sept heures": "Réveil annulé",
            "rappelle-moi dans dix minutes de sortir le chien": "Je vous le rappellerai à 14 heures 40",
            "annule tous mes rappels": "Rappel annulé",
            "ajoute du pain à ma liste de courses": None,
            "qu'est-ce qu'il y a sur ma liste de courses": "pain",
            "vide ma liste de courses": None,
            "combien font douze fois trente": "360",
            "combien de mètres font trois kilomètres": "3000 mètres",
            "va-t-il pleuvoir demain": "Oui, pluie, 5 à 13 °C",
            "qu'est-ce qui est allumé": "Lampe Chambre, Lampe Cuisine et Radio",
            "éteins tout dans la cuisine": "Tout est éteint",
            "éteins tout": "Tout est éteint",
        }),
        ("nl", {
            "zet een wekker om zeven uur": "Wekker gezet: morgen om 7 uur",
            "welke wekkers zijn er": "morgen om 7 uur",
            "verwijder de wekker van zeven uur": "Wekker geannuleerd",
            "herinner me over tien minuten aan de was": "Ik herinner je eraan om 14:40 uur",
            "verwijder alle herinneringen": "Herinnering geannuleerd",
            "zet brood op de boodschappenlijst": None,
            "wat staat er op mijn boodschappenlijst": "brood",
            "hoeveel is twaalf keer dertig": "360",
            "hoeveel meter is drie kilometer": "3000 meter",
            "gaat het morgen regenen": "Ja, regen, 5 tot 13 °C",
            "wat staat er nog aan": "Lamp Keuken, Lamp Slaapkamer en Radio",
            "doe alles uit in de keuken": "Alles is uit",
            "doe alles uit": "Alles is uit",
        }),
    ],
)  # fmt: skip
async def test_a_household_speaks(language: str, texts: dict[str, str | None]) -> None:
    async with DemoHome(home_from(rows(language))) as home, Household(wall=MONDAY.timestamp) as household:
        backends, context = Backends(home, dict.fromkeys(DOMAINS, household)), Context(language=language)
        replies = Replies()
        for text, wanted in texts.items():
            reading = decide(grammar(language).parse(text, context))
            assert reading is not None, text
            situation = backends.situation(Conversation(context), MONDAY)
            outcomes = await act(plan(reading, load_skills(), situation), backends)
            assert all(outcome.done for outcome in outcomes), (text, outcomes)
            said = replies.render(outcomes, home.home, situation.states, language)
            assert wanted in (None, said), (text, said)
        assert home.states[next(e.id for e in home.home.entities if e.domain == "media_player")].value == "off"


@pytest.mark.parametrize(
    ("language", "before", "text", "slots"),
    [
        ("en", "turn on the bedroom lights", "no, the kitchen one", {"area": "Kitchen"}),
        ("en", "turn on the bedroom lights", "no I meant the kitchen", {"area": "Kitchen"}),
        ("fr", "allume la lumière de la chambre", "non, celle de la cuisine", {"area": "Cuisine"}),
        ("fr", "allume la lumière de la chambre", "non, la cuisine", {"area": "Cuisine"}),
        ("fr", "allume lampe chambre", "non je voulais dire lampe cuisine", {"name": "Lampe Cuisine"}),
        ("fr", "allume lampe chambre", "non, l'autre", {"name": "Plafonnier"}),
        ("nl", "doe het licht in de slaapkamer aan", "nee, die in de keuken", {"area": "Keuken"}),
        ("nl", "doe het licht in de slaapkamer aan", "nee ik bedoelde de keuken", {"area": "Keuken"}),
        ("nl", "zet lamp slaapkamer aan", "nee, lamp keuken", {"name": "Lamp Keuken"}),
        ("nl", "zet lamp slaapkamer aan", "nee, de andere", {"name": "Plafondlamp"}),
    ],
)
def test_corrections_by_pattern(language: str, before: str, text: str, slots: dict[str, str]) -> None:
    first = understood(language, before)
    meant = understood(language, text, first)
    assert meant.name == first.name
    assert {key: meant.slots.get(key) for key in slots} == slots
    assert grammar(language).corrects(text)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("get rid of my alarm for seven", 7, 0), ("could you cancel my alarm for half past six", 6, 30)],
)
def test_an_alarm_is_cancelled_by_its_time_however_it_is_said(text: str, hour: int, minute: int) -> None:
    intent = understood("en", text)
    due = MONDAY.replace(hour=hour + 12, minute=minute)
    alarms = {
        "alarm.one": State("set", {"due": due.timestamp()}),
        "alarm.two": State("set", {"due": (due + timedelta(hours=1)).timestamp()}),
    }
    from repartee.core.home import Entity, Home, HomeVersion
    from repartee.core.skill import Situation

    household = Home(HomeVersion("household", 0, 0), entities=tuple(Entity(e, "") for e in alarms))
    step = load_skills()[intent.name](
        intent, Situation(Home(HomeVersion("", 0, 0)), alarms, Context(), MONDAY, household)
    )
    assert [action.entities for action in step.actions] == [("alarm.one",)]


@pytest.mark.parametrize(
    ("text", "policy", "asks"),
    [
        ("turn off everything", ConfirmationPolicy(), True),
        ("turn off everything", ConfirmationPolicy(ask=()), False),
        ("turn off everything", ConfirmationPolicy(ask=(), many=2), True),
        ("turn everything off in the kitchen", ConfirmationPolicy(), False),
    ],
)
def test_the_whole_house_is_asked_about(text: str, policy: ConfirmationPolicy, asks: bool) -> None:
    home = home_from(rows("en"))
    situation = Backends(DemoHome(home)).situation(Conversation(), MONDAY)
    reading = decide(grammar("en").parse(text, Context()))
    assert reading is not None
    made = confirm(plan(reading, load_skills(), situation), reading, policy, situation)
    assert (made.question is not None) == asks
    assert {a.service for a in made.actions} == {"light.turn_off", "media_player.turn_off"}
