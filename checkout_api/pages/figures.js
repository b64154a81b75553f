/** What the last hours and days looked like. */

import { barChart } from "./chart.js";
import { el, heading, put } from "./dom.js";
import { fromCents, money, toCents } from "./money.js";
import { fillWith } from "./parts.js";
import { asAdmin } from "./session.js";
import { numbers, table, wide } from "./table.js";
import { terms } from "./terms.js";

const short = new Intl.NumberFormat(undefined, {
  style: "currency",
  currency: terms.currency,
  notation: "compact",
  maximumFractionDigits: 1,
});
const number = (count) => count.toLocaleString();
const paid = (amount) => money(amount, terms.currency);
const clock = (date) => date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
const day = (date) => date.toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

export function figures(_, signal) {
  const region = el("div", {});
  fillWith(region, () => asAdmin("GET", "metrics", { signal }), all, signal);
  return el("section", {}, heading("Figures"), region);
}

/** `metrics` are hours and days, oldest first and without a gap, and what sold best. */
function all(metrics) {
  const region = el("div", {});
  const hours = () => charts(metrics.hours, ({ hour }) => clock(new Date(hour)));
  const days = () => charts(metrics.days, (row) => day(new Date(row.day)));
  const show = (span) => put(region, span(), products(metrics.top_products));
  show(hours);
  return [
    el(
      "fieldset",
      { class: "choice" },
      el("legend", { class: "unseen" }, "Span"),
      choice("Hours", true, () => show(hours)),
      choice("Days", false, () => show(days)),
    ),
    region,
  ];
}

function choice(name, checked, onchange) {
  return el("label", {}, el("input", { type: "radio", name: "span", checked, onchange }), name);
}

function charts(rows, label) {
  const points = (...fields) =>
    rows.map((row) => ({ label: label(row), values: fields.map((name) => row[name] ?? 0) }));
  const chart = (title, fields, series, formats) => barChart({ title, series, points: points(...fields), ...formats });
  const inMoney = { format: paid, tick: (value) => short.format(value) };
  return [
    totals(rows),
    el(
      "div",
      { class: "charts" },
      chart("Orders", ["orders"], ["Orders"]),
      chart("Revenue", ["revenue"], ["Revenue"], inMoney),
      chart("Average basket", ["average_basket"], ["Average basket"], inMoney),
      chart("Refunds and failures", ["refunds", "failures"], ["Refunds", "Failures"]),
    ),
  ];
}

function totals(rows) {
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  const exact = (field) => fromCents(rows.reduce((total, row) => total + toCents(row[field]), 0));
  const baskets = rows.reduce((total, row) => total + row.average_basket * row.orders, 0);
  const shown = [
    ["Orders", number(sum("orders"))],
    ["Revenue", paid(exact("revenue"))],
    ["Books", number(sum("units"))],
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
  const rows = top.map(({ name, units, revenue }) =>
    numbers([el("cite", {}, name), bar(units)], [number(units), paid(revenue)]),
  );
  const columns = ["Book", "Copies", "Revenue"];
  return (
    top.length > 0 &&
    wide("Most wanted", table({ columns, isNumber: (i) => i > 0, caption: "Most wanted", class: "wanted" }, rows))
  );
}
