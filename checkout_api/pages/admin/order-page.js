/** One order behind the counter: everything the API tells of it, its timeline, and what may be decided. */

import { inWords } from "../shared/api.js";
import { el, heading, put, time } from "../shared/dom.js";
import { Follower, patient } from "../shared/follow.js";
import { pathOf, read, receipt } from "../shared/order.js";
import { alert, badge, fillWith } from "../shared/parts.js";
import { retitle } from "../shared/router.js";
import { showEvents, timelineList } from "../shared/timeline.js";
import { asTitle, dayAndClock, failureWords, settled, statusName } from "../shared/words.js";
import { buttons } from "./decisions.js";
import { asAdmin } from "./session.js";

export function adminOrder({ id }, signal) {
  const [title, told, head, does] = [heading("Order", { class: "id" }), el("div", {}), el("p", {}), el("div", { class: "does" })];
  const [events, live, facts, who] = [timelineList(), el("p", { class: "soft" }), el("div", {}), el("div", {})];
  let status;

  async function look() {
    const { order, timeline } = await read(id, signal, () => asAdmin("GET", `${pathOf(id)}/record`, { signal }));
    if (!status) fillWith(who, () => customer(id, signal), whoOrdered, signal);
    show(order);
    showEvents(events, timeline);
    return { settled: settled(order.status), mark: `${order.status} ${timeline.length}` };
  }

  function show(order) {
    retitle(title, `Order ${order.order_id}`);
    put(head, badge(order.status, statusName(order.status)), " placed ", time(order.placed_at, dayAndClock));
    put(
      facts,
      receipt(order, ({ sku }) => el("small", { class: "soft" }, sku)),
      account(order),
    );
    if (order.status !== status)
      put(
        does,
        buttons(order, told, decided, () => follower.nudge()),
      );
    status = order.status;
  }

  function decided(order) {
    show(order);
    (does.querySelector("button") ?? title).focus();
    follower.nudge();
  }

  const follower = new Follower(patient(look, live), () => put(live));
  follower.run(signal).catch((error) => {
    if (!signal.aborted)
      put(told, alert(el("p", {}, error.status === 404 ? "There is no order with this id." : inWords(error))));
  });
  return el(
    "section",
    {},
    title,
    told,
    head,
    does,
    el(
      "div",
      { class: "two-columns" },
      el("div", {}, el("h2", {}, "What happened"), events, live),
      el("aside", { "aria-label": "The order" }, facts, who),
    ),
  );
}

const customer = (id, signal) => asAdmin("GET", `${pathOf(id)}/customer`, { signal });

/** Whatever the API tells of the customer: a field without a name here is shown as it is called. */
const WHO = { customer_id: "Ordered by", customer_email: "E-mail" };

const whoOrdered = (customer) =>
  factList(Object.entries(customer).map(([field, value]) => [WHO[field] ?? asTitle(field), value]));

function account({ status, items, payment, inventory, ...known }) {
  const standing = (part) => (part.status === "pending" && settled(status) ? "none" : part.status);
  const names = new Map(items.map(({ sku, name }) => [sku, name]));
  const facts = [
    ["Payment", `${standing(payment)}${known.payment_method ? `, ${known.payment_method}` : ""}`],
    ["Reference", known.payment_reference],
    ["Refused because", failureWords(known.payment_failure)],
    ["Stock", standing(inventory)],
    [
      "Short of",
      inventory.shortages
        .map(({ sku, requested, available }) => `${names.get(sku)}: ${requested} wanted, ${available} there`)
        .join("; "),
    ],
    ["Cancelled because", known.cancel_reason],
    ["Refunded because", known.refund_reason],
  ];
  return factList(facts);
}

/** What there is of pairs of a name and a value. */
function factList(facts) {
  return el(
    "dl",
    { class: "facts" },
    facts.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}
