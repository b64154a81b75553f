"""Rules of other teams on a stage's bus: deployed as stacks of their own, verified, previewed, removed.

Why: docs/decisions/rules.md
"""
