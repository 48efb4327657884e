// Timers, alarms, reminders and lists: what is running, how long yet, and a way to end it.

import { el, icon } from "./dom.js";
import { language, t } from "./words.js";

const KINDS = {
  timer: { icon: "timer", name: "Timer" },
  alarm: { icon: "alarm", name: "Alarm" },
  reminder: { icon: "alarm", name: "Reminder" },
  list: { icon: "todo", name: "List" },
};

export class Household {
  #card;
  #perform;
  #ahead = 0; // seconds by which the server's clock is ahead of ours
  #clocks = []; // [element, state] of what counts down
  #ticking = 0;

  constructor(card, perform) {
    this.#card = card;
    this.#perform = perform;
  }

  show({ now, entities }) {
    this.#ahead = now - Date.now() / 1000;
    this.#clocks = [];
    const shown = entities.filter(({ id, state }) => KINDS[kind(id)] && (kind(id) !== "list" || open(state).length));
    const focus = document.activeElement?.closest?.("[data-thing]")?.dataset.thing;
    this.#card.querySelector("ul").replaceChildren(...shown.map((entity) => this.#tile(entity)));
    this.#card.hidden = !shown.length;
    if (focus) (this.#card.querySelector(`[data-thing="${CSS.escape(focus)}"] button`) ?? this.#card.closest("[tabindex]")).focus();
    clearInterval(this.#ticking);
    if (this.#clocks.length) this.#ticking = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  #tile({ id, name, state }) {
    const { icon: picture, name: general } = KINDS[kind(id)];
    const title = name && kind(id) === "timer" ? t("{0} timer", name) : name || state.attributes.message || t(general);
    const text = el("span", { class: "state" });
    const tile = el("li", { class: "tile", "data-thing": id, "data-on": String(state.value === "ringing") }, el("div", { class: "main" }, icon(picture), el("span", { class: "text" }, el("span", { class: "name" }, title), text)));
    if (kind(id) === "list") text.textContent = open(state).join(", ");
    else {
      this.#clocks.push([text, state, kind(id)]);
      tile.firstChild.append(this.#end(id, title, state.value === "ringing"));
    }
    return tile;
  }

  #end(id, title, ringing) {
    const what = ringing ? t("Stop") : t("Cancel");
    const button = el("button", { type: "button", class: "end", "aria-label": `${what} ${title}` }, what);
    button.addEventListener("click", () => {
      button.disabled = true;
      this.#perform({ service: `${kind(id)}.cancel`, entities: [id] }).catch(() => (button.disabled = false));
    });
    return button;
  }

  #tick() {
    const now = Date.now() / 1000 + this.#ahead;
    for (const [text, state, what] of this.#clocks) text.textContent = when(state, what, now);
  }
}

const kind = (id) => id.split(".", 1)[0];
const open = ({ attributes }) => (attributes.items ?? []).filter((item) => item.status !== "completed").map((item) => item.summary ?? item);

/** `4:59 left`, `Paused at 4:59`, `Mon 7:00`, `Is over`. */
function when({ value, attributes: { due, left } }, what, now) {
  if (value === "ringing") return t("It is time");
  if (value === "paused") return t("Paused at {0}", clock(left ?? 0));
  if (what === "timer") return t("{0} left", clock(due - now));
  const soon = due - now < 86_400;
  return new Date(due * 1000).toLocaleString(language(), { hour: "2-digit", minute: "2-digit", ...(soon ? {} : { weekday: "short", day: "numeric", month: "short" }) });
}

/** `59`, `4:59`, `1:04:59`. */
function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
