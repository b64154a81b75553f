/** What the stage says of itself: `{stage, currency, shipping_fee, free_shipping_above, provider}`. */

export const terms = JSON.parse(document.querySelector("meta[name=orderwire-terms]").content);
