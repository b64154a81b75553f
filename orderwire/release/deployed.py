"""What Chalice has deployed of a stage, read off the account, in the form of Chalice's own record.

Chalice keeps `.chalice/deployed/<stage>.json` where it ran, and writes it only when everything went well. Without it
the next deployment would make a second REST API and stumble over the mappings that exist. The account knows it all.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from edges.functions import API_HANDLER
from infrastructure.functions import functions
from infrastructure.names import API_STAGE
from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.release.api.owner import rest_api

Fields = Mapping[str, Any]

MADE_BY = "aws-chalice"
"""The tag that Chalice puts on its functions, for example `version=1.34.0:stage=dev:app=orderwire`."""


@dataclass(frozen=True)
class DeployedFunction:
    """`name` is Chalice's; `queues` maps the ids of event source mappings to the ARNs of their queues, `rules` are the
    names of the scheduled rules that call it."""

    name: str
    arn: str
    role: str
    queues: Mapping[str, str]
    rules: Sequence[str]


@dataclass(frozen=True)
class Deployed:
    """All that there is of a stage. `layer` is the ARN of the newest version, `api` the REST API's id, `roles` the ARNs
    of roles that no function has (yet)."""

    region: str
    functions: Sequence[DeployedFunction]
    roles: Sequence[str] = ()
    layer: str | None = None
    api: str | None = None

    def __bool__(self) -> bool:
        return bool(self.functions or self.roles or self.layer)

    @property
    def api_url(self) -> str:
        return f"https://{self.api}.execute-api.{self.region}.amazonaws.com/{API_STAGE}/"

    def record(self) -> dict[str, Any]:
        """As Chalice 1 writes it. It deletes what is no longer declared from the end to the beginning."""
        return {"resources": list(self.resources()), "schema_version": "2.0", "backend": "api"}

    def resources(self) -> Iterator[Fields]:
        if self.layer:
            yield resource("managed-layer", "lambda_layer", layer_version_arn=self.layer)
        for role in self.roles:
            yield iam_role(role.rsplit("-", 1)[1], role)
        for function in self.functions:
            yield from of_function(function)
        if self.api:
            yield resource("rest_api", "rest_api", rest_api_id=self.api, rest_api_url=self.api_url)


def of_function(function: DeployedFunction) -> Iterator[Fields]:
    yield iam_role(function.name, function.role)
    yield resource(function.name, "lambda_function", lambda_arn=function.arn)
    for rule in function.rules:
        yield resource(f"{function.name}-event", "cloudwatch_event", rule_name=rule)
    for uuid, queue in function.queues.items():
        more = {"queue_arn": queue, "event_uuid": uuid, "queue": queue.rsplit(":", 1)[1], "lambda_arn": function.arn}
        yield resource(f"{function.name}-sqs-event-source", "sqs_event", **more)


def iam_role(function: str, arn: str) -> Fields:
    return resource(f"{function}_role", "iam_role", role_arn=arn, role_name=arn.rsplit("/", 1)[1])


def resource(name: str, type_: str, **values: str) -> Fields:
    return {"name": name, "resource_type": type_, **values}


def stack_status(client: ClientOf, stage: Stage) -> str | None:
    """CloudFormation's word for the state of the stage's stack; None if there is none."""
    try:
        [stack] = client("cloudformation").describe_stacks(StackName=f"orderwire-{stage.name}")["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return str(stack["StackStatus"])


def deployed(client: ClientOf, stage: Stage) -> Deployed:
    """What the account has of the stage, whoever deployed it and however far that came."""
    lambda_, events = client("lambda"), client("events")
    pages = lambda_.get_paginator("list_functions").paginate()
    found = [
        DeployedFunction(name, each["FunctionArn"], each["Role"], queues(lambda_, each), rules(events, each))
        for page in pages
        for each in page["Functions"]
        if (name := chalice_name(each["FunctionName"], stage)) and is_chalices(lambda_, each, stage)
    ]
    return Deployed(
        region=lambda_.meta.region_name,
        functions=found,
        roles=list(lonely_roles(client("iam"), stage, {function.name for function in found})),
        layer=newest_layer(lambda_, stage),
        api=rest_api(client, stage) if any(function.name == API_HANDLER for function in found) else None,
    )


def chalice_name(function: str, stage: Stage) -> str | None:
    """Chalice's name of a Lambda function, or None if it is none of the stage's."""
    whole = f"orderwire-{stage.name}"
    if function == whole:
        return API_HANDLER
    return function.removeprefix(f"{whole}-") if function.startswith(f"{whole}-") else None


def is_chalices(lambda_: Any, function: Fields, stage: Stage) -> bool:
    """Whether Chalice made the function. Chalice deletes what is recorded and no longer declared, so a function that
    somebody else gave such a name must not be recorded."""
    tags = lambda_.list_tags(Resource=function["FunctionArn"])["Tags"]
    return str(tags.get(MADE_BY, "")).endswith(f":stage={stage.name}:app=orderwire")


def queues(lambda_: Any, function: Fields) -> dict[str, str]:
    pages = lambda_.get_paginator("list_event_source_mappings").paginate(FunctionName=function["FunctionName"])
    found = [each for page in pages for each in page["EventSourceMappings"]]
    return {each["UUID"]: each["EventSourceArn"] for each in found if each["State"] != "Deleting"}


def rules(events: Any, function: Fields) -> list[str]:
    return list(events.list_rule_names_by_target(TargetArn=function["FunctionArn"])["RuleNames"])


def lonely_roles(iam: Any, stage: Stage, known: set[str]) -> Iterator[str]:
    """Roles of declared functions that are not there: Chalice was cut off in between."""
    for function in functions():
        if function.name not in known:
            with suppress(iam.exceptions.NoSuchEntityException):
                yield str(iam.get_role(RoleName=f"orderwire-{stage.name}-{function.name}")["Role"]["Arn"])


def newest_layer(lambda_: Any, stage: Stage) -> str | None:
    versions = lambda_.list_layer_versions(LayerName=f"orderwire-{stage.name}-managed-layer")["LayerVersions"]
    newest = max(versions, key=lambda each: each["Version"], default=None)
    return str(newest["LayerVersionArn"]) if newest else None
