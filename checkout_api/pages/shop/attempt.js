/**
 * The attempt at an order whose end is not known yet. Its key lasts, so that neither a crash of the browser nor another
 * tab can order twice, and it stays the same whatever is changed meanwhile: the server takes one order under it. What
 * was sent under it names a person and a card, so it goes with the tab, and as soon as the order is known.
 */

import { lasting, passing } from "../shared/memory.js";

const MOST = 5;
const SOON = 5 * 60_000;

/** `{key, sent, since}` of this browser's attempt: `sent` are the orders whose answers are missing, the last one last. */
function current() {
  const { key } = lasting.get("attempt", {});
  const kept = passing.get("attempt", {});
  return key && kept.key === key ? kept : { key, sent: [] };
}

const keep = (attempt) => passing.set("attempt", attempt);

/**
 * `{key, order}` to be sent for `order`: where the same was sent before and not answered, as it was sent then. A mail
 * address in other capitals is the same one, and the total is what is expected today.
 */
export function begin(order) {
  const { key = random(16), sent } = current();
  const before = sent.find((each) => isSame(each, order));
  const meant = { ...(before ?? order), expected_total: order.expected_total };
  lasting.set("attempt", { key });
  keep({ key, sent: [...sent.filter((each) => each !== before), meant].slice(-MOST), since: Date.now() });
  return { key, order: meant };
}

/** `order` was refused, so nothing of it is left to be answered. */
export function refused(order) {
  const { key, sent } = current();
  keep({ key, sent: sent.filter((each) => !isSame(each, order)) });
}

/** Nobody is sending any more. */
export function givenUp() {
  const { key, sent } = current();
  keep({ key, sent });
}

/** From now on whatever is ordered in this tab is another order. What another tab has begun meanwhile stays its own. */
export function ended() {
  if (lasting.get("attempt", {}).key === passing.get("attempt", {}).key) lasting.forget("attempt");
  passing.forget("attempt");
}

/** The orders that were sent and not answered, the last one first. */
export const unanswered = () => current().sent.toReversed();

/** The order that was being sent, moments ago, when the page was left, if it was. */
export function interrupted() {
  const { sent, since } = current();
  return since && Date.now() - since < SOON ? sent.at(-1) : undefined;
}

/** Whether both ask for the same, whatever they expect to pay. */
export const isSame = (one, other) => asked(one) === asked(other);

const asked = ({ customer_id: customer, customer_email: email, payment_token: token, items }) =>
  JSON.stringify([customer, email.toLowerCase(), token, items.map(({ sku, quantity }) => [sku, quantity])]);

/** So many random bytes in hexadecimal. */
export function random(bytes) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
