/** An order's page: how it stands, and its timeline as it grows. */

import { inWords } from "../shared/api.js";
import { el, heading, put, time } from "../shared/dom.js";
import { Follower, patient } from "../shared/follow.js";
import { read, receipt } from "../shared/order.js";
import { alert } from "../shared/parts.js";
import { retitle } from "../shared/router.js";
import { showEvents, timelineList } from "../shared/timeline.js";
import { clock, dayAndClock, explanation, headline, settled } from "../shared/words.js";
import { giveBack, quantityOf } from "./basket.js";
import { handOver, noteSeen } from "./your-orders.js";

export function orderPage({ id }, signal) {
  const [title, lead, events] = [heading("Your order"), el("p", { class: "lead" }), timelineList()];
  const [live, facts] = [el("p", { class: "live soft" }), el("div", {})];
  const back = el("div", {});
  const page = el(
    "section",
    {},
    title,
    noteSeen(id)?.isEarlier && el("p", { class: "notice" }, EARLIER),
    el("div", { role: "status" }, lead),
    back,
    el(
      "div",
      { class: "two-columns" },
      el("div", {}, el("h2", {}, "What happened so far"), events, live),
      el("aside", { "aria-label": "The order" }, facts),
    ),
  );

  async function look() {
    const { order, timeline } = await read(id, signal);
    retitle(title, headline(order.status));
    lead.textContent = explanation(order, (sku) => order.items.find((item) => item.sku === sku)?.name ?? sku);
    showEvents(events, timeline);
    if (FAILED.has(order.status)) put(back, inBasketAgain(order));
    else if (settled(order.status)) handOver(id);
    put(facts, receipt(order), small(order));
    page.dataset.status = order.status;
    return { settled: settled(order.status), mark: `${order.status} ${timeline.length}` };
  }

  const follower = new Follower(patient(look, live), (follows) => put(live, follows ? FOLLOWS : rested(again)));

  function again() {
    title.focus({ preventScroll: true }); // the button is about to be gone
    follower.nudge();
  }

  follower.run(signal).catch((error) => {
    if (!signal.aborted)
      put(
        page,
        title,
        alert(el("p", {}, error.status === 404 ? "There is no order with this address." : inWords(error))),
      );
  });
  return page;
}

const FAILED = new Set(["payment_failed", "rejected"]);
const EARLIER =
  "This is what you ordered before your last change: it was accepted, though no answer came. Nothing else was ordered.";

/** Gives back the books of an order that came to nothing, once, if it was placed from this browser. */
function inBasketAgain({ order_id: id, items }) {
  giveBack(handOver(id));
  const isThere = items.every(({ sku }) => quantityOf(sku) > 0);
  return isThere && el("p", {}, "Its books are in your basket again. ", el("a", { href: "#/basket" }, "To the basket"));
}

const FOLLOWS = "This page follows along by itself.";

function rested(again) {
  const now = new Date();
  return [
    "As of ",
    time(now.toISOString(), clock),
    ". ",
    el("button", { type: "button", class: "link", onclick: again }, "Look again"),
  ];
}

function small(order) {
  return [
    el(
      "p",
      { class: "soft" },
      "Placed ",
      time(order.placed_at, dayAndClock),
      ", order ",
      el("code", {}, order.order_id),
    ),
    el(
      "p",
      { class: "soft" },
      "Whoever has this page’s address can see the order. It shows neither your e-mail address nor your card.",
    ),
  ];
}
