/** The shop's page. */

import { route } from "../shared/router.js";
import { basketPage } from "./basket-page.js";
import { count, onChange } from "./basket.js";
import { books } from "./books.js";
import { checkout } from "./checkout.js";
import { orderPage } from "./order-page.js";
import { yourOrders } from "./your-orders.js";

const link = document.getElementById("basket-link");

function showCount() {
  link.textContent = count() ? `Basket (${count()})` : "Basket";
}

showCount();
onChange(showCount);
route({ "": books, basket: basketPage, checkout, orders: yourOrders, "orders/:id": orderPage }, "Orderwire Books");
