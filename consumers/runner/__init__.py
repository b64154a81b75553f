"""What runs a batch of records for any consumer: records in, each ended as deleted, delayed or dead-lettered.

Why: docs/decisions/consumers.md
"""
