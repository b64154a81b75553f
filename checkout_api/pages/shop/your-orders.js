/** The orders placed from this browser: their ids are all that opens them again. */

import { el, heading, time } from "../shared/dom.js";
import { lasting, passing } from "../shared/memory.js";
import { money } from "../shared/money.js";
import { dayAndClock } from "../shared/words.js";

const MOST = 50;

const remembered = () => lasting.get("orders", []);
const keep = (orders) => lasting.set("orders", orders.slice(0, MOST));

/**
 * Keeps what POST /orders answered, with the books (`{sku, quantity}` each) until it is known that the order stands.
 * Returns whether the order is a new one.
 */
export function remember({ order_id: id, total, currency, placed_at: at }, books) {
  if (remembered().some((order) => order.id === id)) return false;
  keep([{ id, total, currency, at, books }, ...remembered()]);
  return true;
}

/** The books of an order that came to nothing or has settled, each time but the first none. */
export function handOver(id) {
  const { books = [] } = remembered().find((order) => order.id === id) ?? {};
  if (books.length) keep(remembered().map((order) => (order.id === id ? { ...order, books: undefined } : order)));
  return books;
}

/**
 * The order that was just placed in this tab and not seen yet, `{id, isEarlier}`, if there is one; `isEarlier` says
 * that something else had been asked for since it was sent.
 */
export const justPlaced = () => passing.get("placed");

export const setJustPlaced = (id, isEarlier) => passing.set("placed", { id, isEarlier });

/** Returns `justPlaced` if it is this order, once. */
export function noteSeen(id) {
  const placed = justPlaced();
  if (placed?.id !== id) return undefined;
  passing.forget("placed");
  return placed;
}

export const addressOf = (id) => `#/orders/${encodeURIComponent(id)}`;

export function yourOrders() {
  const orders = remembered();
  return el(
    "section",
    {},
    heading("Your orders"),
    orders.length === 0 && el("p", {}, "None yet from this browser. ", el("a", { href: "#/" }, "Look around.")),
    el(
      "ul",
      { class: "plain" },
      orders.map(({ id, total, currency, at }) =>
        el("li", {}, el("a", { href: addressOf(id) }, time(at, dayAndClock)), ` · ${money(total, currency)}`),
      ),
    ),
    orders.length > 0 &&
      el("p", { class: "soft" }, "Only this browser remembers them. An order's own address opens it anywhere."),
  );
}
