"""Settings to homes: Home Assistant, MQTT, both in one inventory, a home's file, or the demo home."""

from __future__ import annotations

from functools import partial

from repartee.core.home_file import read_home
from repartee.core.ports import HomeBackend

from .secret import read_secret
from .settings import HomeAssistantSettings, HomeSettings


def open_home(settings: HomeSettings) -> tuple[str, HomeBackend]:
    """The back end, not entered yet, and its name. Raises `BadSettings`."""
    homes: dict[str, HomeBackend] = {}
    if settings.home_assistant:
        homes["home_assistant"] = home_assistant(settings.home_assistant)
    if homes and not settings.file:
        from repartee.engines.home.several import Several

        return "+".join(homes), Several(homes)
    from repartee.engines.home.demo import DemoHome

    return "demo", DemoHome(read_home(settings.file) if settings.file else None)


def is_real(settings: HomeSettings) -> bool:
    """Whether something happens in somebody's house."""
    return settings.file is None and settings.home_assistant is not None


def home_assistant(settings: HomeAssistantSettings) -> HomeBackend:
    from repartee.engines.home.home_assistant import HomeAssistant

    token = partial(read_secret, settings.token)
    return HomeAssistant(settings.url, token, confirm_within=settings.confirm_within)
