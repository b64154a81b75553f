/** Tables. */

import { el } from "../shared/dom.js";

/** `columns` are names, of which `isNumber` says by position whether they head numbers; `rows` are tr elements. */
export function table({ columns, isNumber = () => false, caption, ...attributes }, rows) {
  const cells = columns.map((name, i) => el("th", { scope: "col", class: isNumber(i) && "number" }, name));
  return el(
    "table",
    attributes,
    caption && el("caption", {}, caption),
    el("thead", {}, el("tr", {}, cells)),
    el("tbody", {}, rows),
  );
}

/** A row that is headed by `name` (text or elements) and holds `values`. */
export function numbers(name, values) {
  const cells = values.map((value) => el("td", { class: "number" }, value));
  return el("tr", {}, el("th", { scope: "row" }, name), cells);
}

/** Around what may be wider than a phone: it scrolls by itself, with the keyboard too. */
export function wide(name, ...children) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, ...children);
}
