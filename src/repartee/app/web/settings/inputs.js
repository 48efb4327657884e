// One setting as a row: its name, its input, what it means.

import { el } from "../dom.js";

const NAMES = { "brain.stt": "Speech to text", "brain.tts": "Voice engine", "brain.stt_model": "Speech model", "home.area": "Room of this box", "confirmation.pin": "PIN", "audio.vad": "Voice detection" };
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
const text = (value) => (value == null ? "" : String(value));
const lines = (area) => area.value.split("\n").map((line) => line.trim()).filter(Boolean);

const KINDS = {
  flag: { make: () => el("input", { type: "checkbox", role: "switch" }), put: (input, value) => (input.checked = Boolean(value)), get: (input) => input.checked },
  number: {
    make: ({ least, most, whole }) => el("input", { type: "number", min: least, max: most, step: whole ? 1 : "any" }),
    put: (input, value) => (input.value = text(value)),
    get: (input) => (input.value === "" ? null : Number(input.value)),
  },
  choice: {
    make: ({ options, optional }) => el("select", {}, optional && el("option", { value: "" }, "none"), options.map((option) => el("option", { value: option }, option))),
    put: (input, value) => (input.value = text(value)),
    get: (input) => input.value || null,
  },
  text: { make: () => el("input", { type: "text", maxlength: 2000 }), put: (input, value) => (input.value = text(value)), get: (input) => input.value.trim() || null },
  secret: {
    make: () => el("input", { type: "password", autocomplete: "new-password", maxlength: 2000 }),
    put: (input, value) => Object.assign(input, { value: "", placeholder: value ? "there is one; type to replace it" : "none" }),
    get: (input) => input.value || null,
  },
  lines: { make: () => el("textarea", { rows: 2, placeholder: "one a line" }), put: (input, value) => (input.value = (value ?? []).join("\n")), get: lines },
  pairs: {
    make: () => el("textarea", { rows: 2, placeholder: "name = value, one a line" }),
    put: (input, value) => (input.value = Object.entries(value ?? {}).map(([name, one]) => `${name} = ${one}`).join("\n")),
    get: (input) => Object.fromEntries(lines(input).map((line) => pair(line))),
  },
};

function pair(line) {
  const at = line.lastIndexOf("=");
  const [name, value] = at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  return [name, value !== "" && Number.isFinite(Number(value)) ? Number(value) : value];
}

/** A row, and `changed(key, value)` whenever a person changes it. `fixed`: the environment decides. */
export class Row {
  #way;

  constructor(field, value, { fixed = false, options = null, changed, id }) {
    this.field = options ? { ...field, kind: "choice", options: options.includes(value) || value == null ? options : [value, ...options] } : field;
    this.#way = KINDS[this.field.kind];
    this.input = this.#way.make(this.field);
    const name = NAMES[field.key] ?? capital(field.key.slice(field.section.length + 1).replaceAll("_", " "));
    Object.assign(this.input, { id, disabled: fixed });
    this.input.setAttribute("aria-describedby", `${id}-about`);
    this.element = el(
      "div",
      { class: "field", "data-key": field.key, "data-kind": this.field.kind },
      el("label", { for: id }, name),
      this.input,
      el("p", { id: `${id}-about`, class: "note" }, field.description.replaceAll("`", ""), fixed && " The environment decides this one."),
      el("p", { class: "wrong", role: "alert" }),
    );
    this.put(value);
    this.input.addEventListener("input", () => changed(field.key, this.#way.get(this.input)));
    this.input.addEventListener("change", () => changed(field.key, this.#way.get(this.input)));
  }

  put(value) {
    this.#way.put(this.input, value);
    this.complain("");
  }

  complain(message) {
    this.element.querySelector(".wrong").textContent = message;
    this.input.toggleAttribute("aria-invalid", Boolean(message));
  }
}
