"""Where an order can stand, as the API and the indexes say it, and where its payment can."""

from typing import Literal

STATUSES = (
    "waiting",
    "placing",
    "pending",
    "confirmed",
    "processed",
    "shipped",
    "cancelled",
    "rejected",
    "payment_failed",
    "refunded",
)
"""Of an order."""

Action = Literal["authorise", "capture", "void", "refund"]
"""What payment asks of a provider."""
Status = Literal["none", "failed", "authorised", "captured", "voided", "refunded"]
"""How far a payment has come; `failed` is one that the provider refused for good."""
