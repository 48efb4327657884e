"""A home behind an MQTT broker: in sync by subscription, back after interruptions, calls confirmed by the states."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiomqtt

from repartee.core.errors import BadText, Refused, Unreachable
from repartee.core.home import Area, Entity, State, slug
from repartee.core.limiter import PriorityLimiter
from repartee.core.plan import Action, Effect
from repartee.core.untrusted import mend_json
from repartee.homes.expectations import UNAVAILABLE
from repartee.homes.fields import BadCall
from repartee.homes.remote import RemoteHome
from repartee.homes.set_aside import reason
from repartee.homes.state_cache import Waiting

from .device import UNREADABLE, Device, Message
from .discovery import announced
from .zigbee import Zigbee

log = logging.getLogger(__name__)

CONNECT_WITHIN = 10.0
"""Seconds to be connected and in sync."""
KEEPALIVE = 15
"""Seconds of silence after which broker and we ask each other whether the connection is dead."""
TOGETHER = 0.05
"""Seconds in which announcements are gathered into one new home."""
MOST_TOPICS, MOST_BYTES = 20_000, 4_000_000
"""Topics whose last payload is kept, and bytes of one payload; more is ignored and said once."""
SUBSCRIBED_AT_ONCE = 100
"""Topics of one message. Only what tells something is subscribed to: our own commands would come back and hold up the
answers behind them."""
_REFUSALS = {4, 5, 134, 135}
"""Reason codes of MQTT 3.1.1 and 5: bad user name or password, not authorised."""


@dataclass(frozen=True)
class Broker:
    """Where it is and how to get in. `password` is asked at every connect and never written down."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: Callable[[], str] | None = None
    tls: bool = False


@dataclass(frozen=True)
class Topics:
    """Where on the broker devices are looked for; None: not there."""

    zigbee2mqtt: str | None = "zigbee2mqtt"
    discovery: str | None = "homeassistant"
    own: str = "repartee"
    """Under it `status` says `online`, and by our last will `offline`."""


class Mqtt(RemoteHome):
    """Enter it to be connected and in sync; raises `Unreachable` or `Refused` where that fails.

    Afterwards it connects again by itself; meanwhile `perform` raises `Unreachable` and `trouble` says why.
    """

    def __init__(
        self,
        broker: Broker,
        topics: Topics | None = None,
        areas: Mapping[str, str] | None = None,
        *,
        name: str = "mqtt",
        confirm_within: float = 3.0,
        limiter: PriorityLimiter | None = None,
    ) -> None:
        """`areas`: a device's friendly name to the name of its area, for brokers know none."""
        super().__init__(name, "the MQTT broker", limiter)
        self._broker, self._topics, self._confirm_within = broker, topics or Topics(), confirm_within
        self._areas = areas or {}
        self._zigbee = Zigbee(self._topics.zigbee2mqtt, self._areas) if self._topics.zigbee2mqtt else None
        self._client: aiomqtt.Client | None = None
        self._last: dict[str, str] = {}
        self._devices: dict[str, Device] = {}
        self._by_topic: dict[str, list[str]] = {}
        self._subscribed: set[str] = set()
        self._stale = asyncio.Event()
        self._heard = 0.0
        """Loop time of the broker's last message."""
        self._echoes: dict[str, asyncio.Future[None]] = {}

    async def __aenter__(self) -> Mqtt:
        await self._link.open(self._connected)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.close()
        self._live.close()

    async def perform(self, action: Action) -> Sequence[Effect]:
        client = self._client
        if client is None:
            self._link.check()
            raise Unreachable("the MQTT broker is just being connected to")
        with self._live.wait(action, self._called, any_report=True) as waiting:
            messages = {entity: self._messages(entity, action, waiting) for entity in waiting.targets}
            began = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(self._confirm_within):
                    await asyncio.gather(
                        *(self._say(client, entity, waiting, m) for entity, m in messages.items() if m)
                    )
                    await self._shown(client, waiting)
            except aiomqtt.MqttError as error:
                if not waiting.confirmed:
                    raise Unreachable("the connection to the MQTT broker was lost") from error
                waiting.give_up_all("did not answer before the broker went away")
            except TimeoutError as error:
                if self._heard < began and not waiting.confirmed:
                    raise Unreachable("the MQTT broker does not answer") from error
            if not action.entities:
                return [Effect("", action.service, action.data, error=f"{action.service} needs to know which device")]
            return waiting.effects()

    async def _say(self, client: aiomqtt.Client, entity: str, waiting: Waiting, messages: Sequence[Message]) -> None:
        """A device that reports confirms by that, so the broker's receipt would only delay: with Nagle's algorithm on
        its side, by 40 ms. Where nothing will be reported, the receipt is all there is."""
        silent = self._devices[entity].silent
        for topic, payload in messages:
            await client.publish(topic, payload, qos=1 if silent else 0)
        if silent:
            waiting.take_word_for_it(entity)

    async def _shown(self, client: aiomqtt.Client, waiting: Waiting) -> None:
        """Until all is reported. Half of the time in vain: is the broker there at all?"""
        try:
            async with asyncio.timeout(self._confirm_within / 2):
                await waiting.all()
        except TimeoutError:
            await client.publish(f"{self._topics.own}/echo/there", "?")
            await waiting.all()

    def _messages(self, entity: str, action: Action, waiting: Waiting) -> Sequence[Message]:
        try:
            return self._devices[entity].messages(action.service, action.data, self.states[entity])
        except BadCall as error:
            waiting.give_up(entity, f"can't do that: {error}")
        except UNREADABLE as error:
            log.warning("%s: %s can't be told anything: %s", self.name, entity, reason(error))
            waiting.give_up(entity, "does not say how it is told anything")
        return ()

    async def _connected(self) -> None:
        """One connection from beginning to end."""
        broker, own = self._broker, self._topics.own
        client = aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password() if broker.password else None,
            identifier=f"repartee-{uuid.uuid4().hex[:12]}",
            will=aiomqtt.Will(f"{own}/status", "offline", qos=1, retain=True),
            keepalive=KEEPALIVE,
            timeout=CONNECT_WITHIN,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # twenty lamps at once, not 40 ms later
            tls_context=ssl.create_default_context() if broker.tls else None,
        )
        client.pending_calls_threshold = MOST_TOPICS  # twenty lamps at once are no reason to warn
        tasks: list[asyncio.Task[None]] = []
        try:
            async with client:
                tasks.append(asyncio.create_task(self._read(client)))
                try:
                    await self._stay(client, tasks)
                finally:
                    with contextlib.suppress(aiomqtt.MqttError):
                        await client.publish(f"{own}/status", "offline", qos=1, retain=True, timeout=1)
        except aiomqtt.MqttError as error:
            kind = Refused if _code(error) in _REFUSALS else Unreachable
            raise kind(f"the broker at {broker.host}:{broker.port}: {error}") from error
        except TimeoutError as error:
            raise Unreachable(f"the broker at {broker.host}:{broker.port} did not answer in time") from error
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise Unreachable(f"the broker says something we do not understand: {error!r}") from error
        finally:
            await self._gone(tasks)

    async def _stay(self, client: aiomqtt.Client, tasks: list[asyncio.Task[None]]) -> None:
        """In sync, then until one of the tasks ends; its error is raised."""
        async with asyncio.timeout(CONNECT_WITHIN):
            await self._sync(client)
        self._client = client
        self._link.ready()
        log.info("%s: connected to the broker at %s:%s", self.name, self._broker.host, self._broker.port)
        tasks.append(asyncio.create_task(self._follow(client)))
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()

    async def _gone(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        self._client = None
        self._live.abandon("did not answer before the broker went away")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._last.clear()
        self._subscribed.clear()

    async def _sync(self, client: aiomqtt.Client) -> None:
        """Everything retained has arrived when our own echo has: a broker keeps the order."""
        own, topics = self._topics.own, self._topics
        await client.subscribe(f"{own}/echo/+")
        if topics.zigbee2mqtt:
            await client.subscribe(f"{topics.zigbee2mqtt}/bridge/+")
        if topics.discovery:
            await client.subscribe([(f"{topics.discovery}/+/+/config", 0), (f"{topics.discovery}/+/+/+/config", 0)])
        await client.publish(f"{own}/status", "online", qos=1, retain=True)
        await self._echo(client)
        await self._rebuild(client)
        await self._echo(client)
        self._refresh_states()
        for device in self._devices.values():
            for topic, payload in device.asks if not any(topic in self._last for topic in device.readers) else ():
                await client.publish(topic, payload)
        self._live.tell("")

    async def _echo(self, client: aiomqtt.Client) -> None:
        topic = f"{self._topics.own}/echo/{uuid.uuid4().hex}"
        self._echoes[topic] = asyncio.get_running_loop().create_future()
        await client.publish(topic, "?")
        await self._echoes[topic]
        del self._echoes[topic]

    async def _read(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self._heard = asyncio.get_running_loop().time()
            _acknowledge(client)
            payload = message.payload
            if isinstance(payload, bytes | bytearray) and len(payload) <= MOST_BYTES:
                self._take(str(message.topic), payload.decode(errors="replace"))

    def _take(self, topic: str, payload: str) -> None:
        if topic.startswith(f"{self._topics.own}/echo/"):
            if (echo := self._echoes.get(topic)) and not echo.done():
                echo.set_result(None)
            return
        if topic not in self._last and len(self._last) >= MOST_TOPICS:
            log.warning("%s: more than %d topics; %s is ignored", self.name, MOST_TOPICS, topic)
            return
        self._last[topic] = payload
        if self._announces(topic):
            self._stale.set()
        for entity in self._by_topic.get(topic, ()):
            self._live.update(entity, self._state(entity))

    def _state(self, entity: str) -> State:
        """By the last payloads. A device that says nonsense can't be used until it says something else."""
        try:
            state = self._devices[entity].state(self._last)
        except UNREADABLE as error:
            self.set_aside.add(entity, reason(error))
            return State(UNAVAILABLE)
        self.set_aside.keep(entity)
        return state

    def _announces(self, topic: str) -> bool:
        base, discovery = self._topics.zigbee2mqtt, self._topics.discovery
        if base and topic in (f"{base}/bridge/devices", f"{base}/bridge/groups"):
            return True
        return bool(discovery) and topic.startswith(f"{discovery}/") and topic.endswith("/config")

    async def _follow(self, client: aiomqtt.Client) -> None:
        """A new home when devices are announced, renamed or taken back."""
        while True:
            await self._stale.wait()
            await asyncio.sleep(TOGETHER)
            before = self._home
            await self._rebuild(client)
            self._refresh_states()
            if self._home is not before:
                self._live.tell("")

    async def _rebuild(self, client: aiomqtt.Client) -> None:
        self._stale.clear()
        self.set_aside.forget()
        self._devices = _with_ids(self._announced())
        self._by_topic = {}
        for entity, device in self._devices.items():
            for topic in {*device.readers, *device.alive}:
                self._by_topic.setdefault(topic, []).append(entity)
        new = [topic for topic in self._by_topic if topic not in self._subscribed]
        for start in range(0, len(new), SUBSCRIBED_AT_ONCE):
            await client.subscribe([(topic, 0) for topic in new[start : start + SUBSCRIBED_AT_ONCE]])
        self._subscribed.update(new)
        areas, entities = _places(self._devices, self._areas)
        if (areas, entities) != (self._home.areas, self._home.entities):
            self._home = self._home.changed(areas=areas, entities=entities)

    def _announced(self) -> list[Device]:
        """Zigbee2MQTT announces its devices twice where that is switched on; its own list knows more."""
        base, devices = self._topics.zigbee2mqtt, []
        if self._zigbee:
            rows, groups = (_rows(self._last.get(f"{base}/bridge/{part}")) for part in ("devices", "groups"))
            devices = self._zigbee.devices(rows, groups, self.set_aside)
        own = bool(devices)
        for topic, payload in self._last.items():
            if self._topics.discovery and topic.startswith(f"{self._topics.discovery}/"):
                for device in announced(topic, payload, self.set_aside):
                    if not (own and any(read.startswith(f"{base}/") for read in device.readers)):
                        devices.append(device)
        return devices

    def _refresh_states(self) -> None:
        """Of all devices, by the last payloads; listeners are told what is another."""
        for entity in [entity for entity in self.states if entity not in self._devices]:
            self._live.remove(entity)
        for entity in self._devices:
            state = self._state(entity)
            if entity not in self.states.known or self.states[entity] != state:
                self._live.update(entity, state)


def _acknowledge(client: aiomqtt.Client) -> None:
    """At once: a broker with Nagle's algorithm holds the next report back until then, by 40 ms. Linux forgets it with
    every exchange, so it is said each time; elsewhere the broker needs `set_tcp_nodelay true`."""
    connected = client._client.socket()
    if isinstance(connected, socket.socket) and hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):  # it is gone: whoever reads on is told
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _rows(payload: str | None) -> list[Any]:
    try:
        rows = mend_json(payload or "[]")
    except BadText:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _with_ids(devices: Iterable[Device]) -> dict[str, Device]:
    """`domain.slug`, a number after a clash; the same for the same devices whatever the order they came in."""
    found: dict[str, Device] = {}
    for device in sorted(devices, key=lambda device: (device.domain, device.name.casefold(), device.key)):
        wanted = f"{device.domain}.{slug(device.name)}"
        candidate, number = wanted, 2
        while candidate in found:
            candidate, number = f"{wanted}_{number}", number + 1
        found[candidate] = device
    return found


def _places(devices: Mapping[str, Device], written: Mapping[str, str]) -> tuple[tuple[Area, ...], tuple[Entity, ...]]:
    names: dict[str, str] = {}
    entities = []
    for entity_id, device in devices.items():
        area = written.get(device.name) or written.get(entity_id) or device.area
        if area:
            names.setdefault(slug(area), area)
        entities.append(Entity(entity_id, device.name, slug(area) if area else None, device_class=device.device_class))
    return tuple(Area(area_id, name) for area_id, name in sorted(names.items())), tuple(entities)


def _code(error: aiomqtt.MqttError) -> int | None:
    code = getattr(error, "rc", None)
    return getattr(code, "value", code)
