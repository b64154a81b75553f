/** Parts that both pages have. */

import { inWords } from "./api.js";
import { el, put } from "./dom.js";

/** A notice that is read out at once. */
export function alert(...children) {
  return el("div", { class: "notice bad", role: "alert" }, ...children);
}

/**
 * Fills `region` with what `show` makes of `load`'s result. Meanwhile it says so; if it fails it says why, and offers
 * another try. `signal` is aborted when nobody waits for it any more. A focus in the region goes to the view's heading.
 */
export async function fillWith(region, load, show, signal) {
  if (region.contains(document.activeElement)) document.querySelector("h1").focus({ preventScroll: true });
  put(region, el("p", { class: "soft" }, "Loading…"));
  try {
    const loaded = await load();
    if (!signal.aborted) put(region, show(loaded));
  } catch (error) {
    if (signal.aborted) return;
    const again = el("button", { type: "button", onclick: () => fillWith(region, load, show, signal) }, "Try again");
    put(region, alert(el("p", {}, inWords(error)), again));
  }
}

let last = 0;

/**
 * A labelled field: `{node, input, complain}`. `make` builds the control from its attributes; `complain` shows what is
 * wrong with it, or takes that away when called with nothing.
 */
export function field(label, make, { hint, ...attributes } = {}) {
  last += 1;
  const [id, hintId, errorId] = [`field-${last}`, `hint-${last}`, `error-${last}`];
  const input = make({ id, "aria-describedby": hint ? hintId : undefined, ...attributes });
  const error = el("p", { id: errorId, class: "wrong", hidden: true });
  const node = el(
    "div",
    { class: "field" },
    el("label", { for: id }, label),
    hint && el("p", { id: hintId, class: "hint" }, hint),
    error,
    input,
  );

  function complain(text) {
    error.textContent = text ?? "";
    error.hidden = !text;
    input.toggleAttribute("aria-invalid", false);
    if (text) input.setAttribute("aria-invalid", "true");
    const described = [text && errorId, hint && hintId].filter(Boolean).join(" ");
    if (described) input.setAttribute("aria-describedby", described);
    else input.removeAttribute("aria-describedby");
  }

  return { node, input, complain };
}

/** A status as a small label. */
export function badge(status, words) {
  return el("span", { class: "badge", "data-status": status }, words);
}
