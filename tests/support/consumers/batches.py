"""The batch runner with fakes: batches of records whose order ids say what becomes of them, and how each ended."""

import json
from collections import defaultdict
from itertools import count

from consumers.declaration import Consumer
from consumers.runner.batch import BatchIncomplete, Delivery, run_batch
from consumers.runner.errors import Hopeless, TryLater
from consumers.runner.queue import NotDeleted
from edges.log import logger
from edges.publisher import NotPublished
from schemas.envelope import follow_up
from schemas.events import OrderCreated, PaymentFailed
from tests.support.edges import NOON
from tests.support.events import TOTAL, created, entry, event, sqs_record

CONSUMER = Consumer(name="tested", hears=(OrderCreated,))
LAST = CONSUMER.receives
"""The receive after which a message that failed is dead-lettered."""
FAILURES = {
    "hopeless": Hopeless("never"),
    "later": TryLater("not yet"),
    "crash": KeyError("oops"),
}
_log_names = count()


class FakeQueue:
    """Remembers how each message ended; a message in `broken` cannot be ended."""

    def __init__(self, broken=()):
        self.ends, self.broken = defaultdict(list), broken

    def _end(self, record, *end):
        if record["messageId"] in self.broken:
            raise NotDeleted(["ReceiptHandleIsInvalid"])
        self.ends[record["messageId"]].append(end)

    def delete(self, records):
        for record in records:
            self._end(record, "deleted")

    def delay(self, record, seconds):
        self._end(record, "delayed", seconds)

    def bury(self, record, *, reason, error, attempts, order_id):
        self._end(record, "buried", reason, error, attempts, order_id)

    def lambda_deletes(self, records):
        """What Lambda does to a batch whose function returns; a message that is gone already does not matter."""
        for each in records:
            if not self.ends[each["messageId"]]:
                self._end(each, "deleted")

    def kind_of_end(self, message_id):
        """For example `deleted`, `delayed`, `buried exhausted`; None for a message that was not ended."""
        ends = self.ends[message_id]
        assert len(ends) <= 1, ends
        return (" ".join(ends[0][:2]) if ends[0][0] == "buried" else ends[0][0]) if ends else None


class FakePublisher:
    """Takes every event but those of orders whose id starts with `unpublished`."""

    def __init__(self):
        self.published, self.within = [], None

    def publish(self, events, within):
        self.within = within
        failed = {e.event_id: "InternalFailure" for e in events if e.data.order_id.startswith("unpublished")}
        self.published += [e for e in events if e.event_id not in failed]
        if failed:
            raise NotPublished(failed)


def handle(delivery: Delivery):
    """Does what the order's id says: `crash-7` crashes, `good-1` succeeds and is followed by a payment.failed."""
    kind = delivery.event.data.order_id.split("-")[0]
    if kind in FAILURES:
        raise FAILURES[kind]
    failed = PaymentFailed(order_id=delivery.event.data.order_id, amount=TOTAL, currency="EUR", reason="no")
    return [] if kind == "quiet" else [follow_up(delivery.event, failed, NOON)]


def body(order_id):
    kind = order_id.split("-")[0]
    if kind == "garbage":
        return "{"
    document = entry(event(created(order_id)))
    if kind == "contract":
        document["detail"]["data"]["total"] = "12"
    return json.dumps(document)


def record(order_id, receives=1):
    return sqs_record(body(order_id), receives, message_id=order_id)


def fresh_log():
    """A logger that no other test has used."""
    return logger(f"tested-{next(_log_names)}")


def run(records, queue=None, handler=handle, publisher=None, remaining=lambda: 30.0, retry_seconds=1, log=None):
    """(the queue, the publisher, the exception or None)"""
    queue, publisher = queue or FakeQueue(), publisher or FakePublisher()
    try:
        run_batch(records, CONSUMER, handler, queue, publisher, remaining, retry_seconds, log or fresh_log())
    except BatchIncomplete as error:
        return queue, publisher, error
    if isinstance(queue, FakeQueue):
        queue.lambda_deletes(records)
    return queue, publisher, None
