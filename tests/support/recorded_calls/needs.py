"""What IAM asks for a call: actions on resources, after AWS's service authorization reference.

Most operations are the action of the same name on the one resource that they name; the others stand here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Params = Mapping[str, Any]
Need = tuple[str, str]
"""An action without its service, and a resource as an ARN without partition, service, region and account."""

ACCOUNT = "000000000000"
GLOBAL = frozenset({"s3"})


OPEN = {"cognito-idp": frozenset({"AssociateSoftwareToken", "VerifySoftwareToken"})}
"""What IAM is not asked about: whoever has a login's session may register an authenticator app with it."""


class Unknown(Exception):
    """Nobody has written down yet what IAM asks for this call."""


def needs(service: str, operation: str, params: Params, region: str = "eu-central-1") -> list[tuple[str, str]]:
    """(`service:Action`, ARN) of everything that must be allowed. Raises Unknown."""
    if operation in OPEN.get(service, ()):
        return []
    find = NEEDS.get(service)
    found = list(find(operation, params)) if find else []
    if not found:
        raise Unknown(f"{service}:{operation}")
    place = ":" if service in GLOBAL else f"{region}:{ACCOUNT}"
    return [
        (f"{service}:{action}", "*" if resource == "*" else f"arn:aws:{service}:{place}:{resource}")
        for action, resource in found
    ]


def asked_for(operation: str, params: Params) -> list[Params]:
    """What IAM is asked about one by one: of a call with events every entry."""
    return [{"Entries": [entry]} for entry in params["Entries"]] if operation == "PutEvents" else [params]


def context(service: str, params: Params) -> dict[str, str]:
    """The condition keys of the call that our policies use. The call does not say how its pool is tagged; that the
    stage's pool has its stage's tag is the template's to show."""
    if service == "cognito-idp" and "UserPoolId" in params:
        return {"aws:ResourceTag/orderwire": "dev"}  # the stage against whose policies calls are held
    if service == "events" and "Entries" in params:
        [entry] = params["Entries"]
        return {"events:source": entry["Source"], "events:detail-type": entry["DetailType"]}
    return {"ses:FromAddress": params["Source"]} if service == "ses" and "Source" in params else {}


def of_dynamodb(operation: str, params: Params) -> Iterator[Need]:
    """A transaction asks for what each of its elements would ask for by itself."""
    if operation == "TransactWriteItems":
        names = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"} | {
            "ConditionCheck": "ConditionCheckItem"
        }
        for element in params["TransactItems"]:
            for kind, action in element.items():
                yield names[kind], f"table/{action['TableName']}"
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        yield from ((operation, f"table/{table}") for table in params["RequestItems"])
    elif "TableName" in params:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield operation, f"table/{params['TableName']}{index}"


def of_sqs(operation: str, params: Params) -> Iterator[Need]:
    """Moving messages is receiving, sending and deleting them, in the caller's name."""
    if operation == "ListMessageMoveTasks":
        yield operation, params["SourceArn"].rpartition(":")[2]
    elif operation == "StartMessageMoveTask":
        dead = params["SourceArn"].rpartition(":")[2]
        yield from ((each, dead) for each in (operation, "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"))
        yield "SendMessage", params["DestinationArn"].rpartition(":")[2]
    elif "QueueUrl" in params or "QueueName" in params:
        queue = params["QueueName"] if "QueueName" in params else params["QueueUrl"].rpartition("/")[2]
        yield operation.removesuffix("Batch"), queue


def of_events(operation: str, params: Params) -> Iterator[Need]:
    if operation == "PutEvents":
        yield from ((operation, f"event-bus/{entry.get('EventBusName', 'default')}") for entry in params["Entries"])


def of_ses(operation: str, params: Params) -> Iterator[Need]:
    """The sender's identity is its address or its domain, whichever was verified."""
    if operation == "SendTemplatedEmail":
        yield operation, f"template/{params['Template']}"
        yield operation, f"identity/{params['Source']}"
        yield operation, f"identity/{params['Source'].rpartition('@')[2]}"


def of_s3(operation: str, params: Params) -> Iterator[Need]:
    """The bucket's key lets the backup function in by itself, in its own policy (`infrastructure.resources.backup`)."""
    if operation == "PutObject":
        yield operation, f"{params['Bucket']}/{params['Key']}"


def of_secretsmanager(operation: str, params: Params) -> Iterator[Need]:
    """Secrets Manager adds six characters to a secret's name."""
    yield operation, f"secret:{params['SecretId']}-AbCdEf"


def of_ssm(operation: str, params: Params) -> Iterator[Need]:
    if "Name" in params:
        yield operation, f"parameter/{params['Name'].removeprefix('/')}"


def of_cognito(operation: str, params: Params) -> Iterator[Need]:
    """What is open to everybody names no pool, and but for OPEN nobody is to call it: it would work without leave."""
    if "UserPoolId" in params:
        yield operation, f"userpool/{params['UserPoolId']}"


def of_cloudwatch(operation: str, params: Params) -> Iterator[Need]:
    """AWS knows no resource for what is read of metrics."""
    if operation == "GetMetricData":
        yield operation, "*"


def of_lambda(operation: str, params: Params) -> Iterator[Need]:
    if operation == "Invoke":
        yield "InvokeFunction", f"function:{params['FunctionName']}"


NEEDS: Mapping[str, Callable[[str, Params], Iterator[Need]]] = {
    "cloudwatch": of_cloudwatch,
    "cognito-idp": of_cognito,
    "dynamodb": of_dynamodb,
    "events": of_events,
    "lambda": of_lambda,
    "s3": of_s3,
    "secretsmanager": of_secretsmanager,
    "ses": of_ses,
    "sqs": of_sqs,
    "ssm": of_ssm,
}
