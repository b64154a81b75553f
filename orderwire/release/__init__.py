"""The release of a stage to AWS: its steps, and what undoes it.

Why: docs/decisions/release.md
"""
