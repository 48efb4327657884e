"""The page in the language of the browser, the home and its answers in the assistant's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.browser import Browser, chromium, server

pytestmark = pytest.mark.browser
REAL = ("-c", "from repartee.app.cli import main; main()", "serve", "--port", "0", "--language", "fr")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server(REAL, REPARTEE_SYSTEM__DATA="-") as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(None, "--lang=fr", "--accept-lang=fr-FR,fr", "--use-fake-ui-for-media-stream") as one:
        yield one


def test_a_french_browser_sees_french_and_is_answered_in_french(browser: Browser, url: str) -> None:
    browser.open(url)
    assert browser.run("return document.documentElement.lang").startswith("fr")
    assert browser.at("#text").get_attribute("placeholder") == "ou écrivez ici"
    assert browser.text("#connection") == "Prêt"
    assert "Éteint" in browser.text('[data-entity="light.counter_light"]')
    browser.at("#text").send_keys("allume les lumières de la cuisine\n")
    browser.wait(lambda: browser.text("#reply"), "the reply")
    browser.wait(lambda: browser.at("#waterfall").is_displayed(), "the waterfall")
    assert "Où est passé le temps" in browser.text("#waterfall")
    assert not browser.complaints()
