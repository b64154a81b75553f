"""What is watched: metrics, alarms and the dashboard, from the declarations.

Why: docs/decisions/watching.md
"""
