"""payment: authorises an order's total when it is placed, captures it once the items are reserved, and gives it back.

Between the claim on the order's row and the record of the answer stands one call to the provider. A process that dies
there leaves its claim; the message that it had not finished comes again, waits until the claim is stale, and asks the
provider what became of it. Only then is anything repeated.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from consumers.decisions.payment import answered, charge_of, given_up, heard
from consumers.declaration import Consumer
from consumers.providers.choose import PaysAt, Providers
from consumers.providers.port import Provider, ProviderAnswer, ProviderRefused, Unavailable
from consumers.runner.batch import Delivery, Live
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
from tables.claim import left_to_its_cause, own, unfinished
from tables.payments import PaymentClaim, PaymentRow, Payments
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

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent | Live]:
        """Stores the fact, and does what is due for as long as something is, unless another attempt is at it.

        An attempt at another event will see the fact that was just stored; one at this very event may have died, and
        then this message is the only one that comes again, so it must not be called done. Whatever was done, for this
        event or for the cause of a claim that was taken over, is published here; the cause's own message does it again.
        """
        event, by = delivery.event, self._chance.token()
        acted_on: list[PaymentClaim] = []
        row = self._change(event, lambda row: heard(row, event, delivery.replayed, by, self._clock.now(), LEASE))
        while claim := own(row.claim, by):
            acted_on.append(claim)
            try:
                row = self._settle(row, claim, event)
            except (TryLater, Hopeless):
                if not left_to_its_cause(claim, event.event_id, delivery.replayed):
                    raise
                break
        if row.claim is not None and unfinished(row.claim, event.event_id):
            raise TryLater(f"another attempt claimed to {row.claim.action} for this event at {row.claim.at}")
        return follow_ups(row, event, delivery.replayed, acted_on)

    def _settle(self, row: PaymentRow, claim: PaymentClaim, event: AnyEvent) -> PaymentRow:
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
        return self._change(event, lambda fresh: answered(known(fresh), claim, answer, now), row)

    def _change(
        self, event: AnyEvent, change: Callable[[PaymentRow | None], PaymentRow], seen: PaymentRow | None = None
    ) -> PaymentRow:
        return known(self._payments.change(event.data.order_id, change, seen))


def known(row: PaymentRow | None) -> PaymentRow:
    assert row is not None  # rows are made when an order is first heard of, and never removed
    return row


def follow_ups(
    row: PaymentRow, event: AnyEvent, replayed: bool, acted_on: Iterable[PaymentClaim]
) -> list[AnyEvent | Live]:
    """What `event` led to, and the causes of the claims that were acted on while it was handled.

    A replay publishes as a replay what it led to itself; what follows from an event that was live stays live.
    """
    marks = {event.event_id: replayed}
    for claim in acted_on:
        marks[claim.cause] = marks.get(claim.cause, True) and claim.replayed
    found = [(each, marked) for cause, marked in marks.items() for each in caused_by(cause, row.events)]
    return [each.marked_replay() if marked else Live(each) if replayed else each for each, marked in found]


def ask(provider: Provider, row: PaymentRow, claim: PaymentClaim) -> ProviderAnswer:
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
