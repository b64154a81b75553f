/** Bar charts in SVG, each with the same figures as a table for who cannot see or would rather read them. */

import { el, put, svg } from "../shared/dom.js";
import { numbers, table, wide } from "./table.js";

const HEIGHT = 190;
const MARGIN = { top: 10, right: 32, bottom: 24, left: 56 };
const LABEL_WIDTH = 62;

/**
 * A figure that fills its column, and is drawn anew by `update(points)`: `{node, update}`. `points` are
 * `{label, values}`, `series` names the values of a point, which are stacked; `format` makes words of a value, `tick`
 * those of the scale.
 */
export function barChart({ title, series, format = String, tick = format }) {
  const [drawing, figures] = [el("div", { class: "drawing" }), el("div", {})];
  const chart = { title, series, format, tick, points: [] };
  const show = () => put(drawing, draw(chart, drawing.clientWidth));
  new ResizeObserver(show).observe(drawing);
  const node = el(
    "figure",
    { class: series.length > 1 && "mixed" },
    el("figcaption", {}, el("h2", {}, title), series.length > 1 && legend(series)),
    drawing,
    el("details", {}, el("summary", {}, `${title} as a table`), figures),
  );

  function update(points) {
    chart.points = points;
    show();
    put(figures, asTable(chart));
  }

  return { node, update };
}

function legend(series) {
  return el(
    "ul",
    { class: "legend" },
    series.map((name, i) => el("li", { class: `series-${i}` }, name)),
  );
}

function draw({ title, points, series, format, tick }, width) {
  const [inner, floor] = [width - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.bottom];
  if (inner <= 0 || points.length === 0) return null;
  const most = Math.max(...points.map(total));
  const ticks = ticksTo(most);
  const y = (value) => floor - (value / ticks.at(-1)) * (floor - MARGIN.top);
  const step = inner / points.length;
  const every = Math.ceil(LABEL_WIDTH / step);
  return svg(
    "svg",
    {
      width,
      height: HEIGHT,
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: "img",
      "aria-label": summary(title, points, format, most),
    },
    ticks.map((value) => grid(value, y(value), width, tick)),
    points.map((point, i) => bars(point, series, format, { x: MARGIN.left + i * step, step, y })),
    points.map(
      ({ label }, i) =>
        (points.length - 1 - i) % every === 0 &&
        svg("text", { x: MARGIN.left + (i + 0.5) * step, y: HEIGHT - 6, "text-anchor": "middle" }, label),
    ),
  );
}

function grid(value, y, width, tick) {
  return svg(
    "g",
    { class: value === 0 ? "grid base" : "grid" },
    svg("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y }),
    svg("text", { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, tick(value)),
  );
}

function bars({ label, values }, series, format, { x, step, y }) {
  const gap = Math.min(6, step * 0.25);
  let below = 0;
  return svg(
    "g",
    {},
    svg("title", {}, `${label}: ${values.map((value, i) => `${format(value)} ${series[i].toLowerCase()}`).join(", ")}`),
    svg("rect", { class: "hit", x, y: MARGIN.top, width: step, height: HEIGHT - MARGIN.bottom - MARGIN.top }),
    values.map((value, i) => {
      const [top, bottom] = [y(below + value), y(below)];
      below += value;
      return (
        value > 0 &&
        svg("rect", { class: `bar series-${i}`, x: x + gap / 2, y: top, width: step - gap, height: bottom - top })
      );
    }),
  );
}

const total = ({ values }) => values.reduce((sum, value) => sum + value, 0);

function summary(title, points, format, most) {
  const peak = points.find((point) => total(point) === most);
  return most === 0 ? `${title}: nothing.` : `${title}: at most ${format(most)}, at ${peak.label}.`;
}

/** 0 and up to four round numbers above it, the last not below `most`. */
export function ticksTo(most) {
  if (most <= 0) return [0, 1];
  const rough = most / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= rough),
    most < 4 ? 1 : 0,
  );
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

function asTable({ points, series, format }) {
  const rows = points.map(({ label, values }) => numbers(label, values.map(format)));
  return wide("Figures", table({ columns: ["When", ...series], isNumber: (i) => i > 0 }, rows));
}
