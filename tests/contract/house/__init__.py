"""The house as a whole: its rooms, what may grow, what may be logged.

Why: docs/decisions/house.md
"""
