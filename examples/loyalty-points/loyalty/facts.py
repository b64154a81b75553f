"""What an event says about points, and what follows from all that was said.

Each event adds facts of its own to the row of its order and never reads what others have written. So it does not matter
in which order events come, or how often.
"""

from collections.abc import Iterable
from typing import TypedDict

from orderwire_events import EventData, OrderCreated, PaymentCompleted, PaymentRefunded


class Facts(TypedDict, total=False):
    """The row of an order, as far as it is known."""

    customer_id: str
    points: int
    taken_back: bool


def facts(data: EventData) -> Facts:
    """What the event adds to the row. Raises ValueError for an event that the rule should not have let through."""
    match data:
        case OrderCreated(customer_id=customer):
            return {"customer_id": customer}
        case PaymentCompleted(amount=amount):
            return {"points": int(amount)}
        case PaymentRefunded():
            return {"taken_back": True}
    raise ValueError(f"no points follow from {data.DETAIL_TYPE}")


def balance(rows: Iterable[Facts]) -> int:
    """The points of the customer whose orders these are."""
    return sum(row.get("points", 0) for row in rows if not row.get("taken_back"))
