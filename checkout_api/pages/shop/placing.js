/** Placing an order so that trying again cannot place it twice, over a lost connection, a reload and a crash alike. */

import { Refused, Unreachable, request, sleep } from "../shared/api.js";
import { lasting } from "../shared/memory.js";
import { begin, givenUp, isSame, random, refused, unanswered } from "./attempt.js";

const TRIES = 4;
const MAY_PASS = new Set([408, 429]);
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

/**
 * `{accepted, order}`: the answer of POST /orders, and the order that it is for. That is an earlier one if the server
 * had accepted it and its answer was lost. Tries again by itself while that may help, and calls `waiting` before each
 * pause. Throws Refused or Unreachable; after the latter the order may have been accepted, and the next attempt finds
 * it. A refusal as "key-reused" means that an order was accepted which this tab does not know.
 */
export async function place(asked, waiting) {
  const { key, order } = begin(asked);
  try {
    return await sent(key, order, waiting);
  } catch (error) {
    if (!isFinal(error)) {
      givenUp();
      throw error;
    }
    const earlier = error.kind === "key-reused" && (await found(key, order, waiting));
    refused(order);
    if (earlier) return earlier;
    throw error;
  }
}

async function sent(key, order, waiting) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const accepted = await request("POST", "orders", { body: order, headers: { "Idempotency-Key": key } });
      return { accepted, order };
    } catch (error) {
      if (attempt === TRIES || isFinal(error)) throw error;
      waiting();
      await sleep(pause(attempt, error.retryAfter, Math.random()));
    }
  }
}

/** `{accepted, order}` of the order that the key belongs to, if it is among those that this tab has sent. */
async function found(key, order, waiting) {
  for (const earlier of unanswered().filter((each) => !isSame(each, order))) {
    try {
      return await sent(key, earlier, waiting);
    } catch (error) {
      if (!isFinal(error)) throw error;
      refused(earlier);
    }
  }
  return undefined;
}

/**
 * Whether the server has said no, so that the same request would be refused again. What fails within the server, a 500
 * too, says nothing of the order: it may have been written before.
 */
function isFinal(error) {
  const isOpen = ({ status }) => status >= 500 || MAY_PASS.has(status);
  const mayPass = error instanceof Refused && isOpen(error) && error.kind !== LASTS;
  return !(error instanceof Unreachable || mayPass);
}

/** Milliseconds before the next attempt: half a second, doubling, with jitter; not before the server wants it. */
export function pause(attempt, retryAfter, jitter) {
  return Math.max(250 * 2 ** attempt * (1 + jitter), Math.min(retryAfter ?? 0, 10) * 1000);
}
