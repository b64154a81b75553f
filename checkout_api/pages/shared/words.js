/** What statuses, events and reasons mean, in words. Pure. What is not known here is shown as it is called. */

const STATUS = {
  waiting: "Waiting",
  placing: "Coming in",
  pending: "Being confirmed",
  confirmed: "Confirmed",
  processed: "Being packed",
  shipped: "Shipped",
  cancelled: "Cancelled",
  rejected: "Out of stock",
  payment_failed: "Payment refused",
  refunded: "Refunded",
};

export const STATUSES = Object.keys(STATUS);

export const statusName = (status) => STATUS[status] ?? plain(status);

const HEADLINE = {
  waiting: "We have your order",
  placing: "We have your order",
  pending: "We are confirming your order",
  confirmed: "Your order is confirmed",
  processed: "Your order is being packed",
  shipped: "Your order is on its way",
  cancelled: "This order was cancelled",
  rejected: "We could not fulfil this order",
  payment_failed: "The payment was refused",
  refunded: "Your money is on its way back",
};

export const headline = (status) => HEADLINE[status] ?? `Your order: ${plain(status)}`;

const EVENT = {
  "order.created": ["Order received", "Prices are fixed from here on."],
  "order.processed": ["In hand", "Somebody is packing the parcel."],
  "order.shipped": ["Shipped", "The parcel has left the house."],
  "order.cancelled": ["Cancelled", "The order was called off."],
  "order.refunded": ["Refund agreed", "The whole amount goes back."],
  "payment.completed": ["Paid", "The total was charged, once."],
  "payment.failed": ["Payment refused", "Nothing was charged."],
  "payment.voided": ["Payment called off", "Nothing was charged."],
  "payment.refunded": ["Refunded", "The whole amount was given back."],
  "inventory.reserved": ["Books set aside", "Every copy is waiting for you."],
  "inventory.rejected": ["Not enough copies", "So nothing was set aside, and nothing is charged."],
  "inventory.released": ["Books back on the shelf", "What was set aside is for sale again."],
  "inventory.low_stock": ["Low on stock", ""],
};

/** `{name, meaning}` of an event. */
export function eventWords(type) {
  const [name, meaning] = EVENT[type] ?? [asTitle(type), ""];
  return { name, meaning };
}

const FAILURE = {
  card_declined: "The bank declined the card.",
  invalid_token: "The provider does not know this card.",
  authentication_required: "The bank wants to ask you first, which this shop cannot do.",
};

export const failureWords = (reason) => FAILURE[reason] ?? (reason ? `The provider says: ${plain(reason)}.` : "");

/** The sentence below an order's headline. `names` answers a product's name for its sku. */
export function explanation(order, names) {
  switch (order.status) {
    case "waiting":
      return "Somebody of the shop looks at it first; until then nothing is set aside.";
    case "placing":
    case "pending":
      return "This takes a moment. You may leave this page and come back.";
    case "confirmed":
      return "The books are set aside and paid for. We tell you here, and by mail, when they leave.";
    case "processed":
      return "Somebody is packing the parcel. We tell you here, and by mail, when it leaves.";
    case "shipped":
      return "The parcel has left the house.";
    case "cancelled":
    case "refunded":
      return "We have told you more by mail.";
    case "rejected":
      return order.inventory.shortages.map((short) => shortage(short, names(short.sku))).join(" ");
    case "payment_failed":
      return "Nothing was charged. You may order again.";
    default:
      return "";
  }
}

function shortage({ requested, available }, name) {
  const left = available === 0 ? "none is left" : available === 1 ? "one is left" : `${available} are left`;
  return `You asked for ${requested} of “${name}”; ${left}.`;
}

/** Whether nothing more will happen to an order by itself; it may still be followed by what an admin decides. */
export const settled = (status) => status !== "placing" && status !== "pending";

const plain = (name) => name.replaceAll(/[._]/g, " ");

/** "Gift note" of `gift_note`. */
export const asTitle = (field) => plain(field).replace(/^./, (letter) => letter.toUpperCase());

export const clock = (date) =>
  date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const dayAndClock = (date) =>
  date.toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** The day only where it is not today. */
export const moment = (date) =>
  date.toDateString() === new Date().toDateString() ? clock(date) : dayAndClock(date);

/** Before a title, with which it stays on one line: "3 × ", nothing for one copy. */
export const copies = (quantity) => (quantity > 1 ? `${quantity}\u00a0×\u00a0` : "");

/** "1 book", "2 books". */
export const counted = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
