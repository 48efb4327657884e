// The socket to the server: reconnects by itself, and says in words what became of it.
// Events: `hello`, `home`, `state`, ... (one for each type of message, the message in `detail`), `sound` (an ArrayBuffer),
// `elsewhere` (there is no such room), `status` ({state: "connecting" | "open" | "lost", text}).

import { t } from "./words.js";

const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 10_000; // ms

const WHY = {
  1001: "The server was stopped.",
  1007: "The server could not use the sound this page sent.",
  1008: "The server did not understand this page; reload it.",
  1011: "Something went wrong in the server.",
  1012: "The server was stopped.",
  1013: "Too many pages are open at the same time.",
  4408: "No sound reached the server.",
  4413: "This page was too slow to follow.",
  4429: "This page has asked too often; the server takes a breath.",
};

export class Connection extends EventTarget {
  #socket = null;
  #area = "";
  #failures = 0;
  #timer = 0;
  #greeted = false;
  #why = "";

  constructor() {
    super();
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  get open() {
    return this.#greeted;
  }

  /** Connects as a satellite in this area ("" for none); an open socket is replaced. */
  connect(area) {
    this.#area = area;
    clearTimeout(this.#timer);
    const url = new URL("api/socket", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (area) url.searchParams.set("area", area);
    const old = this.#socket;
    const socket = (this.#socket = new WebSocket(url));
    old?.close(1000);
    this.#greeted = false;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event);
  }

  send(message) {
    if (this.#greeted) this.#socket.send(JSON.stringify(message));
  }

  sendSound(pcm) {
    if (this.#greeted) this.#socket.send(pcm);
  }

  #take(data) {
    if (typeof data !== "string") return this.#tell("sound", data);
    const message = JSON.parse(data);
    if (message.type === "hello") {
      this.#greeted = true;
      this.#failures = 0;
      this.#tell("status", { state: "open", text: t("Ready") });
    }
    this.#tell(message.type, message);
  }

  #closed({ code }) {
    if (code === 4401 || code === 4403) return location.assign("enter.html");
    if (code === 1008 && this.#area) return this.#elsewhere();
    const greeted = this.#greeted;
    this.#greeted = false;
    this.#why = t(WHY[code] ?? "") || (greeted ? t("The connection to the server is lost.") : this.#why || t("The server does not answer."));
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
    const text = this.#failures > 2 && !greeted ? `${this.#why} ${t("Is it running? This page tries again by itself.")}` : `${this.#why} ${t("Trying again.")}`;
    this.#tell("status", { state: "lost", text });
    this.#timer = setTimeout(() => this.connect(this.#area), wait);
  }

  /** The room in which this page stood is no longer there. */
  #elsewhere() {
    this.#tell("elsewhere");
    this.connect("");
  }

  #hurry() {
    if (this.#socket?.readyState === WebSocket.CLOSED) this.connect(this.#area);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
