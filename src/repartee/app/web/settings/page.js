// Settings: read with what they mean, changed here, kept in the file, and at work after the assistant has begun anew.

import { api } from "../api.js";
import { Connection } from "../connection.js";
import { el } from "../dom.js";
import { Row } from "./inputs.js";
import { fields, valueOf } from "./schema.js";

const $ = (id) => document.getElementById(id);
const MAIN = ["brain.language", "brain.tts", "brain.words_per_minute", "home.area", "home.time_zone", "confirmation.pin", "audio.wake_words", "system.retention_days"];
const TITLES = {
  brain: "Understanding and answering", audio: "Hearing", deciding: "When to act, when to ask", home: "Home", confirmation: "What wants a yes first", system: "Machine and door", contract: "Promises", llm: "Language models", doors: "Doors",
  "home.home_assistant": "Home Assistant", "home.mqtt": "MQTT", "llm.fast": "Language model, fast", "llm.good": "Language model, good" };

const connection = new Connection();
const rows = new Map(); // key -> rows that show it
const changes = new Map(); // key -> new value
let told = null; // what the server told last

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

// ---------------------------------------------------------------- the rows

function build() {
  const all = fields(told.schema);
  rows.clear();
  $("main-fields").replaceChildren(...MAIN.map((key) => all.find((field) => field.key === key)).filter(Boolean).map((field) => row(field, "main")));
  const sections = [...new Set(all.map(({ section }) => section))];
  $("sections").replaceChildren(
    ...sections.map((section) =>
      el("details", { "data-section": section }, el("summary", {}, TITLES[section] ?? section, el("code", {}, section)), el("div", { class: "fields" }, all.filter((field) => field.section === section).map((field) => row(field, "all")))),
    ),
  );
}

function row(field, where) {
  const made = new Row(field, valueOf(told.values, field.key), {
    fixed: told.environment.includes(field.key),
    options: told.choices[field.key] ?? null,
    id: `${where}-${field.key.replaceAll(".", "-")}`,
    changed: (key, value) => change(made, key, value),
  });
  rows.set(field.key, [...(rows.get(field.key) ?? []), made]);
  return made.element;
}

function change(source, key, value) {
  const before = valueOf(told.values, key);
  if (JSON.stringify(value) === JSON.stringify(before ?? null)) changes.delete(key);
  else changes.set(key, value);
  for (const other of rows.get(key)) if (other !== source) other.put(value);
  source.complain(source.input.validationMessage);
  bar();
}

/** What there is to do: save, or begin anew with what was saved. */
function bar() {
  const waiting = told.waiting.length;
  $("bar").hidden = !changes.size && !waiting;
  $("bar-text").textContent = changes.size
    ? `${changes.size} ${changes.size === 1 ? "change is" : "changes are"} not saved`
    : `Saved. ${waiting} ${waiting === 1 ? "setting takes" : "settings take"} effect when Repartee begins anew; that takes some seconds.`;
  $("save").hidden = $("discard").hidden = !changes.size;
  $("restart").hidden = changes.size > 0 || !waiting;
}

function show(answer) {
  told = answer;
  changes.clear();
  $("file").textContent = told.file;
  const names = { demo: "the demo home: nothing real is switched", home_assistant: "your Home Assistant", mqtt: "your MQTT devices", "home_assistant+mqtt": "your Home Assistant and your MQTT devices" };
  $("home-now").textContent = `Repartee serves ${names[told.home] ?? told.home}.`;
  $("demo").hidden = !told.values.home.home_assistant && !told.values.home.mqtt;
  build();
  find();
  bar();
}

/** The message names the key: it is shown beside it. */
function refused(message) {
  notice(message);
  for (const [key, own] of rows) {
    if (message.includes(key)) for (const one of own) one.complain(message);
  }
}

async function save() {
  try {
    show(await api("settings", "PUT", { changes: Object.fromEntries(changes) }));
    notice("");
  } catch (error) {
    refused(error.message);
  }
}

// ---------------------------------------------------------------- the home

async function connectHome(event) {
  event.preventDefault();
  const button = $("connect").querySelector(".primary");
  button.disabled = true;
  $("found").hidden = false;
  $("found").replaceChildren(el("p", {}, "Connecting …"));
  try {
    const answer = await api("home-assistant", "POST", { url: $("url").value, token: $("token").value });
    $("token").value = "";
    tellFound(answer.found);
    show(answer);
  } catch (error) {
    $("found").replaceChildren(el("p", { class: "wrong" }, error.message));
  }
  button.disabled = false;
}

function tellFound({ server, entities, hidden, areas, without_area: without, confusable_names: pairs, notes }) {
  const total = Object.values(entities).reduce((sum, count) => sum + count, 0);
  const list = (title, items) => items.length > 0 && el("details", {}, el("summary", {}, `${items.length} ${title}`), el("ul", {}, items.map((item) => el("li", {}, item))));
  $("found").replaceChildren(
    el("p", {}, el("b", {}, `Connected to Home Assistant ${server}.`), ` ${total} devices can be spoken to in ${areas.length} areas; ${hidden} are not exposed.`),
    ...[list("without an area", without), list("pairs of names that sound alike", pairs.map(([a, b]) => `${a} ~ ${b}`))].filter(Boolean),
    ...notes.map((note) => el("p", { class: "note" }, note)),
  );
}

async function backToDemo() {
  try {
    show(await api("settings", "PUT", { changes: { "home.home_assistant": null, "home.mqtt": null } }));
    $("found").hidden = true;
  } catch (error) {
    refused(error.message);
  }
}

async function alike() {
  const pairs = await api("home/confusable");
  const items = pairs.slice(0, 50).map(([a, b]) => el("li", {}, `${a} ~ ${b}`));
  $("alike").replaceChildren(...(items.length ? items : [el("li", { class: "note" }, "None in this home.")]));
}

// ---------------------------------------------------------------- finding, and the rest

function find() {
  const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of $("sections").children) {
    let any = false;
    for (const element of section.querySelectorAll(".field")) {
      const fits = words.every((word) => `${element.dataset.key} ${element.textContent}`.toLowerCase().replaceAll("_", " ").includes(word));
      element.hidden = !fits;
      any ||= fits;
    }
    section.hidden = !any;
    if (words.length) section.open = any;
  }
}

async function restart() {
  try {
    await api("restart", "POST", {});
    $("bar-text").textContent = "Beginning anew …";
    $("restart").hidden = true;
  } catch (error) {
    refused(error.message);
  }
}

connection.addEventListener("status", async ({ detail: { state, text } }) => {
  $("connection").textContent = state === "open" ? "Connected" : text;
  $("connection").dataset.state = state;
  if (state !== "open" || changes.size) return; // what was typed is kept
  try {
    show(await api("settings"));
    notice("");
    await alike();
  } catch (error) {
    notice(error.message);
  }
});
$("connect").addEventListener("submit", connectHome);
$("demo").addEventListener("click", backToDemo);
$("save").addEventListener("click", save);
$("discard").addEventListener("click", () => show(told));
$("restart").addEventListener("click", restart);
$("find").addEventListener("input", find);
addEventListener("beforeunload", (event) => changes.size && event.preventDefault());
connection.connect("");
