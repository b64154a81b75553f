/** The orders placed from this browser: their ids are all that opens them again. */

import { el, heading, time } from "../shared/dom.js";
import { lasting } from "../shared/memory.js";
import { money } from "../shared/money.js";
import { dayAndClock } from "../shared/words.js";

const MOST = 50;

/** Keeps what POST /orders answered. */
export function remember({ order_id: id, total, currency, placed_at: at }) {
  const others = lasting.get("orders", []).filter((order) => order.id !== id);
  lasting.set("orders", [{ id, total, currency, at }, ...others].slice(0, MOST));
}

export function yourOrders() {
  const orders = lasting.get("orders", []);
  return el(
    "section",
    {},
    heading("Your orders"),
    orders.length === 0 && el("p", {}, "None yet from this browser. ", el("a", { href: "#/" }, "Look around.")),
    el(
      "ul",
      { class: "plain" },
      orders.map(({ id, total, currency, at }) =>
        el(
          "li",
          {},
          el("a", { href: `#/orders/${encodeURIComponent(id)}` }, time(at, dayAndClock)),
          ` · ${money(total, currency)}`,
        ),
      ),
    ),
    orders.length > 0 &&
      el("p", { class: "soft" }, "Only this browser remembers them. An order's own address opens it anywhere."),
  );
}
