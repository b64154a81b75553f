"""queue -> effect: one module per consumer, named here and nowhere else, and what they share.

Only names stand here, so that a function's cold start imports its own module and no other consumer's.
"""

NAMES = ("orders", "payment", "inventory", "notification", "analytics", "backup", "order_log")
