"""The sandbox: a payment provider for development, demos and test orders, with a ledger of its own and no money.

The payment token says how it behaves:

    tok_ok        everything works
    tok_declined  the card is declined
    tok_flaky     two authorisations end without effect, the third works
    tok_slow      the authorisation takes two seconds
    tok_lost      the first answer to each operation is lost after it has taken effect
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

from consumers.providers.port import (
    AFTER,
    BEFORE,
    Charge,
    LedgerEntry,
    ProviderAnswer,
    ProviderRefused,
    Unavailable,
    idempotency_key,
)
from edges.connect import Edges
from tables.sandbox_ledger import LedgerRow, Operation, SandboxLedger
from tables.statuses import Action

OK, DECLINED, FLAKY, SLOW, LOST = "tok_ok", "tok_declined", "tok_flaky", "tok_slow", "tok_lost"
ACCEPTED = frozenset({OK, FLAKY, SLOW, LOST})
FLAKY_FAILURES = 2
SLOW_SECONDS = 2.0


class Sandbox:
    """A `consumers.providers.port.Provider`. Every change of the ledger is one conditional write."""

    def __init__(self, edges: Edges) -> None:
        self._ledger, self._sleep = SandboxLedger(edges), edges.clock.sleep

    def authorise(self, charge: Charge) -> ProviderAnswer:
        if charge.token == SLOW:
            self._sleep(SLOW_SECONDS)
        return self._operate("authorise", charge, lambda row: authorise(row or opened(charge), charge))

    def capture(self, charge: Charge) -> ProviderAnswer:
        return self._operate("capture", charge, lambda row: move(row, "capture", charge))

    def void(self, charge: Charge) -> ProviderAnswer:
        return self._operate("void", charge, lambda row: move(row, "void", charge))

    def refund(self, charge: Charge) -> ProviderAnswer:
        return self._operate("refund", charge, lambda row: move(row, "refund", charge))

    def lookup(self, charge: Charge, tried: datetime) -> ProviderAnswer:  # noqa: ARG002  (needs no time)
        row = self._ledger.get(charge.order_id)
        return answer_of(row) if row else ProviderAnswer("none")

    def ledger(self) -> Iterator[LedgerEntry]:
        return (entry_of(row) for row in self._ledger.scan())

    def _operate(
        self, action: Action, charge: Charge, change: Callable[[LedgerRow | None], LedgerRow]
    ) -> ProviderAnswer:
        row = self._ledger.change(charge.order_id, change)
        assert row is not None  # every operation returns a row
        operation = row.operations[idempotency_key(action, charge.order_id)]
        if not operation.done:
            raise Unavailable("the sandbox is flaky")
        if row.loses_answers and operation.attempts == 1:
            raise Unavailable("the sandbox lost its answer")
        return answer_of(row)


def opened(charge: Charge) -> LedgerRow:
    """A payment that was never heard of before; what its token says of later operations is noted."""
    return LedgerRow(
        order_id=charge.order_id,
        amount=charge.amount,
        currency=charge.currency,
        reference=f"sandbox-{charge.order_id}",
        loses_answers=charge.token == LOST,
    )


def authorise(row: LedgerRow, charge: Charge) -> LedgerRow:
    """The ledger after an authorisation: done at the first attempt, but for tok_flaky."""
    operation = attempted(row, "authorise", charge)
    if operation.done:
        return noted(row, "authorise", operation)
    if charge.token == FLAKY and operation.attempts <= FLAKY_FAILURES:
        return noted(row, "authorise", operation)
    done = noted(row, "authorise", operation.model_copy(update={"done": True}))
    if charge.token in ACCEPTED:
        return done.with_(status="authorised")
    return done.with_(status="failed", reason="card_declined" if charge.token == DECLINED else "invalid_token")


def move(row: LedgerRow | None, action: Action, charge: Charge) -> LedgerRow:
    """The ledger after a capture, void or refund; a payment that stands elsewhere stays there. Raises Refused."""
    if row is None:
        raise ProviderRefused(f"there is no payment to {action}")
    operation = attempted(row, action, charge)
    after = noted(row, action, operation.model_copy(update={"done": True}))
    return after.with_(status=AFTER[action]) if row.status == BEFORE[action] else after


def attempted(row: LedgerRow, action: Action, charge: Charge) -> Operation:
    """The operation with one attempt more. Raises Refused if it is asked for with another amount."""
    if (charge.amount, charge.currency) != (row.amount, row.currency):
        raise ProviderRefused(f"the payment is for {row.amount} {row.currency}, not {charge.amount} {charge.currency}")
    known = row.operations.get(idempotency_key(action, row.order_id)) or Operation(amount=charge.amount)
    return known.model_copy(update={"attempts": known.attempts + 1})


def noted(row: LedgerRow, action: Action, operation: Operation) -> LedgerRow:
    return row.with_(operations={**row.operations, idempotency_key(action, row.order_id): operation})


def answer_of(row: LedgerRow) -> ProviderAnswer:
    return ProviderAnswer(row.status, reference=row.reference, reason=row.reason)


def entry_of(row: LedgerRow) -> LedgerEntry:
    """The totals that follow from where the payment stands; the sandbox knows no partial amounts."""

    def total(*statuses: str) -> Decimal:
        return row.amount if row.status in statuses else Decimal("0.00")

    return LedgerEntry(
        order_id=row.order_id,
        reference=row.reference,
        currency=row.currency,
        authorised=total("authorised", "captured", "voided", "refunded"),
        captured=total("captured", "refunded"),
        voided=total("voided"),
        refunded=total("refunded"),
    )
