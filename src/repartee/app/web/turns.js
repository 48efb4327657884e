// The turns before this one, newest first; each opens its own waterfall.

import { el, tidy } from "./dom.js";
import { figure, moments } from "./waterfall.js";
import { language, t } from "./words.js";

const SHOWN = 20;
const NOTHING = { silence: "(nothing was said)", rejected: "(not a command)" };

export class Turns {
  #section;
  #list;
  #open;
  #known = new Set();

  /** `open(record)` is called when one is chosen. */
  constructor(section, list, open) {
    this.#section = section;
    this.#list = list;
    this.#open = open;
  }

  /** A finished turn; one that is there already is left alone. */
  add(record, atEnd = false) {
    if (this.#known.has(record.turn)) return;
    this.#known.add(record.turn);
    const { done, heard } = moments(record);
    const took = done ?? heard;
    const time = new Date(record.at * 1000);
    const button = el(
      "button",
      { type: "button", "data-turn": record.turn, "data-decision": record.decision },
      el("span", { class: "said" }, tidy(record.transcript) || t(NOTHING[record.decision] ?? "…")),
      el("span", { class: "answered" }, record.error ? `${record.reply} (${record.error})` : record.reply),
      el("span", { class: "when" }, el("time", { datetime: time.toISOString() }, time.toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit" })), took !== null && ` · ${figure(took)} ms`),
    );
    button.addEventListener("click", () => {
      this.#list.querySelector("[aria-current]")?.removeAttribute("aria-current");
      button.setAttribute("aria-current", "true");
      this.#open(record);
    });
    const item = el("li", {}, button);
    if (atEnd) this.#list.append(item);
    else this.#list.prepend(item);
    while (this.#list.children.length > SHOWN) this.#list.lastChild.remove();
    this.#section.hidden = false;
  }
}
