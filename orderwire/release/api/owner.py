"""Which REST API is a stage's: the one that may call its functions."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from edges.functions import API_HANDLER, name_in_lambda
from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf


def rest_api(client: ClientOf, stage: Stage) -> str | None:
    """The id of the REST API that may call the stage's API handler: its name is the same in all stages."""
    lambda_, gateway = client("lambda"), client("apigateway")
    name = name_in_lambda(API_HANDLER, stage.name)
    try:
        policy = json.loads(lambda_.get_policy(FunctionName=name)["Policy"])
    except lambda_.exceptions.ResourceNotFoundException:
        return None
    for api in callers(policy):
        with suppress(gateway.exceptions.NotFoundException):
            return str(gateway.get_rest_api(restApiId=api)["id"])
    return None


def callers(policy: Mapping[str, Any]) -> list[str]:
    """The ids of the REST APIs that a function's policy lets in: of `arn:aws:execute-api:<region>:<account>:<id>/*`."""
    sources = [
        str(arn) for each in policy["Statement"] for test in each.get("Condition", {}).values() for arn in test.values()
    ]
    return [arn.split(":")[5].split("/")[0] for arn in sources if ":execute-api:" in arn]
