"""What we say that the sentence data has no template for, by language. `str.format` texts; English where one lacks."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "done": "Done",
        "and": "and", "or": "or",
        "but": "{done}, but {failed}",
        "no_answer": "{names} did not answer",
        "refused": "Sorry, {why}",
        "which_area": "In which room: {choices}?",
        "which_one": "Which one: {choices}?",
        "duplicate_entities": "Which {entity}: {choices}?",
        "did_you_mean": "Did you mean {choices}?",
        "confirm": "Really {what}?",
        "pin": "What is your PIN for {what}?",
        "never": "Sorry, that may not be done by voice: {what}",
        "no_number": "Sorry, I did not catch how much",
        "no_item": "Sorry, I did not catch what to put on the list",
        "no_message": "Sorry, I did not catch the message",
        "not_on_list": "{item} is not on {list}",
        "not_there": "Not there. Did you mean {choices}?",
        "unknown_name": "I know nothing called {choices}",
        "yes": "yes", "no": "no",
        "wrong_pin": "Sorry, that is not the PIN",
        "timer_done": "Your {name} timer is done",
        "timer_over": "Your timer is done",
        "alarm": "Your alarm is ringing",
        "reminder": "Reminder: {message}",
        "announcement": "{message}",
        "missed": "I was away when something was to be done, so I left it",
        "late": "{text}, {late} late",
        "nothing_to_undo": "There is nothing to undo",
        "nothing_said": "I have not said anything yet",
        "devices": "change {count} devices",
        "no_forecast": "The home has no forecast for that day",
        "nothing_rings": "Nothing is ringing",
        "no_alarm": "There is no such alarm",
        "no_reminder": "There are no reminders",
        "which_alarm": "The alarms are: {times}. Say which one to cancel, or all",
        "no_time": "Sorry, I did not catch the time",
        "time_is_over": "That time is over already",
        "no_result": "That has no result",
        "no_sum": "Say it like: what is twelve times thirty",
        "no_conversion": "I can't turn {unit} into {to}",
    },
    "de": {
        "done": "Erledigt",
        "and": "und", "or": "oder",
        "but": "{done}, aber {failed}",
        "no_answer": "{names} antwortet nicht",
        "refused": "Das ging leider nicht",
        "which_area": "In welchem Raum: {choices}?",
        "which_one": "Welches: {choices}?",
        "duplicate_entities": "Welches {entity}: {choices}?",
        "did_you_mean": "Meinst du {choices}?",
        "confirm": "Soll ich das wirklich tun: {what}?",
        "pin": "Dafür brauche ich deine PIN: {what}.",
        "never": "Das darf ich nicht auf Zuruf tun: {what}",
        "no_number": "Ich habe nicht verstanden, wie viel",
        "no_item": "Ich habe nicht verstanden, was auf die Liste soll",
        "no_message": "Ich habe die Nachricht nicht verstanden",
        "not_on_list": "{item} steht nicht auf {list}",
        "not_there": "Dort nicht. Meinst du {choices}?",
        "unknown_name": "Ich kenne nichts, was {choices} heißt",
        "yes": "ja", "no": "nein",
        "wrong_pin": "Das ist nicht die PIN",
        "timer_done": "Der Timer {name} ist abgelaufen",
        "timer_over": "Der Timer ist abgelaufen",
        "alarm": "Dein Wecker klingelt",
        "reminder": "Erinnerung: {message}",
        "nothing_to_undo": "Es gibt nichts rückgängig zu machen",
        "nothing_said": "Ich habe noch nichts gesagt",
        "devices": "{count} Geräte ändern",
        "no_forecast": "Für diesen Tag gibt es keine Vorhersage",
    },
    "fr": {
        "done": "C'est fait",
        "and": "et", "or": "ou",
        "but": "{done}, mais {failed}",
        "no_answer": "{names} ne répond pas",
        "refused": "Désolé, cela n'a pas marché",
        "which_area": "Dans quelle pièce : {choices} ?",
        "which_one": "Lequel : {choices} ?",
        "duplicate_entities": "Quel {entity} : {choices} ?",
        "did_you_mean": "Vouliez-vous dire {choices} ?",
        "confirm": "Faut-il vraiment faire cela : {what} ?",
        "pin": "Il me faut votre code pour cela : {what}.",
        "never": "Je ne peux pas faire cela à la voix : {what}",
        "no_number": "Désolé, je n'ai pas compris combien",
        "no_item": "Désolé, je n'ai pas compris quoi ajouter à la liste",
        "no_message": "Désolé, je n'ai pas compris le message",
        "not_on_list": "{item} n'est pas sur {list}",
        "not_there": "Pas là. Vouliez-vous dire {choices} ?",
        "unknown_name": "Je ne connais rien qui s'appelle {choices}",
        "yes": "oui", "no": "non",
        "wrong_pin": "Ce n'est pas le bon code",
        "timer_done": "Le minuteur {name} est terminé",
        "timer_over": "Le minuteur est terminé",
        "alarm": "Votre réveil sonne",
        "reminder": "Rappel : {message}",
        "nothing_to_undo": "Il n'y a rien à annuler",
        "nothing_said": "Je n'ai encore rien dit",
        "devices": "changer {count} appareils",
        "no_forecast": "La maison n'a pas de prévisions pour ce jour",
    },
    "nl": {
        "done": "Gedaan",
        "and": "en", "or": "of",
        "but": "{done}, maar {failed}",
        "no_answer": "{names} reageert niet",
        "refused": "Sorry, dat lukte niet",
        "which_area": "In welke kamer: {choices}?",
        "which_one": "Welke: {choices}?",
        "duplicate_entities": "Welke {entity}: {choices}?",
        "did_you_mean": "Bedoel je {choices}?",
        "confirm": "Moet ik dat echt doen: {what}?",
        "pin": "Daarvoor heb ik je pincode nodig: {what}.",
        "never": "Dat mag ik niet op stem doen: {what}",
        "no_number": "Sorry, ik heb niet verstaan hoeveel",
        "no_item": "Sorry, ik heb niet verstaan wat er op de lijst moet",
        "no_message": "Sorry, ik heb het bericht niet verstaan",
        "not_on_list": "{item} staat niet op {list}",
        "not_there": "Daar niet. Bedoel je {choices}?",
        "unknown_name": "Ik ken niets dat {choices} heet",
        "yes": "ja", "no": "nee",
        "wrong_pin": "Dat is niet de pincode",
        "timer_done": "De timer {name} is klaar",
        "timer_over": "De timer is klaar",
        "alarm": "Je wekker gaat af",
        "reminder": "Herinnering: {message}",
        "nothing_to_undo": "Er is niets om terug te zetten",
        "nothing_said": "Ik heb nog niets gezegd",
        "devices": "{count} apparaten veranderen",
        "no_forecast": "Het huis heeft geen voorspelling voor die dag",
    },
    "es": {
        "done": "Hecho",
        "and": "y", "or": "o",
        "but": "{done}, pero {failed}",
        "no_answer": "{names} no responde",
        "refused": "Lo siento, no ha funcionado",
        "which_area": "¿En qué habitación: {choices}?",
        "which_one": "¿Cuál: {choices}?",
        "duplicate_entities": "¿Qué {entity}: {choices}?",
        "did_you_mean": "¿Quieres decir {choices}?",
        "confirm": "¿De verdad quieres que lo haga: {what}?",
        "pin": "Para eso necesito tu PIN: {what}.",
        "never": "Eso no puedo hacerlo por voz: {what}",
        "not_on_list": "{item} no está en {list}",
        "not_there": "Ahí no. ¿Quieres decir {choices}?",
        "unknown_name": "No conozco nada llamado {choices}",
        "yes": "sí", "no": "no",
    },
}  # fmt: skip


YES: Mapping[str, str] = {
    "en": "yes, yeah, yep, yup, sure, okay, ok, please, right, correct, do it, go ahead, of course",
    "de": "ja, jawohl, klar, gerne, bitte, okay, ok, richtig, genau, mach das",
    "fr": "oui, ouais, ok, okay, vas-y, volontiers, exactement, d'accord, bien sûr",
    "nl": "ja, jawel, oké, ok, graag, zeker, klopt, doe maar",
    "es": "sí, si, vale, claro, ok, hazlo, por favor",
}
NO: Mapping[str, str] = {
    "en": "no, nope, nah, cancel, stop, neither, none, never mind, nevermind, don't, forget it",
    "de": "nein, nee, nö, abbrechen, stopp, keins, keine, lass es, vergiss es",
    "fr": "non, annule, arrête, aucun, laisse tomber",
    "nl": "nee, neen, annuleer, stop, geen, laat maar",
    "es": "no, cancela, nada, ninguno, déjalo",
}
"""What people answer to a question of ours."""


def is_among(words: str, answers: Mapping[str, str], language: str) -> bool:
    """Whether this is a yes, or a no (`YES`, `NO`)."""
    return words in answers.get(language.partition("-")[0], answers["en"]).split(", ")


def phrase(language: str, key: str, **facts: object) -> str | None:
    """None where there is no phrase of this key. The language `pt-BR` speaks as `pt` does, if it does."""
    for known in (language, language.partition("-")[0], "en"):
        text = PHRASES.get(known, {}).get(key)
        if text is not None:
            return text.format(**facts)
    return None


def enumerated(language: str, names: list[str], word: str = "and") -> str:
    """`A`, `A and B`, `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {phrase(language, word)} {names[-1]}"
