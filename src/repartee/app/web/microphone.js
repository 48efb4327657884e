// The microphone: opened at the first press, kept open a while so that the next press records at once. What it hears leaves
// the page only between `start` and `stop`; before that the last fraction of a second is kept here, for people begin to
// speak while they press.

import { Gather } from "./gather.js";
import { t } from "./words.js";

const PRE_ROLL = 10; // frames of 20 ms
const KEPT_OPEN = 120_000; // ms after the last use
const RATE = 16_000;

const REFUSED = {
  NotAllowedError: "The microphone is not allowed. Allow it for this page in the browser's settings, or type.",
  NotFoundError: "This device has no microphone. You can type instead.",
  NotReadableError: "The microphone is in use by another program, or switched off. You can type instead.",
  OverconstrainedError: "The microphone can't be used. You can type instead.",
  AbortError: "The microphone could not be started. Press again, or type.",
};
const INSECURE = "Browsers give the microphone only to https pages and to localhost. You can type instead.";

/** Why there is no microphone; `message` is for people. */
export class NoMicrophone extends Error {}

export class Microphone {
  #opening = null;
  #stream = null;
  #context = null;
  #node = null;
  #recent = [];
  #gather = null; // takes each frame while recording
  #flushed = null;
  #closing = 0;

  /** Called with the level (0-1) of every frame while recording. */
  onlevel = () => {};
  /** Called when the microphone went away by itself. */
  onended = () => {};

  get ready() {
    return this.#stream !== null;
  }

  /** Asks for the microphone. Rejects with `NoMicrophone`. */
  open() {
    clearTimeout(this.#closing);
    return (this.#opening ??= this.#open().catch((error) => {
      this.close();
      throw error;
    }));
  }

  /** Hands every frame (ArrayBuffer) to `take`, the last moments before this call first where `preRoll`. In a quiet room
      several frames are one. */
  start(take, preRoll) {
    clearTimeout(this.#closing);
    this.#gather = new Gather(take);
    if (preRoll) this.#recent.forEach(take);
    this.#recent = [];
  }

  /** Resolves when everything heard until now was handed over. */
  async stop() {
    if (!this.#gather) return;
    if (this.#node) {
      const flushed = new Promise((resolve) => (this.#flushed = resolve));
      this.#node.port.postMessage("flush");
      await flushed;
    }
    this.#gather?.flush();
    this.cancel();
  }

  /** Stops at once; what is still on its way is dropped. */
  cancel() {
    this.#gather = null;
    this.#recent = [];
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => this.close(), KEPT_OPEN);
  }

  close() {
    clearTimeout(this.#closing);
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#context?.close();
    this.#flushed?.();
    this.#opening = this.#stream = this.#context = this.#node = this.#gather = this.#flushed = null;
    this.#recent = [];
  }

  async #open() {
    if (!navigator.mediaDevices) throw new NoMicrophone(t(INSECURE));
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: true },
      });
    } catch (error) {
      throw new NoMicrophone(REFUSED[error.name] ? t(REFUSED[error.name]) : `${t("The microphone can't be used. You can type instead.")} (${error.message})`);
    }
    const { context, source } = this.#connect(this.#stream);
    this.#context = context;
    await context.audioWorklet.addModule("capture.js");
    await context.resume();
    this.#node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    this.#node.port.onmessage = ({ data }) => this.#heard(data);
    source.connect(this.#node);
    this.#stream.getAudioTracks()[0].onended = () => {
      this.close();
      this.onended();
    };
  }

  /** At 16 kHz where the browser resamples a microphone for us, else at the device's own rate. */
  #connect(stream) {
    const context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    try {
      return { context, source: context.createMediaStreamSource(stream) };
    } catch {
      context.close();
      const own = new AudioContext({ latencyHint: "interactive" });
      return { context: own, source: own.createMediaStreamSource(stream) };
    }
  }

  #heard({ frame, level, flushed }) {
    if (flushed) return this.#flushed?.();
    if (this.#gather) {
      this.#gather.push(frame, level);
      this.onlevel(level);
    } else {
      this.#recent.push(frame);
      if (this.#recent.length > PRE_ROLL) this.#recent.shift();
    }
  }
}
