"""A real Home Assistant on loopback, in a process of its own: started, onboarded, furnished, killed, started again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from .install import DEFAULT, home_assistant

STARTS_WITHIN = 90
"""Seconds; 3 on an idle machine."""
CONFIGURATION = """
homeassistant:
  name: Test
  latitude: 52.1
  longitude: 5.1
  elevation: 1
  unit_system: metric
  time_zone: UTC
  country: NL
  currency: EUR
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
websocket_api:
config:
onboarding:
conversation:
intent:
testhouse:
scene:
  - name: Open House
    entities:
      lock.garden_gate: unlocked
  - name: Reading Time
    entities:
      light.lamp_1: "on"
script:
  let_in:
    alias: Let In
    sequence:
      - delay: 0
      - if: "{{{{ true }}}}"
        then:
          - service: lock.unlock
            target:
              entity_id: lock.garden_gate
  guess:
    alias: Guess
    sequence:
      - service: "{{{{ 'light.turn_on' }}}}"
        target:
          entity_id: light.lamp_2
"""
CLIENT = "http://127.0.0.1/"
Row = Mapping[str, Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class HomeAssistantProcess:
    """Use as a context manager; `house` is what its test house holds (see testhouse/__init__.py)."""

    def __init__(
        self, folder: Path, house: Sequence[Row] = (), version: str = DEFAULT, integrations: Sequence[str] = ("demo",)
    ) -> None:
        """`integrations`: beside the test house; the demo brings a hundred devices of its own."""
        self.version = version
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._python = home_assistant(version)
        self._folder = folder
        (folder / "custom_components").mkdir(parents=True)
        shutil.copytree(Path(__file__).with_name("testhouse"), folder / "custom_components" / "testhouse")
        (folder / "house.json").write_text(json.dumps(list(house)))
        (folder / "configuration.yaml").write_text(
            CONFIGURATION.format(port=self.port) + "".join(f"{name}:\n" for name in integrations)
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.token = ""
        """A long-lived one, of the owner."""

    def __enter__(self) -> HomeAssistantProcess:
        self.start()
        try:
            self.token = self._onboard()
        except BaseException:
            self.kill()
            raise
        self._furnished()
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def start(self) -> None:
        """Returns when its pages answer, and once somebody lives there, all devices too."""
        with (self._folder / "output.txt").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603
                [str(self._python), "-m", "homeassistant", "-c", str(self._folder)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "VIRTUAL_ENV": str(self._python.parents[1])},
            )
        limit = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > limit:
                self.kill()
                raise RuntimeError(f"Home Assistant did not start: {self._last_words()}")
            time.sleep(0.1)
        if self.token:
            self._furnished()

    def kill(self) -> None:
        """As a power cut does it."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """In order: it writes down what it knows."""
        self._signal(signal.SIGTERM)

    def admin(self) -> Admin:
        return Admin(self.url, self.token)

    def _furnished(self) -> None:
        """Until the last device has arrived; the pages answer before that."""
        admin = self.admin()
        limit = time.monotonic() + STARTS_WITHIN
        while admin.ask("get_config")["state"] != "RUNNING" and time.monotonic() < limit:
            time.sleep(0.05)
        admin.close()

    def _signal(self, number: int) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
            self._process.wait(30)
            self._process = None

    def _last_words(self) -> str:
        return (self._folder / "output.txt").read_text(errors="replace")[-2000:]

    def _answers(self) -> bool:
        try:
            return isinstance(self._post("/auth/providers" if self.token else "/api/onboarding"), dict | list)
        except OSError:
            return False

    def _onboard(self) -> str:
        user = {"client_id": CLIENT, "name": "t", "username": "t", "password": "a long password", "language": "en"}
        code = self._post("/api/onboarding/users", user)["auth_code"]
        access = self.access_token(code)
        self._post("/api/onboarding/core_config", {}, access)
        self._post("/api/onboarding/analytics", {}, access)
        self._post("/api/onboarding/integration", {"client_id": CLIENT, "redirect_uri": CLIENT}, access)
        return Admin(self.url, access).new_token("test")

    def access_token(self, code: str) -> str:
        form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "client_id": CLIENT})
        request = urllib.request.Request(f"{self.url}/auth/token", form.encode())  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            token: str = json.load(answer)["access_token"]
            return token

    def _post(self, path: str, body: Row | None = None, token: str = "") -> Any:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)


class Admin:
    """Another client of the same Home Assistant: what a person does in its pages."""

    def __init__(self, url: str, token: str) -> None:
        address = url.replace("http", "ws", 1) + "/api/websocket"
        self._open = contextlib.ExitStack()
        self._socket: ClientConnection = self._open.enter_context(
            connect(address, max_size=None, open_timeout=20, close_timeout=1)
        )
        json.loads(self._socket.recv(20))
        self._socket.send(json.dumps({"type": "auth", "access_token": token}))
        answer = json.loads(self._socket.recv(20))
        if answer["type"] != "auth_ok":
            raise RuntimeError(f"Home Assistant refused the token: {answer}")
        self._number = 0

    def close(self) -> None:
        self._open.close()

    def ask(self, kind: str, message: Row | None = None) -> Any:
        """The result of one command; raises `RuntimeError` with what Home Assistant says against it."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "type": kind, **(message or {})}))
        while True:
            answer = json.loads(self._socket.recv(20))
            if answer["id"] == self._number and answer["type"] == "result":
                if not answer["success"]:
                    raise RuntimeError(f"{kind}: {answer['error']}")
                return answer["result"]

    def new_token(self, name: str) -> str:
        token: str = self.ask("auth/long_lived_access_token", {"client_name": name, "lifespan": 30})
        return token

    def revoke(self, name: str) -> None:
        """The long-lived token of this name is worth nothing any more."""
        for token in self.ask("auth/refresh_tokens"):
            if token["client_name"] == name:
                self.ask("auth/delete_refresh_token", {"refresh_token_id": token["id"]})

    def call(self, service: str, entity: str, data: Row | None = None) -> None:
        domain, name = service.split(".")
        target = {"entity_id": entity}
        self.ask("call_service", {"domain": domain, "service": name, "service_data": data or {}, "target": target})

    def state(self, entity: str) -> str | None:
        values: dict[str, str] = {row["entity_id"]: row["state"] for row in self.ask("get_states")}
        return values.get(entity)

    def area(self, name: str, aliases: Sequence[str] = ()) -> str:
        row = self.ask("config/area_registry/create", {"name": name, "aliases": list(aliases)})
        area: str = row["area_id"]
        return area

    def change(self, entity: str, changes: Row) -> None:
        """Of the entity's registry entry: name, aliases, area_id, new_entity_id."""
        self.ask("config/entity_registry/update", {"entity_id": entity, **changes})

    def expose(self, entities: Sequence[str], *, yes: bool) -> None:
        message = {"assistants": ["conversation"], "entity_ids": list(entities), "should_expose": yes}
        self.ask("homeassistant/expose_entity", message)
