// The devices of the home, by floor and area. What is shown is what the home has confirmed, never what was asked of it.

import { look } from "./devices.js";
import { el, icon } from "./dom.js";
import { t } from "./words.js";

const MANY = 24; // devices, from which a field to find one is a help
const FEW = 3; // rooms, beyond which one jumps to a room instead of scrolling
const SURE = 6000; // ms in which a second press means yes
const PIN = 30000; // ms in which the PIN may be typed
const COMPLAINT = 6000; // ms for which a device says what went wrong

export class HomeView {
  #root;
  #tiles = new Map(); // entity id -> Tile
  #perform;

  /** `perform({service, entities, data, confirmed?, pin?})` resolves to the effects, or rejects with what it `wants`. */
  constructor(root, perform) {
    this.#root = root;
    this.#perform = perform;
  }

  /** Draws the whole home. */
  show({ floors, areas, entities }) {
    const focus = document.activeElement?.closest?.("[data-entity]")?.dataset.entity;
    this.#tiles.clear();
    this.#root.classList.remove("finding");
    const known = new Set(areas.map((area) => area.id));
    const inArea = (id) => entities.filter((entity) => entity.area === id);
    const floor = (name, rooms) => el("section", { class: "floor" }, name && el("h2", {}, name), el("div", { class: "areas" }, rooms));
    const rooms = (of) => areas.filter((area) => area.floor === of && inArea(area.id).length).map((area) => this.#room(area.name, inArea(area.id)));
    const elsewhere = entities.filter((entity) => !known.has(entity.area));
    const lost = areas.filter((area) => !floors.some((f) => f.id === area.floor)).map((area) => ({ ...area, floor: null }));
    const sections = floors.map((f) => [f.name, rooms(f.id)]);
    const others = lost.filter((area) => inArea(area.id).length).map((area) => this.#room(area.name, inArea(area.id)));
    if (elsewhere.length) others.push(this.#room(t("Everywhere"), elsewhere));
    if (others.length) sections.push([floors.length ? t("Around the house") : "", others]);
    this.#root.replaceChildren(...sections.filter(([, inside]) => inside.length).map(([name, inside]) => floor(name, inside)));
    const all = sections.flatMap(([, inside]) => inside);
    if (all.length > FEW) this.#root.prepend(jumps(all));
    if (entities.length >= MANY) this.#root.prepend(this.#finder(entities, areas));
    if (!entities.length) this.#root.append(el("p", { class: "note" }, t("This home has no devices yet.")));
    if (focus) this.#tiles.get(focus)?.focus();
  }

  /** As people call it; null for what is not of this home. */
  nameOf(entity) {
    return this.#tiles.get(entity)?.name ?? null;
  }

  /** One entity has changed. */
  update(entity, state) {
    this.#tiles.get(entity)?.update(state);
  }

  /** Shows only what its words are found in: name or room. */
  #finder(entities, areas) {
    const rooms = new Map(areas.map((area) => [area.id, area.name]));
    const field = el("input", { type: "search", class: "find", placeholder: t("Find a device"), "aria-label": t("Find a device") });
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.#root.classList.toggle("finding", words.length > 0);
      for (const { id, name, area } of entities) {
        const text = `${name} ${rooms.get(area) ?? ""}`.toLowerCase();
        this.#tiles.get(id).element.classList.toggle("found", words.every((word) => text.includes(word)));
      }
    });
    return field;
  }

  #room(name, entities) {
    const tiles = entities.map((entity) => {
      const tile = new Tile(entity, this.#perform);
      this.#tiles.set(entity.id, tile);
      return tile.element;
    });
    return el("section", { class: "room card", tabindex: -1, "aria-label": name }, el("h3", {}, name), el("ul", {}, tiles));
  }
}

/** A row of rooms to jump to. */
function jumps(rooms) {
  const jump = (room) => {
    const button = el("button", { type: "button" }, room.firstChild.textContent);
    button.addEventListener("click", () => {
      room.scrollIntoView({ block: "start", behavior: "smooth" });
      room.focus({ preventScroll: true });
    });
    return button;
  };
  return el("nav", { class: "jumps", "aria-label": t("Rooms") }, rooms.map(jump));
}

class Tile {
  #entity;
  #perform;
  #main;
  #name;
  #state;
  #scale = null;
  #icon;
  #timer = 0;
  #complaint = "";
  #asked = null; // the call that waits for a second press
  #pin = null;

  constructor(entity, perform) {
    this.#entity = entity;
    this.#perform = perform;
    this.#icon = icon("thing");
    this.#name = el("span", { class: "name" }, entity.name);
    this.#state = el("span", { class: "state" });
    const clickable = look(entity).click !== null;
    this.#main = el(clickable ? "button" : "div", { class: "main", ...(clickable && { type: "button" }) }, this.#icon, el("span", { class: "text" }, this.#name, this.#state));
    if (clickable) this.#main.addEventListener("click", () => this.#press());
    this.element = el("li", { class: "tile", "data-entity": entity.id }, this.#main);
    this.#draw();
  }

  get name() {
    return this.#entity.name;
  }

  focus() {
    this.#main.focus();
  }

  update(state) {
    const changed = state.value !== this.#entity.state.value;
    this.#entity = { ...this.#entity, state };
    if (changed || !(this.#asked || this.#pin)) this.#say("", 0); // a question stands while nothing has happened
    else this.#draw();
    if (changed) this.#flash();
  }

  #draw() {
    const now = look(this.#entity);
    this.element.dataset.on = now.on;
    this.element.dataset.value = this.#entity.state.value ?? "";
    this.element.style.setProperty("--glow", now.colour ?? "");
    this.#icon.firstChild.setAttribute("href", `icons.svg#${now.icon}`);
    this.#state.textContent = this.#complaint || now.text;
    this.element.classList.toggle("complains", this.#complaint !== "");
    if (now.click && !now.once) this.#main.setAttribute("aria-pressed", now.on);
    this.#drawScale(now.scale);
  }

  /** A slider that is in a hand is left alone. */
  #drawScale(scale) {
    if (!scale) {
      this.#scale?.remove();
      this.#scale = null;
      return;
    }
    if (!this.#scale) {
      this.#scale = el("input", { type: "range" });
      this.#scale.addEventListener("change", () => this.#call(look(this.#entity).scale.set(Number(this.#scale.value))));
      this.#scale.addEventListener("input", () => this.#fill());
      this.element.append(this.#scale);
    }
    const { label, value, min, max, step, unit } = scale;
    Object.assign(this.#scale, { min, max, step: step ?? 1 });
    if (!this.#scale.matches(":active")) this.#scale.value = value;
    this.#scale.dataset.unit = unit;
    this.#scale.setAttribute("aria-label", t("{0} of {1}", label, this.#entity.name));
    this.#fill();
  }

  #fill() {
    const { value, min, max, dataset } = this.#scale;
    this.#scale.setAttribute("aria-valuetext", `${value} ${dataset.unit}`);
    this.#scale.style.setProperty("--at", `${((value - min) / (max - min)) * 100}%`);
  }

  /** The server has asked whether this is meant: a second press says so. */
  #press() {
    const asked = this.#asked;
    this.#say("", 0);
    if (asked) this.#call(asked, { confirmed: true });
    else this.#call(look(this.#entity).click());
  }

  async #call({ service, data }, consent = {}) {
    this.element.setAttribute("aria-busy", "true");
    this.#say("", 0);
    try {
      const effects = await this.#perform({ service, entities: [this.#entity.id], data, ...consent });
      const failed = effects.find((effect) => effect.error || !effect.confirmed);
      if (failed) this.#say(failed.error ?? t("It did not answer"), COMPLAINT);
      else if (look(this.#entity).once) this.#flash();
    } catch (error) {
      this.#refused(error, { service, data });
    }
    this.element.removeAttribute("aria-busy");
    this.#draw(); // a slider goes back to what is true
  }

  #refused({ message, wants }, call) {
    if (wants === "confirmed") {
      this.#say(`${message} ${t("Press again")}`, SURE);
      this.#asked = call;
    } else if (wants === "pin") {
      this.#say(message, PIN);
      this.#askPin(call);
    } else this.#say(message, COMPLAINT);
  }

  /** A field for the PIN; Enter sends it. */
  #askPin(call) {
    const field = el("input", { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: "12", class: "pin", "aria-label": "PIN" });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && field.value) this.#call(call, { pin: field.value });
      if (event.key === "Escape") this.#say("", 0);
    });
    this.#pin = field;
    this.element.append(field);
    field.focus();
  }

  #say(text, during) {
    clearTimeout(this.#timer);
    this.#complaint = text;
    this.#asked = null;
    this.#pin?.remove();
    this.#pin = null;
    this.#draw();
    if (text) this.#timer = setTimeout(() => this.#say("", 0), during);
  }

  #flash() {
    this.element.classList.remove("changed");
    void this.element.offsetWidth; // lets the animation begin again
    this.element.classList.add("changed");
  }
}
