"""Devices on a real broker that answer as Zigbee2MQTT does, and others that announce themselves."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol

import aiomqtt

from .mosquitto import PASSWORD, USER


def binary(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "binary", "name": name, "property": name, "access": 7, **more}


def numeric(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "numeric", "name": name, "property": name, "access": 7, **more}


SWITCH = binary("state", value_on="ON", value_off="OFF")
LIGHT = {
    "type": "light",
    "features": [SWITCH, numeric("brightness", value_min=0, value_max=254), numeric("color_temp")],
}
COVER = {"type": "cover", "features": [{"type": "enum", "name": "state", "property": "state"}, numeric("position")]}
CONTACT = binary("contact", value_on=False, value_off=True, access=1)


def row(address: int, name: str, *exposes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    known = {"ieee_address": f"0x{address:016x}", "friendly_name": name, "type": "Router"}
    return {**known, "definition": {"exposes": exposes}, **more}


DEVICES = [
    {"ieee_address": "0x0", "friendly_name": "Coordinator", "type": "Coordinator", "definition": None},
    row(1, "Kitchen/Desk Lamp", LIGHT),
    row(2, "Bedroom/Night Lamp", LIGHT),
    row(3, "Kitchen/Blinds", COVER),
    row(4, "Deaf Lamp", LIGHT),
    row(5, "Gone Lamp", LIGHT),
    row(6, "Front Door", CONTACT, numeric("temperature", unit="°C", access=1), numeric("linkquality", access=1)),
    row(7, "0x00158d0001dc126a", LIGHT),
]


class OnPort(Protocol):
    """A broker on loopback."""

    @property
    def port(self) -> int: ...


class Bridge:
    """What Zigbee2MQTT does on a broker: tells its devices and their states, and does as it is told."""

    def __init__(self, broker: OnPort, base: str = "zigbee2mqtt") -> None:
        self.base = base
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self._client = aiomqtt.Client(
            "127.0.0.1", broker.port, username=USER, password=PASSWORD,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )  # fmt: skip
        self._values: dict[str, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Bridge:
        await self._client.__aenter__()
        await self._client.subscribe(f"{self.base}/+/+/set")
        await self._client.subscribe(f"{self.base}/+/set")
        await self._client.subscribe(f"{self.base}/+/+/get")
        self._task = asyncio.create_task(self._serve())
        await self.tell("bridge/state", {"state": "online"})
        await self.tell("bridge/devices", DEVICES)
        members = [{"ieee_address": f"0x{number:016x}", "endpoint": 1} for number in (1, 2)]
        await self.tell("bridge/groups", [{"id": 1, "friendly_name": "All Lamps", "members": members}])
        await self.tell("Gone Lamp/availability", {"state": "offline"})
        for name in ("Kitchen/Desk Lamp", "Bedroom/Night Lamp"):
            await self.report(name, {"state": "OFF", "brightness": 100})
        for name in ("Deaf Lamp", "Gone Lamp"):
            await self.report(name, {"state": "OFF"})
        await self.report("Kitchen/Blinds", {"state": "OPEN", "position": 100})
        await self.report("Front Door", {"contact": True, "temperature": 20.5})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self._client.__aexit__(kind, error, trace)
        except aiomqtt.MqttError:
            return  # the broker went first

    async def tell(self, topic: str, what: Any, qos: int = 1) -> None:
        """Retained, as the bridge does; when it returns the broker has it."""
        await self._client.publish(f"{self.base}/{topic}", json.dumps(what), qos=qos, retain=True)

    async def raw(self, topic: str, payload: str) -> None:
        await self._client.publish(topic, payload, qos=1, retain=True)

    async def report(self, name: str, values: Mapping[str, Any], qos: int = 1) -> None:
        self._values.setdefault(name, {}).update(values)
        await self.tell(name, self._values[name], qos)

    async def _serve(self) -> None:
        async for message in self._client.messages:
            name, _, verb = str(message.topic).removeprefix(f"{self.base}/").rpartition("/")
            assert isinstance(message.payload, bytes)
            command = json.loads(message.payload)
            if verb == "set" and name != "Deaf Lamp":
                self.commands.append((name, command))
                await self.report(name, _done(command), qos=0)  # Zigbee2MQTT's habit


def _done(command: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(command)
    if values.get("state") in ("OPEN", "CLOSE"):
        values["position"] = 100 if values["state"] == "OPEN" else 0
    return {key: value for key, value in values.items() if value != "STOP"}
