/** What the last hours and days looked like. */

import { barChart } from "./chart.js";
import { el, heading, put } from "./dom.js";
import { fromCents, money, toCents } from "./money.js";
import { fillWith } from "./parts.js";
import { unavailable } from "./queues.js";
import { asAdmin } from "./session.js";
import { numbers, table, wide } from "./table.js";
import { terms } from "./terms.js";

const paid = (amount) => money(amount, terms.currency);
const round = (amount) =>
  new Intl.NumberFormat(undefined, { style: "currency", currency: terms.currency, maximumFractionDigits: 0 }).format(
    amount,
  );

const SPANS = {
  hours: {
    name: "Hours",
    field: "hour",
    milliseconds: 3_600_000,
    most: 24,
    label: (date) => date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" }),
  },
  days: {
    name: "Days",
    field: "day",
    milliseconds: 86_400_000,
    most: 14,
    label: (date) => date.toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" }),
  },
};

export function figures(_, signal) {
  const region = el("div", {});
  const load = () =>
    asAdmin("GET", "metrics", { signal }).catch((error) => ({ missing: orThrow(unavailable(error), error) }));
  const show = (metrics) => (metrics.missing ? el("p", { class: "notice" }, metrics.missing) : all(metrics));
  fillWith(region, load, show, signal);
  return el("section", {}, heading("Figures"), region);
}

function orThrow(text, error) {
  if (text === undefined) throw error;
  return text;
}

function all(metrics) {
  const region = el("div", {});
  const show = (span) => put(region, charts(metrics, SPANS[span]), products(metrics.top_products));
  const choice = el(
    "fieldset",
    { class: "choice" },
    el("legend", { class: "unseen" }, "Span"),
    Object.entries(SPANS).map(([span, { name }], i) =>
      el(
        "label",
        {},
        el("input", { type: "radio", name: "span", value: span, checked: i === 0, onchange: () => show(span) }),
        name,
      ),
    ),
  );
  show("hours");
  return [choice, region];
}

function charts(metrics, span) {
  const rows = filled(metrics[span.name.toLowerCase()], span);
  const points = (...fields) =>
    rows.map((row) => ({ label: span.label(row.at), values: fields.map((field) => row[field]) }));
  if (rows.length === 0) return el("p", {}, "Nothing has been counted yet.");
  return [
    totals(rows),
    el(
      "div",
      { class: "charts" },
      barChart({ title: "Orders", series: ["Orders"], points: points("orders") }),
      barChart({ title: "Revenue", series: ["Revenue"], points: points("revenue"), format: round }),
      barChart({
        title: "Average basket",
        series: ["Average basket"],
        points: points("average_basket"),
        format: round,
      }),
      barChart({
        title: "Refunds and failures",
        series: ["Refunds", "Failures"],
        points: points("refunds", "failures"),
      }),
    ),
  ];
}

const COUNTED = ["orders", "revenue", "units", "average_basket", "refunds", "failures"];

/** Every hour or day from the first counted one on, at most as many as are shown, with zeros where nothing was. */
export function filled(rows, { field, milliseconds, most }) {
  const known = new Map(rows.map((row) => [Date.parse(row[field]), row]));
  if (known.size === 0) return [];
  const [first, last] = [Math.min(...known.keys()), Math.max(...known.keys())];
  const from = Math.max(first, last - (most - 1) * milliseconds);
  const length = Math.round((last - from) / milliseconds) + 1;
  return Array.from({ length }, (_, i) => from + i * milliseconds).map((at) => ({
    at: new Date(at),
    ...Object.fromEntries(COUNTED.map((name) => [name, known.get(at)?.[name] ?? 0])),
  }));
}

function totals(rows) {
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  const exact = (field) => fromCents(rows.reduce((total, row) => total + toCents(row[field]), 0));
  const baskets = rows.reduce((total, row) => total + row.average_basket * row.orders, 0);
  const shown = [
    ["Orders", sum("orders")],
    ["Revenue", paid(exact("revenue"))],
    ["Books", sum("units")],
    ["Average basket", paid(sum("orders") ? baskets / sum("orders") : 0)],
    ["Refunds", sum("refunds")],
    ["Failures", sum("failures")],
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
  const rows = top.map(({ name, units, revenue }) =>
    numbers([el("cite", {}, name), bar(units)], [units, paid(revenue)]),
  );
  const columns = ["Book", "Copies", "Revenue"];
  return (
    top.length > 0 &&
    wide("Most wanted", table({ columns, isNumber: (i) => i > 0, caption: "Most wanted", class: "wanted" }, rows))
  );
}
