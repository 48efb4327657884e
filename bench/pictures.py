"""`python -m bench.pictures`: the pictures of every page in docs/pictures, anew, from the demo home."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import httpx
from tests.e2e.browser import Browser, chromium

from bench.resources import port, start, stop

FOLDER = Path("docs/pictures")
SAID = (
    "turn on the kitchen lights", "what time is it", "set a pizza timer for ten minutes", "is the front door locked",
    "turn off the hallway light", "open the living room blinds", "unlock the front door", "what's the weather",
)  # fmt: skip
VIEWS = {
    "talk": ("", 1280, 900, "light"),
    "talk-dark": ("", 1280, 900, "dark"),
    "talk-phone": ("", 390, 844, "light"),
    "dashboard": ("dashboard.html", 1280, 1700, "light"),
    "dashboard-phone": ("dashboard.html", 390, 844, "dark"),
    "settings": ("settings.html", 1280, 1000, "light"),
}
"""Picture to page, width, height and scheme."""


def take(browser: Browser, url: str, name: str) -> None:
    page, width, height, scheme = VIEWS[name]
    browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
    )
    browser.driver.get(f"{url}{page}")
    browser.wait(lambda: browser.at("#connection").get_attribute("data-state") == "open", "the page")
    if not page:
        browser.at("#text").send_keys("turn on the bedroom lights\n")
        browser.wait(lambda: browser.at("#waterfall").is_displayed(), "the turn")
    time.sleep(1)
    browser.driver.save_screenshot(str(FOLDER / f"{name}.png"))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium(None, "--use-fake-ui-for-media-stream") as browser:
        process, _ = start(Path(folder))
        try:
            url = f"http://127.0.0.1:{port(process.pid)}/"
            for text in SAID:
                httpx.post(f"{url}api/ask", json={"text": text}, timeout=20).raise_for_status()
            for name in VIEWS:
                take(browser, url, name)
        finally:
            stop(process)


if __name__ == "__main__":
    main()
