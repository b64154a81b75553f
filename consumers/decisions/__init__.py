"""Pure functions of the consumers: a row and an event in, the next row and what is due out.

Why: docs/decisions/orders-and-money.md
"""
