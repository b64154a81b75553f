"""How many orders may be unpaid at a time, of one e-mail address and of one customer.

Whoever has an order gets mails about it, and learns whether its card is good. So what costs nothing is limited: orders
that no card has paid, for any reason, within the stage's `unpaid_minutes`. Each order is noted under its address and
under its customer in the very transaction that stores it: two at once cannot both take the last place, and one that is
not stored takes none. Whether those that are noted are paid by now is looked up when there is no place left.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import ceil

from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import OrderAsked
from edges.connect import Edges
from edges.settings import Settings
from schemas.events import ON_ACCOUNT, PaymentCompleted
from tables.order_row import OrderRow
from tables.orders import Orders
from tables.row import Item
from tables.unpaid import Unpaid, UnpaidRow

Hashed = Callable[[str, str], str]
"""(what something is, what it says) -> what it is called where nobody shall read it."""

SAME_HOST = {
    "googlemail.com": "gmail.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
}
"""Hosts at which a name is the same person's as at another host of the provider's."""


def mailbox(email: str) -> str:
    """One way of writing an address, of all those that may reach the same mailbox: without capitals and dots, and
    without what stands behind a plus. For counting; a mail goes to the address as it was given."""
    local, _, host = email.lower().rpartition("@")
    name = local.partition("+")[0].replace(".", "")
    return f"{name or local}@{SAME_HOST.get(host, host)}"


def limits(asked: OrderAsked, settings: Settings, hashed: Hashed) -> dict[str, int]:
    """Under which names an order is noted, and how many may be there. None for one on account, which no stranger's card
    pays and whose mails go to the shop's own address."""
    if asked.payment_token == ON_ACCOUNT:
        return {}
    return {
        hashed("address", mailbox(asked.customer_email)): settings.most_unpaid_per_address,
        hashed("customer", asked.customer_id): settings.most_unpaid_per_customer,
    }


def noting(edges: Edges, allowed: Mapping[str, int], order_id: str) -> list[Item]:
    """The conditional puts that note one order more under each name of `allowed`, to be stored together with the order.
    Raises Problem 429 if there is no place left under one of them, and Contended."""
    unpaid, now = Unpaid(edges), edges.clock.now()
    window = timedelta(minutes=edges.settings.unpaid_minutes)
    begin = int((now - window).timestamp())
    found = unpaid.get_many(allowed)
    rows = [found.get(who, UnpaidRow(who=who)).since(begin) for who in allowed]
    if any(full(row, allowed) for row in rows):
        rows = without_paid(edges, rows, allowed)
    if waits := [wait(row, allowed[row.who], begin) for row in rows if full(row, allowed)]:
        raise too_many(max(waits))
    return [unpaid.put_action(with_one_more(row, order_id, now, window)) for row in rows]


def full(row: UnpaidRow, allowed: Mapping[str, int]) -> bool:
    return len(row.placed) >= allowed[row.who]


def without_paid(edges: Edges, rows: list[UnpaidRow], allowed: Mapping[str, int]) -> list[UnpaidRow]:
    """The rows, of which those that are full have no order that a card has paid."""
    asked = {order_id for row in rows if full(row, allowed) for order_id in row.placed}
    paid = {order_id for order_id, order in Orders(edges).get_many(asked).items() if by_card(order)}
    return [row.with_(placed={each: at for each, at in row.placed.items() if each not in paid}) for row in rows]


def by_card(order: OrderRow) -> bool:
    """Whether money was taken for it: what is owed by invoice, or costs nothing, has cost nobody anything yet."""
    return PaymentCompleted.DETAIL_TYPE in order.types and order.payment_method == "card"


def wait(row: UnpaidRow, most: int, begin: int) -> int:
    """Seconds until so many orders have left the window, which begins at `begin`, that there is a place."""
    leaving = sorted(row.placed.values())[len(row.placed) - most]
    return leaving - begin


def with_one_more(row: UnpaidRow, order_id: str, now: datetime, window: timedelta) -> UnpaidRow:
    placed = {**row.placed, order_id: int(now.timestamp())}
    return row.with_(placed=placed, expires_at=ceil((now + window).timestamp()))


def too_many(seconds: int) -> HttpProblem:
    """One answer for both limits, which does not say whose orders they are; the time is told in whole minutes."""
    minutes = ceil(seconds / 60)
    again = f"{minutes} minutes" if minutes < 100 else f"{ceil(minutes / 60)} hours"
    detail = f"Too many orders of yours are not paid, so this one was not taken. Try again in {again}."
    return HttpProblem(429, "too-many-unpaid", detail, retry_after=minutes * 60)
