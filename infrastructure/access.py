"""Statements of resource policies.

Why: docs/decisions/security.md
"""

from collections.abc import Sequence
from typing import Any

from troposphere import Sub

Statement = dict[str, Any]


def document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow_service(service: str, actions: Sequence[str], resource: Any, source: Any = None) -> Statement:
    """An AWS service may do `actions`; with `source` only on behalf of the resource whose ARN is like it."""
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": list(actions),
        "Resource": resource,
    }
    return statement if source is None else statement | {"Condition": {"ArnLike": {"aws:SourceArn": source}}}


def allow_account(actions: Sequence[str], resource: Any) -> Statement:
    """Leaves `actions` to the account's own IAM policies."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": list(actions),
        "Resource": resource,
    }


def tls_only(actions: Sequence[str], resource: Any) -> Statement:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
