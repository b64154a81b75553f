/** The way in. */

import { inWords } from "./api.js";
import { el, heading, put } from "./dom.js";
import { alert, field } from "./parts.js";
import { logIn } from "./session.js";

/** `reason` says why a login is asked for again, if it is. */
export function login(reason) {
  const name = field("Username", (attributes) => el("input", { ...attributes }), {
    autocomplete: "username",
    autocapitalize: "none",
    required: true,
  });
  const password = field("Password", (attributes) => el("input", { type: "password", ...attributes }), {
    autocomplete: "current-password",
    required: true,
  });
  const told = el("div", {}, reason && el("p", { class: "notice", role: "status" }, reason));
  const button = el("button", { type: "submit" }, "Log in");

  async function submit(event) {
    event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    put(told);
    try {
      await logIn(name.input.value, password.input.value);
    } catch (error) {
      put(told, alert(inWords(error)));
      password.input.value = "";
      name.input.focus();
    } finally {
      button.setAttribute("aria-disabled", "false");
    }
  }

  return el(
    "section",
    { class: "login" },
    heading("Log in"),
    told,
    el("form", { method: "post", onsubmit: submit }, name.node, password.node, button),
  );
}
