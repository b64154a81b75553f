/** The admin page. */

import { route } from "../shared/router.js";
import { events } from "./events.js";
import { figures } from "./figures.js";
import { login } from "./login.js";
import { adminOrder } from "./order-page.js";
import { adminOrders } from "./orders.js";
import { queues } from "./queues.js";
import { isLoggedIn, logOut, onSession } from "./session.js";

const views = { "": adminOrders, "status/:status": adminOrders, "orders/:id": adminOrder, queues, figures, events };
const [sections, out] = [document.getElementById("sections"), document.getElementById("log-out")];
let why;

/** A view that nobody sees without a login. */
function guarded(view) {
  return (parameters, signal) => {
    sections.hidden = !isLoggedIn();
    out.hidden = !isLoggedIn();
    return isLoggedIn() ? view(parameters, signal) : login(why);
  };
}

const show = route(
  Object.fromEntries(Object.entries(views).map(([pattern, view]) => [pattern, guarded(view)])),
  "Orderwire admin",
);
out.addEventListener("click", () => logOut("You are logged out."));
onSession((reason) => {
  why = reason;
  show();
});
