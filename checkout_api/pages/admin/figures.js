/** What the last hours and days looked like, read again now and then. */

import { el, heading, put } from "../shared/dom.js";
import { fromCents, money, toCents } from "../shared/money.js";
import { terms } from "../shared/terms.js";
import { counted } from "../shared/words.js";
import { barChart } from "./chart.js";
import { asAdmin } from "./session.js";
import { numbers, table, wide } from "./table.js";
import { watch } from "./watch.js";

const PAUSE = 10_000;

const short = new Intl.NumberFormat(undefined, {
  style: "currency",
  currency: terms.currency,
  notation: "compact",
  maximumFractionDigits: 1,
});
const number = (count) => count.toLocaleString();
const paid = (amount) => money(amount, terms.currency);
const clock = (date) => date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
const MONEY = { format: paid, tick: (value) => short.format(value) };
const day = (date) => date.toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

const SPANS = {
  hour: { rows: ({ hours }) => hours, label: ({ hour }) => clock(new Date(hour)) },
  day: { rows: ({ days }) => days, label: (row) => day(new Date(row.day)), note: "Days begin at midnight, UTC." },
};

const CHARTS = [
  { title: "Orders", fields: ["orders"], series: ["Orders"] },
  { title: "Revenue", fields: ["revenue"], series: ["Revenue"], ...MONEY },
  { title: "Average basket", fields: ["average_basket"], series: ["Average basket"], ...MONEY },
  { title: "Refunds and failures", fields: ["refunds", "failures"], series: ["Refunds", "Failures"] },
];

export function figures(_, signal) {
  const [told, region] = [el("div", {}), el("div", {}, el("p", { class: "soft" }, "Loading…"))];
  let [board, known] = [undefined, ""];

  async function look() {
    const metrics = await asAdmin("GET", "metrics", { signal });
    if (!board) {
      board = new Board(metrics);
      put(region, board.node);
    }
    if (known !== JSON.stringify(metrics)) board.show(metrics);
    known = JSON.stringify(metrics);
  }

  watch(look, { told, pause: PAUSE, stale: "The figures below are not fresh.", signal });
  return el("section", {}, heading("Figures"), told, region);
}

/** Totals, charts and the most wanted books. What the reader has opened or chosen stays so when there is news. */
class Board {
  #metrics;
  #span = "hour";
  #note = el("p", { class: "soft" });
  #totals = el("div", {});
  #wanted = el("div", {});
  #charts = CHARTS.map(({ fields, ...chart }) => ({ fields, ...barChart(chart) }));

  constructor(metrics) {
    const choices = Object.entries(SPANS).map(([span, { rows }]) => {
      const name = `Last ${counted(rows(metrics).length, span)}`;
      return choice(name, span === this.#span, () => this.#choose(span));
    });
    const charts = this.#charts.map(({ node }) => node);
    this.node = [
      el("fieldset", { class: "choice" }, el("legend", { class: "unseen" }, "Span"), choices),
      this.#totals,
      el("div", { class: "charts" }, charts),
      this.#note,
      this.#wanted,
    ];
  }

  /** `metrics` are hours and days, oldest first and without a gap, and what was ordered most. */
  show(metrics) {
    this.#metrics = metrics;
    put(this.#wanted, products(metrics.top_products));
    this.#draw();
  }

  #choose(span) {
    this.#span = span;
    this.#draw();
  }

  #draw() {
    const { rows, label, note = "" } = SPANS[this.#span];
    const found = rows(this.#metrics);
    this.#note.textContent = note;
    put(this.#totals, totals(found));
    for (const { fields, update } of this.#charts) {
      update(found.map((row) => ({ label: label(row), values: fields.map((name) => row[name] ?? 0) })));
    }
  }
}

function choice(name, checked, onchange) {
  return el("label", {}, el("input", { type: "radio", name: "span", checked, onchange }), name);
}

function totals(rows) {
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  const exact = (field) => fromCents(rows.reduce((total, row) => total + toCents(row[field]), 0));
  const baskets = rows.reduce((total, row) => total + row.average_basket * row.orders, 0);
  const shown = [
    ["Orders", number(sum("orders"))],
    ["Revenue", paid(exact("revenue"))],
    ["Books ordered", number(sum("units"))],
    ["Average basket", paid(sum("orders") ? baskets / sum("orders") : 0)],
    ["Refunds", number(sum("refunds"))],
    ["Failures", number(sum("failures"))],
  ];
  return el(
    "dl",
    { class: "totals" },
    shown.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

function products(top) {
  const most = Math.max(1, ...top.map(({ units }) => units));
  const bar = (units) => el("meter", { min: 0, max: most, value: units, "aria-hidden": "true" });
  const rows = top.map(({ name, units, ordered }) =>
    numbers([el("cite", {}, name), bar(units)], [number(units), paid(ordered)]),
  );
  const columns = ["Book", "Copies ordered", "Sum of their prices"];
  return (
    top.length > 0 &&
    wide("Most wanted", table({ columns, isNumber: (i) => i > 0, caption: "Most wanted", class: "wanted" }, rows))
  );
}
