"""Settings to homes: Home Assistant, MQTT, both in one inventory, a home's file, or the demo home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from repartee.core.breaker import BreakerHealth, Circuit
from repartee.core.home_file import HomeFile, read_home
from repartee.core.limiter import LimiterHealth, PriorityLimiter
from repartee.core.ports import HomeBackend
from repartee.homes.set_aside import told

from .home_settings import HomeAssistantSettings, HomeSettings, MqttSettings
from .secret import read_secret


class OpenHome(NamedTuple):
    name: str
    """Of the engine."""
    backend: HomeBackend
    """Not entered yet."""
    timers: Sequence[Mapping[str, Any]] = ()
    """That run already, as a home's file has them."""


def open_home(settings: HomeSettings, *, patient: bool = False) -> OpenHome:
    """Raises `BadSettings` and `BadHome`. `patient`: a home that is away when it is entered may come later."""
    homes: dict[str, HomeBackend] = {}
    if settings.home_assistant:
        homes["home_assistant"] = home_assistant(settings.home_assistant, _limiter("home_assistant", settings))
    if settings.mqtt:
        homes["mqtt"] = mqtt(settings.mqtt, _limiter("mqtt", settings))
    if homes and not settings.file:
        from repartee.homes.combined import CombinedHome

        return OpenHome("+".join(homes), CombinedHome(homes, patient=patient))
    from repartee.engines.home.demo import demo_home

    return of_file(read_home(settings.file) if settings.file else demo_home())


def of_file(file: HomeFile) -> OpenHome:
    from repartee.engines.home.demo import DemoHome

    return OpenHome("demo", DemoHome(file), file.timers)


def is_real(settings: HomeSettings) -> bool:
    """Whether something happens in somebody's house."""
    return settings.file is None and (settings.home_assistant is not None or settings.mqtt is not None)


def breakers(home: HomeBackend) -> Sequence[BreakerHealth]:
    """Of each back end; a demo home needs none."""
    from repartee.homes.combined import CombinedHome

    return home.breakers if isinstance(home, CombinedHome) else ()


def homes_health(home: HomeBackend) -> dict[str, dict[str, str]]:
    """Each back end with its reason, for health pages."""
    from repartee.homes.combined import CombinedHome

    troubles = home.troubles if isinstance(home, CombinedHome) else {}
    set_aside = home.set_aside if isinstance(home, CombinedHome) else {}
    healths = {}
    for breaker in breakers(home):
        closed = breaker.circuit is Circuit.CLOSED
        reason = troubles.get(breaker.name) or (
            "in sync" if closed else f"left alone after {breaker.failures} failures in a row"
        )
        if nonsense := told(set_aside.get(breaker.name, {}).items()):
            reason = f"{reason}; {nonsense}"
        fine = closed and breaker.name not in troubles
        healths[f"home {breaker.name}"] = {"status": "ok" if fine else "degraded", "reason": reason}
    return healths


def left_out(home: HomeBackend) -> Sequence[str]:
    """A line for each thing that says nonsense: what, and why it is left out."""
    from repartee.homes.combined import CombinedHome

    reasons = home.set_aside if isinstance(home, CombinedHome) else {}
    return [f"{name}: {what} is left out: {why}" for name, aside in reasons.items() for what, why in aside.items()]


def limiters(home: HomeBackend) -> Sequence[LimiterHealth]:
    """Before each back end; a demo home needs none."""
    from repartee.homes.combined import CombinedHome

    return home.limiters if isinstance(home, CombinedHome) else ()


def _limiter(name: str, settings: HomeSettings) -> PriorityLimiter:
    return PriorityLimiter(name, settings.calls_at_once, settings.calls_waiting)


def home_assistant(settings: HomeAssistantSettings, limiter: PriorityLimiter | None = None) -> HomeBackend:
    from repartee.engines.home.home_assistant import HomeAssistant

    token = partial(read_secret, settings.token)
    return HomeAssistant(settings.url, token, confirm_within=settings.confirm_within, limiter=limiter)


def mqtt(settings: MqttSettings, limiter: PriorityLimiter | None = None) -> HomeBackend:
    from repartee.engines.home.mqtt import Broker, Mqtt, Topics

    password = partial(read_secret, settings.password) if settings.password else None
    broker = Broker(settings.host, settings.port, settings.username, password, settings.tls)
    topics = Topics(settings.zigbee2mqtt or None, settings.discovery or None)
    return Mqtt(broker, topics, settings.areas, confirm_within=settings.confirm_within, limiter=limiter)
