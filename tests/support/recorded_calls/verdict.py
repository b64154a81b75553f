"""Checks recorded calls against the policies of stage dev: nothing missing, nothing granted that is never used.

A call of another stage counts as the same call of dev; only names differ between stages.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from consumers import NAMES
from edges.functions import Function
from edges.grants import Grant
from infrastructure.policies import policy, resources
from infrastructure.stages import DEV
from tests.support.recorded_calls.only_in_aws import Excuse
from tests.support.recorded_calls.recorder import Call

STAGE = re.compile(r"(?P<before>orderwire-|event-bus/orders-|/orderwire/)[a-z][a-z0-9]{0,11}(?=[-/]|$)")
CONSUMERS = frozenset(NAMES)


def in_dev(resource: str) -> str:
    """The ARN as it is in stage dev."""
    return STAGE.sub(rf"\g<before>{DEV.name}", resource)


def matches(pattern: str, text: str) -> bool:
    """As IAM matches: `*` is any characters, `?` is one."""
    wildcards = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wildcards.get(each, re.escape(each)) for each in pattern), text) is not None


def allows(statement: Mapping[str, Any], call: Call) -> bool:
    """What our policies consist of: statements that allow named actions, on condition that values are equal."""
    told = dict(call.context)
    return (
        all(holds(*each, told) for each in statement.get("Condition", {}).items())
        and call.action in statement["Action"]
        and any(matches(pattern, in_dev(call.resource)) for pattern in statement["Resource"])
    )


def holds(operator: str, wanted: Mapping[str, Any], told: Mapping[str, str]) -> bool:
    """One condition of a policy, for a call that says one thing under a key. Raises KeyError for an operator that no
    policy of ours has."""
    if operator == "Null":
        return all((key not in told) == (value == "true") for key, value in wanted.items())
    nothing = {"StringEquals": False, "ForAllValues:StringEquals": True}[operator]
    return all(
        told[key] in ([value] if isinstance(value, str) else value) if key in told else nothing
        for key, value in wanted.items()
    )


def missing(functions: Iterable[Function], calls: Sequence[Call]) -> Iterator[str]:
    """What a function does without leave, or nobody knows to need leave for."""
    policies = {function.name: policy(function, DEV)["Statement"] for function in functions}
    for call in calls:
        if not call.resource:
            yield f"{call.function} calls {call.action}, and needs.py does not say what that needs ({call.test})"
        elif call.function in policies and not any(allows(each, call) for each in policies[call.function]):
            yield f"{call.function} does {call.action} on {call.resource}, and may not ({call.test})"


def unused(functions: Iterable[Function], calls: Sequence[Call], excuses: Sequence[Excuse]) -> Iterator[str]:
    """What a function may do and never does, and excuses that excuse nothing."""
    needed = set()
    for function in functions:
        for grant, action in idle(function, calls):
            covering = {each for each in excuses if each.covers(function.name, action, CONSUMERS)}
            needed |= covering
            if not covering:
                yield f"{function.name} may do {action} on {grant.resource}, and never does"
    yield from (f"only_in_aws.py excuses {each.action}, for no reason" for each in excuses if each not in needed)


def idle(function: Function, calls: Sequence[Call]) -> Iterator[tuple[Grant, str]]:
    """The grants of a function, action by action, that none of its calls needed."""
    done = [(call.action, in_dev(call.resource)) for call in calls if call.function == function.name]
    for grant, patterns in resources(function, DEV):
        for action in (f"{grant.service}:{each}" for each in grant.actions):
            if not any(action == did and matches(each, thing) for did, thing in done for each in patterns):
                yield grant, action
