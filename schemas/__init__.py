"""The contracts: every event that crosses the bus, its envelope and its JSON Schema. Imports pydantic only.

Why: docs/decisions/events.md
"""
