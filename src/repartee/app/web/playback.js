// In the audio thread: plays frames of samples without gaps, whatever their rate. Messages: {samples: Float32Array, rate},
// {end: utterance} (answered with {played: utterance} when all before it was heard), {silence: true}, {pause: true or false}.

const FADE = 0.005; // seconds in which a reply that is cut off dies away, so that it does not click
const START = 0.04; // seconds of sound to have before the first is heard: what the network may be late

class Playback extends AudioWorkletProcessor {
  #queue = [];
  #held = 0; // seconds in the queue
  #position = 1; // in samples of the first of the queue; sample 0 is the last of the chunk before
  #last = new Float32Array(1);
  #playing = false;
  #paused = false;
  #fade = 0;
  #value = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data.silence) this.#silence();
      else if (data.pause !== undefined) this.#pause(data.pause);
      else this.#add(data);
    };
  }

  #pause(paused) {
    if (paused && !this.#paused) this.#fade = this.#playing ? 1 : 0;
    this.#paused = paused;
  }

  #add(item) {
    this.#queue.push(item);
    if (item.samples) this.#held += item.samples.length / item.rate;
    if (item.end !== undefined || this.#held >= START) this.#playing = true;
  }

  #silence() {
    this.#queue = [];
    this.#held = 0;
    this.#fade = this.#paused ? this.#fade : 1;
    this.#playing = this.#paused = false;
    this.#position = 1;
    this.#last = new Float32Array(1);
  }

  process(_, [output]) {
    const channel = output[0];
    for (let i = 0; i < channel.length; i++) channel[i] = this.#next();
    for (let other = 1; other < output.length; other++) output[other].set(channel);
    return true;
  }

  #next() {
    if (!this.#playing || this.#paused) {
      this.#fade = Math.max(0, this.#fade - 1 / (FADE * sampleRate));
      return this.#value * this.#fade;
    }
    while (this.#queue.length && this.#finished(this.#queue[0])) this.#queue.shift();
    const item = this.#queue[0];
    if (!item) {
      this.#playing = false;
      this.#fade = 1;
      return this.#value;
    }
    this.#held -= 1 / sampleRate;
    this.#value = this.#interpolate(item.samples);
    this.#position += item.rate / sampleRate;
    return this.#value;
  }

  /** Whether nothing of this item is left; what it leaves behind goes to the next. */
  #finished(item) {
    if (item.end !== undefined) {
      this.port.postMessage({ played: item.end });
      this.#held = 0;
      return true;
    }
    if (this.#position < item.samples.length) return false;
    this.#position -= item.samples.length;
    this.#last = item.samples.slice(-1);
    return true;
  }

  /** Cubic (Catmull-Rom) between the samples around the position. */
  #interpolate(samples) {
    const i = Math.floor(this.#position);
    const t = this.#position - i;
    const at = (k) => (k < 0 ? this.#last[0] : samples[Math.min(k, samples.length - 1)]);
    const [a, b, c, d] = [at(i - 2), at(i - 1), at(i), at(i + 1)];
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }
}

registerProcessor("playback", Playback);
