/**
 * The latest events as they pass. No route tells them all, so they are read off the timelines of the newest orders,
 * and of those only where something may have happened since the last look. What happens to older orders is not here.
 */

import { request } from "./api.js";
import { el, heading, put, time } from "./dom.js";
import { asAdmin } from "./session.js";
import { watch } from "./watch.js";
import { clock, eventWords } from "./words.js";

const ORDERS = 10;
const SHOWN = 60;
const PAUSE = 3_000;
const STILL_MOVING = 60_000;

export function events(_, signal) {
  const [told, list] = [el("div", {}), el("ol", { class: "feed" })];
  const toggle = el(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-pressed": "false",
      onclick: () => {
        toggle.setAttribute("aria-pressed", String(!isPaused()));
      },
    },
    "Pause",
  );
  const isPaused = () => toggle.getAttribute("aria-pressed") === "true";
  const feed = new Feed(list, signal);
  watch(async () => isPaused() || feed.look(), { told, pause: PAUSE, signal });
  return el(
    "section",
    {},
    el("div", { class: "head" }, heading("Events"), toggle),
    el("p", { class: "soft" }, `What happens to the ${ORDERS} newest orders, latest first.`),
    told,
    list,
  );
}

class Feed {
  #list;
  #signal;
  #known = new Map(); // order id -> {status, latest: when its latest event was}
  #shown = new Map(); // event id -> {event, node}

  constructor(list, signal) {
    this.#list = list;
    this.#signal = signal;
  }

  async look() {
    const { orders } = await asAdmin("GET", `orders?limit=${ORDERS}`, { signal: this.#signal });
    const moving = orders.filter((order) => this.#mayHaveMoved(order));
    const timelines = await Promise.all(moving.map((order) => this.#timeline(order)));
    if (timelines.flat().some(({ event_id: id }) => !this.#shown.has(id))) this.#show(timelines.flat());
    this.#forgetBut(new Set(orders.map(({ order_id: id }) => id)));
  }

  /** Forgets what is neither shown nor read again, so that a page that stays open does not grow. */
  #forgetBut(newest) {
    for (const id of this.#known.keys()) if (!newest.has(id)) this.#known.delete(id);
    for (const [id, { event, node }] of this.#shown) {
      if (!node.isConnected && !newest.has(event.order)) this.#shown.delete(id);
    }
  }

  #mayHaveMoved({ order_id: id, status }) {
    const known = this.#known.get(id);
    return !known || known.status !== status || Date.now() - known.latest < STILL_MOVING;
  }

  async #timeline({ order_id: id, status }) {
    const timeline = await request("GET", `orders/${encodeURIComponent(id)}/timeline`, { signal: this.#signal });
    this.#known.set(id, { status, latest: Math.max(0, ...timeline.map(({ at }) => Date.parse(at))) });
    return timeline.map((event) => ({ ...event, order: id }));
  }

  #show(events) {
    const isFirst = this.#shown.size === 0;
    for (const event of events) {
      if (!this.#shown.has(event.event_id)) this.#shown.set(event.event_id, { event, node: line(event, !isFirst) });
    }
    const latest = [...this.#shown.values()].sort((a, b) => b.event.at.localeCompare(a.event.at)).slice(0, SHOWN);
    put(
      this.#list,
      latest.map(({ node }) => node),
    );
  }
}

function line({ type, at, event_id: id, order }, isNews) {
  return el(
    "li",
    { "data-event": id, class: isNews && "news" },
    time(at, clock),
    el("strong", {}, eventWords(type).name),
    el("code", {}, type),
    el("a", { href: `#/orders/${encodeURIComponent(order)}` }, order),
  );
}
