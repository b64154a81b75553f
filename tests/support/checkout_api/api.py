"""The API as a client sees it, over moto: requests go through Chalice's own routing and authorizer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LocalGateway
from chalice.test import Client

from checkout_api.redrive import Redrive
from checkout_api.registry import register
from consumers.orders import OrdersConsumer
from edges.connect import Edges
from edges.dead_letters import RULES
from edges.publisher import AnyEvent
from tables.catalog import Catalog, ProductRow
from tables.order_row import OrderRow
from tables.orders import Orders
from tables.stock import Stock
from tests.support.checkout_api.tokens import POOL, Keys, jwks, token
from tests.support.edges import FakeTime, moto_edges
from tests.support.events import delivery
from tests.support.services.bus import FakeBus
from tests.support.services.functions import Functions
from tests.support.services.sqs import WithoutMoves

PRICES = {"book-1": "29.99", "book-2": "500.00", "book-3": "0.10"}
ORDER: dict[str, Any] = {
    "customer_id": "cust-1",
    "customer_email": "ada@example.com",
    "payment_token": "tok_ok",
    "items": [{"sku": "book-1", "quantity": 2}],
}
"""Two copies at 29.99 and 10 shipping: 69.98."""
UNLIMITED = {"most_unpaid_per_address": 100, "most_unpaid_per_customer": 100}
"""The shopper of most tests never pays."""
KEY = "the-shoppers-key"
"""An Idempotency-Key, as short as one may be."""


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Api:
    client: Client
    app: Chalice
    edges: Edges
    bus: FakeBus
    keys: Keys
    time: FakeTime

    def request(
        self, method: str, path: str, body: Any = None, *, admin: bool = False, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """`body` is sent as JSON unless it is bytes."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        usual = {"Content-Type": "application/json"} if sent else {}
        token_ = {"Authorization": f"Bearer {token()}"} if admin else {}
        answer = self.client.http.request(method, path, headers={**usual, **token_, **(headers or {})}, body=sent)
        return Answered(answer.status_code, answer.headers, answer.json_body)

    def place(self, body: Any = None, key: str | None = None, **headers: str) -> Answered:
        keyed = {"Idempotency-Key": key} if key else {}
        return self.request("POST", "/orders", ORDER if body is None else body, headers={**keyed, **headers})

    def get(self, path: str, admin: bool = False) -> Answered:
        return self.request("GET", path, admin=admin)

    def admin(self, method: str, path: str, body: Any = None) -> Answered:
        return self.request(method, path, body, admin=True)

    def gateway(self) -> LocalGateway:
        """What answers preflights and makes Lambda events; Chalice's test client cannot show either."""
        return LocalGateway(self.app, Config.create())

    def preflight(self, path: str) -> dict[str, str]:
        """The headers that a browser of another origin is answered before it calls."""
        answer = self.gateway().handle_request("OPTIONS", path, {"Origin": "https://books.example"}, None)
        assert answer["statusCode"] == 200
        headers: dict[str, str] = answer["headers"]
        return headers

    def row(self, order_id: str) -> OrderRow:
        row = Orders(self.edges).get(order_id)
        assert row is not None
        return row

    def hears(self, *events: AnyEvent) -> None:
        """The orders consumer handles these events."""
        consumer = OrdersConsumer(self.edges)
        for event in events:
            consumer(delivery(event))


@contextmanager
def running_api(consumers: Sequence[str] = (), **settings: Any) -> Iterator[Api]:
    """The API of stage `test` with three products, ten copies each, and the queues of these consumers."""
    time, bus, keys = FakeTime(), FakeBus(), Keys(jwks())
    with moto_edges(time, **{**UNLIMITED, **settings}) as edges:
        edges.clients.__dict__["events"] = bus
        edges.clients.ssm.put_parameter(Name=edges.settings.path("cognito"), Value=json.dumps(POOL), Type="String")
        edges.clients.secrets.create_secret(Name=edges.settings.path("order-id-key"), SecretString="secret")
        stock_up(edges)
        app = Chalice(app_name="orderwire", configure_logs=False, env={})
        for name in (f"{RULES}-dlq", *(each for consumer in consumers for each in (consumer, f"{consumer}-dlq"))):
            edges.clients.sqs.create_queue(QueueName=edges.settings.name(name))
        edges.clients.__dict__["sqs"] = WithoutMoves(edges.clients.sqs)
        edges.clients.__dict__["functions"] = Functions(edges.clients.functions, edges, Redrive(lambda: edges))
        register(app, edges, keys=lambda url: keys, consumers=consumers, in_lambda=True)
        yield Api(Client(app, project_dir="/nowhere"), app, edges, bus, keys, time)


def stock_up(edges: Edges) -> None:
    for sku, price in PRICES.items():
        Catalog(edges).put(ProductRow(sku=sku, name=f"Book {sku[-1]}", author="A. Writer", price=Decimal(price)))
        Stock(edges).restock(sku, 10)


def bury(edges: Edges, consumer: str, *bodies: str) -> None:
    """Puts messages into a consumer's dead-letter queue."""
    url = edges.clients.sqs.get_queue_url(QueueName=edges.settings.name(f"{consumer}-dlq"))["QueueUrl"]
    for body in bodies:
        edges.clients.sqs.send_message(QueueUrl=url, MessageBody=body)
