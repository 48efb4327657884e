"""The page in a real browser: first with the real assistant, really spoken to; then, for itself, with a fake one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import Browser, chromium, server
from tests.sound import noisy, silence, spoken, utterance, write

pytestmark = pytest.mark.browser
FAKE = ("-m", "tests.fakes.assistant")
REAL = ("-c", "from repartee.app.cli import main; main()", "serve", "--port", "0")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    sound, _ = utterance("turn on the counter light", before=0.6, after=8)
    wav = write(tmp_path_factory.mktemp("microphone") / "sentence.wav", sound)
    with chromium(wav, "--use-fake-ui-for-media-stream") as one:
        yield one


@pytest.fixture(scope="module")
def fake() -> Iterator[str]:
    with server(FAKE) as url:
        yield url


@pytest.fixture
def page(browser: Browser, fake: str) -> Iterator[Browser]:
    """Connected to the fake assistant; whatever it did, the browser had nothing to complain about."""
    browser.open(fake)
    browser.complaints()
    yield browser
    assert not browser.complaints()


def hear(browser: Browser) -> str:
    return browser.text("#heard")


# ---------------------------------------------------------------- the real assistant, really spoken to


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with server(REAL, REPARTEE_SYSTEM__DATA="-") as url:
        yield url


def test_hold_the_button_say_it_let_go_and_the_lamp_is_on(browser: Browser, real: str) -> None:
    browser.open(real)
    assert browser.state("light.counter_light") == "off"
    browser.press("#talk", "mousePressed")
    browser.wait(lambda: re.search("counter.?light", hear(browser), re.I), "the words while they are spoken")
    browser.press("#talk", "mouseReleased")
    browser.wait(lambda: browser.state("light.counter_light") == "on", "the lamp")
    browser.wait(lambda: browser.text("#reply"), "the reply")
    browser.wait(lambda: browser.at("#waterfall").is_displayed(), "the waterfall")
    stages = [row.get_attribute("data-stage") for row in browser.all("#bars [data-stage]")]
    assert stages == ["listen", "hear", "understand", "act", "speak"]
    assert re.search(r"\d+ ms", browser.text("#summary"))
    browser.wait(lambda: "The way to the answer:" in browser.text("#contract"), "why it took as long as it did")
    assert re.search(r"action_\w+\.p95 at most \d+ ms: (kept|broken)", browser.text("#contract"))
    browser.wait(lambda: "played" in browser.run("return sent"), "the reply to be heard to its end")
    assert re.search("counter.?light", browser.text("#turns"), re.I)


def test_type_it_and_the_lamp_is_off(browser: Browser, real: str) -> None:
    browser.open(real)
    browser.at("#text").send_keys("turn off the hallway light\n")
    browser.wait(lambda: browser.state("light.hallway_light") == "off", "the lamp")
    browser.wait(lambda: browser.at("#waterfall").is_displayed(), "the waterfall")


def test_a_timer_is_seen_running_and_can_be_cancelled(browser: Browser, real: str) -> None:
    browser.open(real)
    browser.at("#text").send_keys("set a 5 minute timer named pizza\n")
    browser.wait(lambda: re.search(r"pizza timer4:5\d left", browser.text("#household")), "the timer")
    browser.at("#household button").click()
    browser.wait(lambda: "pizza" not in browser.text("#household"), "the timer to be gone")


def test_a_timer_that_is_over_speaks_up(browser: Browser, real: str) -> None:
    browser.open(real)
    browser.at("#text").send_keys("set a timer for 1 second\n")
    browser.wait(lambda: hear(browser) == "By the way", "the house to speak up")
    assert "timer" in browser.text("#reply").lower()
    browser.wait(lambda: "It is time" in browser.text("#household"), "the timer that rings")
    browser.at("#household button").click()
    browser.wait(lambda: "It is time" not in browser.text("#household"), "the timer to be gone")


# ---------------------------------------------------------------- the button


def test_the_space_bar_talks_and_a_frame_is_twenty_milliseconds(page: Browser) -> None:
    page.key("keyDown")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "held", "listening")
    page.wait(lambda: "lamp" in hear(page), "the words")
    page.key("keyUp")
    page.wait(lambda: page.text("#reply"), "the reply")
    sent = page.run("return sent")
    assert sent[0] == "listen"
    assert "end" in sent
    frames = [size for size in sent if isinstance(size, int)]
    assert set(frames[:-1]) == {640}
    assert 0 < frames[-1] <= 640


def test_a_short_press_listens_until_the_turn_is_over(page: Browser) -> None:
    page.press("#talk", "mousePressed")
    page.press("#talk", "mouseReleased")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "tapped", "listening after the tap")
    page.wait(lambda: "lamp" in hear(page), "the words")
    page.press("#talk", "mousePressed")
    page.press("#talk", "mouseReleased")
    page.wait(lambda: page.text("#reply"), "the reply")
    assert page.at("#talk").get_attribute("aria-pressed") == "false"


def test_the_enter_key_works_the_button_too(page: Browser) -> None:
    page.run("document.getElementById('talk').focus()")
    page.key("keyDown", "\r", "Enter")
    page.key("keyUp", "\r", "Enter")
    page.wait(lambda: page.at("#talk").get_attribute("aria-pressed") == "true", "listening")
    page.key("keyDown", "Escape", "Escape")
    page.wait(lambda: page.at("#talk").get_attribute("aria-pressed") == "false", "the end of listening")
    assert "stop" in page.run("return sent")


def test_a_press_that_is_taken_away_does_nothing(page: Browser) -> None:
    page.key("keyDown")
    page.wait(lambda: "turn" in hear(page), "the words")
    page.run("dispatchEvent(new Event('blur'))")
    page.key("keyUp")
    page.wait(lambda: "stop" in page.run("return sent"), "the word that nothing is to be done")
    assert "end" not in page.run("return sent")


def test_a_space_in_the_text_is_a_space(page: Browser) -> None:
    page.at("#text").send_keys("turn on")
    assert page.at("#text").get_property("value") == "turn on"
    assert "listen" not in page.run("return sent")


def test_a_press_while_the_reply_is_spoken_silences_it(page: Browser) -> None:
    page.at("#text").send_keys("tell me a story\n")
    page.wait(lambda: page.text("#reply"), "the reply")
    page.run("document.activeElement.blur()")
    page.key("keyDown")
    page.wait(lambda: "interrupted" in page.text("#turns"), "the cut turn among the earlier ones")
    page.key("keyDown", "Escape", "Escape")
    page.key("keyUp")
    assert page.at("#talk").get_attribute("aria-pressed") == "false"


def test_a_short_press_over_a_reply_listens_on_when_the_cut_turn_ends(page: Browser) -> None:
    page.at("#text").send_keys("tell me a story\n")
    page.wait(lambda: page.text("#reply"), "the reply")
    page.press("#talk", "mousePressed")
    page.press("#talk", "mouseReleased")
    page.wait(lambda: "interrupted" in page.text("#turns"), "the cut turn among the earlier ones")
    assert page.at("#talk").get_attribute("data-mode") == "tapped"
    assert "story" not in hear(page)
    page.key("keyDown", "Escape", "Escape")


# ---------------------------------------------------------------- the devices


def test_a_click_is_a_service_call_and_what_is_shown_is_what_came_of_it(page: Browser, fake: str) -> None:
    before = page.state("light.garage_light")
    page.at('[data-entity="light.garage_light"] button').click()
    after = "off" if before == "on" else "on"
    page.wait(lambda: page.state("light.garage_light") == after, "the lamp")
    pressed = page.at('[data-entity="light.garage_light"] button').get_attribute("aria-pressed")
    assert pressed == str(after == "on").lower()
    home = httpx.get(fake + "api/home").json()
    assert next(e for e in home["entities"] if e["id"] == "light.garage_light")["state"]["value"] == after


def test_what_happens_elsewhere_is_seen_here(page: Browser, fake: str) -> None:
    service = "turn_off" if page.state("light.hallway_light") == "on" else "turn_on"
    body = {"service": f"light.{service}", "entities": ["light.hallway_light"]}
    assert httpx.post(fake + "api/perform", json=body).status_code == 200
    page.wait(lambda: page.state("light.hallway_light") == service[5:], "the lamp")


def test_a_slider_sets_and_shows_what_was_confirmed(page: Browser) -> None:
    page.run(
        """const slider = document.querySelector('[data-entity="light.living_room_lamp"] input');
           slider.value = 80; slider.dispatchEvent(new Event("change"));"""
    )
    page.wait(lambda: "80 %" in page.text('[data-entity="light.living_room_lamp"]'), "the brightness")


@pytest.mark.parametrize(
    ("door", "shut", "opened"), [("lock.front_door", "locked", "unlocked"), ("cover.garage_door", "closed", "open")]
)
def test_a_door_is_not_opened_by_one_slip_of_a_finger(page: Browser, door: str, shut: str, opened: str) -> None:
    tile, button = f'[data-entity="{door}"]', page.at(f'[data-entity="{door}"] button')
    assert page.state(door) == shut
    button.click()
    page.wait(lambda: "Press again" in page.text(tile), "the question")
    assert "Really" in page.text(tile)
    assert page.state(door) == shut
    button.click()
    page.wait(lambda: page.state(door) == opened, "the door")
    assert all("409" in complaint for complaint in page.complaints()), "the browser notes each question as an error"


def test_a_door_with_a_pin_opens_to_the_right_one(browser: Browser) -> None:
    with server(REAL, REPARTEE_SYSTEM__DATA="-", REPARTEE_CONFIRMATION__PIN="4711") as url:
        browser.open(url)
        tile = '[data-entity="lock.front_door"]'
        for typed in ("1234", "4711"):
            assert browser.state("lock.front_door") == "locked"
            browser.at(f"{tile} button").click()
            browser.wait(lambda: browser.all(f"{tile} .pin"), "the question for the PIN")
            browser.at(f"{tile} .pin").send_keys(typed + Keys.ENTER)
            browser.wait(lambda: not browser.all(f"{tile} .pin"), "an answer")
        browser.wait(lambda: browser.state("lock.front_door") == "unlocked", "the door")


def test_a_device_that_fails_says_so_and_stays_as_it_is(page: Browser) -> None:
    page.run("window.fetch = async () => Response.json({effects: [{confirmed: false, error: 'The bulb is broken'}]})")
    before = page.state("light.garage_light")
    page.at('[data-entity="light.garage_light"] button').click()
    page.wait(lambda: "The bulb is broken" in page.text('[data-entity="light.garage_light"]'), "the complaint")
    assert page.state("light.garage_light") == before


def test_in_a_large_home_a_device_is_found_by_its_name_or_room(browser: Browser, shared: Path) -> None:
    with server(
        REAL, REPARTEE_SYSTEM__DATA="-", REPARTEE_HOME__FILE=str(shared / "homes" / "recorded_400.json")
    ) as url:
        browser.open(url)
        shown = "return [...document.querySelectorAll('.tile')].filter((t) => t.offsetParent).map((t) => t.textContent)"
        assert len(browser.run(shown)) == 400
        browser.at(".find").send_keys("kitchen window")
        assert 0 < len(browser.run(shown)) < 10
        assert "Kitchen Window" in browser.run(shown)[0]
        browser.at(".find").send_keys(Keys.BACKSPACE * len("kitchen window"))
        assert len(browser.run(shown)) == 400
    browser.complaints()


def test_the_room_is_remembered_and_told(page: Browser, fake: str) -> None:
    page.run("const a = document.getElementById('area'); a.value = 'kitchen'; a.dispatchEvent(new Event('change'));")
    page.open(fake)
    assert page.at("#area").get_property("value") == "kitchen"
    page.run("localStorage.clear()")


def test_a_room_that_is_gone_is_forgotten(page: Browser, fake: str) -> None:
    page.run("localStorage.setItem('area', 'ballroom')")
    page.open(fake)
    assert page.run("return localStorage.getItem('area')") is None


# ---------------------------------------------------------------- hands-free


def test_hands_free_hears_turn_after_turn_and_a_press_in_between(page: Browser) -> None:
    page.run("document.getElementById('handsfree').click()")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "handsfree", "listening")
    page.wait(lambda: "lamp" in hear(page), "the words")
    page.key("keyDown")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "held", "the press")
    page.wait(lambda: "lamp" in hear(page), "the words")
    page.key("keyUp")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "handsfree", "listening again after the turn")
    page.run("document.getElementById('handsfree').click()")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "idle", "the end of listening")
    assert page.run("return sent.filter((what) => what === 'listen').length") == 3


def test_hands_free_goes_on_after_a_typed_sentence(page: Browser) -> None:
    page.run("document.getElementById('handsfree').click()")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "handsfree", "listening")
    page.at("#text").send_keys("turn on the counter light\n")
    page.wait(lambda: "counter light" in page.text("#turns").lower(), "the turn")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "handsfree", "listening again")
    assert page.run("return sent.filter((what) => ['listen', 'ask'].includes(what))") == ["listen", "ask", "listen"]
    page.run("document.getElementById('handsfree').click()")
    page.wait(lambda: page.at("#talk").get_attribute("data-mode") == "idle", "the end of listening")


def test_a_quiet_room_is_sent_in_fewer_frames(tmp_path: Path, fake: str) -> None:
    """The room is learnt from the nothing that the browser begins with, 30 % louder a second: a faint one is quick."""
    with chromium(write(tmp_path / "quiet.wav", noisy(silence(20), 5)), "--use-fake-ui-for-media-stream") as browser:
        browser.open(fake)
        browser.run("document.getElementById('handsfree').click()")
        browser.wait(lambda: browser.run("return sent.filter((size) => size === 2560).length") > 10, "longer frames")
        browser.run("document.getElementById('handsfree').click()")
        browser.wait(lambda: "end" in browser.run("return sent"), "the end of listening")
        frames = [size for size in browser.run("return sent") if isinstance(size, int)]
        assert frames[0] == 640
        assert all(size % 640 == 0 for size in frames[:-1])


# ---------------------------------------------------------------- when things go wrong


def test_a_refused_microphone_is_said_and_typing_still_works(fake: str) -> None:
    with chromium(None, "--deny-permission-prompts") as browser:
        browser.open(fake)
        browser.press("#talk", "mousePressed")
        browser.wait(lambda: "not allowed" in browser.text("#notice"), "the notice")
        browser.press("#talk", "mouseReleased")
        browser.at("#text").send_keys("turn on the counter light\n")
        browser.wait(lambda: browser.text("#reply"), "the reply")


def test_a_server_that_stops_is_said_and_the_page_comes_back_by_itself(browser: Browser) -> None:
    with server(FAKE) as url:
        browser.open(url)
    browser.wait(lambda: "stopped" in browser.text("#connection"), "the word that the server was stopped")
    browser.at("#text").send_keys("turn on the counter light\n")
    assert "no connection" in browser.text("#notice")
    assert browser.at("#text").get_property("value") == "turn on the counter light"
    with server((*FAKE, url.rstrip("/").rpartition(":")[2])):
        browser.wait(lambda: browser.at("#connection").get_attribute("data-state") == "open", "the connection")
        assert browser.text("#connection") == "Ready"
    browser.complaints()


def test_a_connection_that_breaks_while_speaking_says_that_it_was_not_heard(browser: Browser) -> None:
    with server(FAKE) as url:
        browser.open(url)
        browser.key("keyDown")
        browser.wait(lambda: "turn" in hear(browser), "the words")
    browser.wait(lambda: "did not arrive" in browser.text("#notice"), "the notice")
    browser.key("keyUp")
    browser.complaints()


def test_the_token_is_asked_for_and_taken(browser: Browser) -> None:
    token = "a token of some length"  # noqa: S105  # nobody's
    with server((*FAKE, "0", token)) as url:
        browser.driver.get(url)
        browser.wait(lambda: browser.all("#token"), "the question for the token")
        browser.at("#token").send_keys("a guess\n")
        browser.wait(lambda: "not the token" in browser.text("#notice"), "the refusal")
        browser.at("#token").clear()
        browser.at("#token").send_keys(token + "\n")
        browser.wait(lambda: browser.all("[data-entity]"), "the devices")
    browser.complaints()


# ---------------------------------------------------------------- for everybody, everywhere


def test_nothing_is_asked_of_any_other_server(page: Browser, fake: str) -> None:
    page.at("#text").send_keys("turn on the counter light\n")
    page.wait(lambda: page.text("#reply"), "the reply")
    asked = page.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert asked
    assert all(name.startswith(fake) for name in asked)


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_sticks_out_sideways(page: Browser, fake: str, width: int) -> None:
    page.open(fake, width=width)
    page.at("#text").send_keys("turn on the counter light\n")
    page.wait(lambda: page.at("#waterfall").is_displayed(), "the waterfall")
    assert page.run("return document.documentElement.scrollWidth") <= width


def test_everything_that_can_be_worked_has_a_name_and_a_place_in_the_order(page: Browser) -> None:
    tree = page.command("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "textbox", "combobox", "switch", "slider", "link", "checkbox"}
    worked = [node for node in tree if node.get("role", {}).get("value") in roles and not node["ignored"]]
    assert len(worked) > 20
    assert not [node for node in worked if not node["name"]["value"].strip()]
    page.key("keyDown", "Tab", "Tab")
    assert page.run("return document.activeElement.textContent") == "Skip to the devices"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_told_from_what_is_behind_it(page: Browser, scheme: str) -> None:
    page.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    pairs = [(text, behind) for text in ("ink", "soft", "accent", "wrong") for behind in ("paper", "card")]
    pairs += [("over", "card"), ("ink", "on"), ("on-ink", "on"), ("wrong", "on")]
    pairs += [("wrong", "wrong-paper"), ("accent-ink", "accent")]
    colours = page.run(
        """const probe = document.body.appendChild(document.createElement("i"));
           const resolved = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
           return Object.fromEntries(names.map((name) => [name, resolved(name)]));""",
        names=sorted({name for pair in pairs for name in pair}),
    )
    for text, behind in pairs:
        assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: relative luminance of the lighter to the darker, both with 0.05 of stray light."""

    def luminance(colour: str) -> float:
        parts = np.array([int(part) / 255 for part in re.findall(r"\d+", colour)[:3]])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# ---------------------------------------------------------------- the sound itself


def test_resampling_keeps_speech_and_keeps_out_what_would_fold_back(page: Browser) -> None:
    heard, folded = page.run(
        """const { Resampler } = await import("./resample.js");
           const tone = (hz) => {
             const resampler = new Resampler(48000, 16000), out = [];
             for (let at = 0; at < 48000; at += 128) {
               const wave = (_, i) => Math.sin((2 * Math.PI * hz * (at + i)) / 48000);
               out.push(...resampler.push(Float32Array.from({ length: 128 }, wave)));
             }
             return out;
           };
           return [tone(1000), tone(11000)];"""
    )
    assert len(heard) == pytest.approx(16_000, abs=50)
    settled = np.array(heard[200:15_000])
    expected = np.sin(2 * np.pi * 1000 * np.arange(200, 15_000) / 16_000)
    assert np.max(np.abs(settled - expected)) < 0.01
    assert np.sqrt(np.mean(np.square(folded[200:]))) < 0.01  # 37 dB and more below what came in


def test_a_reply_is_played_without_gaps_whatever_its_rate(page: Browser) -> None:
    played = page.run(
        """const context = new OfflineAudioContext(1, 24000, 48000);
           await context.audioWorklet.addModule("playback.js");
           const node = new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
           node.connect(context.destination);
           for (let at = 0; at < 11025; at += 441) {
             const wave = (_, i) => Math.sin((2 * Math.PI * 440 * (at + i)) / 22050);
             const samples = Float32Array.from({ length: 441 }, wave);
             node.port.postMessage({ samples, rate: 22050 });
           }
           await new Promise((resolve) => setTimeout(resolve, 200));
           return Array.from((await context.startRendering()).getChannelData(0));"""
    )
    sound = np.array(played[:23_000])
    begin = int(np.argmax(np.abs(sound) > 1e-6))
    expected = np.sin(2 * np.pi * 440 * np.arange(23_000 - begin + 1) / 48_000)[1:]
    assert begin < 256
    assert np.max(np.abs(sound[begin:] - expected)) < 0.01


@pytest.mark.parametrize(("messages", "loudest"), [([True], 0.0), ([True, True, False], 0.5)])
def test_a_reply_that_is_held_is_silent_and_goes_on(page: Browser, messages: list[bool], loudest: float) -> None:
    played = page.run(
        """const context = new OfflineAudioContext(1, 24000, 48000);
           await context.audioWorklet.addModule("playback.js");
           const node = new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
           node.connect(context.destination);
           node.port.postMessage({ samples: new Float32Array(4800).fill(0.5), rate: 48000 });
           for (const pause of MESSAGES) node.port.postMessage({ pause });
           await new Promise((resolve) => setTimeout(resolve, 200));
           return Array.from((await context.startRendering()).getChannelData(0));""".replace(
            "MESSAGES", json.dumps(messages)
        )
    )
    assert max(played) == pytest.approx(loudest)


def test_the_microphone_at_another_rate_is_heard_as_well(tmp_path: Path, fake: str) -> None:
    """Where a browser does not resample a microphone for us, the page does."""
    wav = write(tmp_path / "words.wav", np.concatenate([silence(0.3), spoken("turn on the counter light"), silence(5)]))
    with chromium(wav, "--use-fake-ui-for-media-stream") as browser:
        browser.command(
            "Page.addScriptToEvaluateOnNewDocument",
            source="""const Real = AudioContext;
                      window.AudioContext = class extends Real {
                        createMediaStreamSource(stream) {
                          if (this.sampleRate === 16000) throw new DOMException("another rate", "NotSupportedError");
                          window.rate = this.sampleRate;
                          return super.createMediaStreamSource(stream);
                        }
                      };""",
        )
        browser.open(fake)
        browser.key("keyDown")
        browser.wait(lambda: "lamp" in hear(browser), "the words")
        browser.key("keyUp")
        assert browser.run("return rate") > 16_000
        frames = [size for size in browser.run("return sent") if isinstance(size, int)]
        assert set(frames[:-1]) == {640}
