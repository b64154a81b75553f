/** Money is counted in whole cents here; on the wire it is a number with at most two decimals. */

export const toCents = (amount) => Math.round(amount * 100);
export const fromCents = (cents) => cents / 100;

/** For example "€ 39.98", as the reader's language writes it. */
export function money(amount, currency) {
  return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(amount);
}

/**
 * What a basket comes to: `{items, shipping, total}` in cents. `lines` are `{product, quantity}`; `terms` are the
 * stage's: the fee is waived for items that come to more than `free_shipping_above`.
 */
export function sums(lines, terms) {
  const items = lines.reduce((sum, { product, quantity }) => sum + toCents(product.price) * quantity, 0);
  const free = lines.length === 0 || items > toCents(terms.free_shipping_above);
  const shipping = free ? 0 : toCents(terms.shipping_fee);
  return { items, shipping, total: items + shipping };
}
