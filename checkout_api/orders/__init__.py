"""What can be asked of orders and products: pricing, placing, deciding, listing.

Why: docs/decisions/orders-and-money.md
"""
