"""A device behind a broker: which topics tell its state, and which messages make it do something. No network here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import TemplateError

from repartee.core.errors import BadText
from repartee.core.home import State
from repartee.core.intent import Data
from repartee.core.untrusted import mend_json, mended
from repartee.homes.device_services import ANY_DOMAIN, SERVICES
from repartee.homes.expectations import UNAVAILABLE
from repartee.homes.fields import BadCall
from repartee.homes.set_aside import NONSENSE

UNREADABLE = (*NONSENSE, TemplateError)
"""What a device that says nonsense may lead to."""
LONGEST_STATE = 255
"""Characters, as in Home Assistant; longer ones are texts for pages."""

LONGEST_TOPIC = 1000
"""Characters; MQTT itself ends at 65,535 bytes."""

Message = tuple[str, str]
"""Topic and payload."""
Reader = Callable[[State, str], State]
"""The state so far and a payload, to the state with what the payload says."""
Alive = Callable[[str], bool | None]
"""A payload of an availability topic; None: it says nothing."""


@dataclass(frozen=True)
class Wanted:
    """What a service call comes to for one device."""

    service: str
    """Without its domain, in the device's own words: `open_cover`, not `turn_on`."""
    data: Data
    before: State
    after: State


Sender = Callable[[Wanted], Sequence[Message]]
"""Raises `BadCall` where the device can't do it."""


@dataclass(frozen=True)
class Device:
    """One entity."""

    domain: str
    name: str
    key: str
    """The same for as long as the device is: its address and endpoint."""
    readers: Mapping[str, Reader]
    """Topic to what its payload says about the state."""
    send: Sender
    area: str | None = None
    """Name of the area, where the device or a person says one."""
    device_class: str | None = None
    alive: Mapping[str, Alive] = field(default_factory=dict)
    """Topic to whether the device can be reached."""
    asks: Sequence[Message] = ()
    """Messages after which it tells its state."""
    silent: bool = False
    """It never tells its state: that the broker took the message is all there is."""

    def state(self, last: Mapping[str, str]) -> State:
        """By the last payload of each topic."""
        if any(alive(last[topic]) is False for topic, alive in self.alive.items() if topic in last):
            return State(UNAVAILABLE)
        state = State(attributes={"device_class": self.device_class} if self.device_class else {})
        for topic, read in self.readers.items():
            if topic in last:
                state = read(state, last[topic])
        return state

    def messages(self, service: str, data: Data, before: State) -> Sequence[Message]:
        """For a call in Home Assistant's words. Raises `BadCall`, for a person."""
        domain, _, verb = service.partition(".")
        if domain == "homeassistant":
            verb = ANY_DOMAIN.get(verb, {}).get(self.domain, verb)
        elif domain != self.domain:
            raise BadCall(f"{service} is nothing for a {self.domain.replace('_', ' ')}")
        known = SERVICES.get(self.domain, {})
        if verb not in known:
            raise BadCall(f"a {self.domain.replace('_', ' ')} can't {verb.replace('_', ' ')}")
        return self.send(Wanted(verb, data, before, known[verb](before, data)))


def checked(device: Device) -> Device:
    """Raises `BadText` for topics that no broker takes: it would end the connection."""
    for topic in (*device.readers, *device.alive):
        if not topic or len(topic) > LONGEST_TOPIC or any(sign in topic for sign in "#+\0") or mended(topic) != topic:
            raise BadText(f"{mended(topic)[:40]!r} is no topic")
    return device


def nothing_to_send(_: Wanted) -> Sequence[Message]:
    """Of sensors."""
    raise BadCall("it only tells, it can't be told")


def object_in(payload: str) -> Mapping[str, Any]:
    """A JSON object; anything else is an empty one."""
    try:
        data = mend_json(payload)
    except BadText:
        return {}
    return data if isinstance(data, dict) else {}


def online(payload: str) -> bool | None:
    """`online`, `offline`, or an object with such a `state`."""
    word = payload.strip() if not payload.lstrip().startswith("{") else object_in(payload).get("state")
    return {"online": True, "offline": False}.get(str(word).casefold())


def with_more(state: State, value: str | None, attributes: Mapping[str, Any]) -> State:
    """Another value where there is one, and these attributes on top."""
    return State(state.value if value is None else value[:LONGEST_STATE], {**state.attributes, **mended(attributes)})
