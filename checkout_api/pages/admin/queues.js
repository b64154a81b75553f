/** The consumers' queues and their dead letters, looked at every few seconds. */

import { inWords } from "../shared/api.js";
import { announce, el, heading, put } from "../shared/dom.js";
import { alert } from "../shared/parts.js";
import { counted } from "../shared/words.js";
import { confirmed } from "./dialog.js";
import { asAdmin } from "./session.js";
import { table, wide } from "./table.js";
import { watch } from "./watch.js";

const PAUSE = 4_000;
const COLUMNS = ["Queue", "Waiting", "In flight", "Delayed", "Oldest", "Dead letters", "Oldest dead letter", "Actions"];
const DEAD = COLUMNS.indexOf("Dead letters") - 1;

const ABOUT =
  "What each consumer has before it. Dead letters are messages that it could not handle; " +
  "they stay until somebody moves them back, but no longer than 14 days: then SQS deletes them. Those of " +
  "“subscriptions” could not be brought to people or other teams, and have no queue to go back to.";

export function queues(_, signal) {
  const [told, region, rows] = [el("div", { tabindex: "-1" }), wide("Queues"), new Map()];

  async function look() {
    const found = await asAdmin("GET", "queues", { signal });
    for (const queue of found) {
      if (!rows.has(queue.name)) rows.set(queue.name, new Row(queue.name, () => redrive(queue.name)));
      rows.get(queue.name).show(queue);
    }
    const nodes = found.map(({ name }) => rows.get(name).node);
    if (region.querySelectorAll("[data-queue]").length !== nodes.length) put(region, list(nodes));
  }

  async function redrive(name) {
    if (!(await confirmed(question(name, rows.get(name).dead)))) return;
    put(told);
    try {
      const { moved, done } = await asAdmin("POST", `queues/${encodeURIComponent(name)}/redrive`, { body: {} });
      const words = `${counted(moved, "message")} ${done ? "moved" : "on the way"} back to ${name}.`;
      put(told, el("p", { class: "notice good", role: "status" }, words));
      told.focus(); // the button is gone once nothing is left to move
      await look();
    } catch (error) {
      put(told, alert(el("p", {}, `${name}: ${inWords(error)}`)));
    }
  }

  put(region, el("p", { class: "soft" }, "Loading…"));
  watch(look, { told, pause: PAUSE, stale: "The figures below are not fresh.", signal });
  return el("section", {}, heading("Queues"), el("p", { class: "soft" }, ABOUT), told, region);
}

function list(rows) {
  return table({ columns: COLUMNS, isNumber: (i) => i > 0 && i < COLUMNS.length - 1, class: "queues" }, rows);
}

function question(name, dead) {
  return {
    title: "Move the dead letters back?",
    label: "Move them back",
    text:
      `${counted(dead, "message")} of ${name} will be tried again. Best done once what stopped them is mended; ` +
      `“orderwire dlq show ${name}” says what that was.`,
  };
}

/** A queue's row; `dead` is how many dead letters it showed last. */
class Row {
  dead = 0;
  #cells = COLUMNS.slice(1, -1).map((name) => el("td", { class: "number", "data-name": name }));

  constructor(name, redrive) {
    this.name = name;
    const label = `Move back the dead letters of ${name}`;
    this.button = el("button", { type: "button", class: "quiet", "aria-label": label, onclick: redrive }, "Move back");
    const action = el("td", { "data-name": COLUMNS.at(-1) }, this.button);
    this.node = el("tr", { "data-queue": name }, el("th", { scope: "row" }, name), this.#cells, action);
  }

  /** What the queue does not have is null. */
  show({ waiting, in_flight: inFlight, delayed, oldest_seconds: oldest, dead, ...more }) {
    if (dead > this.dead) announce(`${this.name} has ${counted(dead, "dead letter")}.`);
    [waiting, inFlight, delayed, age(oldest), dead, age(more.oldest_dead_seconds)].forEach((value, i) => {
      this.#cells[i].textContent = value ?? "–";
    });
    this.#cells[DEAD].classList.toggle("alarm", dead > 0);
    this.button.hidden = dead === 0 || !more.redrivable;
    this.dead = dead;
  }
}

/** "–", "12 s", "3 min", "2 h", "4 d". */
export function age(seconds) {
  if (seconds == null || seconds <= 0) return "–";
  const [size, unit] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ].find(([size]) => seconds >= size) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}
