"""A furnished Home Assistant and a Mosquitto, started when the first test asks, once per session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from .home_assistant import Admin, HomeAssistantProcess
from .install import NotInstalled
from .mosquitto import Mosquitto

HOUSE: list[dict[str, Any]] = [
    *({"name": f"Lamp {number}", "domain": "light"} for number in range(20)),
    {"name": "Deaf Lamp", "domain": "light", "manner": "deaf"},
    {"name": "Broken Lamp", "domain": "light", "manner": "broken"},
    {"name": "Slow Lamp", "domain": "light", "manner": "slow"},
    {"name": "Gone Lamp", "domain": "light", "manner": "gone"},
    {"name": "Coffee Machine", "domain": "switch"},
    {"name": "Study Blinds", "domain": "cover"},
    {"name": "Garden Gate", "domain": "lock"},
]


def absent(reason: str) -> NoReturn:
    """Skips the test; on the build machine it fails: there everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def home_assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistantProcess]:
    """The real thing, with its demo and our test house."""
    try:
        process = HomeAssistantProcess(tmp_path_factory.mktemp("home-assistant") / "config", HOUSE)
    except NotInstalled as error:
        absent(f"no Home Assistant to test with: {error}")
    with process:
        yield process


@pytest.fixture
def admin(home_assistant: HomeAssistantProcess) -> Iterator[Admin]:
    """A second client of it: the person at its pages."""
    admin = home_assistant.admin()
    yield admin
    admin.close()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A real MQTT broker."""
    try:
        process = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    except NotInstalled as error:
        absent(f"no MQTT broker to test with: {error}")
    with process:
        yield process
