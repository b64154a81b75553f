"""The API and every consumer in one process and in memory, and everything that they log, as Lambda would keep it.

Lambda keeps what is written to standard output: the functions' own lines, and what other loggers pass on from level
WARNING. It adds the traceback of what a function raises.
"""

import json
import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from chalice.app import Chalice
from chalice.test import Client

from checkout_api.functions import FUNCTIONS
from checkout_api.registry import register
from consumers import NAMES
from consumers.declaration import Consumer
from consumers.registry import consumers
from consumers.runner.batch import AnyHandler, BatchIncomplete, run_batch
from edges.log import logger
from edges.settings import Settings
from orderwire.workplace.samples import SampleProduct
from tables.catalog import Catalog, ProductRow
from tables.stock import Stock
from tests.support.checkout_api.tokens import POOL, Keys, jwks, token
from tests.support.edges import FakeTime
from tests.support.events import entry, notification, sqs_record
from tests.support.services.bus import FakeBus
from tests.support.services.dynamodb import STAGE, FakeDynamoDB, fake_edges
from tests.support.services.s3 import FakeS3, FixedTexts
from tests.support.services.ses import FakeSES

GOOD_ALL_DAY = {"exp": 2**31}
"""A change of an admin's token: the shop's time runs faster than its requests."""
LATER = 120.0
"""Seconds until what failed comes again: longer than any claim lasts."""


class Cognito:
    """Lets nobody in, and says so with the name that was tried, as Cognito's messages may."""

    meta = SimpleNamespace(endpoint_url="https://cognito.test")

    def admin_initiate_auth(self, **asked: Any) -> Any:
        raise ClientError(
            {"Error": {"Code": "NotAuthorizedException", "Message": f"Incorrect: {asked['AuthParameters']}"}},
            "AdminInitiateAuth",
        )


class Echoing(FakeDynamoDB):
    """Refuses every write with a text that repeats it, while `echoes`."""

    echoes = False

    def put_item(self, **put: Any) -> dict[str, Any]:
        self._echo("PutItem", put)
        return super().put_item(**put)

    def transact_write_items(self, **transaction: Any) -> dict[str, Any]:
        self._echo("TransactWriteItems", transaction)
        return super().transact_write_items(**transaction)

    def _echo(self, operation: str, asked: Any) -> None:
        if self.echoes:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": f"Cannot take {asked}"}}, operation)


@dataclass
class Queue:
    """`again` are the records that come again."""

    again: list[dict[str, Any]] = field(default_factory=list)

    def delete(self, records: Any) -> None:
        """They are gone."""

    def bury(self, record: Any, **why: Any) -> None:
        """Nobody looks."""

    def delay(self, record: Any, seconds: int) -> None:
        receives = int(record["attributes"]["ApproximateReceiveCount"]) + 1
        self.again.append(sqs_record(record["body"], receives, record["messageId"]))


class WholeShop:
    """`ses_refuses` are full names of templates that SES takes for nobody, `settings` the stage's that differ."""

    def __init__(self, products: Sequence[SampleProduct], ses_refuses: Sequence[str] = (), **settings: Any) -> None:
        self.time, self.bus, self._told = FakeTime(), FakeBus(), 0
        self.dynamodb = Echoing()
        edges = fake_edges(
            time=self.time,
            dynamodb=self.dynamodb,
            events=self.bus,
            ses=FakeSES(refuses=dict.fromkeys(ses_refuses, "MessageRejected")),
            s3=FakeS3(),
            ssm=FixedTexts(json.dumps(POOL)),
            secrets=FixedTexts("secret"),
            cognito=Cognito(),
        )
        self.edges = replace(edges, settings=Settings(**{"stage": STAGE, **settings}))
        app = Chalice(app_name="whole-shop", configure_logs=False, env={})
        register(app, self.edges, keys=lambda url: Keys(jwks()))
        self._http = Client(app, project_dir="/nowhere").http
        modules = [import_module(f"consumers.{name}") for name in NAMES]
        self._handlers = {each.CONSUMER.name: each.on_records.build(self.edges) for each in modules}
        self.raised = StringIO()
        for product in products:
            Catalog(self.edges).put(
                ProductRow(sku=product.sku, name=product.name, author=product.author, price=product.price)
            )
            Stock(self.edges).restock(product.sku, product.stock)
            Stock(self.edges).set_threshold(product.sku, product.threshold)

    def request(self, method: str, path: str, body: Any = None, admin: bool = False, **headers: str) -> Any:
        """The answer of the API. `body` is sent as JSON unless it is bytes."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"Content-Type": "application/json"}
        if admin:
            known["Authorization"] = f"Bearer {token(**GOOD_ALL_DAY)}"
        return self._http.request(method, path, headers={**known, **headers}, body=sent)

    def settle(self) -> None:
        """Brings every event to whom it concerns, until nothing is left."""
        while len(self.bus.entries) > self._told:
            new, self._told = self.bus.events[self._told :], len(self.bus.entries)
            for consumer in consumers():
                heard = [event for event in new if isinstance(event.data, consumer.hears)]
                bodies = [notification(each) if consumer.topic else json.dumps(entry(each)) for each in heard]
                self.deliver(consumer, bodies)

    def deliver(self, consumer: Consumer, bodies: Sequence[str], handler: AnyHandler | None = None) -> None:
        """The consumer gets these messages, and again what is left of them, until none is."""
        records = [sqs_record(body, message_id=f"m-{number}") for number, body in enumerate(bodies)]
        while records:
            queue: Any = Queue()
            for start in range(0, len(records), consumer.batch_size):
                self._invoke(consumer, records[start : start + consumer.batch_size], handler, queue)
            records = queue.again
            self.time.advance(LATER)

    def _invoke(self, consumer: Consumer, records: Any, handler: AnyHandler | None, queue: Any) -> None:
        log, edges = logger(consumer.name), self.edges
        chosen = handler or self._handlers[consumer.name]
        try:
            run_batch(records, consumer, chosen, queue, edges.publisher, lambda: 60.0, 5, log)
        except BatchIncomplete:
            self.raised.write(traceback.format_exc())


@contextmanager
def everything_logged() -> Iterator[StringIO]:
    """What the functions log meanwhile, at level DEBUG, and what all other loggers pass on."""
    told, root = StringIO(), logging.getLogger()
    others = logging.StreamHandler(told)
    others.setLevel(logging.WARNING)
    logs = [logger(each.name) for each in (*consumers(), *FUNCTIONS)]
    before = [(log, log.log_level, handler.setStream(told), handler) for log in logs for handler in streams(log)]
    root.addHandler(others)
    for log in logs:
        log.setLevel("DEBUG")
    try:
        yield told
    finally:
        root.removeHandler(others)
        for log, level, stream, handler in before:
            log.setLevel(level)
            handler.setStream(stream)


def streams(log: Any) -> list[Any]:
    return [each for each in log.handlers if isinstance(each, logging.StreamHandler)]
