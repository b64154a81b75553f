"""Which provider an order pays at."""

from functools import cached_property
from typing import Protocol

from consumers.providers.port import Provider
from consumers.providers.sandbox import Sandbox
from edges.connect import Edges


class PaysAt(Protocol):
    def of(self, *, test: bool) -> Provider: ...


class Providers:
    """The stage's provider, and the sandbox for test orders in every stage. Each is built when first needed."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self.sandbox = Sandbox(edges)

    def of(self, *, test: bool) -> Provider:
        return self.sandbox if test else self.of_stage

    @cached_property
    def of_stage(self) -> Provider:
        """Stripe's library takes half a second to import, so only a stage that pays there does it."""
        settings = self._edges.settings
        if settings.payment_provider == "sandbox":
            return self.sandbox
        from consumers.providers.stripe import Stripe

        return Stripe(lambda: self._edges.secret("stripe-key"), settings.stage, settings.stripe_api)
