"""Names on the command line to contestants.

hear:        ours · moonshine · pocketsphinx · whisper:FOLDER · wyoming:HOST:PORT · openai:URL[#MODEL]
understand:  ours · hassil · gazetteer · wyoming:HOST:PORT · homeassistant:URL
speak:       espeak · piper · wyoming:HOST:PORT · openai:URL[#MODEL]
wake:        ours · wyoming:HOST:PORT
chat:        openai:URL[#MODEL]
turn:        socket:URL (a server of ours) · homeassistant:URL (its assist pipeline)

Keys and tokens come from the environment: REPARTEE_HOME_TOKEN, OPENAI_API_KEY.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from repartee.assembly.homes import open_home
from repartee.assembly.settings import Settings
from repartee.core.errors import BadInput
from repartee.core.home import Home
from repartee.core.home_file import read_home

from . import local
from .home_assistant import Conversation, Pipeline
from .services import Chat, OpenAiSpeech, Wyoming
from .turns import OurTurns
from .wake import OurWake
from .work import Contestant, Item, Task

Maker = Callable[[str, Settings, Sequence[Item]], Contestant]
TOKEN, KEY = "REPARTEE_HOME_TOKEN", "OPENAI_API_KEY"


def contestant(task: Task, name: str, settings: Settings, items: Sequence[Item], realtime: bool) -> Contestant:
    """Raises `BadInput` for a name nobody knows."""
    kind, _, rest = name.partition(":")
    makers = MAKERS[task]
    if kind not in makers:
        raise BadInput(f"{name}: for {task} there are {', '.join(makers)}")
    if kind == "wyoming":
        return Wyoming(f"tcp://{rest.removeprefix('//')}", task, realtime)
    return makers[kind](rest, settings, items)


def port_of(name: str) -> int | None:
    """Of a service on this machine; None: elsewhere, or no service."""
    kind, _, rest = name.partition(":")
    if kind not in ("wyoming", "openai", "homeassistant", "socket"):
        return None
    parts = urlsplit(rest if "://" in rest else f"tcp://{rest.removeprefix('//')}")
    return parts.port if parts.hostname in ("127.0.0.1", "localhost", "::1") else None


def home_of(settings: Settings) -> Home:
    """Of the settings' file, or the demo home."""
    if settings.home.file:
        return read_home(settings.home.file).home
    return open_home(settings.home).backend.home


def _openai(rest: str) -> tuple[str, str]:
    url, _, model = rest.partition("#")
    return url, model


def _home_assistant(rest: str) -> tuple[str, str]:
    token = os.environ.get(TOKEN, "")
    if not token:
        raise BadInput(f"a token of {rest} is needed in {TOKEN}")
    return rest if "://" in rest else f"http://{rest}", token


def _texts(items: Sequence[Item]) -> list[str]:
    return [item.text for item in items]


def _speech(task: Task) -> Maker:
    return lambda rest, _, __: OpenAiSpeech(_openai(rest)[0], task, _openai(rest)[1], os.environ.get(KEY, ""))


def _espeak(_: str, __: Settings, ___: Sequence[Item]) -> Contestant:
    from repartee.engines.tts import espeak

    return local.Voice(espeak.Engine)


def _piper(_: str, settings: Settings, __: Sequence[Item]) -> Contestant:
    from repartee.engines.tts import piper

    return local.Voice(lambda: piper.Engine(voices=settings.brain.voices))


def _never(_: str, __: Settings, ___: Sequence[Item]) -> Contestant:
    raise AssertionError("made in `contestant`")


MAKERS: Mapping[Task, Mapping[str, Maker]] = {
    Task.HEAR: {
        "ours": lambda _, settings, __: local.OurEar(settings),
        "moonshine": lambda _, __, ___: local.Ear(local.moonshine),
        "pocketsphinx": lambda _, __, items: local.SphinxGrammar(_texts(items)),
        "whisper": lambda rest, _, __: local.Whisper(Path(rest)),
        "openai": _speech(Task.HEAR),
        "wyoming": _never,
    },
    Task.UNDERSTAND: {
        "ours": lambda _, settings, __: local.OurUnderstanding(settings),
        "hassil": lambda _, settings, __: local.understander("hassil", home_of(settings)),
        "gazetteer": lambda _, settings, __: local.understander("gazetteer", home_of(settings)),
        "homeassistant": lambda rest, _, __: Conversation(*_home_assistant(rest)),
        "wyoming": _never,
    },
    Task.SPEAK: {"espeak": _espeak, "piper": _piper, "openai": _speech(Task.SPEAK), "wyoming": _never},
    Task.WAKE: {"ours": lambda _, settings, __: OurWake(settings), "wyoming": _never},
    Task.CHAT: {"openai": lambda rest, _, __: Chat(*_openai(rest), os.environ.get(KEY, ""))},
    Task.TURN: {
        "socket": lambda rest, _, items: OurTurns(rest, items),
        "homeassistant": lambda rest, _, __: Pipeline(*_home_assistant(rest)),
    },
}
