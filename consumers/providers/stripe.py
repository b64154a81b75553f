"""Stripe: each order is a PaymentIntent with manual capture, found again by the order_id and stage in its metadata.

Stripe keeps the first answer to an idempotency key, a 500 included, for at least 24 hours, and forgets it some time
later. A retry within that time is safe; later ones are safe because a lookup comes first. The lookup lists intents by
time of creation instead of searching metadata: a search may not show for minutes what has just been created.

The shopper is not there when the card is authorised (`off_session`), so a bank that insists on asking them declines
with `authentication_required`. https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import stripe

from consumers.providers.port import (
    BEFORE,
    Charge,
    LedgerEntry,
    ProviderAnswer,
    ProviderRefused,
    Unavailable,
    idempotency_key,
)
from schemas.currencies import NO_MINOR_UNIT, THOUSANDTHS, unchargeable
from tables.statuses import Action

TIMEOUT = (2, 8)
"""Seconds to connect and to answer: the function must hear of a failure itself."""

MARGIN = timedelta(minutes=2)
"""How far the clocks of the two sides may differ."""
ON_ITS_WAY = timedelta(minutes=2)
"""How long after its claim a request may take effect: a slow write and the function's time come before it is sent, and
Stripe may work on it after its answer was given up."""

KEY = re.compile(r"(sk|rk)_[A-Za-z0-9_]+")
"""A secret or a restricted key."""

PASSING = (
    stripe.APIConnectionError,
    stripe.RateLimitError,
    stripe.APIError,  # 5xx, and 409 while a request with the same key is still being worked on
)
OF_THE_KEY = (stripe.AuthenticationError, stripe.PermissionError)
OF_THE_TOKEN = frozenset({"payment_intent_payment_attempt_failed", "resource_missing"})
"""Codes that no later attempt with this token changes, whatever they name."""
ABOUT_THE_ORDER = ("amount_", "payment_method_", "token_")
"""How all codes begin that tell of the card or the amount, whether Stripe names the parameter or not."""
OF_THE_ORDER = frozenset({"amount", "payment_method"})
"""Parameters of an authorisation that come from the order: if Stripe won't have one, the payment has failed."""

Intent = Mapping[str, Any]


class Stripe:
    """A `consumers.providers.port.Provider`. `read_key` is asked again after Stripe has refused a key, which may have
    been changed. `http_client` is one of Stripe's library; by default it uses requests."""

    def __init__(
        self, read_key: Callable[[], str], stage: str, base: str, http_client: stripe.HTTPClient | None = None
    ) -> None:
        self._read_key, self._stage, self._base = read_key, stage, base
        self._http_client = http_client or stripe.RequestsClient(timeout=TIMEOUT)

    @cached_property
    def _api(self) -> Any:
        return stripe.StripeClient(
            usable(self._read_key()),
            base_addresses={"api": self._base},
            max_network_retries=0,
            http_client=self._http_client,
        ).v1

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated():
                yield
        except KeyRefused:
            self.__dict__.pop("_api", None)
            raise

    def authorise(self, charge: Charge) -> ProviderAnswer:
        try:
            with self._translated():
                created = self._api.payment_intents.create(
                    {
                        "amount": to_minor(charge.amount, charge.currency),
                        "currency": charge.currency.lower(),
                        "payment_method": charge.token or "",
                        "allowed_payment_method_types": ["card"],
                        "capture_method": "manual",
                        "confirm": True,
                        "off_session": True,
                        "metadata": {"order_id": charge.order_id, "stage": self._stage},
                        "expand": ["latest_charge"],
                    },
                    {"idempotency_key": idempotency_key("authorise", charge.order_id)},
                )
        except Declined as error:
            return ProviderAnswer("failed", reason=str(error))
        except NeverPayable as error:
            return ProviderAnswer("failed", reason=error.reason)
        return answer_of(created.to_dict())

    def capture(self, charge: Charge) -> ProviderAnswer:
        return self._move("capture", charge, self._api.payment_intents.capture)

    def void(self, charge: Charge) -> ProviderAnswer:
        return self._move("void", charge, self._api.payment_intents.cancel)

    def refund(self, charge: Charge) -> ProviderAnswer:
        """Gives back what is left of the payment, should a person have given back a part."""
        return self._move(
            "refund", charge, lambda intent, _, options: self._api.refunds.create({"payment_intent": intent}, options)
        )

    def lookup(self, charge: Charge, tried: datetime) -> ProviderAnswer:
        if charge.reference:
            return self._retrieve(charge.reference)
        latest = ON_ITS_WAY + MARGIN
        around = {"gte": int((tried - MARGIN).timestamp()), "lte": int((tried + latest).timestamp())}
        found = ProviderAnswer("none", late=latest)
        for intent in self._intents({"created": around}):
            if intent["metadata"].get("order_id") == charge.order_id:
                answer = answer_of(intent)
                if answer.status != "failed":
                    return answer
                found = answer if found.status == "none" else found
        return found

    def ledger(self) -> Iterator[LedgerEntry]:
        return (entry_of(intent) for intent in self._intents({}))

    def _move(self, action: Action, charge: Charge, call: Callable[[str, Any, Any], Any]) -> ProviderAnswer:
        """Calls, then reads where the payment stands: Stripe also refuses what has already been done or undone."""
        reference = charge.reference or ""
        refusal: Exception = Unavailable(f"Stripe has not done it yet: {action}")
        try:
            with self._translated():
                call(reference, {}, {"idempotency_key": idempotency_key(action, charge.order_id)})
        except (Declined, ProviderRefused) as error:
            refusal = ProviderRefused(str(error))
        answer = self._retrieve(reference)
        if answer.status == BEFORE[action]:
            raise refusal
        return answer

    def _retrieve(self, reference: str) -> ProviderAnswer:
        with self._translated():
            return answer_of(self._api.payment_intents.retrieve(reference, {"expand": ["latest_charge"]}).to_dict())

    def _intents(self, narrowed: Mapping[str, Any]) -> Iterator[Intent]:
        """The stage's intents, newest first; an account may hold those of other stages and other shops too."""
        asked: Any = {"limit": 100, "expand": ["data.latest_charge"], **narrowed}
        with self._translated():
            for each in self._api.payment_intents.list(asked).auto_paging_iter():
                intent = each.to_dict()
                if (intent.get("metadata") or {}).get("stage") == self._stage:
                    yield intent


class KeyRefused(Unavailable):
    """Stripe does not know the key, or does not let it do this; that passes once the right one is stored."""


def usable(stored: str) -> str:
    """The key without the line end that a file leaves behind it, which no header could hold. Raises KeyRefused for what
    is no key; the text does not repeat it."""
    key = stored.strip()
    if not KEY.fullmatch(key):
        raise KeyRefused("what is stored as Stripe's key is none: it should be sk_... or rk_..., and nothing else")
    return key


class Declined(Exception):
    """Stripe won't take this card for this amount; the text is Stripe's code for why."""


class NeverPayable(ProviderRefused):
    """Stripe won't take this for a reason that lies in the token or the amount; `reason` is one word for it."""

    def __init__(self, reason: str, told: str) -> None:
        super().__init__(told)
        self.reason = reason


@contextmanager
def translated() -> Iterator[None]:
    """Stripe's errors as Declined, Unavailable or Refused. Their messages are left out: they may repeat what was sent.

    The code of a declined card is the general one: why a bank says no is not for everyone to read.
    """
    try:
        yield
    except stripe.CardError as error:
        raise Declined(error.code or "card_declined") from None
    except PASSING as error:
        raise Unavailable(describe(error)) from None
    except OF_THE_KEY as error:
        raise KeyRefused(describe(error)) from None
    except stripe.InvalidRequestError as error:
        if error.param in OF_THE_ORDER:
            raise Declined(error.code or f"invalid_{error.param}") from None
        if is_never_payable(error.code, error.param):
            raise NeverPayable(error.code or "invalid_request", describe(error)) from None
        raise ProviderRefused(describe(error)) from None
    except stripe.StripeError as error:
        raise ProviderRefused(describe(error)) from None


def is_never_payable(code: str | None, param: str | None) -> bool:
    """Whether the reason lies in the card or the amount. Stripe gives neither code nor parameter for a token that was
    used up."""
    if code is None:
        return param is None
    return code in OF_THE_TOKEN or code.startswith(ABOUT_THE_ORDER)


def describe(error: stripe.StripeError) -> str:
    told = (type(error).__name__, error.http_status, error.code, error.request_id)
    return " ".join(str(each) for each in told if each)


def answer_of(intent: Intent) -> ProviderAnswer:
    """Where the payment of a PaymentIntent, with its latest charge expanded, stands. Raises Unavailable."""
    charge, reference = intent.get("latest_charge") or {}, intent["id"]
    match intent["status"]:
        case "requires_capture":
            return ProviderAnswer("authorised", reference)
        case "succeeded":
            return ProviderAnswer("refunded" if charge.get("refunded") else "captured", reference)
        case "canceled" if charge.get("status") == "succeeded":
            return ProviderAnswer("voided", reference)
        case "processing":
            raise Unavailable("Stripe is still processing the payment")
    error = intent.get("last_payment_error") or {}
    return ProviderAnswer("failed", reference, reason=error.get("code") or intent["status"])


def entry_of(intent: Intent) -> LedgerEntry:
    """What was authorised and what became of it, in the currency's own unit. One that somebody made by hand for no
    order is under a name of its own, so that money held for it shows."""
    status, charge = intent["status"], intent.get("latest_charge") or {}
    currency = intent["currency"].upper()
    held = status in {"requires_capture", "succeeded", "canceled"} and charge.get("status") == "succeeded"
    taken = status == "succeeded"
    authorised = intent["amount"] if held else 0
    return LedgerEntry(
        order_id=intent["metadata"].get("order_id") or f"none ({intent['id']})",
        reference=intent["id"],
        currency=currency,
        authorised=from_minor(authorised, currency),
        captured=from_minor(charge.get("amount_captured", intent["amount"]) if taken else 0, currency),
        voided=from_minor(authorised if status == "canceled" else 0, currency),
        refunded=from_minor(charge.get("amount_refunded", 0) if taken else 0, currency),
    )


def minor_per_major(currency: str) -> int:
    if currency in NO_MINOR_UNIT:
        return 1
    return 1000 if currency in THOUSANDTHS else 100


def to_minor(amount: Decimal, currency: str) -> int:
    """59.90 EUR is 5990, 60 JPY is 60. Raises NeverPayable for an amount that the currency cannot express."""
    if wrong := unchargeable(amount, currency):
        raise NeverPayable("invalid_amount", wrong)
    return int(amount * minor_per_major(currency))


def from_minor(minor: Any, currency: str) -> Decimal:
    return (Decimal(minor) / minor_per_major(currency)).quantize(Decimal("0.01"))
