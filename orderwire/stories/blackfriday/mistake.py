"""What is wrong with the twelve orders: the payment provider has each of them on file already, with another amount.

A rehearsal the night before has left them there, opened and never paid. The provider takes no order's payment for two
amounts, so it refuses to authorise these, and will as long as the entries are there.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal

from checkout_api.orders.placing import OrderIds
from edges.connect import Edges
from orderwire.stories.blackfriday.traffic import customer, idempotency_key
from tables.sandbox_ledger import LedgerRow, SandboxLedger

REHEARSED = Decimal("1.00")


def order_ids(edges: Edges, day: str, numbers: Iterable[int]) -> list[str]:
    """The ids that these orders will have: they follow from customer and idempotency key."""
    ids = OrderIds.of(edges)
    return [ids.order_id(customer(day, number), idempotency_key(day, number)) for number in numbers]


def make(edges: Edges, orders: Collection[str]) -> None:
    ledger = SandboxLedger(edges)
    for order_id in orders:
        ledger.put(
            LedgerRow(
                order_id=order_id,
                amount=REHEARSED,
                currency=edges.settings.currency,
                reference=f"rehearsal-{order_id}",
            )
        )


def mend(edges: Edges, orders: Collection[str]) -> None:
    """What the provider's people do when they are told: the entries go."""
    name = edges.settings.name(SandboxLedger.TABLE.name)
    for order_id in orders:
        edges.clients.dynamodb.delete_item(TableName=name, Key={"order_id": {"S": order_id}})
