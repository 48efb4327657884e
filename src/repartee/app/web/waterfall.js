// One turn as a waterfall: milliseconds from the last voiced sample, stage under stage, against what each may take.

import { el } from "./dom.js";
import { language, t } from "./words.js";

const STAGES = { listen: "Wait", hear: "Hear", understand: "Understand", act: "Act", speak: "Speak" };
const MEANING = {
  listen: "the silence until it was sure that you had finished",
  hear: "the last words recognised",
  understand: "words to a plan",
  act: "until the home confirmed it",
  speak: "until the first sound of the reply",
};
const CLASSES = {
  closed: "Nothing more could follow, so it did not wait long.",
  complete: "Something more could have followed, so it waited a little.",
  open: "The sentence was not over, so it waited long.",
  free: "It could not tell whether you had finished.",
  released: "You let go of the button.",
  stopped: "The sound ended.",
};
const PACES = { text: "Typed: counted from when the sentence came.", fast: "From a file, faster than spoken: times are computed." };
const LEAST = 50; // ms that the axis spans at least

/** What is worth saying of the spans of a turn: [{stage, name, from, to, ms, budget, verdict}], in the order of STAGES. */
export function rows(spans, budgets) {
  return Object.keys(STAGES).flatMap((stage) => {
    const own = spans.filter((span) => span.stage === stage && span.end_ms != null);
    if (!own.length) return [];
    const start = Math.min(...own.map((span) => span.start_ms));
    const end = Math.max(...own.map((span) => span.end_ms));
    const first = stage === "speak" ? own.find((span) => span.first_ms != null)?.first_ms : null;
    const from = Math.max(0, start);
    const until = Math.max(from, first ?? end);
    const ms = until - from;
    const budget = budgets.stages?.[stage] ?? null;
    return [{ stage, name: t(STAGES[stage]), from, until, end: Math.max(until, end), before: start < 0, ms, budget, verdict: verdict(ms, budget), error: own.find((span) => span.error)?.error }];
  });
}

/** `met`, `over` (the target), `warning` or `critical`; "" without a budget. */
export function verdict(ms, budget) {
  if (!budget) return "";
  if (ms >= (budget.critical ?? Infinity)) return "critical";
  if (ms >= (budget.warning ?? Infinity)) return "warning";
  return ms > (budget.target ?? Infinity) ? "over" : "met";
}

/** `0.4`, `12`, `1,250`: as exact as is worth reading. */
export function figure(ms) {
  return ms >= 10 ? Math.round(ms).toLocaleString(language()) : ms >= 1 ? ms.toFixed(1) : ms.toFixed(2);
}

/** The two moments that count: {done, heard} in ms; null where there was none. */
export function moments({ spans, actions }) {
  const did = actions.some((action) => action.confirmed);
  const done = (did && spans.find((span) => span.stage === "act" && span.end_ms != null)?.end_ms) || null;
  const heard = spans.find((span) => span.stage === "speak" && span.first_ms != null)?.first_ms ?? null;
  return { done, heard };
}

/** Fills the card with one turn. */
export function draw(card, record, budgets) {
  const all = rows(record.spans, budgets);
  const { done, heard } = moments(record);
  const moment = (ms, what, budget) =>
    ms !== null && el("span", { "data-verdict": verdict(ms, budget) }, t(what), el("b", {}, `${figure(ms)} ms`, budget && el("small", {}, ` ${t("of")} ${figure(budget.target)}`)));
  card.hidden = !all.length;
  card.dataset.turn = record.turn;
  card.querySelector("#summary").replaceChildren(...[moment(done, "home confirmed", promised("done", record, budgets)), moment(heard, "reply began", promised("heard", record, budgets))].filter(Boolean));
  card.querySelector("#waterfall-note").textContent = [CLASSES[record.wait_class], PACES[record.pace]].filter(Boolean).map((words) => t(words)).join(" ");
  card.querySelector("#bars").replaceChildren(table(all, scale(all)));
  card.querySelector("#contract").hidden = true;
}

/** Which promises the turn kept, and the way to its answer; `judged` as `/api/turns/{id}/contract` tells it. */
export function promises(card, judged) {
  const details = card.querySelector("#contract");
  const broken = judged.verdicts.filter(({ outcome }) => outcome === "broken");
  const marks = { kept: "✓", broken: "✗", unproven: "?" };
  const items = judged.verdicts.map(({ outcome, text }) => el("li", { "data-outcome": outcome }, `${marks[outcome] ?? "–"} ${text}`));
  if (judged.text) items.push(el("li", {}, t("The way to the answer: {0}", judged.text)));
  details.hidden = !items.length;
  details.dataset.broken = broken.length;
  details.querySelector("summary").textContent = outcomeOf(judged.verdicts, broken) + mostOf(judged);
  details.querySelector("ul").replaceChildren(...items);
}

/** Where most of the wait went, where it was one stage. */
function mostOf({ path, blame }) {
  const total = path.at(-1)?.end_ms ?? 0;
  const spent = path.filter(({ stage }) => stage === blame).reduce((sum, part) => sum + part.end_ms - part.start_ms, 0);
  return spent > total / 2 ? t(": “{0}” took {1} of {2} ms", t(STAGES[blame] ?? blame), figure(spent), figure(total)) : "";
}

function outcomeOf(verdicts, broken) {
  if (!verdicts.length) return t("The way to the answer");
  return broken.length ? t("{0} of {1} promises broken", broken.length, verdicts.length) : t("{0} promises judged, none broken", verdicts.length);
}

/** The budget of a moment: for this class of sentence, or in general; none for what was not heard as it was spoken. */
function promised(moment, { wait_class: own, pace }, budgets) {
  if (pace !== "realtime") return null;
  return budgets.moments?.[moment]?.find(({ wait_class: classes }) => !classes.length || classes.includes(own)) ?? null;
}

/** The axis ends after the last thing that counts; the rest of a long reply runs out of the picture. */
function scale(all) {
  const ends = all.flatMap(({ from, until, budget }) => [until, ...(budget?.target ? [Math.min(from + budget.target, until * 4 + LEAST)] : [])]);
  return Math.max(LEAST, ...ends) * 1.08;
}

function table(all, span) {
  const ticks = marks(span);
  const axis = ticks.map((at) => placed(el("span", {}, at ? figure(at) : "0"), at, span));
  const head = el("tr", { class: "axis" }, el("th", { scope: "col" }, el("span", { class: "hidden" }, t("Stage"))), el("td", { "aria-hidden": "true" }, el("div", {}, axis)), el("th", { scope: "col" }, "ms"));
  return el("table", {}, el("caption", { class: "hidden" }, t("Milliseconds each stage took, from the last voiced sample")), el("tbody", {}, head, all.map((row) => line(row, span, ticks))));
}

function line(row, span, ticks) {
  const grid = ticks.map((at) => placed(el("i", { class: "grid" }), at, span));
  const bar = placed(el("i", { class: `bar${row.before ? " before" : ""}` }), row.from, span, row.until);
  const rest = row.end > row.until && placed(el("i", { class: "rest" }), row.until, span, Math.min(row.end, span));
  const target = row.budget?.target && row.from + row.budget.target <= span && placed(el("i", { class: "target" }), row.from + row.budget.target, span);
  const over = { over: "above its target", warning: "above its warning", critical: "above its limit" }[row.verdict];
  const of = row.budget?.target ? ` ${t("of")} ${figure(row.budget.target)}` : "";
  return el(
    "tr",
    { "data-stage": row.stage, "data-verdict": row.verdict, title: `${row.name}: ${t(MEANING[row.stage])}` },
    el("th", { scope: "row" }, row.name),
    el("td", { class: "track", "aria-hidden": "true" }, el("div", {}, grid, rest, bar, target)),
    el("td", { class: "ms" }, figure(row.ms), of && el("small", {}, of), over && el("span", { class: "hidden" }, `, ${t(over)}`), row.error && el("small", { class: "wrong" }, ` ${row.error}`)),
  );
}

function placed(element, from, span, until) {
  element.style.left = `${(from / span) * 100}%`;
  if (until !== undefined) element.style.width = `${((until - from) / span) * 100}%`;
  return element;
}

/** Four or five round figures. */
function marks(span) {
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => i * step);
}
