// Converts a stream of samples between two rates: band-limited interpolation with a windowed sinc (Hann), its cut-off at
// 0.92 of the lower Nyquist frequency. Reference: J. O. Smith, "Digital Audio Resampling Home Page", ccrma.stanford.edu/~jos/resample

const ZEROS = 12; // zero crossings of the sinc on each side: the longer, the steeper

export class Resampler {
  #step;
  #cutoff;
  #reach;
  #input = new Float32Array(0);
  #position; // of the next output sample, in input samples from the start of #input

  /** Rates in Hz. */
  constructor(from, to) {
    this.#step = from / to;
    this.#cutoff = 0.92 * Math.min(1, to / from);
    this.#reach = Math.ceil(ZEROS / this.#cutoff);
    this.#input = new Float32Array(this.#reach); // silence before the beginning
    this.#position = this.#reach;
  }

  /** The output samples that this input completes; a few milliseconds stay inside until more comes. */
  push(samples) {
    if (this.#step === 1) return samples.slice();
    const input = new Float32Array(this.#input.length + samples.length);
    input.set(this.#input);
    input.set(samples, this.#input.length);
    const output = [];
    let at = this.#position;
    for (; at + this.#reach < input.length; at += this.#step) output.push(this.#sample(input, at));
    const keep = Math.max(0, Math.floor(at) - this.#reach);
    this.#input = input.subarray(keep).slice();
    this.#position = at - keep;
    return Float32Array.from(output);
  }

  #sample(input, at) {
    const first = Math.ceil(at - this.#reach);
    const last = Math.floor(at + this.#reach);
    let sum = 0;
    for (let i = first; i <= last; i++) {
      const distance = i - at;
      const x = Math.PI * distance * this.#cutoff;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      sum += input[i] * sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / this.#reach));
    }
    return sum * this.#cutoff;
  }
}
