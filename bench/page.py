"""The page in a real browser: how soon it shows what the home has confirmed, how much it loads, and whether it stays
smooth while fifty states a second arrive."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tests.e2e.browser import Browser, chromium

from bench.figures import spread
from bench.record import machine, save
from bench.resources import port, start, stop
from repartee.contract.provenance import Provenance

LAMP = "light.counter_light"
CHANGES = 200
FLOOD_S = 5
STATES = 50
"""States a second while frames are counted."""
LONG_MS = 50
"""Milliseconds from which a task is long (https://www.w3.org/TR/longtasks/)."""

SEEN = """
  const tile = document.querySelector(`[data-entity="${lamp}"]`), took = [];
  const perform = (service) => fetch("api/perform", { method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ service, entities: [lamp] }) });
  for (let i = 0; i < changes; i++) {
    const wanted = tile.dataset.value === "on" ? "off" : "on";
    const seen = new Promise((done) => {
      const observer = new MutationObserver(() => {
        if (tile.dataset.value !== wanted) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0));
      });
      observer.observe(tile, { attributes: true });
    });
    const began = performance.now();
    perform(`light.turn_${wanted}`);
    took.push(await seen - began);
  }
  return took;
"""
"""From the request of a change until after the frame that shows it: more than from the confirmation, never less."""

FRAMES = """
  const long = [], frames = [];
  const note = (list) => long.push(...list.getEntries().map((e) => e.duration));
  new PerformanceObserver(note).observe({ type: "longtask" });
  const lamp = () => fetch("api/perform", { method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ service: "light.toggle", entities: [entity] }) });
  const flood = setInterval(lamp, 1000 / rate);
  const end = performance.now() + seconds * 1000;
  let before = await new Promise(requestAnimationFrame);
  while (before < end) {
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
  }
  clearInterval(flood);
  return { frames, long };
"""


def weight(browser: Browser) -> dict[str, float]:
    """Bytes on the wire and the first paint of a page that was loaded."""
    loaded = browser.run(
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".filter((e) => !e.name.includes('/api/')).map((e) => e.encodedBodySize)"
    )
    paint = browser.run("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    return {"kilobytes": round(sum(loaded) / 1000, 1), "first_paint_ms": round(paint or float("nan"), 1)}


def smoothness(browser: Browser) -> dict[str, Any]:
    told = browser.run(FRAMES, entity=LAMP, rate=STATES, seconds=FLOOD_S)
    frames = told["frames"]
    return {
        "states_per_s": STATES,
        "frame_ms": spread(frames),
        "frames_per_s": round(1000 / float(np.mean(frames)), 1),
        "long_tasks": sum(ms > LONG_MS for ms in told["long"]),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, chromium(None, "--use-fake-ui-for-media-stream") as browser:
        os.environ["REPARTEE_SYSTEM__REQUESTS_PER_SECOND"] = "5000"
        process, _ = start(Path(folder))
        try:
            url = f"http://127.0.0.1:{port(process.pid)}/"
            browser.open(url)
            figures: dict[str, Any] = {"talk": weight(browser)}
            figures["page_update"] = spread(browser.run(SEEN, lamp=LAMP, changes=CHANGES))
            figures["smoothness"] = smoothness(browser)
            for name in ("dashboard", "settings"):
                browser.driver.get(f"{url}{name}.html")
                browser.wait(lambda: browser.at("#connection").get_attribute("data-state") == "open", "the page")
                figures[name] = weight(browser)
        finally:
            stop(process)
    print(figures)
    save("page", figures, Provenance(pace="text", machine=machine()), ("selenium",))


if __name__ == "__main__":
    main()
