"""A target in words, and what its team has to add to its policy, so that the rule may deliver."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from infrastructure.stack.subscription import may_deliver, needs_role
from infrastructure.stages import Stage
from infrastructure.subscriptions.model import SubscriptionFile
from infrastructure.subscriptions.targets import BEGINS, ENCRYPTED
from orderwire.cloudformation.template_bucket import ClientOf

KINDS = {"sqs": "queue", "sns": "topic", "lambda": "function", "events": "event bus"}


def in_short(file: SubscriptionFile, stage: Stage) -> str:
    """The kind of the target, its name and, where it is not the stage's, its account."""
    name = file.arn.resource.removeprefix(BEGINS.get(file.arn.service, ""))
    whose = f" in {file.arn.account}" if file.arn.is_elsewhere else ""
    return f"{KINDS[file.arn.service]} {name.replace('${Stage}', stage.name)}{whose}"


def statement_of(client: ClientOf, stage: str, file: SubscriptionFile) -> dict[str, Any]:
    """The statement for the policy of the target of a rule that is in the client's account and region."""
    sts = client("sts")
    return may_deliver(file, stage, sts.meta.region_name, sts.get_caller_identity()["Account"])


def to_add(file: SubscriptionFile, statement: Mapping[str, Any]) -> Iterator[str]:
    """Tells in lines for people what the team has to do on its side."""
    yield f"{file.team} ({file.contact}) has to let it in:"
    if file.arn.service == "lambda":
        yield from permissions(statement)
    else:
        yield f"in the policy of {statement['Resource']}"
        yield json.dumps(statement, indent=2)
    if file.arn.service in ENCRYPTED:
        who = statement["Principal"]["AWS"] if needs_role(file) else "events.amazonaws.com"
        yield (
            f"If the {KINDS[file.arn.service]} is encrypted with a KMS key, it must be one of their own, and its "
            f"policy has to allow {who} kms:GenerateDataKey and kms:Decrypt."
        )
        if file.arn.is_elsewhere and not file.key:
            yield "The role needs the same: say key: <ARN of that key> in the file, and deploy it again."
    if file.arn.is_elsewhere and file.arn.service != "events":
        yield "Their account may be another, the region must be that of the bus."


def permissions(statement: Mapping[str, Any]) -> Iterator[str]:
    """The command for each principal or rule that may invoke the function."""
    principal = statement["Principal"]
    rules = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", [None])
    for number, rule in enumerate(rules):
        words = ["aws", "lambda", "add-permission", "--function-name", statement["Resource"]]
        words += ["--statement-id", statement["Sid"] + "Verify" * number, "--action", statement["Action"]]
        words += ["--principal", principal.get("AWS") or principal["Service"]]
        words += ["--source-arn", rule] if rule else []
        yield shlex.join(words)
