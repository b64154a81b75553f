"""Rules' files of `subscriptions/`: reading and checking them, and the resources that they become.

Why: docs/decisions/rules.md
"""
