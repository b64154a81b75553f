/** The orders, newest first, a page at a time, all or those of one status. */

import { announce, el, heading, put, time } from "../shared/dom.js";
import { money } from "../shared/money.js";
import { badge, fillWith } from "../shared/parts.js";
import { nowhere } from "../shared/router.js";
import { STATUSES, copies, counted, dayAndClock, statusName } from "../shared/words.js";
import { buttons } from "./decisions.js";
import { asAdmin } from "./session.js";
import { table, wide } from "./table.js";

const PAGE = 20;
const DONE_SECONDS = 2;

export function adminOrders({ status }, signal) {
  if (status && !STATUSES.includes(status)) return nowhere();
  const told = el("div", {});
  const region = wide("Orders");
  const pager = el("div", { class: "pager" });

  /** `before` are the cursors of the pages before this one. Where the reader is changes once the page has come. */
  function show(cursor, before) {
    const query = new URLSearchParams({ limit: PAGE, ...(status && { status }), ...(cursor && { cursor }) });
    const load = () => asAdmin("GET", `orders?${query}`, { signal });
    return fillWith(
      region,
      load,
      (page) => {
        turned(page, cursor, before);
        return page.orders.length ? list(page.orders, told, () => show(cursor, before)) : el("p", {}, none(status));
      },
      signal,
    );
  }

  function turned({ orders, next }, cursor, before) {
    const pressed = pager.contains(document.activeElement) && document.activeElement.textContent;
    const where = `Page ${before.length + 1}, ${counted(orders.length, "order")}`;
    const button = (name, go) => el("button", { type: "button", class: "quiet", onclick: go }, name);
    put(
      pager,
      el("span", { class: "soft" }, where),
      button("Look again", () => show(cursor, before)),
      before.length > 0 && button("Newer", () => show(before.at(-1), before.slice(0, -1))),
      next && button("Older", () => show(next, [...before, cursor])),
    );
    if (!pressed) return;
    const buttons = [...pager.querySelectorAll("button")];
    (buttons.find((node) => node.textContent === pressed) ?? buttons[0]).focus({ preventScroll: true });
    announce(where);
  }

  show(undefined, []);
  return el(
    "section",
    {},
    el("div", { class: "head" }, heading("Orders"), find()),
    filter(status),
    told,
    region,
    pager,
  );
}

const none = (status) => (status ? `No order is “${statusName(status)}” now.` : "There are no orders yet.");

function filter(current) {
  const link = (status, name) =>
    el(
      "a",
      { href: status ? `#/status/${status}` : "#/", "aria-current": status === current ? "true" : undefined },
      name,
    );
  const links = [undefined, ...STATUSES].map((status) => link(status, status ? statusName(status) : "All"));
  const open = links.find((node) => node.hasAttribute("aria-current"));
  queueMicrotask(() => open.scrollIntoView({ inline: "center", block: "nearest" })); // on a phone they scroll
  return el("nav", { class: "chips", "aria-label": "Orders by status" }, links);
}

/** Straight to an order by its id. */
function find() {
  const input = el("input", {
    type: "search",
    "aria-label": "Order id",
    placeholder: "ord_…",
    autocomplete: "off",
    spellcheck: "false",
  });
  return el(
    "form",
    {
      class: "find",
      role: "search",
      onsubmit: (event) => {
        event.preventDefault();
        if (input.value.trim()) location.hash = `#/orders/${encodeURIComponent(input.value.trim())}`;
      },
    },
    input,
    el("button", { class: "quiet" }, "Open"),
  );
}

const COLUMNS = ["Placed", "Order", "Books", "Total", "Status", "Actions"];

function list(orders, told, reload) {
  const rows = orders.map((order) => row(order, told, reload));
  return table({ columns: COLUMNS, isNumber: (i) => COLUMNS[i] === "Total", class: "orders" }, rows);
}

function row(order, told, reload) {
  const node = el("tr", { "data-order": order.order_id });
  const link = el("a", { href: `#/orders/${encodeURIComponent(order.order_id)}` }, order.order_id);

  function decided(after) {
    node.replaceWith(row(after, told, reload));
    const fresh = document.querySelector(`tr[data-order="${CSS.escape(order.order_id)}"]`);
    (fresh?.querySelector("button") ?? fresh?.querySelector("a"))?.focus();
  }

  const cells = [
    time(order.placed_at, dayAndClock),
    [link, el("span", { class: "soft" }, order.customer_id), order.test && badge("test", "test")],
    titles(order.items),
    money(order.total, order.currency),
    badge(order.status, statusName(order.status)),
    el(
      "div",
      { class: "does" },
      buttons(order, told, decided, () => setTimeout(reload, 1000 * DONE_SECONDS)),
    ),
  ];
  return put(
    node,
    cells.map((cell, i) => el("td", { "data-name": COLUMNS[i] }, cell)),
  );
}

const MOST_TITLES = 2;

function titles(items) {
  const first = items
    .slice(0, MOST_TITLES)
    .map(({ name, quantity }) => [copies(quantity), el("cite", {}, name), ", "]);
  const more = items.length - MOST_TITLES;
  const parts = first.flat();
  if (parts.at(-1) === ", " && more <= 0) parts.pop();
  return [parts, more > 0 && counted(more, "more", "more")];
}
