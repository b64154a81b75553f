"""Compares the payments table with the ledgers of the payment providers, and tells where they differ."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from consumers.providers.choose import Providers
from consumers.providers.port import LedgerEntry, ProviderRefused, Unavailable
from edges.connect import Edges
from orderwire.console.problem import Problem
from tables.payments import PaymentRow, Payments, Status

NOTHING = Decimal("0.00")

KEEPS: dict[str, tuple[Status, ...]] = {
    "authorised": ("authorised", "captured", "voided", "refunded"),
    "captured": ("captured", "refunded"),
    "voided": ("voided",),
    "refunded": ("refunded",),
}
"""Which statuses of a payment leave its full amount in which total of a provider's ledger."""


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


def differences(edges: Edges) -> list[Difference]:
    """What differs in the stage. What differs is read twice: an order that moved between two scans is no difference."""
    first = read(edges)
    if not first:
        return []
    return [each for each in read(edges) if each in first]


def read(edges: Edges) -> list[Difference]:
    """Raises Problem if a provider does not show its ledger."""
    providers = Providers(edges)
    try:
        entries = [entry for provider in {providers.sandbox, providers.of_stage} for entry in provider.ledger()]
    except (Unavailable, ProviderRefused) as error:
        raise Problem(f"The payment provider's ledger cannot be read: {error}") from None
    return reconcile(Payments(edges).scan(), entries)


def reconcile(payments: Iterable[PaymentRow], ledger: Iterable[LedgerEntry]) -> list[Difference]:
    """Every difference between the rows and the entries, by order. Orders on account are in no ledger."""
    rows = {row.order_id: row for row in payments}
    entries: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in ledger:
        entries[entry.order_id].append(entry)
    orders = sorted(rows.keys() | entries.keys())
    return [each for order in orders for each in of_order(order, rows.get(order), entries.get(order, []))]


def of_order(order_id: str, row: PaymentRow | None, entries: list[LedgerEntry]) -> list[Difference]:
    if row and row.claim:
        claim = row.claim
        told = f"{claim.action} {'uncertain' if claim.uncertain else 'under way'} since {claim.at:%Y-%m-%d %H:%M:%S}"
        return [Difference(order_id, "in progress", told, in_words(entries), in_progress=True)]
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
