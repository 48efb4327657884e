// In a quiet room frames leave four at a time: a message costs the server as much as the sound in it. The first loud one
// brings along what was waiting. Until two seconds after the last sound each frame leaves at once, for turns end in silence.

const TOGETHER = 4; // frames of 20 ms
const AFTER = 100; // frames
const ABOVE = 1.6; // a sound is this much louder than the room
const RISE = 1.3 ** 0.02; // how much louder a room may become in a frame; it becomes quieter at once
const LEAST = 2 / 32768; // the last bits of a converter

export class Gather {
  #take;
  #waiting = [];
  #room = Infinity;
  #open = AFTER;

  /** `take` is called with an ArrayBuffer of one frame or several. */
  constructor(take) {
    this.#take = take;
  }

  /** `level`: root mean square of the frame, 0-1. */
  push(frame, level) {
    const loud = Math.max(level, LEAST);
    this.#room = Math.min(loud, this.#room * RISE);
    this.#open = loud > this.#room * ABOVE ? AFTER : this.#open - 1;
    this.#waiting.push(frame);
    if (this.#open > 0 || this.#waiting.length === TOGETHER) this.flush();
  }

  /** Hands on what waits. */
  flush() {
    const [only, ...more] = this.#waiting;
    if (only) this.#take(more.length ? joined(this.#waiting) : only);
    this.#waiting = [];
  }
}

function joined(frames) {
  const whole = new Uint8Array(frames.reduce((size, frame) => size + frame.byteLength, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(new Uint8Array(frame), at);
    at += frame.byteLength;
  }
  return whole.buffer;
}
