// Places an order with a client whose types `openapi-typescript` made of the API's document, and prints what it is told, as JSON:
// node client.js <the API's address>
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

const api = createClient<paths>({ baseUrl: process.argv[2] ?? "" });
const order: components["schemas"]["OrderAsked"] = {
  customer_id: "cust-1",
  customer_email: "ada@example.com",
  payment_token: "tok_ok",
  items: [{ sku: "book-1", quantity: 2 }],
};
const products = await api.GET("/catalog");
const { data, error } = await api.POST("/orders", {
  body: order,
  params: { header: { "Idempotency-Key": "a-key-of-the-client" } },
});
if (!data) throw new Error(JSON.stringify(error));
const shown = await api.GET("/orders/{order_id}", { params: { path: { order_id: data.order_id } } });
const dear = await api.POST("/orders", { body: { ...order, expected_total: 1 } });
console.log(
  JSON.stringify({
    prices: products.data?.map((each) => each.price),
    total: data.total,
    shown: shown.data?.items.map((each) => each.quantity),
    refused: dear.error?.title,
  }),
);
