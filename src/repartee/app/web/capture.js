// In the audio thread: what the microphone hears, as frames of 20 ms of 16-bit PCM at 16 kHz.
// Posts {frame: ArrayBuffer, level: 0-1}; asked to `flush`, posts the rest and then {flushed: true}.

import { Resampler } from "./resample.js";

const RATE = 16_000;
const FRAME = RATE / 50;

class Capture extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, RATE);
  #frame = new Int16Array(FRAME);
  #filled = 0;
  #energy = 0;

  constructor() {
    super();
    this.port.onmessage = () => {
      if (this.#filled) this.#post(this.#frame.slice(0, this.#filled));
      this.port.postMessage({ flushed: true });
    };
  }

  process([input]) {
    if (!input.length) return true; // the microphone is not connected yet
    for (const sample of this.#resampler.push(input[0])) {
      const clipped = Math.max(-1, Math.min(1, sample));
      this.#energy += clipped * clipped;
      this.#frame[this.#filled++] = Math.round(clipped * 32767);
      if (this.#filled === FRAME) this.#post(this.#frame.slice());
    }
    return true;
  }

  #post(frame) {
    const level = Math.sqrt(this.#energy / frame.length);
    this.#filled = this.#energy = 0;
    this.port.postMessage({ frame: frame.buffer, level }, [frame.buffer]);
  }
}

registerProcessor("capture", Capture);
