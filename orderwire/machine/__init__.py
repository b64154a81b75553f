"""A laptop's system: the embedded AWS, the API server, the pollers that stand in for Lambda, and what runs them.

Why: docs/decisions/laptop.md
"""
