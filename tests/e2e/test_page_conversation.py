"""What the page makes of a turn: the deeds by name, a way back, what can be said instead, and rooms within reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.browser import Browser, chromium, server

pytestmark = pytest.mark.browser
REAL = ("-c", "from repartee.app.cli import main; main()", "serve", "--port", "0")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(None, "--use-fake-ui-for-media-stream") as one:
        yield one


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with server(REAL, REPARTEE_SYSTEM__DATA="-") as url:
        yield url


@pytest.fixture
def page(browser: Browser, real: str) -> Iterator[Browser]:
    browser.open(real)
    browser.complaints()
    yield browser
    assert not browser.complaints()


def say(page: Browser, text: str) -> None:
    page.at("#text").send_keys(f"{text}\n")


def test_the_deed_is_told_by_device_and_can_be_taken_back(page: Browser) -> None:
    say(page, "turn off the hallway light")
    page.wait(lambda: page.at("#deeds").is_displayed(), "the deeds")
    assert page.text("#deeds li") == "Hallway Light"
    assert page.state("light.hallway_light") == "off"
    page.at("#deeds button").click()
    page.wait(lambda: page.state("light.hallway_light") == "on", "the lamp as it was")


def test_a_timer_has_its_own_button_and_no_second_one(page: Browser) -> None:
    say(page, "set a timer for ten minutes")
    page.wait(lambda: page.at("#deeds").is_displayed(), "the deeds")
    assert not page.all("#deeds button")
    say(page, "cancel all timers")


def test_what_was_not_understood_is_answered_with_what_can_be_said(page: Browser) -> None:
    say(page, "purple monkey")
    page.wait(lambda: page.at("#examples").is_displayed(), "the examples")
    example = page.at("#examples button")
    words = example.text.strip("“”")
    example.click()
    page.wait(lambda: page.text("#heard") == words, "the example to be said")
    page.wait(lambda: page.text("#reply"), "its answer")
    assert "couldn't understand" not in page.text("#reply")


def test_whoever_opens_the_page_sees_what_can_be_said(page: Browser) -> None:
    page.wait(lambda: page.all("#examples button"), "the examples")
    say(page, "what time is it")
    page.wait(lambda: page.text("#reply"), "the answer")
    assert not page.at("#examples").is_displayed()


def test_a_room_is_jumped_to(page: Browser) -> None:
    rooms = [button.text for button in page.all(".jumps button")]
    assert "Garden" in rooms
    page.all(".jumps button")[rooms.index("Garden")].click()
    page.wait(lambda: page.run("return document.activeElement.getAttribute('aria-label')") == "Garden", "the room")


def test_on_a_phone_the_answer_is_in_sight_wherever_one_is(browser: Browser, real: str) -> None:
    browser.open(real, width=390, height=844)
    browser.run("scrollTo(0, document.body.scrollHeight)")
    say(browser, "is the front door locked")
    browser.wait(lambda: browser.text("#reply"), "the answer")
    box = browser.run("return document.getElementById('reply').getBoundingClientRect().toJSON()")
    assert 0 <= box["top"] <= box["bottom"] <= 844
