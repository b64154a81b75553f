/**
 * Builds the pages' elements. Text is set as text: nothing in these pages is ever parsed as HTML, which the
 * Content-Security-Policy enforces too (`require-trusted-types-for 'script'`, and no policy to make any).
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element. `attributes`: a function is a listener (`onclick`), true sets the bare attribute, false, null and
 * undefined leave it out. `children`: strings become text; lists are flattened; null, undefined and false are left out.
 */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** An SVG element, as `el`. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...present(children));
  return node;
}

/** Puts `children` in place of what `node` held. */
export function put(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

function present(children) {
  return children.flat(Infinity).filter((child) => child != null && child !== false);
}

/** Says something to who cannot see the page change. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** The heading of a view; the router moves the focus there. */
export function heading(text, attributes = {}) {
  return el("h1", { tabindex: "-1", ...attributes }, text);
}

/** A moment with a machine-readable form. `format` makes the words of a Date. */
export function time(at, format) {
  return el("time", { datetime: at, title: new Date(at).toLocaleString() }, format(new Date(at)));
}
