// The dashboard: asks the server every few seconds for figures, and hears at once of turns.

import { api } from "../api.js";
import { Connection } from "../connection.js";
import { el } from "../dom.js";
import { bytes, figure, number, title } from "./format.js";
import { draw as gauges } from "./gauges.js";
import { Plot } from "./plots.js";
import { TurnList } from "./turns.js";

const $ = (id) => document.getElementById(id);
const EVERY = 5_000; // ms between two looks at the figures
const LINES = 30_000; // ms between two looks at the lines
const RANK = { P0: 0, P1: 1, P2: 2, P3: 3, P4: 4 };

const waits = new Plot($("waits"), [
  { label: "half of them", colour: "accent", fill: true },
  { label: "95 of 100", colour: "over" },
  { label: "99 of 100", colour: "wrong", width: 1 },
], "ms");
const cpu = new Plot($("cpu"), [{ label: "of one core", colour: "accent", fill: true }], "%");
const memory = new Plot($("memory"), [{ label: "process", colour: "accent", fill: true }, { label: "Python's own", colour: "wait" }], "MB");
const turns = new TurnList($("list"), $("waterfall"), $("filter"));
const connection = new Connection();
let hours = 24;
let newest = null; // what /api/dashboard told last

async function figures() {
  if (document.hidden) return;
  newest = await api("dashboard");
  gauges($("gauges"), $("unfed"), newest.verdicts);
  const judged = newest.verdicts.filter(({ outcome }) => outcome === "kept" || outcome === "broken");
  const broken = judged.filter(({ outcome }) => outcome === "broken");
  $("promises-note").textContent = `Profile ${newest.profile}: ${newest.title}. Since the start; n is the number of occurrences.`;
  violations(broken, newest.recommendations);
  caches(newest.caches);
  headline(judged.length, broken.length);
  health(await api("../health"));
}

function headline(judged, broken) {
  const { turns: count, sessions, answering, cpu_percent: cpuNow, memory_mb: memoryNow, actions } = newest;
  const item = (value, what, state) => el("li", { "data-verdict": state }, el("b", {}, value), el("span", {}, what));
  $("headline").replaceChildren(
    item(`${judged - broken} of ${judged}`, "judged promises kept", broken ? "over" : "met"),
    item(number(count), count === 1 ? "turn since the start" : "turns since the start"),
    item(number(sessions), `connected, ${answering} being answered`),
    item(figure(cpuNow, "%"), "of a core"),
    item(figure(memoryNow, "MB"), "memory"),
    ...(actions.length ? [item("!", actions.join("; "), "over")] : []),
  );
}

function violations(broken, advice) {
  const sorted = [...broken].sort((a, b) => (RANK[a.severity] ?? 9) - (RANK[b.severity] ?? 9));
  const rows = sorted.map((verdict) => {
    const help = advice.filter(({ budget }) => budget === verdict.budget).map((one) => el("li", {}, `${one.what}: ${one.evidence}`));
    return el(
      "li",
      { "data-severity": verdict.severity },
      el("b", { class: "severity" }, verdict.severity ?? "–"),
      el("span", {}, el("b", {}, title(verdict.budget)), ` is ${figure(verdict.figure, verdict.unit)} of ${figure(verdict.target, verdict.unit)}`, verdict.respond_within && el("small", {}, ` · respond within ${verdict.respond_within}`), help.length > 0 && el("ul", {}, help)),
    );
  });
  $("violations").replaceChildren(...(rows.length ? rows : [el("li", { class: "note" }, "No promise is broken.")]));
}

function caches(all) {
  const cell = (text) => el("td", {}, text);
  $("caches").replaceChildren(
    ...all.map((one) => el("tr", {}, el("th", { scope: "row" }, one.name.replaceAll("_", " ")), cell(one.hit_percent == null ? "–" : `${number(one.hit_percent)} %`), cell(number(one.hits + one.misses)), cell(number(one.entries)), cell(bytes(one.bytes)), cell(number(one.evicted + one.expired)))),
  );
}

function health({ components }) {
  const order = { degraded: 0, starting: 1, ok: 2 };
  const rows = Object.entries(components).sort(([, a], [, b]) => order[a.status] - order[b.status]);
  $("health").replaceChildren(...rows.map(([name, { status, reason }]) => el("li", { "data-status": status }, el("b", {}, name), el("span", {}, reason))));
}

async function lines() {
  if (!document.hidden) draw(await api(`timeline?hours=${hours}`));
}

function draw({ at, turns: told, used }) {
  const none = at.map(() => null);
  waits.show([at, told.p50, told.p95, told.p99]);
  cpu.show([at, used.process_cpu ?? none]);
  memory.show([at, used.process_memory ?? none, used.python_memory ?? none]);
  const sum = (column) => column.reduce((all, value) => all + (value ?? 0), 0);
  const [count, failed] = [sum(told.n), sum(told.failed)];
  $("waits-note").textContent = count ? `${number(count)} turns, ${number(failed)} failed (${number((failed / count) * 100)} %). From the last voiced sample, or the typed sentence, to the answer.` : "Nobody said anything in this time.";
  $("cpu-note").textContent = "The highest of each part; 100 % is one core.";
  $("memory-note").textContent = "Resident memory of the process, the highest of each part.";
}

/** A look that fails is said once; the next one may be better. */
const quietly = (look) => look().catch((error) => told(error.message));

function told(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

for (const button of $("hours").querySelectorAll("button")) {
  button.addEventListener("click", () => look(Number(button.dataset.hours)));
}

function look(back) {
  hours = back;
  for (const button of $("hours").querySelectorAll("button")) button.setAttribute("aria-pressed", Number(button.dataset.hours) === back);
  quietly(lines);
}

/** A day of which there is only the last hour shows nothing but a dot. */
async function firstLook() {
  const day = await api(`timeline?hours=${hours}`);
  const points = (day.used.process_memory ?? []).filter((value) => value !== null).length;
  if (points < 4) look(1);
  else draw(day);
}

connection.addEventListener("status", ({ detail: { state, text } }) => {
  $("connection").textContent = state === "open" ? "Live" : text;
  $("connection").dataset.state = state;
  if (state !== "open") return;
  told("");
  for (const first of [figures, firstLook, () => turns.load()]) quietly(first);
});
for (const type of ["finished", "recorded"]) {
  connection.addEventListener(type, ({ detail: { record } }) => {
    turns.add(record);
    quietly(figures);
  });
}
setInterval(() => connection.open && quietly(figures), EVERY);
setInterval(() => connection.open && quietly(lines), LINES);
connection.connect("");
