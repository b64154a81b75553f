"""The smoke order: placed at the stage's own API, seen through by all of the saga, cancelled, and noticed by nobody.

It is marked `metadata.test`: the sandbox pays it in every stage, nobody is told, nothing is counted, and it is of a
product that no list shows. An admin is made for it, and gone afterwards. Whatever goes wrong, the order is cancelled if
it still can be. What it cannot show is the backup leaving it out, which gathers for a minute before it writes: that its
rule would not hear the order is asked instead.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from consumers.registry import consumers
from edges.clients import PATIENT, Clients
from edges.connect import Edges
from infrastructure.names import API_STAGE
from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.console.waiting import wait_until
from orderwire.release.deployed import Deployed, deployed
from orderwire.release.smoke.bystanders import rules_of, strangers, traces
from orderwire.release.smoke.stuck import stuck
from orderwire.release.smoke.temporary_admin import temporary_admin
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.stage import settings_of
from schemas.events import (
    InventoryReleased,
    InventoryReserved,
    OrderCancelled,
    OrderCreated,
    PaymentCompleted,
    PaymentRefunded,
)
from tables.catalog import SMOKE_SKU

PATIENCE = 600.0
"""Seconds for each thing that is waited for: functions start cold, and a message that failed once comes again."""

PRODUCT = {"name": "Smoke order", "description": "Ordered and cancelled by releases", "price": 1, "threshold": 0}
ENOUGH, RESTOCK = 10, 100
"""Copies below which more are made up, and how many."""

ORDER: dict[str, Any] = {
    "customer_id": "orderwire-smoke",
    "customer_email": "smoke@orderwire.invalid",  # RFC 2606: no mail can ever reach anybody there
    "payment_token": "tok_ok",
    "items": [{"sku": SMOKE_SKU, "quantity": 1}],
}
MARK = {"X-Orderwire-Test": "true"}
REASON = "smoke order of a release"

CONFIRMED = (OrderCreated, InventoryReserved, PaymentCompleted)
UNDONE = (OrderCancelled, InventoryReleased, PaymentRefunded)


class Untried(Problem):
    """No order could be placed, for a reason that says nothing of whether the stage works."""


def smoke(client: ClientOf, stage: Stage, tell: Tell, shop: ApiClient | None = None, patience: float = PATIENCE) -> str:
    """Returns the order's id. `shop` is the stage's API, where it is known. Raises Problem, with where it got stuck.

    An error of AWS is one of who asks: of their rights, their network. What the functions answer ends in a Problem.
    """
    edges = Edges(settings_of(stage), Clients(SimpleNamespace(client=client), PATIENT))
    require_unheard(edges)
    api = shop or api_of(client, stage)
    require_alive(api, patience)
    with temporary_admin(edges) as login:
        return Smoke(edges, api.as_admin(login), tell, patience).run()


def api_of(client: ClientOf, stage: Stage) -> ApiClient:
    """Where the stage's API answers. Raises Problem if none is deployed."""
    found = deployed(client, stage)
    if not found.api:
        raise Problem(f"Stage {stage.name} has no API yet: orderwire deploy {stage.name}")
    trust = os.environ.get("AWS_CA_BUNDLE")
    url = address(found, stage, client("apigateway").meta.endpoint_url)
    return ApiClient(url, trust=Path(trust) if trust else None)


def address(found: Deployed, stage: Stage, endpoint: str) -> str:
    """The API's URL. The embedded AWS gives no API a name of its own: it serves all of them at its endpoint."""
    if stage.emulated:
        return f"{endpoint}/restapis/{found.api}/{API_STAGE}/_user_request_"
    return found.api_url.rstrip("/")


def require_unheard(edges: Edges) -> None:
    """Raises Untried if somebody who is no part of the saga would be told of the order."""
    if found := strangers(rules_of(edges), consumers(), edges.settings.name("")):
        raise Untried(
            f"No smoke order was placed, for these rules would hear it: {', '.join(found)}. Their patterns must leave "
            'smoke orders out: {"detail": {"metadata": {"test": [{"exists": false}]}}}'
        )


def require_alive(api: ApiClient, patience: float) -> None:
    """Raises Problem unless the API answers in time; a new one needs a moment."""
    last: list[str] = []

    def answers() -> bool:
        try:
            answer = api.request("GET", "/health")
        except Problem as problem:
            last[:] = [str(problem)]
            return False
        last[:] = [f"{api.url}/health answers {answer.status}"]
        return answer.ok

    if not wait_until(answers, patience, pause=0.2, growth=1.5):
        raise Problem(f"The API does not come up: {last[0]}")


@contextmanager
def understood() -> Iterator[None]:
    """Raises Problem for an answer that no release of ours would give; a broken one may say anything."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as odd:
        raise Problem(f"The API's answers are not those that were asked for: {odd!r}") from odd


@dataclass
class Smoke:
    """One smoke order. `admin` is the API with an admin's token."""

    edges: Edges
    admin: ApiClient
    tell: Tell
    patience: float

    @understood()
    def run(self) -> str:
        self.stock()
        order_id = str(self.admin.place(ORDER, headers=MARK).require_ok()["order_id"])
        self.tell(f"placed {order_id}")
        with self.undone(order_id):
            self.follow(order_id, "confirmed", CONFIRMED)
            self.tell("reserved and paid by the sandbox")
        self.follow(order_id, "cancelled", (*CONFIRMED, *UNDONE))
        self.tell("cancelled: its copy is on hand again and its payment refunded")
        self.require_unnoticed(order_id)
        self.tell("and nobody has noticed")
        return order_id

    def stock(self) -> None:
        """Makes sure that there is something to order."""
        product = self.admin.request("PUT", f"/catalog/{SMOKE_SKU}", PRODUCT).require_ok()
        if product["in_stock"] < ENOUGH:
            self.admin.request("POST", f"/catalog/{SMOKE_SKU}/stock", {"delta": RESTOCK}).require_ok()

    @contextmanager
    def undone(self, order_id: str) -> Iterator[None]:
        """Cancels the order after the block, whatever happened in it."""
        try:
            yield
        except Problem as problem:
            raise Problem(f"{problem} {self.cancelled(order_id)}") from None
        except BaseException:
            self.tell(self.cancelled(order_id))
            raise
        self.admin.decide(order_id, "cancel", REASON).require_ok()

    def cancelled(self, order_id: str) -> str:
        """What became of calling off an order that got stuck, as a sentence."""
        try:
            self.admin.decide(order_id, "cancel", REASON).require_ok()
        except Problem as problem:
            return f"The order could not be cancelled: {problem}"
        return "The order is cancelled."

    def follow(self, order_id: str, status: str, types: tuple[Any, ...]) -> None:
        """Waits until the order has this status and all this has happened to it. Raises Problem."""
        wanted = [each.DETAIL_TYPE for each in types]

        def there() -> bool:
            reached = self.admin.order(order_id).require_ok()["status"] == status
            return reached and set(wanted) <= set(self.happened(order_id))

        if not wait_until(there, self.patience, pause=0.2, growth=1.3):
            missing = [each for each in wanted if each not in self.happened(order_id)]
            raise Problem(stuck(self.edges, order_id, status, self.patience, missing))

    def happened(self, order_id: str) -> dict[str, str]:
        """Type -> event id, of the order's timeline."""
        return {each["type"]: each["event_id"] for each in self.admin.timeline(order_id).require_ok()}

    def require_unnoticed(self, order_id: str) -> None:
        if found := list(traces(self.edges, order_id, self.happened(order_id).values())):
            raise Problem(f"The smoke order {order_id} went through, but did not go unnoticed: {'; '.join(found)}.")
