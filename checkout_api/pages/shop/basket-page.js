/** The basket's page. */

import { allProducts } from "../shared/api.js";
import { announce, el, heading, put } from "../shared/dom.js";
import { fromCents, money, sums, toCents } from "../shared/money.js";
import { fillWith } from "../shared/parts.js";
import { terms } from "../shared/terms.js";
import { MOST, MOST_LINES, lines, onChange, want } from "./basket.js";
import { cover } from "./cover.js";
import { addressOf, justPlaced } from "./your-orders.js";

const paid = (cents) => money(fromCents(cents), terms.currency);

export function basketPage(_, signal) {
  const region = el("div", {});
  fillWith(
    region,
    () => allProducts(signal),
    (products) => contents(products, signal),
    signal,
  );
  return el("section", {}, heading("Your basket"), region);
}

/** What is in it; built anew when other books are: an order may come through, or another tab take one out. */
function contents(products, signal) {
  const region = el("div", { class: "two-columns" });
  const books = () => JSON.stringify(lines(products), ["lines", "gone", "sku"]);
  let shown = books();

  function rebuild() {
    const { lines: held, gone } = lines(products);
    shown = books();
    if (region.contains(document.activeElement)) document.querySelector("h1").focus();
    const total = el("div", {});
    const refresh = () => put(total, summary(lines(products).lines, toCheckout(lines(products).lines)));
    refresh();
    if (held.length === 0 && gone.length === 0) return put(region, nothing());
    return put(
      region,
      el(
        "ul",
        { class: "lines" },
        gone.map(missing),
        held.map((line) => row(line, refresh)),
      ),
      el("aside", { "aria-label": "Total" }, total),
    );
  }

  onChange(() => books() !== shown && rebuild(), signal);
  return rebuild();
}

function nothing() {
  const placed = justPlaced();
  const seeIt = placed && el("a", { href: addressOf(placed.id) }, "See how it stands.");
  if (placed) return el("p", {}, "Your order was placed. ", seeIt);
  return el("p", {}, "There is nothing in it yet. ", el("a", { href: "#/" }, "Look around."));
}

function missing(sku) {
  return el(
    "li",
    { class: "line notice" },
    `A book in your basket (${sku}) is no longer sold.`,
    el(
      "button",
      { type: "button", class: "quiet", onclick: () => want(sku, 0) },
      "Take it out",
    ),
  );
}

function row({ product, sku, quantity }, refresh) {
  const { name, author, price, in_stock: inStock } = product;
  const sum = el("span", { class: "sum" });
  const warning = el("p", { class: "stock", role: "status" });

  function show(wanted) {
    sum.textContent = paid(toCents(price) * wanted);
    warning.textContent = wanted > inStock ? `There are only ${inStock}; more cannot be sent.` : "";
  }

  function change(wanted) {
    want(sku, wanted);
    show(wanted);
    refresh();
  }

  function takeOut() {
    want(sku, 0);
    announce(`${name} was taken out of the basket.`);
  }

  show(quantity);
  return el(
    "li",
    { class: "line" },
    cover(product),
    el(
      "div",
      { class: "about" },
      el("div", { class: "title" }, el("h2", {}, name), sum),
      el("p", { class: "author" }, `${author} · ${money(price, terms.currency)}`),
      el(
        "div",
        { class: "amount" },
        stepper(name, quantity, change),
        el("button", { type: "button", class: "link", "aria-label": `Take out ${name}`, onclick: takeOut }, "Take out"),
      ),
      warning,
    ),
  );
}

function stepper(name, quantity, change) {
  const input = el("input", {
    type: "number",
    inputmode: "numeric",
    min: 1,
    max: MOST,
    value: quantity,
    "aria-label": `Copies of ${name}`,
    onchange: () => set(input.valueAsNumber),
  });
  const set = (wanted) => {
    input.value = Math.min(MOST, Math.max(1, Math.round(wanted) || 1));
    change(input.valueAsNumber);
  };
  const button = (sign, step, label) =>
    el(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": `${label} of ${name}`,
        onclick: () => set(input.valueAsNumber + step),
      },
      sign,
    );
  return el("span", { class: "stepper" }, button("−", -1, "One copy less"), input, button("+", 1, "One copy more"));
}

/** What it comes to. `action` stands below the sums. */
export function summary(held, action) {
  const { items, shipping, total } = sums(held, terms);
  return el(
    "div",
    { class: "summary" },
    el(
      "dl",
      {},
      el("dt", {}, "Books"),
      el("dd", {}, paid(items)),
      el("dt", {}, "Shipping"),
      el("dd", {}, shipping ? paid(shipping) : "free"),
      el("dt", { class: "total" }, "Total"),
      el("dd", { class: "total" }, paid(total)),
    ),
    shipping > 0 &&
      el(
        "p",
        { class: "soft" },
        `Shipping is free when the books come to more than ${money(terms.free_shipping_above, terms.currency)}.`,
      ),
    action,
  );
}

function toCheckout(held) {
  if (held.length > MOST_LINES) return el("p", { class: "wrong" }, `An order can have ${MOST_LINES} different books.`);
  return held.length > 0 && el("a", { class: "button", href: "#/checkout" }, "To the checkout");
}
