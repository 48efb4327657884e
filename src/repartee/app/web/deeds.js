// What a turn has done, device by device, and a way to take it back; and what one can say, where nothing was understood.

import { el, icon } from "./dom.js";
import { t } from "./words.js";

const SHOWN = 6; // devices that are named; the rest is counted
const OWN = /^(timer|alarm|reminder|list|order)\./; // these have buttons of their own

/** `nameOf(entity)`: as people call it. `undo()` takes it back. */
export function showDeeds(list, actions, nameOf, undo) {
  const done = actions.filter(({ confirmed }) => confirmed);
  const failed = actions.filter(({ confirmed }) => !confirmed);
  const named = [...failed.map((one) => item(one, nameOf)), ...done.map((one) => item(one, nameOf))];
  const rest = named.length - SHOWN;
  list.replaceChildren(...named.slice(0, SHOWN), ...(rest > 0 ? [el("li", {}, t("and {0} more", rest))] : []));
  if (done.some(({ entity }) => !OWN.test(entity))) list.append(el("li", { class: "undo" }, undoing(undo)));
  list.hidden = !named.length;
}

function item({ entity, confirmed, error }, nameOf) {
  return el("li", { "data-done": String(confirmed) }, nameOf(entity) ?? entity, !confirmed && el("small", {}, ` ${error ?? t("did not answer")}`));
}

function undoing(undo) {
  const button = el("button", { type: "button" }, icon("undo"), t("Undo"));
  button.addEventListener("click", undo);
  return button;
}

/** `say(text)` is called with the one that is chosen. */
export function showExamples(list, examples, say) {
  const button = (text) => {
    const one = el("button", { type: "button" }, text);
    one.addEventListener("click", () => say(text));
    return one;
  };
  list.replaceChildren(...examples.map((text) => el("li", {}, button(text))));
  list.hidden = !examples.length;
}
