// The latest turns: found, sorted, and one of them drawn as a waterfall.

import { api } from "../api.js";
import { el, tidy } from "../dom.js";
import { draw as waterfall, moments, promises } from "../waterfall.js";
import { figure } from "./format.js";

const OUTCOMES = { acted: "done", asked: "asked back", rejected: "not a command", silence: "nothing said", failed: "failed" };

export class TurnList {
  #list;
  #card;
  #budgets = {};
  #turns = [];
  #chosen = null;

  constructor(list, card, form) {
    this.#list = list;
    this.#card = card;
    this.find = form.querySelector("#find");
    this.outcome = form.querySelector("#outcome");
    this.slow = form.querySelector("#slow");
    for (const change of ["input", "change"]) form.addEventListener(change, () => this.#draw());
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  async load() {
    [this.#budgets, this.#turns] = await Promise.all([api("budgets"), api("turns?limit=200")]);
    this.#draw();
  }

  add(record) {
    if (this.#turns.some(({ turn }) => turn === record.turn)) return;
    this.#turns.unshift(record);
    this.#turns.length = Math.min(this.#turns.length, 200);
    this.#draw();
  }

  #draw() {
    this.#offer();
    const words = this.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (turn) => words.every((word) => `${turn.transcript} ${turn.reply}`.toLowerCase().includes(word)) && (!this.outcome.value || outcome(turn) === this.outcome.value);
    const shown = this.#turns.filter(fits);
    if (this.slow.checked) shown.sort((a, b) => (took(b) ?? -1) - (took(a) ?? -1));
    const longest = Math.max(1, ...shown.map((turn) => took(turn) ?? 0));
    this.#list.replaceChildren(...shown.map((turn) => this.#row(turn, longest)));
    if (!shown.length) this.#list.append(el("li", { class: "note" }, this.#turns.length ? "None of the latest 200 turns fits." : "Nobody has said anything yet."));
    if (shown.length && !shown.some(({ turn }) => turn === this.#chosen)) this.#choose(shown[0]);
  }

  #offer() {
    const known = new Set([...this.outcome.options].map(({ value }) => value));
    for (const one of new Set(this.#turns.map(outcome))) if (!known.has(one)) this.outcome.append(el("option", { value: one }, OUTCOMES[one] ?? one));
  }

  #row(turn, longest) {
    const ms = took(turn);
    const bar = el("i", { class: "took" });
    bar.style.width = `${((ms ?? 0) / longest) * 100}%`;
    const button = el(
      "button",
      { type: "button", "data-turn": turn.turn, "data-decision": outcome(turn), "aria-current": turn.turn === this.#chosen && "true" },
      el("time", { datetime: new Date(turn.at * 1000).toISOString() }, new Date(turn.at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false })),
      el("span", { class: "said" }, tidy(turn.transcript) || OUTCOMES[outcome(turn)] || "…"),
      el("span", { class: "ms" }, ms === null ? "–" : figure(ms, "ms")),
      bar,
    );
    button.addEventListener("click", () => this.#choose(turn));
    return el("li", {}, button);
  }

  async #choose(turn) {
    this.#chosen = turn.turn;
    for (const button of this.#list.querySelectorAll("button")) button.toggleAttribute("aria-current", button.dataset.turn === turn.turn);
    waterfall(this.#card, turn, this.#budgets);
    this.#card.hidden = false;
    this.#card.querySelector("#turn-title").textContent = tidy(turn.transcript) || "(nothing was said)";
    const judged = await api(`turns/${turn.turn}/contract`).catch(() => null); // of before the start: no verdicts
    if (judged && this.#chosen === turn.turn) promises(this.#card, judged);
  }
}

const outcome = (turn) => (turn.error ? "failed" : turn.decision);

/** Milliseconds to what the person waited for: the deed, else the reply; null where there was neither. */
function took(turn) {
  const { done, heard } = moments(turn);
  return done ?? heard;
}
