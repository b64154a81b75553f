"""What an order can be, as the API and the indexes say it."""

STATUSES = (
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
