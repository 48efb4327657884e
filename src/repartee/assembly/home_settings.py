"""The settings of the home: which one, and how it is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .redaction import Url, plain_host
from .section import Section
from .zone import known_zone


class HomeAssistantSettings(Section):
    """A Home Assistant; `repartee home connect URL` writes this down."""

    url: Url = Field(description="Its address, as in the browser.")
    token: str = Field(
        "env:REPARTEE_HOME_TOKEN",
        description="Where its long-lived token is: `env:NAME`, `file:PATH` or `keyring:NAME`; never the token itself.",
    )
    confirm_within: float = Field(
        3.0, gt=0, le=60, description="Seconds a device has to show that it did what it was told."
    )


class MqttSettings(Section):
    """An MQTT broker with Zigbee2MQTT, or with devices that announce themselves as to Home Assistant."""

    host: Annotated[str, AfterValidator(plain_host)] = Field("127.0.0.1", description="The broker's address.")
    port: int = Field(1883, ge=1, le=65535, description="The broker's port.")
    tls: bool = Field(False, description="Speak TLS; usually on port 8883.")
    username: str | None = Field(None, description="User name on the broker.")
    password: str | None = Field(
        None, description="Where the password is: `env:NAME`, `file:PATH` or `keyring:NAME`; never the password itself."
    )
    zigbee2mqtt: str = Field("zigbee2mqtt", description="Base topic of Zigbee2MQTT; empty: there is none.")
    discovery: str = Field(
        "homeassistant", description="Topic under which devices announce themselves; empty: nowhere."
    )
    areas: dict[str, str] = Field({}, description="Friendly name of a device to the name of its area.")
    confirm_within: float = Field(
        3.0, gt=0, le=60, description="Seconds a device has to show that it did what it was told."
    )


class HomeSettings(Section):
    """Which home."""

    mqtt: MqttSettings | None = Field(None, description="An MQTT broker; beside a Home Assistant or alone.")
    home_assistant: HomeAssistantSettings | None = Field(None, description="A Home Assistant; none: the demo home.")

    file: Path | None = Field(None, description="Home described in a JSON file; none: the demo home.")
    time_zone: Annotated[str, AfterValidator(known_zone)] | None = Field(
        None, description="Zone of its clocks, as in `Europe/Berlin`; none: the machine's."
    )
    calls_at_once: int = Field(16, ge=1, le=1000, description="Calls to one back end under way at once.")
    calls_waiting: int = Field(
        64, ge=0, le=10_000, description="Calls that may wait for it; further ones are refused. People go first."
    )
    lists: Literal["home", "own"] = Field(
        "home", description="Shopping and to-do lists: the home's where it has any, or the assistant's own."
    )
    area: str | None = Field(None, description="Where the satellite stands: id, name or alias of an area.")
    latitude: float | None = Field(None, ge=-90, le=90, description="Degrees north; with `longitude` for the sun.")
    longitude: float | None = Field(None, ge=-180, le=180, description="Degrees east.")
