/**
 * Test cards. A shop's payment provider turns the shopper's card into a token in the shopper's browser, so a card
 * number never reaches the shop; this page has no such form and offers tokens that behave in a known way.
 */

const CARDS = {
  sandbox: [
    ["tok_ok", "A card that works"],
    ["tok_declined", "A card that is declined"],
    ["tok_flaky", "A card that works at the third attempt"],
    ["tok_slow", "A card that takes its time"],
    ["tok_lost", "A card whose answers get lost"],
  ],
  stripe: [
    ["pm_card_visa", "Stripe's test Visa"],
    ["pm_card_visa_chargeDeclined", "Stripe's test Visa, declined"],
    ["pm_card_authenticationRequired", "Stripe's test card that asks its owner"],
  ],
};

/** `[token, what it does]` of each card that a provider takes here. */
export const cardsOf = (provider) => CARDS[provider] ?? [];
