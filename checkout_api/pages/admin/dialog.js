/** Asks before something that cannot be taken back. */

import { el } from "../shared/dom.js";
import { field } from "../shared/parts.js";

const LONGEST_REASON = 500;

/**
 * `about` says what it is done to, `text` what it leads to, `label` is on the button that agrees; with `asksWhy`, which
 * says who reads it, there is a field for the reason, which may stay empty. Resolves to `{reason}` when the reader agrees, to null when not.
 */
export function confirmed({ title, about, text, label, asksWhy = "", isDanger = false }) {
  const why =
    asksWhy &&
    field("Reason", (attributes) => el("textarea", { rows: 3, maxlength: LONGEST_REASON, ...attributes }), {
      hint: `May stay empty. ${asksWhy}`,
    });
  const dialog = el(
    "dialog",
    { "aria-labelledby": "dialog-title" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "dialog-title" }, title),
      about && el("p", { class: "soft" }, about),
      el("p", {}, text),
      why && why.node,
      el(
        "div",
        { class: "choices" },
        el("button", { class: "quiet", value: "no", formnovalidate: true }, "Not now"),
        el("button", { class: isDanger && "danger", value: "yes" }, label),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? { reason: why ? why.input.value.trim() : "" } : null);
    });
  });
}
