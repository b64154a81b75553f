/** The checkout: who orders and how it is paid. What the server refuses is said at the field that it is about. */

import { Refused, Unreachable, inWords } from "./api.js";
import { lines, onChange, takeOut } from "./basket.js";
import { summary } from "./basket-page.js";
import { cardsOf } from "./cards.js";
import { load } from "./catalogue.js";
import { announce, el, heading, put } from "./dom.js";
import { lasting } from "./memory.js";
import { fromCents, money, sums, toCents } from "./money.js";
import { alert, field, fillWith } from "./parts.js";
import { orderOf, place } from "./placing.js";
import { remember } from "./your-orders.js";
import { terms } from "./terms.js";

export function checkout(_, signal) {
  const region = el("div", {});
  fillWith(region, () => load(signal), (products) => new Checkout(products, signal).node, signal);
  return el("section", {}, heading("Checkout"), region);
}

class Checkout {
  #signal;
  #products;
  #held;
  #isBusy = false;
  #email;
  #card;
  #button = el("button", { type: "submit" });
  #told = el("div", {});
  #lines = el("div", {});
  #sums = el("div", {});

  constructor(products, signal) {
    this.#signal = signal;
    this.#email = field("E-mail", (attributes) => el("input", { type: "email", ...attributes }), {
      autocomplete: "email", required: true, value: lasting.get("email", ""), hint: "For the confirmation and the receipt.",
    });
    this.#card = field("Test card", (attributes) => el("select", attributes, cardsOf(terms.provider).map(
      ([token, name]) => el("option", { value: token }, name))), {
      hint: "No real card is asked for. In a shop, the payment provider would take the card here and hand the shop a token.",
    });
    this.node = this.#form();
    this.#show(products);
    onChange(() => this.#isBusy || this.#show(this.#products), signal);
  }

  #form() {
    const form = el("form", { method: "post", novalidate: true, class: "two-columns", onsubmit: (event) => this.#submit(event) });
    return put(form,
      el("div", {}, this.#told, this.#email.node, this.#card.node),
      el("aside", { "aria-label": "What you order" }, this.#lines, this.#sums));
  }

  /** Shows what is ordered; nothing else ever is, whatever another tab does to the basket. */
  #show(products) {
    this.#products = products;
    const held = lines(products).lines;
    this.#held = held;
    if (held.length === 0) return put(this.node, el("p", {}, "Your basket is empty. ", el("a", { href: "#/" }, "Look around.")));
    put(this.#lines, el("ul", { class: "receipt" }, held.map((line, position) => item(line, position))));
    put(this.#sums, summary(held, this.#button));
    this.#button.textContent = `Order for ${money(fromCents(sums(held, terms).total), terms.currency)}`;
    return undefined;
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#isBusy) return;
    this.#clear();
    this.#busy(true);
    try {
      this.#done(await place(this.#order(), () => announce("That takes longer than usual. Trying again.")));
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#busy(false);
    }
  }

  #order() {
    const total = fromCents(sums(this.#held, terms).total);
    return orderOf({ email: this.#email.input.value.trim(), token: this.#card.input.value, lines: this.#held, total });
  }

  #done(accepted) {
    lasting.set("email", this.#email.input.value.trim());
    remember(accepted);
    takeOut(this.#held);
    if (!this.#signal.aborted) location.replace(`#/orders/${encodeURIComponent(accepted.order_id)}`);
  }

  async #failed(error) {
    if (error instanceof Refused && error.kind === "total-changed") return this.#priceChanged(error.problem.total);
    if (error instanceof Refused && error.problem.errors) return this.#wrongFields(error.problem.errors);
    const told = inWords(error);
    const unsure = error instanceof Unreachable
      && " Your order may have been accepted all the same. Order again as it is: the same order is never placed twice.";
    return this.#tell(el("p", {}, told, unsure));
  }

  /** `total` is what the server asks now. */
  async #priceChanged(total) {
    const before = new Map(this.#products.map((product) => [product.sku, product.price]));
    this.#show(await load(this.#signal));
    const held = this.#held;
    const changed = held.filter(({ sku, product }) => before.get(sku) !== product.price);
    const explained = sums(held, terms).total === toCents(total);
    this.#tell(
      el("p", {}, `The price has changed while you were here: your order now comes to ${money(total, terms.currency)}. Nothing has been ordered yet.`),
      el("ul", {}, changed.map(({ sku, product }) => el("li", {}, priceWords(product, before.get(sku))))),
      !explained && el("p", {}, el("button", { type: "button", onclick: () => location.reload() }, "Load the page again")));
  }

  /** `errors` are `{pointer, detail}`; a pointer such as /items/0/quantity names a line of the order. */
  #wrongFields(errors) {
    const places = errors.map(({ pointer, detail }) => ({ place: this.#place(pointer), detail }));
    for (const { place: complain, detail } of places) complain?.(detail);
    const elsewhere = errors.filter((_, i) => !places[i].place).map(({ pointer, detail }) => el("li", {}, `${pointer}: ${detail}`));
    const first = this.node.querySelector("[aria-invalid=true], .wrong-line");
    if (elsewhere.length) this.#tell(el("p", {}, "The order could not be accepted."), el("ul", {}, elsewhere));
    else first.focus();
    announce("The order could not be accepted. What is wrong is said where it is.");
  }

  /** How to complain at the place of a pointer, or undefined. */
  #place(pointer) {
    const [, part, position] = pointer.split("/");
    if (part === "customer_email") return (detail) => this.#email.complain(sentence(detail));
    if (part === "payment_token") return (detail) => this.#card.complain(sentence(detail));
    const line = part === "items" && this.#lines.querySelector(`[data-position="${Number(position)}"]`);
    return line ? (detail) => complainAt(line, sentence(detail)) : undefined;
  }

  #tell(...children) {
    put(this.#told, alert(...children));
    this.#told.scrollIntoView({ block: "nearest" });
  }

  #clear() {
    put(this.#told);
    this.#email.complain();
    this.#card.complain();
    for (const line of this.#lines.querySelectorAll(".wrong-line")) complainAt(line);
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    this.#button.setAttribute("aria-disabled", String(isBusy));  // `disabled` would take the focus from it
    this.node.setAttribute("aria-busy", String(isBusy));
  }
}

function item({ product, quantity }, position) {
  return el("li", { "data-position": position },
    el("span", {}, quantity > 1 && `${quantity} × `, el("cite", {}, product.name)),
    el("span", { class: "sum" }, money(fromCents(toCents(product.price) * quantity), terms.currency)),
    el("p", { class: "wrong", hidden: true }));
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

const priceWords = ({ name, price }, before) =>
  `${name} now costs ${money(price, terms.currency)} instead of ${money(before, terms.currency)}.`;
