"""What must hold once the orders have settled: the design's rules as figures. Pure, on `Books`."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from consumers.decisions.mails import needless
from consumers.providers.port import LedgerEntry
from orderwire.stories.demo.books import Books, Items
from tables.mails import Mail, MailRow
from tables.order_row import OrderRow

HOLDS_MONEY = frozenset({"confirmed", "processed", "shipped"})
"""The statuses in which the shop has the order's total."""
HOLDS_STOCK = frozenset({"confirmed", "processed"})
SENT = frozenset({"shipped", "refunded"})
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Check:
    """`figures` are what was counted; `wrong` names what does not hold, a few examples, or is empty."""

    rule: str
    figures: str
    wrong: tuple[str, ...] = ()


def check(rule: str, figures: str, wrong: Iterable[str]) -> Check:
    return Check(rule, figures, tuple(wrong))


def checks(books: Books, accepted: Collection[str], first_stock: Mapping[str, int]) -> list[Check]:
    """`accepted`: the ids of all answers 202. `first_stock`: sku -> copies before the first order."""
    return [
        orders_once(books, accepted),
        money_balances(books),
        money_for_reserved_only(books),
        provider_agrees(books),
        stock_balances(books, first_stock),
        stock_follows_orders(books),
        nothing_left(books),
        mails_once(books),
    ]


def orders_once(books: Books, accepted: Collection[str]) -> Check:
    """Rule 1."""
    rows = books.tables["orders"].keys()
    wrong = [f"{order} was accepted and is missing" for order in accepted if order not in rows]
    wrong += [f"{order} was never accepted" for order in rows if order not in accepted]
    wrong += [f"{key} still waits for the bus" for key, row in books.orders.items() if row.placing or row.outbox]
    return check("1 every accepted order is there once", f"{len(accepted)} accepted, {len(rows)} rows", wrong)


def money_balances(books: Books) -> Check:
    """Rule 2, to the cent: what the provider has is what the orders cost that the shop may keep money for."""
    captured = sum((entry.captured for entry in books.ledger), NOTHING)
    refunded = sum((entry.refunded for entry in books.ledger), NOTHING)
    held = [row for row in books.orders.values() if row.status in HOLDS_MONEY]
    total = sum((row.total or NOTHING for row in held), NOTHING)
    wrong = [] if captured - refunded == total else [f"{captured - refunded} is not {total}"]
    wrong += [text for entry in books.ledger for text in wrong_amounts(entry, books.orders.get(entry.order_id))]
    figures = f"{captured} captured - {refunded} refunded = {total} of {len(held)} orders"
    return check("2 money is taken once, the order's total", figures, wrong)


def wrong_amounts(entry: LedgerEntry, row: OrderRow | None) -> Iterable[str]:
    """What the provider has for an order that it should not have."""
    if row is None or row.total is None:
        yield f"{entry.order_id}: the provider has a payment, the shop no order"
        return
    due = row.total if row.status in HOLDS_MONEY else NOTHING
    if entry.captured - entry.refunded != due:
        yield f"{entry.order_id} is {row.status}: {due} is due, {entry.captured - entry.refunded} was kept"
    if entry.captured not in (NOTHING, row.total) or entry.refunded not in (NOTHING, entry.captured):
        yield f"{entry.order_id}: {entry.captured} captured, {entry.refunded} refunded of {row.total}"


def money_for_reserved_only(books: Books) -> Check:
    """Rule 2: nothing is captured for items that were never set aside."""
    reserved = {key for key, row in books.reservations.items() if row.state in {"reserved", "released", "shipped"}}
    captured = [entry.order_id for entry in books.ledger if entry.captured]
    wrong = [f"{order}: captured, never reserved" for order in captured if order not in reserved]
    return check("2 only for what was reserved", f"{len(captured)} captured, {len(reserved)} reserved", wrong)


def provider_agrees(books: Books) -> Check:
    found = books.differences
    wrong = [f"{each.order_id} {each.what}: {each.payments} / {each.provider}" for each in found]
    return check("2 payments table and provider agree", f"{len(books.ledger)} payments compared", wrong)


def stock_balances(books: Books, first_stock: Mapping[str, int]) -> Check:
    """Rule 3, product by product."""
    rows = books.stock
    wrong = [f"{sku}: is not in stock" for sku in first_stock if sku not in rows]
    for sku, row in rows.items():
        if row.copies != first_stock.get(sku):
            wrong.append(f"{sku}: {row.copies} copies, {first_stock.get(sku)} at first")
    on_hand, reserved, shipped = (
        sum(getattr(row, field) for row in rows.values()) for field in ("on_hand", "reserved", "shipped")
    )
    figures = f"{on_hand} on hand + {reserved} reserved + {shipped} shipped = {sum(first_stock.values())} at first"
    return check("3 no copy is lost or made up", figures, wrong)


def stock_follows_orders(books: Books) -> Check:
    """Rule 3: what is set aside or gone is what the orders say."""
    reserved, shipped = quantities(books.orders, HOLDS_STOCK), quantities(books.orders, SENT)
    wrong = [
        f"{sku}: {row.reserved} reserved and {row.shipped} shipped, by the orders {reserved[sku]} and {shipped[sku]}"
        for sku, row in books.stock.items()
        if (row.reserved, row.shipped) != (reserved[sku], shipped[sku])
    ]
    figures = f"{reserved.total()} copies in hand, {shipped.total()} sent"
    return check("3 stock is what the orders say", figures, wrong)


def quantities(orders: Mapping[str, OrderRow], statuses: frozenset[str]) -> Counter[str]:
    """Copies of each product in the orders of these statuses."""
    found: Counter[str] = Counter()
    for row in orders.values():
        if row.status in statuses:
            for item in row.items or []:
                found[item.sku] += item.quantity
    return found


def nothing_left(books: Books) -> Check:
    """Rule 4: nothing waits, nothing died."""
    wrong = [f"{queue}: {left} messages" for queue, left in books.queues.items() if left]
    return check("4 no message is left over", f"{len(books.queues)} queues are empty", wrong)


def mails_once(books: Books) -> Check:
    """Rule 6: as many mails as the mails table says were sent, none of them twice, none still to be sent."""
    sent = Counter(books.mails)
    wrong = [f"{subject!r} was sent {times} times" for subject, times in sent.items() if times > 1]
    noted = [mail for row in books.mail_rows.values() for mail in needed(row)]
    wrong += [f"{order}: a mail is not sent" for order, row in books.mail_rows.items() if unsent(needed(row))]
    if len(noted) != len(books.mails):
        wrong.append(f"{len(noted)} mails are noted, {len(books.mails)} were sent")
    return check("6 each mail is sent once", f"{len(books.mails)} mails", wrong)


def needed(row: MailRow) -> list[Mail]:
    """The order's mails without those that another one made needless."""
    return [mail for template, mail in row.mails.items() if template not in needless(row)]


def unsent(mails: Iterable[Mail]) -> bool:
    return any(mail.message_id is None for mail in mails)


def unchanged(before: Books, after: Books) -> Check:
    """Rule 5: a replay of everything has changed nothing."""
    wrong = [
        text for table in before.tables for text in changed_items(table, before.tables[table], after.tables[table])
    ]
    if before.ledger != after.ledger:
        wrong.append("the provider's ledger has changed")
    if before.mails != after.mails:
        wrong.append(f"{len(after.mails) - len(before.mails)} mails more")
    if before.archived != after.archived:
        wrong.append(f"the archive has grown by {after.archived - before.archived} events")
    rows = sum(map(len, before.tables.values()))
    figures = f"{rows} rows, {len(before.ledger)} payments, {len(before.mails)} mails, {before.archived} events"
    return check("5 replaying everything changes nothing", figures, wrong)


def changed_items(table: str, before: Items, after: Items) -> Iterable[str]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield f"{table} {key} has changed"
