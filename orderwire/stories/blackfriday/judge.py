"""Whether the story ended as it is told: each part of it as a check with its figures. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from orderwire.operate.dlq import DeadLetter
from orderwire.stories.blackfriday.figures import (
    FOREVER,
    Pace,
    counted,
    counted_products,
    durations,
    from_metrics,
    pace,
)
from orderwire.stories.blackfriday.mistake import REHEARSED
from orderwire.stories.demo.books import Books
from orderwire.stories.demo.checks import NOTHING, Check, check, checks

SLOWER, TAIL_SLOWER = 3.0, 4.0
"""How many times as long half of the orders, and 95 of 100, may take and still keep the pace of the day before: the
machine does other things as well. With payment slowed instead of analytics it is ten times."""
UNNOTICED = 1.0
"""Seconds by which anything may take longer: with very short times, a ratio says little."""


@dataclass(frozen=True)
class RushEnd:
    """How things stood when the rush was over and nothing was mended yet: how many events waited for analytics, the
    status of every order, the dead letters of payment, and of which orders money was taken."""

    backlog: int
    statuses: Mapping[str, str]
    letters: Sequence[DeadLetter]
    paid: Collection[str]


@dataclass(frozen=True)
class Story:
    """What happened. `before` and `rush` are the ids of all orders of the two days, `bad` those of the rush's twelve;
    `opening` are the ids of some that came before anybody measured. `moved` is how many dead letters were sent back,
    `books` is the end."""

    opening: Sequence[str]
    before: Sequence[str]
    rush: Sequence[str]
    bad: Sequence[str]
    found: RushEnd
    moved: int
    books: Books
    first_stock: Mapping[str, int]

    @property
    def accepted(self) -> list[str]:
        return [*self.opening, *self.before, *self.rush]

    @property
    def good(self) -> list[str]:
        """The rush's orders with which nothing was wrong."""
        return [order_id for order_id in self.rush if order_id not in self.bad]

    def paces(self, first: str, then: str) -> tuple[Pace, Pace]:
        """How long it took between the two events, the day before and in the rush."""
        orders = self.books.orders
        return pace(durations(orders, self.before, first, then)), pace(durations(orders, self.good, first, then))


def judge(story: Story) -> list[Check]:
    return [
        keeps_pace("payments keep their pace", *story.paces("order.created", "payment.completed")),
        keeps_pace("shipping keeps its pace", *story.paces("payment.completed", "order.shipped")),
        was_slow(story),
        others_shipped(story),
        twelve_wait(story),
        twelve_processed(story),
        analytics_caught_up(story.books),
        logged_once(story),
        *checks(story.books, story.accepted, story.first_stock),
    ]


def keeps_pace(what: str, before: Pace, rush: Pace) -> Check:
    pairs = (
        ("half of the orders", before.p50, rush.p50, SLOWER),
        ("95 of 100 orders", before.p95, rush.p95, TAIL_SLOWER),
    )
    wrong = [f"{who}: {now:.2f} s after {then:.2f} s" for who, then, now, most in pairs if slower(then, now, most)]
    ratios = ", ".join(f"x {now / then:.1f}" for _, then, now, _ in pairs if then)
    return check(what, f"{before} the day before, {rush} in the rush: {ratios}", wrong)


def slower(before: float, now: float, most: float) -> bool:
    """Whether it is too slow now. If it never happened (FOREVER), it is."""
    return now == FOREVER or now > max(most * before, before + UNNOTICED)


def was_slow(story: Story) -> Check:
    """Without this the rest would show nothing."""
    wrong = [] if story.found.backlog >= len(story.rush) else ["analytics kept up: it was not slow enough"]
    return check("analytics was far behind", f"{story.found.backlog} events waited for it after the rush", wrong)


def others_shipped(story: Story) -> Check:
    shipped = [order_id for order_id in story.good if story.found.statuses.get(order_id) == "shipped"]
    wrong = [
        f"{order_id} is {story.found.statuses.get(order_id)}" for order_id in story.good if order_id not in shipped
    ]
    return check("meanwhile all others were shipped", f"{len(shipped)} of {len(story.good)} orders", wrong)


def twelve_wait(story: Story) -> Check:
    """In the dead-letter queue, with the reason that it is, and not charged."""
    waiting = {letter.order_id for letter in story.found.letters}
    wrong = [f"{order_id} is no dead letter" for order_id in story.bad if order_id not in waiting]
    wrong += [
        f"{letter.order_id} is a dead letter" for letter in story.found.letters if letter.order_id not in story.bad
    ]
    wrong += [f"{each.order_id}: {each.reason}: {each.error}" for each in story.found.letters if not explained(each)]
    wrong += [f"{order_id} was charged" for order_id in story.bad if order_id in story.found.paid]
    wrong += [
        f"{order_id} was {story.found.statuses.get(order_id)}"
        for order_id in story.bad
        if story.found.statuses.get(order_id) != "pending"
    ]
    figures = f"{len(waiting)} orders in {len(story.found.letters)} dead letters"
    return check("the bad ones wait with their reason", figures, wrong)


def explained(letter: DeadLetter) -> bool:
    return letter.reason == "hopeless" and f"the payment is for {REHEARSED}" in (letter.error or "")


def twelve_processed(story: Story) -> Check:
    """Once the cause is mended and they are sent back."""
    orders, captured = story.books.orders, {entry.order_id: entry.captured for entry in story.books.ledger}
    wrong = (
        []
        if story.moved == len(story.found.letters)
        else [f"{story.moved} of {len(story.found.letters)} letters were moved"]
    )
    for order_id in story.bad:
        status = orders[order_id].status if order_id in orders else "nowhere"
        if status != "shipped" or captured.get(order_id, NOTHING) != orders[order_id].total:
            wrong.append(f"{order_id} is {status}, {captured.get(order_id, NOTHING)} was taken")
    return check("redriven, they are paid and shipped", f"{story.moved} dead letters, {len(story.bad)} orders", wrong)


def analytics_caught_up(books: Books) -> Check:
    """Its figures are what counting the orders gives."""
    wanted, wanted_products = counted(books), counted_products(books)
    found, found_products = from_metrics(books)
    wrong = [
        f"{name}: {told}, counted {dict(wanted)[name]}"
        for name, told in dict(found).items()
        if told != dict(wanted)[name]
    ]
    skus = wanted_products.keys() | found_products.keys()
    wrong += [
        f"{sku}: {found_products.get(sku, 0)} copies, counted {wanted_products.get(sku, 0)}"
        for sku in sorted(skus)
        if found_products.get(sku) != wanted_products.get(sku)
    ]
    figures = f"{found.orders} orders, {found.units} copies, {found.revenue} taken, {len(found_products)} titles"
    return check("analytics has caught up, to the cent", figures, wrong)


def logged_once(story: Story) -> Check:
    """The in-house team was told of every order; a message told twice is logged once, so its rows are counted."""
    logged = [item["order_id"] for item in story.books.tables["order-log"].values()]
    wrong = [f"{order_id} is not in the order log" for order_id in sorted(set(story.accepted).difference(logged))]
    wrong += [] if len(logged) == len(set(logged)) else ["an order is there twice"]
    return check("the order log has every order", f"{len(logged)} messages", wrong)
