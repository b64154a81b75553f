/** The basket: a list of [sku, quantity], kept by the browser, the same in all its tabs. */

import { lasting, onOtherTab } from "../shared/memory.js";

export const MOST = 999;
export const MOST_LINES = 50;

const listeners = new Set();
onOtherTab(tell);

function tell() {
  for (const listener of listeners) listener();
}

/** Calls `listener` after each change; until `signal` is aborted, if there is one. */
export function onChange(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener));
}

/** What is in it, in the order in which it was put there. */
function entries() {
  const kept = lasting.get("basket", []);
  return Array.isArray(kept) ? kept.filter(([sku, quantity]) => sku && Number.isInteger(quantity) && quantity > 0) : [];
}

export function count() {
  return entries().reduce((sum, [, quantity]) => sum + quantity, 0);
}

export function quantityOf(sku) {
  return new Map(entries()).get(sku) ?? 0;
}

/** Sets how many copies are wanted; 0 takes the book out. */
export function want(sku, quantity) {
  const kept = new Map(entries());
  if (quantity > 0) kept.set(sku, Math.min(quantity, MOST));
  else kept.delete(sku);
  lasting.set("basket", [...kept], { orNothing: true }); // better empty than with what has been ordered
  tell();
}

/** Takes out what has been ordered (`{sku, quantity}` each); what was put in meanwhile stays. */
export function takeOut(ordered) {
  for (const { sku, quantity } of ordered) want(sku, quantityOf(sku) - quantity);
}

/** Puts in again what could not be ordered (`{sku, quantity}` each), as far as it has not been put in meanwhile. */
export function giveBack(books) {
  for (const { sku, quantity } of books) want(sku, Math.max(quantityOf(sku), quantity));
}

/** `{sku, product, quantity}` of each of the books (`{sku, quantity}`); what the catalog has no more has no product. */
export function withProducts(books, products) {
  const known = new Map(products.map((product) => [product.sku, product]));
  return books.map(({ sku, quantity }) => ({ sku, product: known.get(sku), quantity }));
}

/** The lines `{sku, product, quantity}` whose product the catalog still has, and the skus that it has no more. */
export function lines(products) {
  const held = entries().map(([sku, quantity]) => ({ sku, quantity }));
  const found = withProducts(held, products);
  return {
    lines: found.filter(({ product }) => product),
    gone: found.filter(({ product }) => !product).map(({ sku }) => sku),
  };
}
