"""Declarations -> CloudFormation, IAM policies and Chalice's configuration, by plain functions.

Each module returns the resources of one kind; `stack` puts them together, `render` writes the files that are committed.

Why: docs/decisions/stack.md
"""
