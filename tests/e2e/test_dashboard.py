"""The dashboard in a real browser, over the real assistant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.browser import Browser, chromium, server

pytestmark = pytest.mark.browser
REAL = ("-c", "from repartee.app.cli import main; main()", "serve", "--port", "0")
SAID = ("turn on the kitchen lights", "what time is it", "unlock the front door")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(None) as one:
        yield one


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(REAL, REPARTEE_SYSTEM__DATA=str(tmp_path_factory.mktemp("data") / "kept")) as url:
        for text in SAID:
            assert httpx.post(f"{url}api/ask", json={"text": text}, timeout=20).status_code == 200
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Browser]:
    browser.command("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    browser.driver.get(f"{url}dashboard.html")
    browser.wait(lambda: browser.at("#connection").get_attribute("data-state") == "open", "the connection")
    browser.wait(lambda: browser.all(".gauge"), "the gauges")
    browser.complaints()
    yield browser
    assert not browser.complaints()


def test_budgets_are_gauges_and_those_without_a_figure_say_why(page: Browser) -> None:
    gauge = page.at('.gauge [aria-label="memory, max"]')
    assert re.fullmatch(r"\d+(\.\d+)? MB, at most 400 MB: (kept|broken.*)", gauge.get_attribute("aria-valuetext") or "")
    assert re.search(r"\d+ without a figure yet", page.text("#unfed summary"))
    assert page.all("#unfed li")


def test_the_turns_of_before_are_there_found_and_drawn(page: Browser) -> None:
    page.wait(lambda: len(page.all("#list button")) >= len(SAID), "the turns")
    page.at("#find").send_keys("kitchen")
    page.wait(lambda: len(page.all("#list button")) == 1, "the one that was sought")
    assert page.text("#list .said") == "turn on the kitchen lights"
    page.at("#list button").click()
    page.wait(lambda: page.text("#turn-title") == "turn on the kitchen lights", "its title")
    stages = [row.get_attribute("data-stage") for row in page.all("#bars [data-stage]")]
    assert stages == ["understand", "act", "speak"]


def test_an_outcome_can_be_chosen(page: Browser) -> None:
    page.wait(lambda: page.all('#outcome option[value="asked"]'), "the outcomes there were")
    page.at('#outcome option[value="asked"]').click()
    page.wait(lambda: len(page.all("#list button")) == 1, "the one that asked back")
    assert page.text("#list .said") == "unlock the front door"


def test_a_turn_of_elsewhere_is_there_at_once(page: Browser, url: str) -> None:
    page.wait(lambda: page.all("#list button"), "the turns")
    httpx.post(f"{url}api/ask", json={"text": "turn off the hallway light"}, timeout=20)
    page.wait(lambda: "turn off the hallway light" in page.text("#list"), "the new turn", patience=5)


def test_lines_are_drawn_for_the_time_that_is_chosen(page: Browser) -> None:
    page.wait(lambda: page.all("#waits canvas"), "the plot")
    assert "turns, 0 failed" in page.text("#waits-note")
    page.at('[data-hours="168"]').click()
    page.wait(lambda: page.at('[data-hours="168"]').get_attribute("aria-pressed") == "true", "seven days")
    assert page.all("#cpu canvas")
    assert page.all("#memory canvas")


def test_caches_and_health_are_told(page: Browser) -> None:
    page.wait(lambda: page.all("#caches tr"), "the caches")
    assert {row.text.split()[0] for row in page.all("#caches th")} >= {"parse", "plan"}
    page.wait(lambda: page.all("#health li"), "the health")
    assert all(row.get_attribute("data-status") == "ok" for row in page.all("#health li"))


def test_nothing_is_asked_of_any_other_server_and_the_whole_stays_small(page: Browser, url: str) -> None:
    loaded = page.run("return performance.getEntriesByType('resource').map((e) => [e.name, e.encodedBodySize])")
    assert all(name.startswith(url) for name, _ in loaded)
    assert any("uPlot" in name for name, _ in loaded)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out_sideways(browser: Browser, url: str, width: int) -> None:
    browser.command("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
    browser.driver.get(f"{url}dashboard.html")
    browser.wait(lambda: browser.all(".gauge"), "the gauges")
    browser.wait(lambda: browser.all("#waits canvas"), "the plot")
    assert browser.run("return document.documentElement.scrollWidth") <= width


def test_what_was_said_is_never_markup(page: Browser, url: str) -> None:
    httpx.post(f"{url}api/ask", json={"text": "<img src=x onerror=alert(1)>"}, timeout=20)
    page.wait(lambda: "onerror" in page.text("#list"), "the sentence as text")
    assert not page.all("#list img")


def test_the_lines_outlive_a_restart(tmp_path: Path) -> None:
    for text in SAID[:2]:
        with server(REAL, REPARTEE_SYSTEM__DATA=str(tmp_path / "kept")) as url:
            httpx.post(f"{url}api/ask", json={"text": text}, timeout=20)
            told = httpx.get(f"{url}api/timeline?hours=24", timeout=20).json()
    assert sum(n or 0 for n in told["turns"]["n"]) >= 1
    assert len(told["at"]) == len(told["turns"]["p95"]) == 96
