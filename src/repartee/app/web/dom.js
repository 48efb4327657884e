// The few words this page needs to make elements. Text is always set as text: nothing that was said or named becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (those that are null or false are left out) and children; falsy children are left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter(Boolean));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Words as they are shown: recognisers like to end a sentence with a comma. */
export const tidy = (words) => words.replace(/[\s,;:]+$/, "");
