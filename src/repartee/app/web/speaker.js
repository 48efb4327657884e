// The loudspeaker: plays what the server says, and is silent at once when told.

export class Speaker {
  #opening = null;
  #context = null;
  #node = null;
  #rate = 0; // Hz of the frames that come; 0: nobody speaks
  #speaking = false;

  /** Called with the number of an utterance whose last sample was heard. */
  onplayed = () => {};

  /** To be called from a press or a key: browsers make no sound before. */
  async open() {
    await (this.#opening ??= this.#open());
    if (this.#context.state !== "running") await this.#context.resume();
  }

  get speaking() {
    return this.#speaking;
  }

  begin(rate) {
    this.#rate = rate;
    this.#speaking = true;
  }

  /** A frame of 16-bit PCM; one that comes after a silence belongs to what was cut off. */
  play(pcm) {
    if (!this.#rate || !this.#node) return;
    const samples = Float32Array.from(new Int16Array(pcm), (sample) => sample / 32768);
    this.#node.port.postMessage({ samples, rate: this.#rate }, [samples.buffer]);
  }

  /** No more of this utterance will come. */
  end(utterance) {
    this.#rate = 0;
    if (this.#context?.state === "running") this.#node.port.postMessage({ end: utterance });
    else this.#played(utterance); // nothing can be heard; nobody need wait for it
  }

  /** Silence for now: what was not heard yet waits for `resume`. */
  hold() {
    this.#node?.port.postMessage({ pause: true });
  }

  resume() {
    this.#node?.port.postMessage({ pause: false });
  }

  silence() {
    this.#rate = 0;
    this.#speaking = false;
    this.#node?.port.postMessage({ silence: true });
  }

  #played(utterance) {
    this.#speaking = false;
    this.onplayed(utterance);
  }

  async #open() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    await this.#context.audioWorklet.addModule("playback.js");
    this.#node = new AudioWorkletNode(this.#context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#node.port.onmessage = ({ data }) => this.#played(data.played);
    this.#node.connect(this.#context.destination);
  }
}
