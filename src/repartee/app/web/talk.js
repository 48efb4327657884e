// The button: hold it (or the space bar) and speak; or press it shortly, and the end of the sentence ends the turn; or switch
// to hands-free, and turn follows turn. `mode` is one of idle, opening, held, tapped, handsfree.

import { t } from "./words.js";

const SHORT = 350; // ms: a shorter press is a tap
const LONGEST = 60_000; // ms that a button may be held
const NOBODY = 8_000; // ms without speech after a tap

export class Talk extends EventTarget {
  #connection;
  #microphone;
  #speaker;
  #mode = "idle";
  #since = 0;
  #timer = 0;
  #turn = null; // the one that is being heard
  #handsfree = false;
  #down = false;
  #took = null; // what the press took, milliseconds by step

  constructor(connection, microphone, speaker) {
    super();
    this.#connection = connection;
    this.#microphone = microphone;
    this.#speaker = speaker;
    connection.addEventListener("started", ({ detail }) => this.#turnBegins(detail.turn));
    connection.addEventListener("heard", ({ detail }) => detail.final && this.#turnIsOver(detail.turn));
    connection.addEventListener("finished", ({ detail }) => this.#turnIsOver(detail.record.turn));
    connection.addEventListener("status", ({ detail }) => this.#connected(detail.state === "open"));
    microphone.onended = () => this.#lost();
  }

  get mode() {
    return this.#mode;
  }

  get handsfree() {
    return this.#handsfree;
  }

  /** The button or the key goes down, at this time of `performance`. */
  async press(at = performance.now()) {
    if (this.#down) return;
    this.#down = true;
    if (this.#mode === "tapped") return this.#finish(at);
    this.#since = performance.now();
    this.#took = { key_press: Math.max(0, this.#since - at) };
    await this.#begin("held");
  }

  /** ... and up again. */
  async release(at = performance.now()) {
    if (!this.#down) return;
    this.#down = false;
    if (this.#mode !== "held") return;
    if (performance.now() - this.#since < SHORT) this.#tapped();
    else await this.#finish(at);
  }

  /** The press was taken away (another window, a scroll): what was said is dropped, for it may be half a sentence. */
  drop() {
    this.#down = false;
    if (this.#mode === "held") this.cancel();
  }

  /** Silence, and nothing is done. */
  cancel() {
    clearTimeout(this.#timer);
    this.#microphone.cancel();
    this.#speaker.silence();
    this.#connection.send({ type: "stop" });
    this.#set("idle");
    this.#resume();
  }

  /** A sentence was typed: the server hears no more of what is said. Hands-free goes on after its answer. */
  typed() {
    clearTimeout(this.#timer);
    this.#speaker.silence();
    this.#speaker.open(); // the key that was pressed lets the page make sound
    if (this.#mode === "idle") return;
    this.#microphone.cancel();
    this.#set("idle");
  }

  /** Turn after turn without the button. */
  async listenAlways(on) {
    this.#handsfree = on;
    this.#took = null;
    if (on) await this.#begin("handsfree");
    else if (this.#mode === "handsfree") await this.#finish();
  }

  async #begin(mode) {
    if (!this.#connection.open) return this.#tell("trouble", t("There is no connection to the server yet."));
    const overReply = this.#speaker.speaking;
    this.#speaker.silence();
    this.#set("opening");
    try {
      await Promise.all([this.#microphone.open(), this.#speaker.open()]);
    } catch (error) {
      this.#set("idle");
      this.#handsfree = false;
      return this.#tell("trouble", error.message);
    }
    if (this.#mode !== "opening" || !this.#connection.open) return;
    this.#turn = null;
    this.#connection.send({ type: "listen", held: mode === "held" });
    this.#microphone.start((frame) => this.#connection.sendSound(frame), !overReply && mode !== "handsfree");
    if (this.#took) this.#took.recording_start = performance.now() - this.#since;
    if (mode === "held" && !this.#down) return this.#tapped(); // released while the browser asked for the microphone
    this.#set(mode);
    if (mode === "held") this.#timer = setTimeout(() => this.#finish(), LONGEST);
  }

  #tapped() {
    this.#connection.send({ type: "held", held: false }); // from now on a silence ends the sentence
    this.#set("tapped");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finish(), NOBODY);
  }

  /** `released`: when the button was let go, or pressed again; without it, nobody did. */
  async #finish(released) {
    clearTimeout(this.#timer);
    this.#set("idle");
    await this.#microphone.stop();
    const button = released && this.#took && { ...this.#took, recording_stop: Math.max(0, performance.now() - released) };
    this.#connection.send(button ? { type: "end", button } : { type: "end" });
    this.#took = null;
  }

  #turnBegins(turn) {
    this.#turn = turn;
    if (this.#mode === "tapped") clearTimeout(this.#timer);
  }

  /** The turn that a press has cut off ends while we listen already: that is not the one we wait for. */
  #turnIsOver(turn) {
    if (this.#mode === "tapped" && turn === this.#turn) this.#finish();
    else this.#resume();
  }

  #resume() {
    if (this.#handsfree && this.#mode === "idle" && this.#connection.open && !this.#speaker.speaking) this.#begin("handsfree");
  }

  #connected(open) {
    if (open) return this.#resume();
    if (this.#mode === "idle") return;
    clearTimeout(this.#timer);
    this.#microphone.cancel();
    this.#set("idle");
    this.#tell("trouble", t("The connection broke while you spoke; what you said did not arrive. Say it again."));
  }

  #lost() {
    if (this.#mode === "idle") return;
    this.cancel();
    this.#tell("trouble", t("The microphone was unplugged or switched off."));
  }

  #set(mode) {
    this.#mode = mode;
    this.#tell("mode", mode);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
