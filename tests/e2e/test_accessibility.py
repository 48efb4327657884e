"""Every page in every dress: axe-core finds nothing that would keep somebody out."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest

from tests.e2e.browser import Browser, chromium, server

pytestmark = pytest.mark.browser
REAL = ("-c", "from repartee.app.cli import main; main()", "serve", "--port", "0")
PAGES = {"": "[data-entity]", "dashboard.html": ".gauge", "settings.html": "#sections .field"}
"""Address to what shows that it is there."""
DRESSES = {
    "light": {"prefers-color-scheme": "light"},
    "dark": {"prefers-color-scheme": "dark"},
    "forced colours": {"forced-colors": "active"},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(None, "--use-fake-ui-for-media-stream") as one:
        yield one


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(REAL, REPARTEE_SYSTEM__DATA="-", XDG_CONFIG_HOME=str(tmp_path_factory.mktemp("config"))) as url:
        yield url


@pytest.fixture(scope="module")
def axe() -> str:
    return (files("axe_core_python") / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_keeps_anybody_out(browser: Browser, url: str, axe: str, page: str, dress: str, width: int) -> None:
    media = [{"name": name, "value": value} for name, value in DRESSES[dress].items()]
    browser.command("Emulation.setEmulatedMedia", features=media)
    browser.command("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False)
    browser.driver.get(f"{url}{page}")
    browser.wait(lambda: browser.all(PAGES[page]), "the page")
    if not page:
        browser.at("#text").send_keys("turn on the hallway light\n")
        browser.wait(lambda: browser.text("#reply"), "a reply")
    browser.driver.execute_script(axe)
    found = browser.driver.execute_async_script("const done = arguments[0]; axe.run(document).then(done)")
    problems = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
    assert not problems
