/** Bar charts in SVG, each with the same figures as a table for who cannot see or would rather read them. */

import { el, put, svg } from "../shared/dom.js";
import { numbers, table, wide } from "./table.js";

const HEIGHT = 190;
const GAP = 8; // between words and what is beside them

/**
 * A figure that fills its column, and is drawn anew by `update(points)`: `{node, update}`. `points` are
 * `{label, values}`, `series` names the values of a point, which are stacked; `format` makes words of a value, `tick`
 * those of the scale.
 */
export function barChart({ title, series, format = String, tick = format }) {
  const [drawing, figures] = [el("div", { class: "drawing" }), el("div", {})];
  const chart = { title, series, format, tick, points: [] };
  const show = () => put(drawing, draw(chart, drawing.clientWidth, lettering(drawing)));
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

/** How large an element's letters are, and how wide some texts in them at most: the reader's fonts decide. */
function lettering(node) {
  const { fontFamily, fontSize } = getComputedStyle(node);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${fontSize} ${fontFamily}`;
  return {
    size: parseFloat(fontSize),
    width: (texts) => Math.ceil(Math.max(0, ...texts.map((text) => pen.measureText(text).width))),
  };
}

function draw({ title, points, series, format, tick }, width, letters) {
  if (points.length === 0) return null;
  const most = Math.max(...points.map(total));
  const ticks = ticksTo(most);
  const label = letters.width(points.map((point) => point.label));
  const frame = {
    top: letters.size,
    right: width - Math.max(letters.size, label / 2),
    floor: HEIGHT - 2 * letters.size,
    left: Math.max(letters.width(ticks.map(tick)) + GAP, label / 2),
  };
  if (frame.right <= frame.left) return null;
  const y = (value) => frame.floor - (value / ticks.at(-1)) * (frame.floor - frame.top);
  const step = (frame.right - frame.left) / points.length;
  const every = Math.ceil((label + GAP) / step);
  return svg(
    "svg",
    {
      width,
      height: HEIGHT,
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: "img",
      "aria-label": summary(title, points, format, most),
    },
    ticks.map((value) => grid(value, y(value), frame, tick(value), letters.size)),
    points.map((point, i) => bars(point, series, format, { x: frame.left + i * step, step, y, ...frame })),
    points.map(
      ({ label }, i) =>
        (points.length - 1 - i) % every === 0 &&
        svg("text", { x: frame.left + (i + 0.5) * step, y: HEIGHT - letters.size / 2, "text-anchor": "middle" }, label),
    ),
  );
}

function grid(value, y, { left, right }, words, size) {
  return svg(
    "g",
    { class: value === 0 ? "grid base" : "grid" },
    svg("line", { x1: left, x2: right, y1: y, y2: y }),
    svg("text", { x: left - GAP, y: y + size / 3, "text-anchor": "end" }, words),
  );
}

function bars({ label, values }, series, format, { x, step, y, top: ceiling, floor }) {
  const gap = Math.min(6, step * 0.25);
  let below = 0;
  return svg(
    "g",
    {},
    svg("title", {}, `${label}: ${values.map((value, i) => `${format(value)} ${series[i].toLowerCase()}`).join(", ")}`),
    svg("rect", { class: "hit", x, y: ceiling, width: step, height: floor - ceiling }),
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
