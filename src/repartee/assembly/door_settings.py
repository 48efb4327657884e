"""The settings of the doors: by which ways others come in."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from .section import Section

Network = Annotated[str, AfterValidator(lambda text: str(ipaddress.ip_network(text, strict=False)))]


class SatelliteSettings(Section):
    """A Wyoming satellite that we connect to."""

    uri: Annotated[str, Field(pattern=r"^tcp://[^/:@\s]+:\d{1,5}$")] = Field(description="`tcp://HOST:PORT`.")
    area: str | None = Field(None, description="Where it stands; none: where it says that it stands.")


class WyomingSettings(Section):
    """Wyoming: speech services and the conversation agent of Home Assistant, and satellites."""

    on: bool = Field(False, description="Whether this door is open.")
    host: str = Field("127.0.0.1", description="Address it listens on; another than loopback needs `allow`.")
    port: int = Field(10300, ge=0, le=65535, description="Port; 0 picks a free one.")
    allow: list[Network] = Field(
        [], description="Networks that may connect, as `192.168.1.0/24`: the protocol knows no tokens."
    )
    scopes: list[Literal["listen", "speak", "act"]] = Field(
        ["listen", "speak", "act"], description="What those who connect may do."
    )
    connections: int = Field(64, ge=1, le=10_000, description="Connections at once; one more, and the idlest closes.")
    announce: bool = Field(True, description="Tell the network by mDNS that it is here; never for loopback.")
    early: bool = Field(
        True, description="Send the transcript when the sentence is over, without waiting for the end of the sound."
    )
    intent: bool = Field(False, description="Tell Home Assistant what was meant and let it act, instead of acting.")
    areas: dict[str, str] = Field({}, description="Id of a satellite or device that asks to the area it is in.")
    satellites: list[SatelliteSettings] = Field([], description="Satellites that we connect to.")

    @model_validator(mode="after")
    def _guarded(self) -> WyomingSettings:
        if self.on and self.host not in ("127.0.0.1", "::1", "localhost") and not self.allow:
            raise ValueError(f"{self.host} lets other machines in: name their networks in `allow`")
        return self


class OpenAISettings(Section):
    """Interfaces as OpenAI's, under `/v1`."""

    on: bool = Field(True, description="Whether this door is open.")
    upload_mb: float = Field(25, gt=0, le=1000, description="Megabytes of a recording that is sent.")
    at_once: int = Field(4, ge=1, le=1000, description="Requests answered at once; further ones are told to come back.")


class McpSettings(Section):
    """Tools for agents by MCP, under `/mcp`. Needs the extra `mcp`."""

    on: bool = Field(False, description="Whether this door is open.")


class DoorSettings(Section):
    """By which ways others come in (docs/doors.md)."""

    page: bool = Field(True, description="The page and its socket.")
    wyoming: WyomingSettings = Field(WyomingSettings(), description="Home Assistant and satellites.")
    openai: OpenAISettings = Field(OpenAISettings(), description="Clients of OpenAI's interfaces.")
    mcp: McpSettings = Field(McpSettings(), description="Agents.")
