"""Any text as words that a voice can say: no Markdown, addresses, emoji or code; numbers with their units.

Numbers stay in digits, for every voice reads those in its language; what voices differ in is written out: units, times,
dates, abbreviations and signs (`languages/*/speech.json`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .data import data
from .markdown import plain
from .phrases import counted, unit_name
from .sentence_stream import sentences_in

SYMBOLS: Mapping[str, str] = {
    "°C": "celsius", "℃": "celsius", "°F": "fahrenheit", "℉": "fahrenheit", "°": "degree", "%": "percent",
    "K": "kelvin",
    "mm": "millimeter", "cm": "centimeter", "m": "meter", "km": "kilometer", "mg": "milligram", "g": "gram",
    "kg": "kilogram", "t": "ton", "ml": "milliliter", "mL": "milliliter", "cl": "centiliter", "l": "liter",
    "L": "liter", "ms": "millisecond", "s": "second", "min": "minute", "h": "hour", "W": "watt", "kW": "kilowatt",
    "MW": "megawatt", "Wh": "watt_hour", "kWh": "kilowatt_hour", "V": "volt", "A": "ampere", "Hz": "hertz",
    "kHz": "kilohertz", "lx": "lux", "lm": "lumen", "dB": "decibel", "hPa": "hectopascal", "bar": "bar",
    "km/h": "kilometer_per_hour", "kmh": "kilometer_per_hour", "mph": "mile_per_hour", "m/s": "meter_per_second",
    "m²": "square_meter", "m2": "square_meter", "m³": "cubic_meter", "m3": "cubic_meter", "MB": "megabyte",
    "GB": "gigabyte", "ppm": "part_per_million", "€": "euro", "$": "dollar", "£": "pound_sterling", "EUR": "euro",
    "USD": "dollar",
}  # fmt: skip
"""The world's signs of units; what they are called stands in `units.json`."""
_NUMBER = r"\d{1,3}(?:[.,\u00a0\u202f']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"()\[\]]+|\b(?:[\w-]+\.)+[a-z]{2,}/[^\s<>\"()\[\]]*", re.IGNORECASE)
_HOST = re.compile(r"(?:\w+://)?(?:[^/@\s]*@)?(?:www\.)?([^/:?#\s]+)")
_MAIL = re.compile(r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_DATE = re.compile(
    r"(?<![\w-])(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-])"
)
_FACE = re.compile(r"(?<!\S)[:;]-?[()DPp](?!\w)")
_EITHER = re.compile(r"(?<![\w/])([^\W\d_]+)/([^\W\d_]+)(?![\w/])")
_DASH = re.compile(r" [-–—]+ | ?—+ ?| ?[•·] ?")
_NOISE = re.compile(r"[*_`~^|<>{}\[\]\\#@=+&]|(?<!\d)/|/(?!\d)|[-–]{2,}")
_REPEATED = re.compile(r"([!?,;:])(?:\s*\1)+|\.(?:\s*\.){3,}")
_SPACE_BEFORE = re.compile(r"\s+([.,!?;:…)])")
_HOURS = r"(?<![\w:.,-])([01]?\d|2[0-3])[:hH]([0-5]\d)(?::([0-5]\d))?(?![\w:]|[.,]\d)"
_UNREAD = frozenset({"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn", "Me", "Zl", "Zp"})
"""Unicode categories that are no words: emoji and other pictures, controls, invisible marks."""
_KEPT = frozenset("°℃℉\n\t`^")


def spoken_sentences(text: str, language: str) -> Iterator[str]:
    """A whole text, sentence by sentence, as a voice says it. Nothing where nothing in it can be said."""
    for sentence in sentences_in(text, language):
        said = speakable(sentence, language)
        if said:
            yield said


def speakable(text: str, language: str) -> str:
    """Empty where nothing of it can be said. What is speakable already comes back as it is."""
    rules = _rules(language)
    said = " ".join(_FACE.sub("", plain(_visible(text), rules.speech["code"])).split())
    said = _MAIL.sub(lambda m: rules.speech["mail"].format(name=m[1], host=m[2]), _LINK.sub(rules.link, said))
    said = rules.times.sub(rules.time, _DATE.sub(rules.date, said))
    said = rules.quantities.sub(rules.quantity, said)
    said = rules.numbered.sub(lambda m: f"{rules.speech['before_number'][m[1]]} ", said)
    said = rules.abbreviated.sub(rules.abbreviation, said)
    said = _EITHER.sub(rf"\1 {rules.speech['signs']['/']} \2", said)
    said = rules.signs.sub(lambda m: f" {rules.speech['signs'][m[0]]} ", _DASH.sub(", ", said))
    return _tidy(said)


def _visible(text: str) -> str:
    """Without emoji, controls and halves of characters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in _KEPT or unicodedata.category(c) not in _UNREAD else _instead(c) for c in text)


def _instead(character: str) -> str:
    """Marks that join or vary what stands beside them leave no gap."""
    return "" if unicodedata.category(character) in ("Cf", "Me") else " "


def _tidy(said: str) -> str:
    said = _NOISE.sub(" ", said.replace("°", " ").replace("℃", " ").replace("℉", " "))
    said = _SPACE_BEFORE.sub(r"\1", " ".join(said.split()))
    said = _REPEATED.sub(lambda m: m[1] or "…", said).strip(" ,;:-–")
    return said if any(c.isalnum() for c in said) else ""


@dataclass(frozen=True)
class _Rules:
    """What one language makes of signs and numbers."""

    language: str
    speech: Mapping[str, Any]
    units: Mapping[str, str]
    quantities: re.Pattern[str]
    times: re.Pattern[str]
    numbered: re.Pattern[str]
    abbreviated: re.Pattern[str]
    signs: re.Pattern[str]

    def link(self, match: re.Match[str]) -> str:
        """Its host alone, and the punctuation that only follows it."""
        address = match[0].rstrip(".,;:!?'*_~")
        host = _HOST.match(address)
        told = self.speech["link"].format(host=host[1].rstrip(".")) if host else ""
        return told + match[0][len(address) :]

    def date(self, match: re.Match[str]) -> str:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return match[0]
        months = data(self.language, "times")["told"]["months"]
        told = str(self.speech["date"].format(year=year, month=months[month - 1], day=day))
        return f"{told} {match[4]}" if match[4] else told

    def time(self, match: re.Match[str]) -> str:
        forms, hour, minute = self.speech["time"], int(match[1]), int(match[2])
        half = (match["half"] or "").upper()
        if half and "on_the_hour_half" not in forms:
            hour, half = hour % 12 + (12 if half == "P" else 0), ""
        facts = {"hour": hour, "minute": minute, "hours": counted(self.language, hour, "hour"), "half": f"{half}M"}
        key = "on_the_hour" if not minute else "small" if minute < 10 else "other"
        if half and not minute:
            return str(forms["on_the_hour_half"].format(**facts))
        told = forms[key].format(**facts) + (f" {half}M" if half else "")
        return str(forms["seconds"].format(time=told, second=int(match[3]))) if match[3] else str(told)

    def quantity(self, match: re.Match[str]) -> str:
        """A number or two, with its sign and unit."""
        low, high = match["low"], match["high"]
        if high and not _is_range(low, high):
            return match[0]
        unit = self.units.get(match["unit"] or match["money"] or "", "")
        told = self._number(low)
        if match["sign"]:
            told = f"{self.speech['minus']} {told}"
        if high:
            told = self.speech["range"].format(low=told, high=self._number(high))
        if unit:
            value = self._number(high or low).replace(self.speech["decimal"], ".")
            told = f"{told} {unit_name(self.language, value, unit)}"
        return f"{told} " if match.string[match.end() : match.end() + 1].isalnum() else told

    def _number(self, text: str) -> str:
        """Digits without groups, with the language's decimal mark."""
        decimal, thousands = self.speech["decimal"], self.speech["thousands"]
        grouped = re.fullmatch(r"([1-9]\d{0,2}(?:[.,\u00a0\u202f']\d{3})+)(?:([.,])(\d+))?", text)
        if grouped and (len(set(re.findall(r"\D", grouped[1]))) == 1) and grouped[1][-4] != grouped[2]:
            mark, groups = grouped[1][-4], grouped[1].count(grouped[1][-4])
            if mark not in ".," or mark == thousands or groups > 1 or grouped[2]:
                whole = re.sub(r"\D", "", grouped[1])
                return f"{whole}{decimal}{grouped[3]}" if grouped[3] else whole
        return re.sub(r"[.,](?=\d+$)", decimal, text)

    def abbreviation(self, match: re.Match[str]) -> str:
        told: str = self.speech["abbreviations"][match[0]]
        at_end = match[0].endswith(".") and not match.string[match.end() :].strip()
        return f"{told}." if at_end else told


def _is_range(low: str, high: str) -> bool:
    """Not a telephone number, a score or a code."""
    short = len(low) <= 5 and len(high) <= 5 and not low.startswith("00")
    return short and float(low.replace(",", ".")) < float(high.replace(",", "."))


@lru_cache(maxsize=64)
def _rules(language: str) -> _Rules:
    speech = data(language, "speech")
    units = {**SYMBOLS, **speech["unit_symbols"]}
    unit = rf"(?:[ \u00a0\u202f]?(?P<unit>{_any_of(units)})(?![\w²³]|/\w))?"
    quantity = (
        rf"(?<![\w.,:/@-])(?:(?<![^\s(])(?P<sign>[-−–])(?=[\d$€£]))?(?P<money>[$€£]?)(?P<low>{_NUMBER})"
        rf"(?:\s?[-–]\s?(?P<high>(?:{_NUMBER})))?(?!\d|[.,:/-]\d){unit}"
    )
    suffixes = "".join(rf"(?:\s?{re.escape(word)}\b)?" for word in speech["clock_suffixes"])
    half = r"(?:\s?(?P<half>[AaPp])(?:\.[Mm]\.|[Mm])(?!\w))?"
    return _Rules(
        language,
        speech,
        units,
        re.compile(quantity),
        re.compile(_HOURS + suffixes + half),
        re.compile(rf"(?<!\w)({_any_of(speech['before_number'])})\s?(?=\d)"),
        re.compile(rf"(?<!\w)(?:{_any_of(speech['abbreviations'])})(?!\w)"),
        re.compile(rf"(?:{_any_of(sign for sign in speech['signs'] if sign != '/')})"),
    )


def _any_of(texts: Iterable[str]) -> str:
    """The longest first."""
    key: Callable[[str], tuple[int, str]] = lambda text: (-len(text), text)  # noqa: E731
    return "|".join(re.escape(text) for text in sorted(texts, key=key))
