"""Stories that prove something: the demo, Black Friday, the rehearsal of a release.

Why: docs/decisions/laptop.md
"""
