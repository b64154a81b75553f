"""An operator's work on a stage: queues, dead letters, replay, search, reconciliation, catalog.

Why: docs/decisions/operating.md
"""
