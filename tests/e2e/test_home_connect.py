"""From the address of a real Home Assistant to a lamp that is on, by the command line alone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from repartee.app.cli.home_connect import VARIABLE
from repartee.assembly.confusable_names import confusable_names, sounds
from repartee.assembly.findings import findings
from repartee.assembly.secret import keep_secret, read_secret
from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.home import Entity, Home, HomeVersion
from tests.homes.home_assistant import Admin, HomeAssistantProcess, free_port
from tests.homes.mosquitto import PASSWORD, USER, Mosquitto
from tests.homes.zigbee import Bridge

from .cli import repartee


def test_from_an_address_to_the_first_command(
    home_assistant: HomeAssistantProcess, admin: Admin, tmp_path: Path
) -> None:
    secret = home_assistant.token.encode()
    done = repartee("home", "connect", home_assistant.url, folder=tmp_path, stdin=secret + b"\n")
    assert done.code == 0, done.err
    assert f"Connected to Home Assistant {home_assistant.version}" in done.out
    assert "Living Room" in done.out
    kept = tmp_path / "repartee" / "home-assistant.token"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().strip() == home_assistant.token
    assert home_assistant.token not in done.out + done.err + (tmp_path / "repartee" / "repartee.toml").read_text()

    admin.call("light.turn_off", "light.lamp_14")
    said = repartee("ask", "turn on lamp 14", "--json", folder=tmp_path)
    assert said.code == 0, said.err
    assert said.rows[0]["actions"] == [
        {
            "entity": "light.lamp_14",
            "service": "light.turn_on",
            "data": {},
            "confirmed": True,
            "error": None,
            "kept": True,
        }
    ]
    assert admin.state("light.lamp_14") == "on"

    names = {row["name"] for row in repartee("home", "--json", folder=tmp_path).rows}
    assert "Lamp 14" in names

    again = repartee("home", "connect", home_assistant.url, folder=tmp_path, stdin=secret + b"\n")
    assert "Add this to" in again.out, "settings that exist are a person's own"


def test_found_as_one_object(home_assistant: HomeAssistantProcess, tmp_path: Path) -> None:
    env = {"REPARTEE_HOME_TOKEN": home_assistant.token}
    url = f"127.0.0.1:{home_assistant.port}"
    done = repartee("home", "connect", url, "--json", folder=tmp_path, env=env)
    found = json.loads(done.out)
    assert found["server"] == home_assistant.version
    assert found["entities"]["light"] > 20
    assert found["hidden"] > 0
    assert found["token"] == f"env:{VARIABLE}"
    assert not (tmp_path / "repartee").exists()


@pytest.mark.parametrize(
    ("stdin", "words"),
    [(b"wrong\n", "does not accept the token"), (b"\n", "no token; paste it"), (b"", "no token; paste it")],
)
def test_a_bad_token_is_said_and_not_kept(
    home_assistant: HomeAssistantProcess, tmp_path: Path, stdin: bytes, words: str
) -> None:
    done = repartee("home", "connect", home_assistant.url, folder=tmp_path, stdin=stdin)
    assert done.code in (1, 2)
    assert words in done.err
    assert list(tmp_path.rglob("*.token")) == []


def test_nobody_there_and_a_token_as_itself(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    away = repartee("home", "connect", url, folder=tmp_path, stdin=b"token\n")
    assert away.code == 1
    assert "can't be reached" in away.err
    naked = repartee("home", "connect", url, "--token", "abcdef123456", folder=tmp_path)
    assert naked.code == 2
    assert "env:NAME, file:PATH or keyring:NAME" in naked.err
    assert "abcdef123456" not in naked.err


def test_secrets_are_read_from_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = f"file:{tmp_path / 'deep' / 'token'}"
    keep_secret(place, "one")
    keep_secret(place, "two")
    assert read_secret(place) == "two"
    monkeypatch.setenv("SOME_TOKEN", " three\n")
    assert read_secret("env:SOME_TOKEN") == "three"
    for bad in ("", "env:", "env:NOT_THERE", f"file:{tmp_path / 'no'}", f"file:{tmp_path}", "three"):
        with pytest.raises(BadSettings):
            read_secret(bad)
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    with pytest.raises(EngineMissing, match=r"repartee-voice\[keyring\]"):
        read_secret("keyring:home-assistant")


class Keyring:
    """As the package of that name."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, name: str, secret: str) -> None:
        self.kept[service, name] = secret

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))


def test_the_keyring_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring()
    monkeypatch.setitem(__import__("sys").modules, "keyring", keyring)
    keep_secret("keyring:home-assistant", "secret")
    assert keyring.kept == {("repartee", "home-assistant"): "secret"}
    assert read_secret("keyring:home-assistant") == "secret"
    with pytest.raises(BadSettings, match="no usable secret"):
        read_secret("keyring:another")


def named(*names: str, domain: str = "light") -> list[Entity]:
    return [Entity(f"{domain}.{number}", name) for number, name in enumerate(names)]


@pytest.mark.parametrize(
    ("one", "other", "mixed_up"),
    [
        ("Kitchen Light", "Kitchen Lights", True),
        ("Bed Light", "Bet Light", True),
        ("Den Lamp", "Ten Lamp", True),
        ("Kitchen Lamp", "Kitchen lamp", True),
        ("Lamp 1", "Lamp 2", False),
        ("Kitchen Ceiling Light 1", "Kitchen Ceiling Light 2", False),
        ("Desk Lamp", "Garden Fountain", False),
        ("Bedroom Lamp", "Office Lamp", False),
    ],
)
def test_names_that_will_be_confused(one: str, other: str, mixed_up: bool) -> None:
    assert bool(confusable_names(named(one, other))) is mixed_up


def test_only_things_of_one_kind_are_confused_and_each_pair_is_told_once() -> None:
    assert confusable_names([*named("Hall Lamp"), *named("Hall Lamp", domain="switch")]) == []
    twice = [
        Entity("light.a", "Sun Lamp", aliases=("Sun Light",)),
        Entity("light.b", "Sun Lamp", aliases=("Son Lamp",)),
    ]
    assert len(confusable_names(twice)) == 1
    assert confusable_names([]) == []
    assert sounds("Phone") == sounds("Fone")


def test_what_is_missing_is_noted() -> None:
    found = findings(Home(HomeVersion("h", 0, 0)), 7, "2024.3.3", {"floors": "unknown_command", "exposed": "no"})
    assert found.hidden == 7
    assert ["administrator" in note for note in found.notes] == [True, False, False, False]
    assert any("floors" in note for note in found.notes)
    assert any("Nothing is exposed" in note for note in found.notes)


@pytest.mark.real_time
async def test_home_assistant_and_mqtt_in_one_inventory(
    home_assistant: HomeAssistantProcess, broker: Mosquitto, tmp_path: Path
) -> None:
    (tmp_path / "repartee.toml").write_text(f"""
[home.home_assistant]
url = "{home_assistant.url}"
[home.mqtt]
port = {broker.port}
username = "{USER}"
password = "env:BROKER_PASSWORD"
[home.mqtt.areas]
"Deaf Lamp" = "Living Room"
""")
    env = {VARIABLE: home_assistant.token, "BROKER_PASSWORD": PASSWORD}
    async with Bridge(broker) as bridge:
        listed = await asyncio.to_thread(repartee, "home", "--json", folder=tmp_path, env=env)
        rows = {row["entity"]: row for row in listed.rows}
        assert rows["light.night_lamp@mqtt"]["area"] == "Bedroom"
        assert rows["light.deaf_lamp@mqtt"]["area"] == "Living Room"
        assert "light.deaf_lamp" in rows
        said = await asyncio.to_thread(repartee, "ask", "turn on the night lamp", "--json", folder=tmp_path, env=env)
        assert [(a["entity"], a["confirmed"]) for a in said.rows[0]["actions"]] == [("light.night_lamp@mqtt", True)]
        assert bridge.commands == [("Bedroom/Night Lamp", {"state": "ON"})]


def test_a_home_that_is_away_is_said_and_nothing_hangs(tmp_path: Path) -> None:
    (tmp_path / "repartee.toml").write_text(f'[home.home_assistant]\nurl = "http://127.0.0.1:{free_port()}"\n')
    said = repartee("ask", "turn on the kitchen lights", folder=tmp_path, env={VARIABLE: "token"})
    assert "can't be reached" in said.out + said.err
