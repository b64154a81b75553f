"""HTTP -> event: the routes, the commands behind them, and the functions that stand beside the API.

Why: docs/decisions/api.md
"""
