"""A real Chromium without a screen, its microphone fed from a file, and servers in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

PATIENCE = 20.0
"""Seconds to wait for what must come."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # Chromium's own can't be set up by root, as whom containers test
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
SPY = """
  window.sent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    window.sent.push(typeof data === "string" ? JSON.parse(data).type : data.byteLength);
    return send.call(this, data);
  };
"""
"""Remembers what a page sends: the type of each message, the size of each frame."""


class Browser:
    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str, width: int = 1280, height: int = 900) -> None:
        """A page that is connected."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.driver.get(url)
        self.wait(lambda: self.at("#connection").get_attribute("data-state") == "open", "the page to connect")
        self.wait(lambda: self.all("[data-entity]"), "the devices")

    def at(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return str(self.at(selector).get_property("textContent"))

    def state(self, entity: str) -> str | None:
        return self.at(f'[data-entity="{entity}"]').get_attribute("data-value")

    def run(self, script: str, **values: object) -> Any:
        """What a script returns that may wait for promises; `values` are its constants."""
        constants = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        return self.driver.execute_script(f"return (async () => {{ {constants} {script} }})()")

    def command(self, name: str, **parameters: object) -> Any:
        """Of the Chrome DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def key(self, kind: str, key: str = " ", code: str = "Space") -> None:
        """A real key goes down (`keyDown`) or up (`keyUp`)."""
        text = {"text": key} if kind == "keyDown" and len(key) == 1 else {}
        number = {"Space": 32, "Escape": 27, "Tab": 9, "Enter": 13}[code]
        self.command("Input.dispatchKeyEvent", type=kind, key=key, code=code, windowsVirtualKeyCode=number, **text)

    def press(self, selector: str, kind: str) -> None:
        """The mouse goes down (`mousePressed`) or up (`mouseReleased`) on an element."""
        box = self.driver.execute_script("return arguments[0].getBoundingClientRect().toJSON()", self.at(selector))
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def wait(self, true: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
        """Until `true()` is; fails with what the page shows."""
        end = time.monotonic() + patience
        while not (value := true()):
            assert time.monotonic() < end, f"waited for {what}; the page shows: {self.text('body')[:2000]}"
            time.sleep(0.02)
        return value

    def complaints(self) -> list[str]:
        """What the browser has logged since last asked: errors, and what the content policy has refused."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]  # type: ignore[no-untyped-call]


@contextmanager
def chromium(microphone: Path | None, *flags: str) -> Iterator[Browser]:
    """`microphone`: a WAV file, heard from its beginning each time the microphone is opened."""
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, *flags, *([f"--use-file-for-fake-audio-capture={microphone}"] if microphone else [])):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SPY})
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@contextmanager
def server(command: Sequence[str], **environment: str) -> Iterator[str]:
    """The page's address, as the command's one line says it."""
    with subprocess.Popen(  # noqa: S603  # our own
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line, f"{command} ended with {process.wait()} before it was ready"
            yield line.split()[-1]
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
