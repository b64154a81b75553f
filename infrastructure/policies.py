"""The IAM policy of each function, from its grants: what it may do, on which resource, and nothing else."""

from collections.abc import Iterable
from typing import Any

from edges.functions import Function
from edges.grants import ANYTHING, Grant
from infrastructure.functions import lambda_name
from infrastructure.stages import STAGES

LONGEST_POLICY = 10_240
"""Characters without white space that IAM takes as the inline policies of one role."""

GLOBAL = frozenset({"s3"})
"""Services whose ARNs name no region and no account."""

TRACE = Grant("xray", ("PutTelemetryRecords", "PutTraceSegments"), ANYTHING)
"""What Lambda does in the function's name where it is traced; AWS knows no narrower resource."""


def file_name(function: Function, stage: str) -> str:
    """The policy's file below `.chalice/`."""
    return f"policy-{stage}-{function.name}.json"


def policy(function: Function, stage: str) -> dict[str, Any]:
    """The policy document of a function in a stage. Region and account are `*`: the file is the same wherever the stage
    is deployed, and a role reaches no other account's resources unless that account lets it."""
    traces = [TRACE] if STAGES[stage].traced else []
    statements = [statement(grant, stage) for grant in merged([*function.grants, own_log(function), *traces])]
    return {"Version": "2012-10-17", "Statement": statements}


def own_log(function: Function) -> Grant:
    """Writing to its own log group, which the stack creates."""
    group = f"log-group:/aws/lambda/{lambda_name(function, '{stage}')}:*"
    return Grant("logs", ("CreateLogStream", "PutLogEvents"), group)


def merged(grants: Iterable[Grant]) -> list[Grant]:
    """One grant per resource, with the actions of all that name it."""
    actions: dict[tuple[str, str], list[str]] = {}
    for grant in grants:
        actions.setdefault((grant.service, grant.resource), []).extend(grant.actions)
    return [Grant(service, tuple(sorted(set(found))), resource) for (service, resource), found in actions.items()]


def statement(grant: Grant, stage: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"{grant.service}:{action}" for action in grant.actions],
        "Resource": arn(grant, stage),
    }


def arn(grant: Grant, stage: str) -> str:
    if grant.resource == ANYTHING:
        return ANYTHING
    place = ":" if grant.service in GLOBAL else "*:*"
    return f"arn:aws:{grant.service}:{place}:{grant.resource.replace('{stage}', stage)}"
