/** The checkout: places the order, and says in words what came of it. */

import { Refused, Unreachable, allProducts, inWords } from "../shared/api.js";
import { announce, el, heading, put } from "../shared/dom.js";
import { lasting } from "../shared/memory.js";
import { fromCents, money, sums, toCents } from "../shared/money.js";
import { alert, fillWith } from "../shared/parts.js";
import { terms } from "../shared/terms.js";
import { lines, onChange, takeOut } from "./basket.js";
import { OrderForm } from "./order-form.js";
import { orderOf, place, placed } from "./placing.js";
import { remember } from "./your-orders.js";

const UNSURE =
  " Your order may have been accepted all the same. Order again as it is: the same order is never placed twice.";

export function checkout(_, signal) {
  const region = el("div", {});
  fillWith(
    region,
    () => allProducts(signal),
    (products) => new Checkout(products, signal).node,
    signal,
  );
  return el("section", {}, heading("Checkout"), region);
}

class Checkout {
  #signal;
  #products;
  #held;
  #isBusy = false;
  #form = new OrderForm(() => this.#submit());

  constructor(products, signal) {
    this.#signal = signal;
    this.node = el("div", {}, this.#form.node);
    this.#show(products);
    onChange(() => this.#isBusy || this.#show(this.#products), signal);
  }

  /** Shows what is ordered; nothing else ever is, whatever another tab does to the basket. */
  #show(products) {
    this.#products = products;
    this.#held = lines(products).lines;
    if (this.#held.length > 0) this.#form.show(this.#held);
    else put(this.node, el("p", {}, "Your basket is empty. ", el("a", { href: "#/" }, "Look around.")));
  }

  get #total() {
    return fromCents(sums(this.#held, terms).total);
  }

  async #submit() {
    if (this.#isBusy) return;
    this.#form.clear();
    this.#busy(true);
    try {
      const { email, token } = this.#form;
      const order = orderOf({ email, token, lines: this.#held, total: this.#total });
      this.#done(await place(order, () => announce("That takes longer than usual. Trying again.")));
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#busy(false);
    }
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    this.#form.busy(isBusy);
  }

  #done(accepted) {
    takeOut(this.#held);
    placed();
    remember(accepted);
    lasting.set("email", this.#form.email);
    if (!this.#signal.aborted) location.replace(`#/orders/${encodeURIComponent(accepted.order_id)}`);
  }

  async #failed(error) {
    if (error instanceof Refused && error.kind === "total-changed") return this.#priceChanged(error.problem.total);
    if (error instanceof Refused && error.problem.errors) return this.#wrongFields(error.problem.errors);
    return this.#form.tell(alert(el("p", {}, inWords(error), error instanceof Unreachable && UNSURE)));
  }

  #wrongFields(errors) {
    const elsewhere = this.#form.complain(errors).map((error) => el("li", {}, wrongWords(error)));
    if (elsewhere.length)
      this.#form.tell(alert(el("p", {}, "The order could not be accepted."), el("ul", {}, elsewhere)));
    announce("The order could not be accepted. What is wrong is said where it is.");
  }

  /** `total` is what the server asks now. */
  async #priceChanged(total) {
    const before = new Map(this.#products.map((product) => [product.sku, product.price]));
    this.#show(await allProducts(this.#signal));
    const changed = this.#held.filter(({ sku, product }) => before.get(sku) !== product.price);
    const isExplained = toCents(this.#total) === toCents(total);
    const again = el("button", { type: "button", onclick: () => location.reload() }, "Load the page again");
    const words = `The price has changed while you were here: your order now comes to ${paid(total)}.`;
    this.#form.tell(
      alert(
        el("p", {}, words, " Nothing has been ordered yet."),
        el(
          "ul",
          {},
          changed.map(({ sku, product }) => el("li", {}, priceWords(product, before.get(sku)))),
        ),
        !isExplained && el("p", {}, again),
      ),
    );
  }
}

const wrongWords = ({ pointer, detail }) =>
  pointer === "/items" ? `The books ${detail}.` : `${pointer}: ${detail}`;

const paid = (amount) => money(amount, terms.currency);

const priceWords = ({ name, price }, before) => `${name} now costs ${paid(price)} instead of ${paid(before)}.`;
