/** An order as the API tells it, and its receipt, for both pages. */

import { request } from "./api.js";
import { el } from "./dom.js";
import { fromCents, money, toCents } from "./money.js";
import { copies } from "./words.js";

/** An order's address. */
export const pathOf = (id) => `orders/${encodeURIComponent(id)}`;

/** `{order, timeline}` of an order's id; `load` reads the order as somebody else sees it. Throws Refused, Unreachable. */
export async function read(id, signal, load = () => request("GET", pathOf(id), { signal })) {
  const [order, timeline] = await Promise.all([load(), request("GET", `${pathOf(id)}/timeline`, { signal })]);
  return { order, timeline };
}

/** What was ordered and what it costs. `about` adds something to an item. */
export function receipt({ items, shipping, total, currency }, about = () => null) {
  const paid = (amount) => money(amount, currency);
  return [
    el(
      "ul",
      { class: "receipt" },
      items.map((item) =>
        el(
          "li",
          {},
          el("span", {}, copies(item.quantity), el("cite", {}, item.name), about(item)),
          el("span", { class: "sum" }, paid(fromCents(toCents(item.unit_price) * item.quantity))),
        ),
      ),
    ),
    el(
      "dl",
      {},
      el("dt", {}, "Shipping"),
      el("dd", {}, shipping ? paid(shipping) : "free"),
      el("dt", { class: "total" }, "Total"),
      el("dd", { class: "total" }, paid(total)),
    ),
  ];
}
