/** An order's events, oldest first. */

import { el, put, time } from "./dom.js";
import { eventWords, moment } from "./words.js";

/** The list that `showEvents` fills. */
export const timelineList = () => el("ol", { class: "timeline" });

/** Adds to `list` the events (`{type, at, event_id}`) that it has not yet, each in its place; answers their names. */
export function showEvents(list, events) {
  const shown = new Map(Array.from(list.children, (node) => [node.dataset.event, node]));
  const fresh = events.filter(({ event_id: id }) => !shown.has(id));
  if (fresh.length)
    put(
      list,
      events.map((event) => shown.get(event.event_id) ?? step(event, shown.size > 0)),
    );
  return fresh.map(({ type }) => eventWords(type).name);
}

function step({ type, at, event_id: id }, isNews) {
  const { name, meaning } = eventWords(type);
  return el(
    "li",
    { "data-event": id, "data-type": type, class: isNews && "news" },
    el("strong", {}, name),
    " ",
    time(at, moment),
    meaning && el("p", { class: "soft" }, meaning),
  );
}
