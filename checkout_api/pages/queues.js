/** The consumers' queues and their dead letters, looked at every few seconds. */

import { Refused, inWords, sleep } from "./api.js";
import { announce, el, heading, put } from "./dom.js";
import { confirmed } from "./dialog.js";
import { visible } from "./follow.js";
import { alert } from "./parts.js";
import { asAdmin } from "./session.js";
import { counted } from "./words.js";

const PAUSE = 4_000;
const COLUMNS = ["Queue", "Waiting", "In flight", "Delayed", "Oldest", "Dead letters", "Actions"];

export function queues(_, signal) {
  const [told, region] = [el("div", {}), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Queues" })];
  const rows = new Map();
  const body = el("tbody", {});
  const table = el("table", { class: "queues" },
    el("thead", {}, el("tr", {}, COLUMNS.map((name, i) => el("th", { scope: "col", class: i > 0 && i < 6 && "number" }, name)))), body);

  async function look() {
    const found = await asAdmin("GET", "queues", { signal });
    for (const queue of found) {
      if (!rows.has(queue.name)) rows.set(queue.name, new Row(queue.name, () => redrive(queue.name)));
      rows.get(queue.name).show(queue);
    }
    if (body.children.length !== found.length) put(body, found.map(({ name }) => rows.get(name).node));
    if (!table.isConnected) put(region, table);
  }

  async function redrive(name) {
    const { dead } = rows.get(name).shown;
    const agreed = await confirmed({
      title: "Move the dead letters back?", label: "Move them back",
      text: `${counted(dead, "message")} of ${name} will be tried again. Best done once what stopped them is mended; “orderwire dlq show ${name}” says what that was.`,
    });
    if (!agreed) return;
    put(told);
    try {
      const { moved } = await asAdmin("POST", `queues/${encodeURIComponent(name)}/redrive`, { body: {} });
      put(told, el("p", { class: "notice good", role: "status" }, `${counted(moved, "message")} moved back to ${name}.`));
      await look();
    } catch (error) {
      put(told, alert(el("p", {}, `${name}: ${unavailable(error) ?? inWords(error)}`)));
    }
  }

  watch(look, told, region, signal);
  return el("section", {}, heading("Queues"),
    el("p", { class: "soft" }, "What each consumer has before it. Dead letters are messages that it could not handle; they stay until somebody moves them back."),
    told, region);
}

async function watch(look, told, region, signal) {
  put(region, el("p", { class: "soft" }, "Loading…"));
  while (!signal.aborted) {
    try {
      await look();
      if (told.dataset.failed) put(told);
      delete told.dataset.failed;
    } catch (error) {
      if (signal.aborted) return;
      const missing = unavailable(error);
      if (missing) return void put(region, el("p", { class: "notice" }, missing));
      told.dataset.failed = "true";
      put(told, alert(el("p", {}, `${inWords(error)} The figures below are not fresh.`)));
    }
    await sleep(PAUSE, signal);
    await visible(signal);
  }
}

/** What to say if this stage has no such route, or undefined. */
export function unavailable(error) {
  const missing = error instanceof Refused && (error.isMissingRoute || error.status === 404);
  return missing ? "Not available: this stage's API does not serve it." : undefined;
}

class Row {
  constructor(name, redrive) {
    this.cells = COLUMNS.slice(1, -1).map((column) => el("td", { class: "number", "data-name": column }));
    this.button = el("button", { type: "button", class: "quiet", "aria-label": `Move the dead letters of ${name} back`, onclick: redrive }, "Move back");
    this.node = el("tr", { "data-queue": name }, el("th", { scope: "row" }, name), this.cells, el("td", { "data-name": "Actions" }, this.button));
  }

  show(queue) {
    if (this.shown && this.shown.dead < queue.dead) announce(`${queue.name} has ${counted(queue.dead, "dead letter")}.`);
    this.shown = queue;
    const values = [queue.waiting, queue.in_flight, queue.delayed, age(queue.oldest_seconds), queue.dead];
    values.forEach((value, i) => { this.cells[i].textContent = value; });
    this.cells.at(-1).classList.toggle("alarm", queue.dead > 0);
    this.button.hidden = queue.dead === 0;
  }
}

/** "–", "12 s", "3 min", "2 h", "4 d". */
export function age(seconds) {
  if (seconds == null || seconds <= 0) return "–";
  const [size, unit] = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]].find(([size]) => seconds >= size) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}
