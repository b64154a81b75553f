/**
 * Shows the view that the address names. Places are in the fragment (`#/orders/ord_1`), so they work under any path,
 * and an order's id, which opens the order to whoever has it, reaches no server's log and no Referer.
 */

import { el, heading, put } from "./dom.js";

/**
 * `views`: pattern, such as "orders/:id", -> a function of (parameters, signal) that answers the view's element;
 * `signal` is aborted when the reader leaves. `suffix` ends the document's title.
 */
export function route(views, suffix) {
  document.body.dataset.site = suffix;
  const main = document.getElementById("main");
  let leaving = new AbortController();

  function show(isFirst) {
    leaving.abort();
    leaving = new AbortController();
    for (const question of document.querySelectorAll("dialog[open]")) question.close(); // it was the view's that is left
    const { view, parameters } = find(views, location.hash) ?? { view: nowhere, parameters: {} };
    put(main, view(parameters, leaving.signal));
    markCurrent();
    const title = main.querySelector("h1");
    retitle(title, title.textContent);
    if (!isFirst) begin(title);
  }

  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  window.addEventListener("hashchange", () => show(false));
  window.addEventListener("error", failed);
  window.addEventListener("unhandledrejection", failed);
  show(true);
  return () => show(false);
}

/** Changes a view's heading, and the document's title with it. */
export function retitle(title, text) {
  if (title.textContent !== text) title.textContent = text;
  document.title = `${text} · ${document.body.dataset.site}`;
}

/** `{view, parameters}` of an address' fragment, or undefined. */
function find(views, fragment) {
  const parts = path(fragment).split("/");
  for (const [pattern, view] of Object.entries(views)) {
    const wanted = pattern.split("/");
    if (wanted.length === parts.length && wanted.every((part, i) => part.startsWith(":") || part === parts[i])) {
      const named = wanted
        .map((part, i) => [part.slice(1), decoded(parts[i])])
        .filter((_, i) => wanted[i].startsWith(":"));
      return { view, parameters: Object.fromEntries(named) };
    }
  }
  return undefined;
}

const path = (fragment) => fragment.replace(/^#?\/?/, "");

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function begin(target) {
  window.scrollTo(0, 0);
  target.focus({ preventScroll: true });
}

function markCurrent() {
  const here = path(location.hash).split("/")[0];
  for (const link of document.querySelectorAll("header nav a")) {
    const also = link.dataset.also?.split(" ") ?? []; // other places of this section
    if ([path(link.hash), ...also].includes(here)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** An error of ours, which the browser's console has in full: better said than a page that stands still. */
function failed() {
  const told = el(
    "p",
    { class: "notice bad", role: "alert", id: "failed" },
    "Something in this page failed. Load it again.",
  );
  if (!document.getElementById("failed")) document.getElementById("main").prepend(told);
}

/** For an address that names nothing. */
export function nowhere() {
  return el("section", {}, heading("There is nothing here"), el("p", {}, el("a", { href: "#/" }, "Back to the start")));
}
