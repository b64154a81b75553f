"""What `chalice package --merge-template` needs to make one stack of the functions and all that they work with.

Chalice's functions refer to queues by name only, and get names of CloudFormation's making. So the merged template says
which queue comes before which function, and gives the functions the names that log groups, alarms and policies know.
"""

from typing import Any

from consumers.registry import consumers
from edges.functions import API_HANDLER
from infrastructure.functions import functions
from infrastructure.names import title
from infrastructure.stack.template import template
from infrastructure.stages import Stage

API_HANDLER_ID = "APIHandler"
"""Chalice's logical id of it; those of the other functions are made of their names as ours are."""


def to_merge(stage: Stage) -> dict[str, Any]:
    """The stack's template, with what is to be added to the functions of Chalice's."""
    document: dict[str, Any] = template().to_dict()
    first = {row.name.replace("-", "_"): [title(row.name, "queue")] for row in consumers()}
    for function in functions():
        document["Resources"][logical_id(function.name)] = {
            "Properties": {"FunctionName": function.lambda_name(stage.name)},
            "DependsOn": [title(function.name, "log"), *first.get(function.name, [])],
        }
    return document


def logical_id(function: str) -> str:
    return API_HANDLER_ID if function == API_HANDLER else title(function)
