/** The latest events of all orders, as they pass. */

import { allProducts } from "../shared/api.js";
import { el, heading, put, time } from "../shared/dom.js";
import { eventWords, moment } from "../shared/words.js";
import { asAdmin } from "./session.js";
import { watch } from "./watch.js";

const PAUSE = 3_000;

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

  async function look() {
    if (isPaused()) return;
    const found = await asAdmin("GET", "events", { signal });
    if (!isPaused()) feed.show(found);
  }

  put(list, el("li", { class: "soft" }, "Loading…"));
  watch(look, { told, pause: PAUSE, stale: "The events below are not fresh.", signal });
  return el(
    "section",
    {},
    el("div", { class: "head" }, heading("Events"), toggle),
    el("p", { class: "soft" }, "What happened last to any order, latest first."),
    told,
    list,
  );
}

class Feed {
  #list;
  #signal;
  #names; // of the books, once one is low on stock: sku -> name

  constructor(list, signal) {
    this.#list = list;
    this.#signal = signal;
  }

  /** `events` are all that there are to show, latest first. */
  show(events) {
    const nodes = this.#list.querySelectorAll("[data-event]");
    const shown = new Map(Array.from(nodes, (node) => [node.dataset.event, node]));
    if (events.length === 0) return put(this.#list, el("li", { class: "soft" }, "Nothing has happened yet."));
    events.forEach((event, i) => this.#place(shown.get(event.event_id) ?? this.#line(event, shown.size > 0), i));
    while (this.#list.children.length > events.length) this.#list.lastChild.remove();
  }

  /** Whatever stays where it is keeps the focus, and the reader her place. */
  #place(node, i) {
    const there = this.#list.children[i] ?? null;
    if (there !== node) this.#list.insertBefore(node, there);
  }

  #line({ type, at, event_id: id, order_id: order, sku }, isNews) {
    return el(
      "li",
      { "data-event": id, "data-type": type, class: isNews && "news" },
      time(at, moment),
      el("span", {}, el("strong", {}, eventWords(type).name), sku && [" ", this.#book(sku)]),
      el("code", {}, type),
      el("a", { href: `#/orders/${encodeURIComponent(order)}` }, order),
    );
  }

  /** The book's name as soon as it is known, until then its number. */
  #book(sku) {
    const node = el("cite", {}, sku);
    this.#names ??= allProducts(this.#signal).then(
      (products) => new Map(products.map((product) => [product.sku, product.name])),
      () => new Map(),
    );
    this.#names.then((names) => (node.textContent = names.get(sku) ?? sku));
    return node;
  }
}
