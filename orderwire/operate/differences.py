"""Where the payments table and the ledgers of the payment providers differ. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from consumers.providers.port import LedgerEntry
from tables.payments import PaymentRow
from tables.statuses import Status

NOTHING = Decimal("0.00")

KEEPS: dict[str, tuple[Status, ...]] = {
    "authorised": ("authorised", "captured", "voided", "refunded"),
    "captured": ("captured", "refunded"),
    "voided": ("voided",),
    "refunded": ("refunded",),
}
"""Which statuses of a payment leave its full amount in which total of a provider's ledger."""


OLD = timedelta(minutes=30)
"""A claim that nobody has taken up for longer has no message that will: one that failed comes again within a quarter
of an hour, one whose attempt died within six minutes more. Its message is a dead letter, waits behind others, or is
gone."""


@dataclass(frozen=True)
class Difference:
    """One thing of an order that the two sides see differently, each side in words.

    `in_progress` is true while payment is busy with the order: the sides may differ until it is done.
    """

    order_id: str
    what: str
    payments: str
    provider: str
    in_progress: bool = False


def reconcile(payments: Iterable[PaymentRow], ledger: Iterable[LedgerEntry], now: datetime) -> list[Difference]:
    """Every difference between the rows and the entries, by order. Orders on account are in no ledger."""
    rows = {row.order_id: row for row in payments}
    entries: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in ledger:
        entries[entry.order_id].append(entry)
    orders = sorted(rows.keys() | entries.keys())
    return [each for order in orders for each in of_order(order, rows.get(order), entries.get(order, []), now)]


def of_order(order_id: str, row: PaymentRow | None, entries: list[LedgerEntry], now: datetime) -> list[Difference]:
    if row and row.claim:
        claim = row.claim
        told = f"{claim.action} {'uncertain' if claim.uncertain else 'under way'} since {claim.at:%Y-%m-%d %H:%M:%S}"
        busy = now - claim.at <= OLD
        what = "in progress" if busy else "left unfinished"
        return [Difference(order_id, what, told, in_words(entries), in_progress=busy)]
    held = [entry for entry in entries if entry.authorised]
    if len(held) > 1:
        return [Difference(order_id, "paid more than once", row.status if row else "unknown", in_words(held))]
    return compared(order_id, row, held[0] if held else None)


def compared(order_id: str, row: PaymentRow | None, entry: LedgerEntry | None) -> list[Difference]:
    """The totals, currencies and references that differ; a side that knows nothing of the order holds nothing."""
    ours = expected(row)
    theirs = {total: getattr(entry, total) if entry else NOTHING for total in KEEPS}
    found = [Difference(order_id, total, str(ours[total]), str(theirs[total]))
             for total in KEEPS if ours[total] != theirs[total]]  # fmt: skip
    if row and entry:
        texts = (("currency", row.currency, entry.currency), ("reference", row.reference, entry.reference))
        found += [Difference(order_id, what, str(our), str(their)) for what, our, their in texts if our != their]
    return found


def expected(row: PaymentRow | None) -> dict[str, Decimal]:
    """The totals that the provider's ledger must show for the order."""
    amount = row.amount if row and row.method == "card" and row.amount else NOTHING
    return {total: amount if row and row.status in statuses else NOTHING for total, statuses in KEEPS.items()}


def in_words(entries: list[LedgerEntry]) -> str:
    """For example `pi_1: captured 59.90 EUR`, or `nothing`."""
    totals = (f"{entry.reference}: {total} {getattr(entry, total)} {entry.currency}"
              for entry in entries for total in KEEPS if getattr(entry, total))  # fmt: skip
    return ", ".join(totals) or "nothing"
