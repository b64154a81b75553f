"""What every payment provider promises, checked against each: the sandbox on moto, Stripe's library on localstripe."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from consumers.providers.port import Charge, LedgerEntry, Provider, ProviderAnswer, ProviderRefused
from consumers.providers.sandbox import Sandbox
from consumers.providers.stripe import Stripe
from tests.support.edges import NOON, moto_edges
from tests.support.stripe_servers import ToLocalStripe, local_stripe

AMOUNT, NOTHING = Decimal("69.98"), Decimal("0.00")
NUMBERS = count(1)


@dataclass
class Tried:
    """A provider with a token that it takes and one that it declines. Every charge is of an order of its own."""

    provider: Provider
    good: str
    bad: str

    def charge(self, token: str | None = None) -> Charge:
        return Charge(f"ord_{next(NUMBERS)}", AMOUNT, "EUR", token or self.good)

    def authorised(self) -> Charge:
        charge = self.charge()
        answer = self.provider.authorise(charge)
        assert answer.status == "authorised"
        return replace(charge, token=None, reference=answer.reference)

    def status(self, charge: Charge) -> str:
        return self.provider.lookup(charge, NOON).status

    def entry(self, charge: Charge) -> LedgerEntry:
        (entry,) = (entry for entry in self.provider.ledger() if entry.order_id == charge.order_id)
        return entry


@contextmanager
def sandbox() -> Iterator[Tried]:
    with moto_edges() as edges:
        yield Tried(Sandbox(edges), "tok_ok", "tok_declined")


@contextmanager
def stripe() -> Iterator[Tried]:
    with local_stripe() as base:
        provider = Stripe(lambda: "sk_test_12345", "test", base, ToLocalStripe())
        yield Tried(provider, "pm_card_visa", "pm_card_chargeCustomerFail")


@pytest.fixture(scope="module", params=[sandbox, stripe], ids=["sandbox", "stripe"])
def tried(request: Any) -> Iterator[Tried]:
    with request.param() as found:
        yield found


def entry(charge: Charge, **totals: Decimal) -> LedgerEntry:
    amounts = {"authorised": NOTHING, "captured": NOTHING, "voided": NOTHING, "refunded": NOTHING, **totals}
    return LedgerEntry(charge.order_id, charge.reference or "", "EUR", **amounts)


def test_an_authorised_card_is_held_and_not_charged(tried):
    charge = tried.authorised()
    assert tried.status(charge) == "authorised"
    assert tried.entry(charge) == entry(charge, authorised=AMOUNT)


def test_a_capture_takes_the_whole_amount(tried):
    charge = tried.authorised()
    assert tried.provider.capture(charge) == ProviderAnswer("captured", charge.reference)
    assert tried.status(charge) == "captured"
    assert tried.entry(charge) == entry(charge, authorised=AMOUNT, captured=AMOUNT)


def test_a_void_gives_the_authorisation_up(tried):
    charge = tried.authorised()
    assert tried.provider.void(charge) == ProviderAnswer("voided", charge.reference)
    assert tried.status(charge) == "voided"
    assert tried.entry(charge) == entry(charge, authorised=AMOUNT, voided=AMOUNT)


def test_a_refund_gives_the_whole_amount_back(tried):
    charge = tried.authorised()
    tried.provider.capture(charge)
    assert tried.provider.refund(charge) == ProviderAnswer("refunded", charge.reference)
    assert tried.status(charge) == "refunded"
    assert tried.entry(charge) == entry(charge, authorised=AMOUNT, captured=AMOUNT, refunded=AMOUNT)


def test_a_declined_card_is_an_answer_with_a_word_for_why(tried):
    charge = tried.charge(tried.bad)
    answer = tried.provider.authorise(charge)
    assert (answer.status, answer.reason) == ("failed", "card_declined")
    assert tried.status(charge) == "failed"
    assert sum((each.authorised for each in tried.provider.ledger() if each.order_id == charge.order_id), NOTHING) == 0


def test_a_payment_is_found_by_its_order_when_its_reference_is_not_known(tried):
    charge = tried.charge()
    assert tried.status(charge) == "none"
    reference = tried.provider.authorise(charge).reference
    assert tried.provider.lookup(charge, NOON) == ProviderAnswer("authorised", reference)


@pytest.mark.parametrize(("first", "second", "stands"), [
    ("capture", "capture", "captured"),
    ("capture", "void", "captured"),
    ("void", "capture", "voided"),
    ("void", "void", "voided"),
])  # fmt: skip
def test_an_operation_that_comes_too_late_answers_where_the_payment_stands(tried, first, second, stands):
    charge = tried.authorised()
    getattr(tried.provider, first)(charge)
    assert getattr(tried.provider, second)(charge).status == stands
    captured = AMOUNT if stands == "captured" else NOTHING
    assert tried.entry(charge).captured == captured


def test_a_payment_that_was_never_authorised_cannot_be_captured(tried):
    with pytest.raises(ProviderRefused):
        tried.provider.capture(replace(tried.charge(), reference="pi_unheard_of"))
