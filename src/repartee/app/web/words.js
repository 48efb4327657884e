// The page's own words in the language of the person. English is the key; what has no translation stays English.

let words = {};
let speaks = "en";

/** The words of a text, `{0}`, `{1}`, ... replaced by the values. */
export const t = (text, ...values) => (words[text] ?? text).replace(/\{(\d)\}/g, (_, n) => values[n]);

/** The tag that numbers and times are written by. */
export const language = () => speaks;

/** Fetches the words of the first language of this browser that there are words for, and puts them into the page. */
export async function learn() {
  const wanted = navigator.languages.join(",");
  const told = await fetch(`api/words?wanted=${encodeURIComponent(wanted)}`).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  if (!told) return;
  ({ words, language: speaks } = told);
  document.documentElement.lang = speaks;
  translate(document.body);
  document.title = t(document.title);
}

/** Texts, placeholders and labels that stand in the page's file. */
function translate(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = root; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      const own = node.data.trim().replace(/\s+/g, " ");
      if (words[own]) node.data = node.data.replace(node.data.trim(), words[own]);
    } else {
      for (const name of ["placeholder", "aria-label", "title"]) {
        if (words[node.getAttribute(name)]) node.setAttribute(name, words[node.getAttribute(name)]);
      }
    }
  }
}
