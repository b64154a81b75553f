"""Reads the payments table and the ledgers of the payment providers, and tells where they differ."""

from consumers.providers.choose import Providers
from consumers.providers.port import ProviderRefused, Unavailable
from edges.connect import Edges
from orderwire.console.problem import Problem
from orderwire.operate.differences import Difference, reconcile
from tables.payments import Payments


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
    return reconcile(Payments(edges).scan(), entries, edges.clock.now())
