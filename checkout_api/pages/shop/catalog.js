/** Finding things in the catalog, and what is to be said of them. */

import { toCents } from "../shared/money.js";

const bare = (text) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** Those products whose title or author has every word of `wanted`, accents and capitals aside. */
export function found(products, wanted) {
  const words = bare(wanted).split(/\s+/).filter(Boolean);
  return products.filter(({ name, author }) => {
    const text = bare(`${name} ${author}`);
    return words.every((word) => text.includes(word));
  });
}

const alphabet = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
const filed = (name) => name.replace(/^(?:the|an?) /i, "");
const byName = (a, b) => alphabet.compare(filed(a.name), filed(b.name));
const surname = ({ author }) => author.split(" ").at(-1);

export const ORDERS = {
  title: ["Title", byName],
  author: [
    "Author",
    (a, b) => alphabet.compare(surname(a), surname(b)) || alphabet.compare(a.author, b.author) || byName(a, b),
  ],
  price: ["Price", (a, b) => toCents(a.price) - toCents(b.price) || byName(a, b)],
};

export const sorted = (products, order) => [...products].sort(ORDERS[order][1]);

/** What a shopper should know of the stock, or nothing. */
export function stockWords(inStock) {
  if (inStock <= 0) return "Out of stock";
  return inStock <= 5 ? `Only ${inStock} left` : "";
}
