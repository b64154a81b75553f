"""payment: authorises an order's total when it is placed, captures it once the items are reserved, and gives it back.

Between the claim on the order's row and the record of the answer stands one call to the provider. A process that dies
there leaves its claim; the message that it had not finished comes again, waits until the claim is stale, and asks the
provider what became of it. Only then is anything repeated.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from consumers.decisions.payment import answered, charge_of, given_up, heard
from consumers.declaration import Consumer
from consumers.providers.choose import PaysAt, Providers
from consumers.providers.port import Provider, ProviderAnswer, ProviderRefused, Unavailable
from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from consumers.runner.errors import Hopeless, TryLater
from edges.connect import Edges
from edges.grants import secret
from edges.publisher import AnyEvent
from schemas.events import (
    InventoryRejected,
    InventoryReserved,
    OrderCancelled,
    OrderCreated,
    OrderRefunded,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
)
from tables import payments, sandbox_ledger
from tables.payments import Claim, PaymentRow, Payments
from tables.stored_event import caused_by

CONSUMER = Consumer(
    name="payment",
    hears=(OrderCreated, InventoryReserved, InventoryRejected, OrderCancelled, OrderRefunded),
    publishes=(PaymentCompleted, PaymentFailed, PaymentVoided, PaymentRefunded),
    batch_size=5,
    objective=480,  # the goods are held meanwhile; one attempt that dies hides its message for six minutes
    receives=8,  # an hour of a provider that does not answer
    timeout=60,
    longest=30,  # three calls of ten seconds each
    touches=(
        payments.TABLE.allow("GetItem", "PutItem"),
        sandbox_ledger.TABLE.allow("GetItem", "PutItem"),
        secret("stripe-key"),
    ),
)

LEASE = timedelta(seconds=CONSUMER.timeout + 10)
"""An attempt that made its claim longer ago is dead: Lambda ended it, and ten seconds cover clocks that differ."""


class PaymentConsumer:
    def __init__(self, edges: Edges, providers: PaysAt | None = None) -> None:
        self._clock, self._chance = edges.clock, edges.chance
        self._payments, self._providers = Payments(edges), providers or Providers(edges)

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]:
        """Stores the fact, and does what is due for as long as something is, unless another attempt is at it.

        An attempt at another event will see the fact that was just stored; one at this very event may have died, and
        then this message is the only one that comes again, so it must not be called done.
        """
        event, by = delivery.event, self._chance.token()
        row = self._change(event, lambda row: heard(row, event, by, self._clock.now(), LEASE))
        while row.claim is not None and row.claim.by == by:
            row = self._settle(row, row.claim, by, event)
        if row.claim is not None and row.claim.cause == event.event_id:
            raise TryLater(f"an earlier attempt at this event claimed to {row.claim.action} at {row.claim.at}")
        return caused_by(event.event_id, row.events)

    def _settle(self, row: PaymentRow, claim: Claim, by: str, event: AnyEvent) -> PaymentRow:
        """Takes the claimed action, or asks how far it got, and stores the answer. Raises TryLater and Hopeless."""
        try:
            answer = ask(self._providers.of(test=row.test), row, claim)
        except Unavailable as error:
            self._change(event, lambda fresh: given_up(known(fresh), claim))
            raise TryLater(f"{claim.action}: {error}") from error
        except ProviderRefused as error:
            self._change(event, lambda fresh: given_up(known(fresh), claim))
            raise Hopeless(f"{claim.action} refused: {error}") from error
        now = self._clock.now()
        return self._change(event, lambda fresh: answered(known(fresh), answer, event, by, now), row)

    def _change(
        self, event: AnyEvent, change: Callable[[PaymentRow | None], PaymentRow], seen: PaymentRow | None = None
    ) -> PaymentRow:
        return known(self._payments.change(event.data.order_id, change, seen))


def known(row: PaymentRow | None) -> PaymentRow:
    assert row is not None  # rows are made when an order is first heard of, and never removed
    return row


def ask(provider: Provider, row: PaymentRow, claim: Claim) -> ProviderAnswer:
    """Where the payment stands after the claimed action, or, if an earlier attempt may have taken it, as it is."""
    charge = charge_of(row)
    if claim.uncertain:
        return provider.lookup(charge, claim.tried)
    match claim.action:
        case "authorise":
            return provider.authorise(charge)
        case "capture":
            return provider.capture(charge)
        case "void":
            return provider.void(charge)
        case "refund":
            return provider.refund(charge)


on_records = LambdaEntry(CONSUMER, PaymentConsumer)
