// Budgets as gauges: where a figure stands between nothing, its target, its warning and its limit.

import { el } from "../dom.js";
import { figure, title } from "./format.js";

const GROUPS = [
  ["Waits", ({ unit }) => unit === "ms" || unit === "s"],
  ["Right and wrong", ({ metric, unit }) => unit === "%" && !/cpu|gpu/.test(metric)],
  ["What it takes", () => true],
];
const WORDS = { kept: "kept", broken: "broken", unproven: "not proven", "too few": "too few yet" };

/** Draws those that have a figure, worst first within a group; the others are listed with the reason. */
export function draw(root, unfed, verdicts) {
  const fed = verdicts.filter(({ figure: value }) => value != null);
  const left = new Set(fed);
  const groups = GROUPS.map(([name, belongs]) => {
    const own = [...left].filter(belongs).sort((a, b) => rank(b) - rank(a));
    own.forEach((verdict) => left.delete(verdict));
    return own.length ? el("section", {}, el("h4", {}, name), el("ul", { class: "gauges" }, own.map(gauge))) : null;
  });
  root.replaceChildren(...groups.filter(Boolean));
  if (!fed.length) root.append(el("p", { class: "note" }, "Nothing was measured yet: say something."));
  const without = verdicts.filter(({ figure: value }) => value == null);
  unfed.hidden = !without.length;
  unfed.querySelector("summary").textContent = `${without.length} without a figure yet`;
  unfed.querySelector("ul").replaceChildren(...without.map(({ budget, reason }) => el("li", {}, el("b", {}, title(budget)), reason && ` ${reason}`)));
}

const rank = (verdict) => (verdict.outcome === "broken" ? 10 : 0) + share(verdict, verdict.figure);

/** Where on the scale a value stands, 0 to 1: the limit at 80 %, so that what is beyond it shows. */
function share({ direction, target, critical }, value) {
  if (direction === "at most") {
    const full = (critical || target || 1) / 0.8;
    return Math.min(1, Math.max(0, value / full));
  }
  const full = Math.max(target, critical) * 1.1 || 1; // at least: more is better
  return Math.min(1, Math.max(0, value / full));
}

function gauge(verdict) {
  const { budget, unit, target, warning, critical, outcome, level, n, reason, severity, direction } = verdict;
  const state = outcome === "broken" ? (level === "critical" ? "critical" : "over") : outcome === "kept" ? "met" : "unsure";
  const mark = (kind, value) => value != null && placed(el("i", { class: `mark ${kind}` }), share(verdict, value));
  const word = [WORDS[outcome] ?? outcome, severity].filter(Boolean).join(", ");
  const text = `${figure(verdict.figure, unit)}, ${direction} ${figure(target, unit)}: ${word}`;
  return el(
    "li",
    { class: "gauge", "data-verdict": state, title: [`warning ${figure(warning, unit)}, critical ${figure(critical, unit)}, n=${n}`, reason].filter(Boolean).join("; ") },
    el("span", { class: "what" }, title(budget)),
    el("span", { class: "value" }, el("b", {}, figure(verdict.figure, unit)), el("small", {}, ` of ${figure(target, unit)}`)),
    el("span", { class: "meter", role: "meter", "aria-label": title(budget), "aria-valuenow": verdict.figure, "aria-valuemin": 0, "aria-valuemax": Math.max(critical ?? 0, verdict.figure), "aria-valuetext": text }, wide(el("i", { class: "fill" }), share(verdict, verdict.figure)), mark("target", target), mark("warning", warning), mark("critical", critical)),
    el("span", { class: "outcome" }, `${word} · n=${n}`),
  );
}

function placed(element, at) {
  element.style.left = `${at * 100}%`;
  return element;
}

function wide(element, at) {
  element.style.width = `${at * 100}%`;
  return element;
}
