/**
 * Placing an order so that trying again cannot place it twice: the same request keeps the same Idempotency-Key until
 * its answer has come and it is out of the basket, over a lost connection, a reload and a crash of the browser alike.
 */

import { Refused, Unreachable, request, sleep } from "../shared/api.js";
import { lasting } from "../shared/memory.js";

const TRIES = 4;
const MAY_PASS = new Set([429, 502, 503, 504]);
const LASTS = "too-many-unpaid"; // for hours

/** The body of POST /orders. `total` is in the unit of the wire. */
export function orderOf({ email, token, lines, total }) {
  return {
    customer_id: customer(),
    customer_email: email,
    payment_token: token,
    items: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    expected_total: total,
  };
}

/** A guest's id, drawn once: the shop has no accounts. */
function customer() {
  const known = lasting.get("customer");
  if (known) return known;
  const drawn = `guest-${random(8)}`;
  lasting.set("customer", drawn);
  return drawn;
}

/** The key of this order: the one of the last attempt, if that asked for the same. */
function keyOf(order) {
  const { expected_total: _, ...asked } = order; // may change between two attempts at the same order
  const wanted = JSON.stringify(asked);
  const last = lasting.get("attempt", {});
  if (last.wanted === wanted) return last.key;
  const key = random(16);
  lasting.set("attempt", { wanted, key });
  return key;
}

/**
 * The answer of POST /orders. Tries again by itself while that may help, and calls `waiting` before each pause. Throws
 * Refused or Unreachable; after the latter the order may have been accepted, and the next attempt finds it.
 */
export async function place(order, waiting) {
  const key = keyOf(order);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request("POST", "orders", { body: order, headers: { "Idempotency-Key": key } });
    } catch (error) {
      if (attempt === TRIES || !mayPass(error)) throw error;
      waiting();
      await sleep(pause(attempt, error.retryAfter, Math.random()));
    }
  }
}

/** To be called when the order is out of the basket: from then on the same books are another order. */
export function placed() {
  lasting.forget("attempt");
}

function mayPass(error) {
  return error instanceof Unreachable || (error instanceof Refused && MAY_PASS.has(error.status) && error.kind !== LASTS);
}

/** Milliseconds before the next attempt: half a second, doubling, with jitter; not before the server wants it. */
export function pause(attempt, retryAfter, jitter) {
  return Math.max(250 * 2 ** attempt * (1 + jitter), Math.min(retryAfter ?? 0, 10) * 1000);
}

/** So many random bytes in hexadecimal. */
function random(bytes) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
