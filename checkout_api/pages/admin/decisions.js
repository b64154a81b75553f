/** What an admin may decide about an order, as the API offers it, and asking the API for it. */

import { inWords } from "../shared/api.js";
import { announce, el, put } from "../shared/dom.js";
import { money } from "../shared/money.js";
import { alert } from "../shared/parts.js";
import { confirmed } from "./dialog.js";
import { asAdmin } from "./session.js";

/** By the API's name. `ask` is what the dialog says; without one it is done at once. */
const DECISIONS = {
  accept: { name: "Accept", method: "POST", path: "/accept", done: "is accepted" },
  process: { name: "Handle", method: "POST", path: "/process", done: "is in hand" },
  ship: {
    name: "Ship",
    method: "POST",
    path: "/ship",
    done: "is shipped",
    ask: {
      title: "Has the parcel left?",
      text: "The customer is told, and the order can no longer be called off.",
      label: "Ship it",
    },
  },
  refund: {
    name: "Refund",
    method: "POST",
    path: "/refund",
    done: "is being refunded",
    ask: {
      title: "Give the money back?",
      text: "The whole amount goes back to the customer.",
      label: "Refund it",
      asksWhy: "Admins read it.",
      isDanger: true,
    },
  },
  cancel: {
    name: "Delete",
    method: "DELETE",
    path: "",
    done: "is cancelled",
    ask: {
      title: "Call this order off?",
      label: "Delete it",
      asksWhy: "The mail to the customer tells it.",
      isDanger: true,
      text: "The books go back on the shelf, and nothing is charged or what was charged is given back.",
    },
  },
};

/**
 * Buttons for what the API offers; a page that is older than the API leaves out what it does not know. `told` is where the outcome is said; `decided` gets the order as the API answers it.
 * When somebody else was quicker it says so, and `refused` is called so that the order can be shown as it is.
 */
export function buttons(order, told, decided, refused) {
  let isDeciding = false;
  const once = async (decision) => {
    if (isDeciding) return;
    isDeciding = true;
    await decide(order, decision, told, decided, refused).finally(() => (isDeciding = false));
  };
  const offered = order.decisions.map((decision) => DECISIONS[decision]).filter(Boolean);
  return offered.map((decision) => {
    const label = `${decision.name} order ${order.order_id}`;
    const attributes = { type: "button", class: decision.ask?.isDanger && "quiet", "aria-label": label };
    return el("button", { ...attributes, onclick: () => once(decision) }, decision.name);
  });
}

async function decide(order, decision, told, decided, refused) {
  const about = `Order ${order.order_id}, ${money(order.total, order.currency)}`;
  const agreed = decision.ask ? await confirmed({ about, ...decision.ask }) : { reason: "" };
  if (!agreed) return;
  put(told);
  const path = `orders/${encodeURIComponent(order.order_id)}${decision.path}`;
  try {
    const after = await asAdmin(decision.method, path, { body: agreed.reason ? { reason: agreed.reason } : {} });
    decided({ ...order, ...after });
    announce(`Order ${order.order_id} ${decision.done}.`);
  } catch (error) {
    put(told, alert(el("p", {}, `Order ${order.order_id}: ${inWords(error)}`)));
    refused();
  }
}
