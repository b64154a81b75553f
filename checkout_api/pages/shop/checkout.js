/** The checkout: places the order, and says in words what came of it. */

import { Refused, allProducts, inWords } from "../shared/api.js";
import { announce, el, heading, put } from "../shared/dom.js";
import { fromCents, money, sums, toCents } from "../shared/money.js";
import { alert, fillWith } from "../shared/parts.js";
import { terms } from "../shared/terms.js";
import { ended, interrupted, isSame, unanswered } from "./attempt.js";
import { count, lines, onChange, takeOut, withProducts } from "./basket.js";
import { OrderForm } from "./order-form.js";
import { orderOf, place } from "./placing.js";
import { addressOf, justPlaced, remember, setJustPlaced } from "./your-orders.js";

const UNSURE =
  "Your order may have been accepted all the same. Order again: it is never placed twice, even if you change something.";
const REUSED =
  "An order from this browser was accepted while its answer was lost; a mail tells you of it. Is this another one?";

export function checkout(_, signal) {
  const region = el("div", {});
  if (count() === 0 && justPlaced()) location.replace(addressOf(justPlaced().id)); // left before it could be shown
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
    this.#takeUp();
  }

  /** Shows what is ordered; nothing else ever is, whatever another tab does to the basket. */
  #show(products) {
    this.#products = products;
    this.#held = lines(products).lines;
    if (this.#held.length > 0) this.#form.show(this.#held);
    else put(this.node, el("p", {}, "Your basket is empty. ", el("a", { href: "#/" }, "Look around.")));
  }

  /** Goes on with what was being sent when the page was loaded anew; of what was given up on, it says so. */
  #takeUp() {
    const order = interrupted();
    if (order) {
      this.#held = withProducts(order.items, this.#products).filter(({ product }) => product);
      put(this.node, this.#form.node);
      this.#form.show(this.#held);
      this.#form.fill(order);
      this.#form.tell(el("p", { class: "notice", role: "status" }, "Your order is being placed."));
      this.#send(order);
    } else if (unanswered().length > 0 && this.#held.length > 0) {
      this.#form.tell(el("p", { class: "notice" }, `No answer came to your order. ${UNSURE}`));
    }
  }

  get #total() {
    return fromCents(sums(this.#held, terms).total);
  }

  #submit() {
    if (this.#isBusy) return;
    const { email, token } = this.#form;
    this.#form.clear();
    this.#form.keep();
    this.#send(orderOf({ email, token, lines: this.#held, total: this.#total }));
  }

  async #send(asked) {
    this.#busy(true);
    try {
      const { accepted, order } = await place(asked, () => announce("That takes longer than usual. Trying again."));
      this.#done(accepted, order, !isSame(order, asked));
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

  #done(accepted, { items }, isEarlier) {
    const id = accepted.order_id;
    setJustPlaced(id, isEarlier);
    ended();
    this.#form.keep({ isUsed: true });
    if (remember(accepted, items)) takeOut(items);
    if (!this.#signal.aborted) location.replace(addressOf(id));
  }

  async #failed(error) {
    if (error instanceof Refused && error.kind === "total-changed") return this.#priceChanged(error.problem.total);
    if (error instanceof Refused && error.kind === "key-reused") return this.#form.tell(this.#another());
    if (error instanceof Refused && error.problem.errors) return this.#wrongFields(error.problem.errors);
    return this.#form.tell(alert(el("p", {}, inWords(error), unanswered().length > 0 && ` ${UNSURE}`)));
  }

  /** Asks before a second order is placed beside one that another tab, or this browser long ago, has sent. */
  #another() {
    const onclick = () => {
      ended();
      this.#submit();
    };
    const asWell = el("button", { type: "button", onclick }, "Place this order as well");
    return alert(el("p", {}, REUSED), el("p", {}, asWell));
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
        el("p", {}, words, " ", unanswered().length > 0 ? UNSURE : "Nothing has been ordered yet."),
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
