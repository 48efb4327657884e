"""From the demo home to one's own in a real browser, without a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.browser import Browser, chromium, server
from tests.homes.home_assistant import Admin, HomeAssistantProcess

pytestmark = pytest.mark.browser
REAL = ("-c", "from repartee.app.cli import main; main()", "serve", "--port", "0")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(None) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    with server(REAL, REPARTEE_SYSTEM__DATA="-", XDG_CONFIG_HOME=str(folder)) as url:
        yield url


def opened(browser: Browser, url: str, width: int = 1280) -> None:
    browser.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    browser.driver.get(f"{url}settings.html")
    browser.wait(lambda: browser.all("#sections .field"), "the settings")


def written(browser: Browser, selector: str, text: str) -> None:
    field = browser.at(selector)
    field.clear()
    field.send_keys(text)


def test_a_setting_is_changed_kept_and_at_work_after_beginning_anew(browser: Browser, url: str, folder: Path) -> None:
    opened(browser, url)
    written(browser, "#main-brain-words_per_minute", "210")
    browser.wait(lambda: "1 change is not saved" in browser.text("#bar-text"), "the change to be counted")
    browser.at("#save").click()
    browser.wait(lambda: browser.at("#restart").is_displayed(), "the offer to begin anew")
    assert "words_per_minute = 210" in (folder / "repartee" / "repartee.toml").read_text()
    browser.at("#restart").click()
    browser.wait(lambda: not browser.at("#bar").is_displayed(), "the assistant to be back with it")
    told = httpx.get(f"{url}api/settings").json()
    assert told["waiting"] == []
    assert told["values"]["brain"]["words_per_minute"] == 210


def test_what_is_not_possible_is_said_at_the_setting(browser: Browser, url: str, folder: Path) -> None:
    opened(browser, url)
    written(browser, "#main-home-time_zone", "Nowhere/Land")
    browser.at("#save").click()
    browser.wait(lambda: "home.time_zone" in browser.text("#notice"), "the refusal")
    assert "time_zone" in browser.text('#main-fields [data-key="home.time_zone"] .wrong')
    assert not (folder / "repartee" / "repartee.toml").exists()


def test_a_setting_is_found_by_its_words(browser: Browser, url: str) -> None:
    opened(browser, url)
    written(browser, "#find", "barge in")
    shown = [one.get_attribute("data-key") for one in browser.all("#sections .field") if one.is_displayed()]
    assert shown == ["audio.barge_in"]


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_sticks_out_sideways(browser: Browser, url: str, width: int) -> None:
    opened(browser, url, width)
    assert browser.run("return document.documentElement.scrollWidth") <= width


def test_every_input_has_a_name(browser: Browser, url: str) -> None:
    opened(browser, url)
    assert (
        browser.run(
            "return [...document.querySelectorAll('input, select, textarea')].filter(e => !e.labels?.length"
            " && !e.getAttribute('aria-label')).map(e => e.id)"
        )
        == []
    )


def test_from_the_demo_home_to_ones_own(
    browser: Browser, url: str, folder: Path, home_assistant: HomeAssistantProcess, admin: Admin
) -> None:
    opened(browser, url)
    assert "demo home" in browser.text("#home-now")
    written(browser, "#url", home_assistant.url)
    written(browser, "#token", "wrong")
    browser.at("#connect .primary").click()
    browser.wait(lambda: "does not accept the token" in browser.text("#found"), "the refusal")
    written(browser, "#token", home_assistant.token)
    browser.at("#connect .primary").click()
    browser.wait(lambda: "Connected to Home Assistant" in browser.text("#found"), "what was found")
    assert home_assistant.token not in (folder / "repartee" / "repartee.toml").read_text()
    assert (folder / "repartee" / "home-assistant.token").stat().st_mode & 0o777 == 0o600
    browser.at("#restart").click()
    browser.wait(lambda: "your Home Assistant" in browser.text("#home-now"), "the real home")
    admin.call("light.turn_off", "light.lamp_14")
    browser.open(url)
    browser.at("#text").send_keys("turn on lamp 14\n")
    browser.wait(lambda: admin.state("light.lamp_14") == "on", "the lamp of the real home")
