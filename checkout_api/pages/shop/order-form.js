/** The checkout's form: who orders, how it is paid, what is ordered, and what is wrong with any of it. */

import { el, put } from "../shared/dom.js";
import { passing } from "../shared/memory.js";
import { fromCents, money, sums, toCents } from "../shared/money.js";
import { field } from "../shared/parts.js";
import { terms } from "../shared/terms.js";
import { copies } from "../shared/words.js";
import { summary } from "./basket-page.js";
import { cardsOf } from "./cards.js";

const ABOUT_CARDS =
  "No real card is asked for. In a shop, the payment provider would take the card here and hand the shop a token.";

export class OrderForm {
  #email = field("E-mail", (attributes) => el("input", { type: "email", ...attributes }), {
    autocomplete: "email",
    required: true,
    value: typed().email ?? "",
    oninput: () => this.keep(),
    hint: "For the receipt, and for all that there is to tell.",
  });
  #card = field("Test card", (attributes) => el("select", attributes, cards(typed().token)), {
    hint: ABOUT_CARDS,
    onchange: () => this.keep(),
  });
  #button = el("button", { type: "submit" });
  #told = el("div", {});
  #lines = el("div", {});
  #sums = el("div", {});

  /** `submit` is called without anything when the shopper orders. */
  constructor(submit) {
    const onsubmit = (event) => {
      event.preventDefault();
      submit();
    };
    this.node = el(
      "form",
      { method: "post", novalidate: true, class: "two-columns", onsubmit },
      el("div", {}, this.#told, this.#email.node, this.#card.node),
      el("aside", { "aria-label": "What you order" }, this.#lines, this.#sums),
    );
  }

  get email() {
    return this.#email.input.value.trim();
  }

  get token() {
    return this.#card.input.value;
  }

  /** Keeps what was typed for as long as the tab lasts; the card only until it is used. */
  keep({ isUsed = false } = {}) {
    passing.set("typed", { email: this.email, token: isUsed ? undefined : this.token });
  }

  /** Shows who ordered as it was sent. */
  fill({ customer_email: email, payment_token: token }) {
    this.#email.input.value = email;
    this.#card.input.value = token;
  }

  /** Shows what is ordered: `{product, quantity}` each. */
  show(held) {
    put(this.#lines, el("ul", { class: "receipt" }, held.map(item)));
    put(this.#sums, summary(held, this.#button));
    this.#button.textContent = `Order for ${money(fromCents(sums(held, terms).total), terms.currency)}`;
  }

  /** Says something above the fields. */
  tell(node) {
    put(this.#told, node);
    this.#told.scrollIntoView({ block: "nearest" });
  }

  /**
   * Says at its place what is wrong: `errors` are `{pointer, detail}`, and a pointer such as /items/0/quantity names a
   * line of the order. The first place gets the focus. Answers the errors that have no place here.
   */
  complain(errors) {
    const elsewhere = errors.filter(({ pointer, detail }) => {
      const complain = this.#place(pointer);
      complain?.(sentence(detail));
      return !complain;
    });
    this.node.querySelector("[aria-invalid=true], .wrong-line")?.focus();
    return elsewhere;
  }

  /** Takes back whatever was said. */
  clear() {
    put(this.#told);
    this.#email.complain();
    this.#card.complain();
    for (const line of this.#lines.querySelectorAll(".wrong-line")) complainAt(line);
  }

  busy(isBusy) {
    this.#button.setAttribute("aria-disabled", String(isBusy)); // `disabled` would take the focus from it
    this.node.setAttribute("aria-busy", String(isBusy));
  }

  /** How to complain at the place of a pointer, or undefined. */
  #place(pointer) {
    const [, part, position] = pointer.split("/");
    if (part === "customer_email") return this.#email.complain;
    if (part === "payment_token") return this.#card.complain;
    const line = part === "items" && this.#lines.querySelector(`[data-position="${Number(position)}"]`);
    return line ? (text) => complainAt(line, text) : undefined;
  }
}

/** What was typed in this tab and not ordered yet. */
const typed = () => passing.get("typed", {});

function cards(chosen) {
  return cardsOf(terms.provider).map(([token, name]) =>
    el("option", { value: token, selected: token === chosen }, name),
  );
}

function item({ product, quantity }, position) {
  return el(
    "li",
    { "data-position": position },
    el("span", {}, copies(quantity), el("cite", {}, product.name)),
    el("span", { class: "sum" }, money(fromCents(toCents(product.price) * quantity), terms.currency)),
    el("p", { class: "wrong", hidden: true }),
  );
}

/** Says what is wrong with a line of the order; with nothing, takes it back. */
function complainAt(line, text) {
  const told = line.querySelector(".wrong");
  told.textContent = text ?? "";
  told.hidden = !text;
  line.classList.toggle("wrong-line", Boolean(text));
  if (text) line.setAttribute("tabindex", "-1");
  else line.removeAttribute("tabindex");
}

/** What the server says of a field: "must be …" or a sentence of its own. */
const sentence = (detail) => `${/^\p{Lu}/u.test(detail) ? detail : `This ${detail}`}.`;
