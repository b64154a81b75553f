"""order-log: stores every message that the fulfilment topic sends to the in-house team, once.

SNS puts it into the queue with its own envelope, not raw: that is where a message has an id and a time of posting.
"""

from collections.abc import Sequence

from consumers.declaration import Consumer
from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from consumers.runner.errors import Hopeless
from consumers.runner.posting import Posting
from edges.connect import Edges
from edges.publisher import AnyEvent
from schemas.events import OrderCreated
from tables.order_log import TABLE, LogRow, OrderLog
from tables.stored_event import StoredEvent

CONSUMER = Consumer(
    name="order-log",
    hears=(OrderCreated,),
    topic="fulfilment",
    hears_replays=False,
    objective=3600,  # the team has its mail; the log is for looking things up
    concurrency=2,
    touches=(TABLE.allow("GetItem", "PutItem"),),
)


class OrderLogConsumer:
    def __init__(self, edges: Edges) -> None:
        self._log = OrderLog(edges)

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]:
        """Stores the message unless it is there; nothing follows. Raises Hopeless for what is no message to people."""
        if delivery.posting is None:
            raise Hopeless("this came from no topic: it has no message to people")
        row = log_row(delivery.event, delivery.posting)
        self._log.change(row.id, lambda known: known or row)
        return ()


def log_row(event: AnyEvent, posting: Posting) -> LogRow:
    return LogRow(
        id=event.event_id,
        order_id=event.data.order_id,
        posted=f"{posting.posted_at:%Y-%m-%d %H:%M:%S} UTC",
        posted_at=posting.posted_at,
        sns_id=posting.id,
        message=posting.message,
        event=StoredEvent.of(event),
    )


on_records = LambdaEntry(CONSUMER, OrderLogConsumer)
