// Puts the page together: what the server tells is shown, what the person does is told.

import { api } from "./api.js";
import { Connection } from "./connection.js";
import { showDeeds, showExamples } from "./deeds.js";
import { el, tidy } from "./dom.js";
import { HomeView } from "./home.js";
import { Household } from "./household.js";
import { Microphone } from "./microphone.js";
import { Speaker } from "./speaker.js";
import { Talk } from "./talk.js";
import { Turns } from "./turns.js";
import { draw, promises } from "./waterfall.js";
import { learn, t } from "./words.js";

await learn();

const $ = (id) => document.getElementById(id);
const IDLE = t("Hold the button and say what you want.");
const LISTENING = t("Listening");

const connection = new Connection();
const microphone = new Microphone();
const speaker = new Speaker();
const talk = new Talk(connection, microphone, speaker);
const home = new HomeView($("floors"), perform);
const household = new Household($("household"), perform);
const turns = new Turns($("history"), $("turns"), (record) => explain(record));
let budgets = {};
let turn = null; // the one that is shown
let greeting = { examples: [], undo: "undo that" }; // what the server said first
const known = new Set(); // the latest that began here

async function perform(call) {
  const { effects } = await api("perform", "POST", call);
  return effects;
}

// ---------------------------------------------------------------- what is said

function heard(text, state) {
  $("heard").textContent = text;
  $("heard").toggleAttribute("data-empty", state !== "heard" && state !== "hearing");
  $("conversation").dataset.state = state;
}

function answer(text) {
  $("reply").textContent = text;
  for (const id of ["alternatives", "deeds", "examples"]) $(id).hidden = true;
}

/** What became of a turn: its deeds with a way back, or, where nothing was understood, what can be said. */
function became(record) {
  showDeeds($("deeds"), record.actions, (entity) => home.nameOf(entity), () => say(greeting.undo));
  const lost = record.decision === "rejected" && !record.error;
  if (lost && !record.reply) $("reply").textContent = t("That is nothing I can do here. For example, I understand:");
  if (lost) showExamples($("examples"), greeting.examples.slice(0, 4), say);
}

function announce(text) {
  $("announce").textContent = text;
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function say(text) {
  if (!connection.open) return notice(t("There is no connection to the server; what you typed is kept."));
  talk.typed();
  connection.send({ type: "ask", text });
  turn = null;
  notice("");
  heard(text, "heard");
  answer("");
}

/** The answers to an open question, as buttons; none: there is no question. */
function ask(question, choices) {
  const choose = (label, choice) => {
    const button = el("button", { type: "button" }, label);
    button.addEventListener("click", () => pick(question, choice, label));
    return button;
  };
  $("alternatives").replaceChildren(...choices.map(choose));
  $("alternatives").hidden = !choices.length;
}

function pick(question, choice, label) {
  if (!connection.open) return notice(t("There is no connection to the server; try again in a moment."));
  talk.typed();
  connection.send({ type: "answer", question, choice });
  turn = null;
  notice("");
  heard(label, "heard");
  answer("");
}

const told = {
  hello(message) {
    greeting = message;
    if ($("conversation").dataset.state === "idle" && !turn) showExamples($("examples"), message.examples.slice(0, 4), say);
  },
  home(message) {
    home.show(message);
    offerAreas(message);
  },
  state: ({ entity, state }) => home.update(entity, state),
  household: (message) => household.show(message),
  started(message) {
    turn = message.turn;
    known.add(turn);
    if (known.size > 50) known.delete(known.values().next().value);
    notice("");
    answer("");
    ask("", []);
    if (talk.mode !== "idle") heard(LISTENING, "listening");
  },
  heard({ turn: id, text, final }) {
    if (id !== turn) return;
    if (text) heard(tidy(text), final ? "heard" : "hearing");
    if (final && text) announce(t("Heard: {0}", text));
  },
  acted({ turn: id, actions }) {
    if (id === turn) $("conversation").dataset.decision = actions.some((action) => action.confirmed) ? "acted" : "failed";
  },
  asking({ turn: id, question, choices }) {
    if (id === turn) ask(question, choices);
  },
  replying({ turn: id, text }) {
    if (id !== turn) {
      if (known.has(id) || talk.mode !== "idle") return; // of a turn that was cut off
      heard(t("By the way"), "idle"); // nobody asked: a timer is over, somebody announces something
    }
    answer(text);
    announce(text);
  },
  finished({ record }) {
    turns.add(record);
    if (record.turn !== turn) return;
    if (record.transcript) heard(tidy(record.transcript), "heard");
    else heard(t("I heard nothing. Hold the button while you speak."), "idle");
    if (record.reply) answer(record.reply);
    became(record);
    $("conversation").dataset.decision = record.error ? "failed" : record.decision;
    ask(record.question_id, record.alternatives);
    explain(record);
  },
  recorded: ({ record }) => turns.add(record), // of another page or place
  speaking: ({ rate }) => speaker.begin(rate),
  spoken: ({ utterance }) => speaker.end(utterance),
  hold: () => speaker.hold(),
  resume: () => speaker.resume(),
  silence: () => speaker.silence(),
  error: ({ message }) => notice(message),
  sound: (pcm) => speaker.play(pcm),
  elsewhere: () => localStorage.removeItem("area"),
  status({ state, text }) {
    $("connection").textContent = text;
    $("connection").dataset.state = state;
    document.body.dataset.connection = state;
    if (state === "open") catchUp();
    else speaker.silence();
  },
};
for (const [type, take] of Object.entries(told)) connection.addEventListener(type, ({ detail }) => take(detail));
speaker.onplayed = (utterance) => connection.send({ type: "played", utterance });

/** One turn: its waterfall, and which promises it kept. */
async function explain(record) {
  draw($("waterfall"), record, budgets);
  if (!budgets.judged) return;
  try {
    const judged = await api(`turns/${record.turn}/contract`);
    if ($("waterfall").dataset.turn === record.turn) promises($("waterfall"), judged);
  } catch {
    // a turn of before the server started has no verdicts any more
  }
}

/** What a page that was away has missed. */
async function catchUp() {
  try {
    budgets = await api("budgets");
    for (const record of await api("turns?limit=20")) turns.add(record, true);
  } catch {
    // the history is no reason to bother anybody: the connection says itself when it is lost
  }
}

// ---------------------------------------------------------------- the button and the keys

talk.addEventListener("mode", ({ detail: mode }) => {
  const listening = ["held", "tapped", "handsfree"].includes(mode);
  if (mode === "opening") turn = null; // what is cut off now goes to the earlier ones
  $("talk").dataset.mode = mode;
  $("talk").setAttribute("aria-pressed", listening);
  if (mode === "opening") heard(t("Asking for the microphone"), "idle");
  if (listening && $("conversation").dataset.state !== "hearing") heard(LISTENING, "listening");
  if (listening) notice("");
  if (mode === "idle" && $("conversation").dataset.state === "idle") heard(IDLE, "idle");
  if (!listening) $("talk").style.setProperty("--level", 0);
});
talk.addEventListener("trouble", ({ detail }) => {
  notice(detail);
  heard(IDLE, "idle");
  $("handsfree").checked = talk.handsfree;
});
microphone.onlevel = (level) => $("talk").style.setProperty("--level", Math.min(1, level * 6).toFixed(2));

$("talk").addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  $("talk").setPointerCapture(event.pointerId);
  talk.press(event.timeStamp);
});
$("talk").addEventListener("pointerup", (event) => talk.release(event.timeStamp));
$("talk").addEventListener("pointercancel", () => talk.drop());
$("talk").addEventListener("contextmenu", (event) => event.preventDefault());
$("talk").addEventListener("click", async (event) => {
  if (event.detail !== 0) return; // came with a pointer, which was handled; this is the Enter key or a screen reader
  await talk.press();
  await talk.release();
});

const typing = (target) => target.closest("input, select, textarea, button:not(#talk), a, summary");
addEventListener("keydown", (event) => {
  if (event.key === "Escape") return talk.cancel();
  if (event.code !== "Space" || typing(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  if (!event.repeat) talk.press(event.timeStamp);
});
addEventListener("keyup", (event) => {
  if (event.code !== "Space" || typing(event.target)) return;
  event.preventDefault();
  talk.release(event.timeStamp);
});
addEventListener("blur", () => talk.drop());

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return $("text").focus();
  say(text);
  if (connection.open) $("text").value = "";
});
$("handsfree").addEventListener("change", () => talk.listenAlways($("handsfree").checked));

// ---------------------------------------------------------------- where the page stands

function offerAreas({ floors, areas }) {
  const option = (area) => el("option", { value: area.id, selected: area.id === chosen() }, area.name);
  const groups = floors.map((floor) => el("optgroup", { label: floor.name }, areas.filter((area) => area.floor === floor.id).map(option)));
  const others = areas.filter((area) => !floors.some((floor) => floor.id === area.floor)).map(option);
  $("area").replaceChildren($("area").firstElementChild, ...groups.filter((group) => group.children.length), ...others);
}

const chosen = () => localStorage.getItem("area") ?? "";
$("area").addEventListener("change", () => {
  localStorage.setItem("area", $("area").value);
  connection.connect($("area").value);
});

connection.connect(chosen());
