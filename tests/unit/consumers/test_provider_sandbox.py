"""The sandbox behaves as its tokens say, and its ledger shows every attempt."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from consumers.providers.port import Charge, ProviderRefused, Unavailable
from consumers.providers.sandbox import Sandbox
from tables.sandbox_ledger import SandboxLedger
from tests.support.dynamodb import fake_edges
from tests.support.edges import NOON, FakeTime

CHARGE = Charge("ord_test", Decimal("69.98"), "EUR", "tok_ok")


def attempts(edges):
    ledger = SandboxLedger(edges).get("ord_test")
    return {key: (each.attempts, each.done) for key, each in ledger.operations.items()}


def test_the_same_operation_under_the_same_key_takes_effect_once():
    edges = fake_edges()
    sandbox = Sandbox(edges)
    assert sandbox.authorise(CHARGE) == sandbox.authorise(CHARGE)
    sandbox.capture(CHARGE)
    assert sandbox.capture(CHARGE).status == "captured"
    assert attempts(edges) == {"authorise-ord_test": (2, True), "capture-ord_test": (2, True)}


def test_the_flaky_card_works_at_the_third_attempt():
    edges = fake_edges()
    sandbox, charge = Sandbox(edges), replace(CHARGE, token="tok_flaky")
    for _ in range(2):
        with pytest.raises(Unavailable):
            sandbox.authorise(charge)
        assert sandbox.lookup(charge, NOON).status == "none"
    assert sandbox.authorise(charge).status == "authorised"
    assert attempts(edges) == {"authorise-ord_test": (3, True)}


def test_the_slow_card_takes_two_seconds():
    time = FakeTime()
    assert Sandbox(fake_edges(time=time)).authorise(replace(CHARGE, token="tok_slow")).status == "authorised"
    assert time.slept == [2.0]


def test_a_lost_answer_is_lost_once_and_its_effect_is_found():
    sandbox, charge = Sandbox(fake_edges()), replace(CHARGE, token="tok_lost")
    for operation, status in (("authorise", "authorised"), ("capture", "captured"), ("refund", "refunded")):
        with pytest.raises(Unavailable):
            getattr(sandbox, operation)(charge)
        assert sandbox.lookup(charge, NOON).status == status
        assert getattr(sandbox, operation)(charge).status == status


@pytest.mark.parametrize(("token", "reason"), [("tok_declined", "card_declined"), ("pm_unheard_of", "invalid_token")])
def test_a_card_that_is_not_taken_is_refused_with_a_reason(token, reason):
    answer = Sandbox(fake_edges()).authorise(replace(CHARGE, token=token))
    assert (answer.status, answer.reason) == ("failed", reason)


def test_another_amount_under_the_same_order_is_refused():
    sandbox = Sandbox(fake_edges())
    sandbox.authorise(CHARGE)
    with pytest.raises(ProviderRefused, match=r"the payment is for 69\.98 EUR, not 10\.00 EUR"):
        sandbox.capture(replace(CHARGE, amount=Decimal("10.00")))
    assert sandbox.lookup(CHARGE, NOON).status == "authorised"


def test_the_ledger_keeps_no_token():
    edges = fake_edges()
    Sandbox(edges).authorise(replace(CHARGE, token="tok_slow"))
    assert "tok_" not in str(SandboxLedger(edges).get("ord_test"))


def test_concurrent_calls_each_count_and_together_take_effect_once():
    edges = fake_edges()  # moto's writes are not atomic
    sandbox = Sandbox(edges)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: sandbox.authorise(CHARGE).status, range(8)))
    assert answers == ["authorised"] * 8
    assert attempts(edges) == {"authorise-ord_test": (8, True)}
