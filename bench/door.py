"""What the door costs: a click, a microphone that is open in a quiet room, and push-to-talk in a real browser.

The speech is the product's own voice, so every figure here is synthetic; the server, engines and browser are real.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.e2e.browser import Browser, chromium
from tests.sound import spoken, utterance, write

from bench.figures import spread
from bench.quiet_room import quiet_room
from bench.record import machine, save
from bench.resources import port, start, stop
from repartee.contract.provenance import Origin, Provenance

CLICKS = 500
TURNS = 20
LAMP = "light.counter_light"
SENTENCES = {"on": "turn on the counter light", "off": "turn off the counter light"}
BEFORE = 0.6
"""Seconds of quiet before the sentence in the fake microphone."""
LISTENER = """
  window.moments = {};
  const now = (what) => (window.moments[what] ??= performance.now());
  const sending = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    now(typeof data === "string" ? JSON.parse(data).type : "frame");
    return sending.call(this, data);
  };
  for (const kind of ["keydown", "keyup"])
    addEventListener(kind, (event) => (window.moments[kind] ??= event.timeStamp), true);
  const Socket = WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...where) {
      super(...where);
      this.addEventListener("message", ({ data }) => {
        const message = typeof data === "string" ? JSON.parse(data) : { type: "sound" };
        if (message.type !== "state" || message.entity === "LAMP") now("got " + message.type);
      });
    }
  };
""".replace("LAMP", LAMP)  # fmt: skip


def clicks(url: str) -> dict[str, float | int]:
    """Milliseconds from a service call over HTTP to the answer that the home has confirmed it."""
    took = []
    with httpx.Client(base_url=url) as http:
        for number in range(CLICKS):
            body = {"service": f"light.turn_{('on', 'off')[number % 2]}", "entities": [LAMP]}
            begin = time.perf_counter()
            answer = http.post("/api/perform", json=body).json()
            took.append((time.perf_counter() - begin) * 1000)
            assert answer["effects"][0]["confirmed"]
    return spread(took, 2)


def push_to_talk(url: str, scratch: Path) -> dict[str, object]:
    """In headless Chromium: the space bar goes down, a sentence is said, the bar goes up just after its last sound."""
    moments: list[dict[str, float]] = []
    for wanted, sentence in SENTENCES.items():
        wav = write(scratch / f"{wanted}.wav", utterance(sentence, BEFORE, 20)[0])
        length = BEFORE + len(spoken(sentence)) / 16_000
        with chromium(wav, "--use-fake-ui-for-media-stream") as browser:
            browser.command("Page.addScriptToEvaluateOnNewDocument", source=LISTENER)
            moments += [_turn(browser, url, wanted, length) for _ in range(TURNS // 2)]
    done = [m for m in moments if "got state" in m]
    return {
        "turns": len(moments),
        "lamp_changed": len(done),
        "first_press_to_listen_ms": spread([m["listen"] - m["keydown"] for m in moments]),
        "release_to_state_on_page_ms": spread([m["got state"] - m["keyup"] for m in done]),
        "release_to_first_sound_on_page_ms": spread([m["got sound"] - m["keyup"] for m in done if "got sound" in m]),
        "open_press_to_listen_ms": spread([m["open press"] for m in moments]),
    }


def _turn(browser: Browser, url: str, wanted: str, length: float) -> dict[str, float]:
    """The moments of one turn, ms on the page's clock."""
    service = "turn_off" if wanted == "on" else "turn_on"
    httpx.post(url + "api/perform", json={"service": f"light.{service}", "entities": [LAMP]})
    browser.open(url)
    browser.key("keyDown")
    browser.wait(lambda: browser.run("return moments.frame"), "the first frame")
    first = browser.run("return (performance.now() - moments.frame) / 1000")
    time.sleep(max(0.0, length + 0.03 - first))
    browser.run("delete moments['got state']; delete moments['got sound']")
    browser.key("keyUp")
    browser.wait(lambda: browser.run("return moments['got finished']"), "the end of the turn")
    moments: dict[str, Any] = browser.run("return moments")
    browser.run("window.moments = {}")
    browser.key("keyDown")  # the microphone is open now
    browser.wait(lambda: browser.run("return moments.listen"), "the second press")
    moments["open press"] = browser.run("return moments.listen - moments.keydown")
    browser.key("keyDown", "Escape", "Escape")
    browser.key("keyUp")
    return {name: float(value) for name, value in moments.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        _measure(Path(scratch))


def _measure(scratch: Path) -> None:
    process, _ = start(scratch)
    try:
        assert process.stdout
        url = f"http://127.0.0.1:{port(process.pid)}/"
        time.sleep(8)  # the models have been loaded by then
        figures = {
            "load_average_before": os.getloadavg()[0],
            "click_to_confirmed_ms": clicks(url),
            "quiet_room": asyncio.run(quiet_room(url, psutil.Process(process.pid))),
            "push_to_talk": push_to_talk(url, scratch),
        }
    finally:
        stop(process)
    engines = {"stt": "moonshine", "tts": "espeak", "home": "demo"}
    provenance = Provenance(Origin.SYNTHETIC, "realtime", True, engines, machine())
    save("door", figures, provenance, ("uvicorn", "websockets", "fastapi", "uvloop", "numpy"))


if __name__ == "__main__":
    main()
