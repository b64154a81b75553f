"""A stage as one CloudFormation stack: what `orderwire package --whole` wrote, uploaded and created.

In an account `aws cloudformation package` and `aws cloudformation deploy` do the same.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import WaiterError

from infrastructure.stages import Stage
from orderwire.cloudformation.gap_filling import fill, gaps
from orderwire.cloudformation.template_bucket import create_bucket, template_url
from orderwire.console.problem import Problem
from orderwire.stories.rehearsal.account import Account

FILES = ("ContentUri", "CodeUri")
"""Properties in which Chalice names a file next to its template."""
CREATE_SECONDS, BETWEEN_LOOKS = 900, 0.2


def create_one_stack(account: Account, stage: Stage, package: Path) -> str:
    """Creates the stack `orderwire-<stage>` of the package in the folder; returns its REST API's id. Raises Problem."""
    document = json.loads((package / "sam.json").read_text())
    upload(account, document, package)
    body = json.dumps(document)
    cloudformation = account.client("cloudformation")
    stack = cloudformation.create_stack(
        StackName=f"orderwire-{stage.name}",
        TemplateURL=template_url(account.client, body),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in stage.parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )["StackId"]
    patience = {"Delay": BETWEEN_LOOKS, "MaxAttempts": int(CREATE_SECONDS / BETWEEN_LOOKS)}
    try:
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=patience)
    except WaiterError:
        raise Problem("\n".join(["The stack was not created:", *failures(cloudformation, stack)])) from None
    for gap in gaps(account.client, stage, body):
        fill(account.client, gap)
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return str(next(each["OutputValue"] for each in outputs if each["OutputKey"] == "RestAPIId"))


def upload(account: Account, document: dict[str, Any], package: Path) -> None:
    """Puts every file that the template names into a bucket, and its place into the template."""
    s3, bucket = account.client("s3"), "orderwire-rehearsal-packages"
    create_bucket(s3, bucket, s3.meta.region_name)
    for resource in document["Resources"].values():
        for name in FILES:
            if name in resource["Properties"]:
                file = package / resource["Properties"][name]
                s3.put_object(Bucket=bucket, Key=file.name, Body=file.read_bytes())
                resource["Properties"][name] = f"s3://{bucket}/{file.name}"


def failures(cloudformation: Any, stack: str) -> Iterator[str]:
    for event in cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
        if event["ResourceStatus"].endswith("_FAILED"):
            yield f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
