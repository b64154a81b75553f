/** The way in: name and password, then what the server asks for besides. */

import { inWords } from "../shared/api.js";
import { el, heading, put } from "../shared/dom.js";
import { alert, field } from "../shared/parts.js";
import { giveCode, logIn, registerApp, setPassword } from "./session.js";

/** `reason` says why a login is asked for again, if it is. */
export function login(reason) {
  const place = el("section", { class: "login" });
  put(place, ...credentials(place, reason));
  return place;
}

function credentials(place, reason) {
  const name = textField("Username", { autocomplete: "username", autocapitalize: "none" });
  const password = textField("Password", { type: "password", autocomplete: "current-password" });
  const told = el("div", {}, reason && el("p", { class: "notice", role: "status" }, reason));
  const steps = { ...AFTER, "new-password-due": newPassword };

  async function send() {
    try {
      await logIn(name.input.value, password.input.value);
    } catch (error) {
      if (!(error.kind in steps)) throw error;
      show(place, steps[error.kind](place, { username: name.input.value, session: error.problem.session }, error.problem));
    }
  }

  return form({ title: "Log in", label: "Log in", fields: [name, password], clear: password, told, send });
}

/** What may be due after a password: the server's word for it -> its form. */
const AFTER = { "second-factor-due": code, "authenticator-due": newApp };

function code(place, begun) {
  const digits = sixDigits("The six digits that your authenticator app shows.");
  const send = orAgain(place, () => giveCode({ ...begun, code: digits.input.value }));
  return form({ title: "Second factor", label: "Log in", fields: [digits], clear: digits, send });
}

/** The secret is shown once, in groups of four, and as a link for an app on this device. */
function newApp(place, begun, { secret }) {
  const digits = sixDigits("The six digits that the app shows then.");
  const link = `otpauth://totp/${encodeURIComponent(`Orderwire:${begun.username}`)}?secret=${secret}&issuer=Orderwire`;
  const told = el(
    "div",
    {},
    el("p", {}, "Every login needs the code of an authenticator app. Put this key into yours:"),
    el("p", {}, el("code", {}, secret.match(/.{1,4}/g).join(" "))),
    el("p", {}, el("a", { href: link }, "Open an app on this device")),
  );
  const send = orAgain(place, () => registerApp({ ...begun, code: digits.input.value }));
  return form({ title: "Register an authenticator app", label: "Log in", above: told, fields: [digits], clear: digits, send });
}

function sixDigits(hint) {
  const attributes = { autocomplete: "one-time-code", inputmode: "numeric", pattern: "[0-9]{6}" };
  return textField("Code", { hint, ...attributes });
}

function newPassword(place, begun) {
  const chosen = textField("New password", {
    hint: "12 or more characters, with small and capital letters, digits and symbols.",
    type: "password",
    autocomplete: "new-password",
    minlength: 12,
  });
  const send = orAgain(
    place,
    () => setPassword({ ...begun, new_password: chosen.input.value }),
    (error) => error.kind in AFTER && AFTER[error.kind](place, { ...begun, session: error.problem.session }, error.problem),
  );
  return form({ title: "Choose a password", label: "Use this password", fields: [chosen], clear: chosen, send });
}

/** `step`, with another one `after` it if the server says so, and all again when the login has taken too long. */
function orAgain(place, step, after = () => undefined) {
  return async () => {
    try {
      await step();
    } catch (error) {
      const next = error.kind === "login-over" ? credentials(place, error.message) : after(error);
      if (!next) throw error;
      show(place, next);
    }
  };
}

function show(place, content) {
  put(place, ...content);
  place.querySelector("input").focus();
}

function textField(label, attributes) {
  return field(label, (given) => el("input", given), { required: true, ...attributes });
}

/** `above` stands before it; `told` is where what went wrong is said; `clear` the field that is to be filled again then. */
function form({ title, label, fields, clear, above, told = el("div"), send }) {
  const button = el("button", { type: "submit" }, label);

  async function submit(event) {
    event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    put(told);
    try {
      await send();
    } catch (error) {
      put(told, alert(sentence(error)));
      clear.input.value = "";
      fields[0].input.focus();
    } finally {
      button.setAttribute("aria-disabled", "false");
    }
  }

  const nodes = fields.map((each) => each.node);
  return [heading(title), above, told, el("form", { method: "post", onsubmit: submit }, ...nodes, button)];
}

/** What is wrong with the one field that there is, if the server says so. */
function sentence(error) {
  const [place] = error.problem?.errors ?? [];
  return place?.pointer === "/new_password" ? `The new password ${place.detail}.` : inWords(error);
}
