"""Creates and updates the CloudFormation stack of a stage, in an account or in the embedded AWS."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from infrastructure.gaps import Gap, emulator_gaps
from infrastructure.stack import as_body, template
from infrastructure.stages import STAGES, Stage
from orderwire.problem import Problem
from orderwire.template_bucket import ClientOf, template_url

BETWEEN_POLLS, EMULATED_BETWEEN_POLLS = 2.0, 0.05
"""Seconds between looks at the stack's events."""

STUCK = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED", "CREATE_FAILED"})

Tell = Callable[[str], None]


def stage_named(name: str, emulated: bool = False) -> Stage:
    """The declared stage; `emulated` for one that is created in the embedded AWS instead of its account."""
    if name not in STAGES:
        raise Problem(
            f"There is no stage {name}. Stages are declared in infrastructure/stages.py: {', '.join(STAGES)}."
        )
    stage = STAGES[name]
    return replace(stage, emulated=True) if emulated else stage


def bring_up(client: ClientOf, stage: Stage, tell: Tell) -> bool:
    """Creates or updates the stack `orderwire-<stage>` and waits for it; answers whether anything changed.

    `client` makes the boto3 client of a service; `tell` gets a line per event. Raises Problem, with the reasons, if the
    stack fails.
    """
    cloudformation = client("cloudformation")
    changed = StackOf(cloudformation, stage, template_url(client, as_body(template())), tell).apply()
    if stage.emulated:
        account = client("sts").get_caller_identity()["Account"]
        for gap in emulator_gaps(stage, cloudformation.meta.region_name, account):
            fill(client, gap)
    return changed


@dataclass
class StackOf:
    """The stack of one stage, as the template at `url` has it."""

    client: Any
    stage: Stage
    url: str
    tell: Tell

    @property
    def name(self) -> str:
        return f"orderwire-{self.stage.name}"

    def apply(self) -> bool:
        found = self.find()
        if found is None:
            self.wait(self.create(), seen=set())
        elif found["StackStatus"].endswith("_IN_PROGRESS"):
            raise Problem(
                f"The stack {self.name} is being changed by somebody else ({found['StackStatus']}). Try later."
            )
        elif found["StackStatus"] in STUCK:
            raise Problem(
                f"The stack {self.name} is {found['StackStatus']} and cannot be updated. Mend or delete it first."
            )
        else:
            before = {event["EventId"] for event in self.events(found["StackId"])}
            if not self.update():
                self.tell(f"{self.name} is up to date")
                return False
            self.wait(found["StackId"], before)
        self.protect()
        return True

    def find(self) -> dict[str, Any] | None:
        try:
            stacks = self.client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)

    def create(self) -> str:
        """A stack that fails to be created is deleted again, so that the next attempt can create it."""
        return str(self.client.create_stack(**self.request(), OnFailure="DELETE")["StackId"])

    def update(self) -> bool:
        try:
            self.client.update_stack(**self.request())
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise
        return True

    def request(self) -> dict[str, Any]:
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.stage.parameters.items()]
        tags = [{"Key": "orderwire", "Value": self.stage.name}]
        return {"StackName": self.name, "TemplateURL": self.url, "Parameters": given, "Tags": tags}

    def protect(self) -> None:
        """A lasting stage's stack cannot be deleted before somebody says so on purpose."""
        self.client.update_termination_protection(StackName=self.name, EnableTerminationProtection=self.stage.lasting)

    def events(self, stack_id: str) -> list[dict[str, Any]]:
        """All events of the stack, oldest first."""
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def wait(self, stack_id: str, seen: set[str]) -> None:
        """Tells every event not in `seen` until the stack is settled. Raises Problem if it settled as it was before."""
        failures: list[str] = []
        while True:
            status = self.client.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
            for event in self.events(stack_id):
                if event["EventId"] not in seen:
                    seen.add(event["EventId"])
                    line = told(event)
                    self.tell(line)
                    failures += [line] if event["ResourceStatus"].endswith("_FAILED") else []
            if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
                return
            if not status.endswith("_IN_PROGRESS"):
                raise Problem("\n".join([f"The stack {self.name} ended as {status}:", *failures]))
            time.sleep(EMULATED_BETWEEN_POLLS if self.stage.emulated else BETWEEN_POLLS)


def told(event: dict[str, Any]) -> str:
    """An event of a stack as a line."""
    reason = event.get("ResourceStatusReason")
    line = f"{event['ResourceStatus']:28} {event['LogicalResourceId']} ({event['ResourceType']})"
    return f"{line}: {reason}" if reason else line


def fill(client: ClientOf, gap: Gap) -> None:
    """Creates or updates, through its service's own API, what CloudFormation would have."""
    match gap.type:
        case "AWS::Events::Archive":
            fill_archive(client("events"), gap.properties)
        case "AWS::SES::Template":
            fill_mail(client("ses"), gap.properties["Template"])
        case _:
            raise Problem(f"{gap.type} cannot be created in the embedded AWS: orderwire/stack.py does not know how.")


def fill_archive(client: Any, properties: dict[str, Any]) -> None:
    request = {
        "ArchiveName": properties["ArchiveName"],
        "EventPattern": json.dumps(properties["EventPattern"]),
        "RetentionDays": properties["RetentionDays"],
    }
    try:
        client.create_archive(EventSourceArn=properties["SourceArn"], **request)
    except client.exceptions.ResourceAlreadyExistsException:
        client.update_archive(**request)


def fill_mail(client: Any, template_: dict[str, str]) -> None:
    try:
        client.create_template(Template=template_)
    except client.exceptions.AlreadyExistsException:
        client.update_template(Template=template_)
