/** The catalog with its search. */

import { allProducts } from "../shared/api.js";
import { announce, el, heading, put } from "../shared/dom.js";
import { money } from "../shared/money.js";
import { field, fillWith } from "../shared/parts.js";
import { terms } from "../shared/terms.js";
import { counted } from "../shared/words.js";
import { quantityOf, want } from "./basket.js";
import { ORDERS, found, sorted, stockWords } from "./catalog.js";
import { cover } from "./cover.js";

const asked = { wanted: "", order: "title" }; // as the reader left it, until the page is loaded anew

export function books(_, signal) {
  const region = el("div", {});
  const head = el("div", { class: "head" }, heading("On the shelf"));
  fillWith(
    region,
    () => allProducts(signal),
    (products) => shelf(products, head),
    signal,
  );
  return el("section", {}, head, region);
}

function shelf(products, head) {
  const list = el("ul", { class: "shelf" });
  const tally = el("p", { class: "tally soft", role: "status" });
  const items = new Map(products.map((product) => [product.sku, entry(product)]));

  function refresh() {
    const hits = sorted(found(products, asked.wanted), asked.order);
    put(
      list,
      hits.map((product) => items.get(product.sku)),
    );
    if (hits.length) tally.textContent = counted(hits.length, "book");
    else if (products.length) tally.textContent = "Nothing here by that name. Try part of a title, or an author.";
    else tally.textContent = "There is nothing on it yet.";
  }

  refresh();
  head.append(tools(refresh), tally);
  return list;
}

function tools(refresh) {
  const search = field("Search", (attributes) => el("input", { type: "search", ...attributes }), {
    placeholder: "Title, author or ISBN",
    autocomplete: "off",
    value: asked.wanted,
    oninput: (event) => {
      asked.wanted = event.target.value;
      refresh();
    },
  });
  const order = field(
    "Sort by",
    (attributes) =>
      el(
        "select",
        attributes,
        Object.entries(ORDERS).map(([value, [name]]) => el("option", { value, selected: value === asked.order }, name)),
      ),
    {
      onchange: (event) => {
        asked.order = event.target.value;
        refresh();
      },
    },
  );
  return el(
    "form",
    { role: "search", class: "tools", onsubmit: (event) => event.preventDefault() },
    search.node,
    order.node,
  );
}

function entry(product) {
  const { sku, name, author, price, description, in_stock: inStock } = product;
  const id = `book-${sku}`;
  return el(
    "li",
    { class: "book" },
    cover(product),
    el(
      "div",
      { class: "about" },
      el("h2", { id }, name),
      el("p", { class: "author" }, author),
      el("p", { class: "blurb" }, description),
      el(
        "div",
        { class: "buy" },
        el("span", { class: "price" }, money(price, terms.currency)),
        inStock > 0 && toBasket(sku, name, id),
        stockWords(inStock) && el("span", { class: "stock" }, stockWords(inStock)),
      ),
    ),
  );
}

function toBasket(sku, name, describedBy) {
  const label = () => (quantityOf(sku) ? `In basket: ${quantityOf(sku)}` : "Add to basket");
  const button = el(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-describedby": describedBy,
      onclick: () => {
        want(sku, quantityOf(sku) + 1);
        button.textContent = label();
        announce(`${name}: ${counted(quantityOf(sku), "copy", "copies")} in the basket.`);
      },
    },
    label(),
  );
  return button;
}
