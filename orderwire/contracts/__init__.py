"""Schemas over time: what changes between two sets of event contracts, for whom it is safe, and who would notice.

Why: docs/decisions/events.md
"""
