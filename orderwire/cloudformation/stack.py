"""Creates and updates the CloudFormation stack of a stage, in an account or in the embedded AWS."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from botocore.exceptions import ClientError

from infrastructure.stages import Stage
from orderwire.cloudformation.change_set import IN_REVIEW, ChangeSet, overtaken
from orderwire.cloudformation.changes import ResourceChange
from orderwire.cloudformation.gap_filling import fill, gaps
from orderwire.cloudformation.template_bucket import ClientOf, template_url
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell

BETWEEN_POLLS, EMULATED_BETWEEN_POLLS = 2.0, 0.05
"""Seconds between looks at the stack's events."""

STUCK = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED", "CREATE_FAILED"})
THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})

OTHERS_SECONDS = 900
"""How long whoever is changing the stack is waited for. A stage's first stack takes some minutes."""

BEGUN, OF_OTHERS = "UPDATE_IN_PROGRESS", "OTHERS_IN_PROGRESS"
"""The status of a stack that is being updated, and what stands for it if that is not our doing."""

Event = dict[str, Any]

Review = Callable[[Sequence[ResourceChange]], bool]
"""Decides whether these changes are made. Raises Problem if they must not be."""


def agree_to_all(_: Sequence[ResourceChange]) -> bool:
    """For a stack on this machine, which is updated whatever data is lost by that."""
    return True


def bring_up(
    client: ClientOf, stage: Stage, body: str, tell: Tell, review: Review = agree_to_all, repair: bool = False
) -> bool:
    """Creates or updates the stack `orderwire-<stage>` and waits for it; returns whether anything changed.

    `client` makes the boto3 client of a service; `body` is the template, in JSON; `tell` gets a line per event;
    `repair` puts back, too, what somebody has changed or deleted past CloudFormation.
    Raises Problem, with the reasons, if the stack fails.
    """
    changed = bring(client, stage, body, tell, review, repair)
    if stage.emulated:
        for gap in gaps(client, stage, body):
            fill(client, gap)
    return changed


def bring(client: ClientOf, stage: Stage, body: str, tell: Tell, review: Review, repair: bool) -> bool:
    """Creates a lasting stage's stack without deletion protection and adds that by a second change: CloudFormation
    deletes a stack whose creation fails, and could not delete protected tables."""
    stack = replace(stack_of(client, stage, body, tell), repair=repair)
    if not stage.lasting or stack.changeable() is not None:
        return stack.apply(review)
    if not stack_of(client, replace(stage, lasting=False), body, tell).apply(review):
        return False
    tell(f"{stack.name} is there; now it is protected")
    return stack.apply(agree_to_all)


def stack_of(client: ClientOf, stage: Stage, body: str, tell: Tell) -> "Stack":
    """The stage's stack as the template has it, which is text in JSON."""
    url = template_url(client, body)
    name = f"orderwire-{stage.name}"
    return Stack(client("cloudformation"), stage, name, url, json.loads(body)["Resources"], stage.parameters, tell)


@dataclass(frozen=True)
class Stack:
    """A stack of one stage, as the template at `url` describes it.

    `resources` are the template's resources, `parameters` the values of its parameters, `capabilities` CloudFormation's
    (such as CAPABILITY_NAMED_IAM). `protected` switches on termination protection. `repair` compares the template with
    the resources as they really are, not only with the template before. `patience` is how long others who change the
    stack are waited for, in seconds.
    """

    client: Any
    stage: Stage
    name: str
    url: str
    resources: Mapping[str, Any]
    parameters: Mapping[str, str]
    tell: Tell
    protected: bool = True
    capabilities: tuple[str, ...] = ()
    repair: bool = False
    patience: float = OTHERS_SECONDS

    def apply(self, review: Review) -> bool:
        """Changes the stack after whoever is changing it, and from what it is then; returns whether anything changed.
        Raises Problem."""
        until = time.monotonic() + self.patience
        while True:
            try:
                return self.propose(review)
            except ClientError as error:
                if not overtaken(error) or time.monotonic() > until:
                    raise
            self.tell(f"{self.name} was changed by somebody else meanwhile: looking at it again")
            self.pause()

    def propose(self, review: Review) -> bool:
        new = self.changeable() is None
        change_set = ChangeSet(self.client, self.name, self.pause, new, repair=self.repair and not new)
        with change_set.proposed(self.request(), self.resources) as changes:
            if changes is None:
                self.tell(f"{self.name} is up to date")
                return False
            if not review(changes):
                return False
            self.carry_out(change_set)
        self.protect(self.protected and self.stage.lasting)
        return True

    def carry_out(self, change_set: ChangeSet) -> None:
        """The stack is looked up again after: in the embedded AWS, whoever else is about to create it puts another
        empty one in its place."""
        [stack] = self.client.describe_stacks(StackName=self.name)["Stacks"]
        last = self.newest_event(self.name)
        change_set.execute()
        stack = self.find() or stack
        self.wait(stack["StackId"], last, {"CREATE_COMPLETE", "UPDATE_COMPLETE"})

    def changeable(self) -> dict[str, Any] | None:
        """The stack as described once nobody else changes it, or None if there is none. Raises Problem if it cannot be
        changed, or if the others take too long."""
        found = self.settled()
        status = found["StackStatus"] if found else IN_REVIEW
        if status == IN_REVIEW:
            return None
        if status in STUCK:
            raise Problem(f"The stack {self.name} is {status} and cannot be updated. Mend or delete it first.")
        return found

    def settled(self) -> dict[str, Any] | None:
        began, waits = time.monotonic(), False
        while (found := self.find()) and under_way(status := found["StackStatus"]):
            if time.monotonic() > began + self.patience:
                raise Problem(f"The stack {self.name} is being changed by somebody else ({status}). Try later.")
            if not waits:
                self.tell(f"{self.name} is being changed by somebody else: waiting for it")
            waits = True
            self.pause()
        return found

    def find(self) -> dict[str, Any] | None:
        try:
            stacks = self.client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)

    def request(self) -> dict[str, Any]:
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()]
        tags = [{"Key": "orderwire", "Value": self.stage.name}]
        may = {"Capabilities": list(self.capabilities)} if self.capabilities else {}
        return {"TemplateURL": self.url, "Parameters": given, "Tags": tags, **may}

    def protect(self, protected: bool) -> None:
        """A lasting stage's stack cannot be deleted before somebody says so on purpose."""
        self.client.update_termination_protection(StackName=self.name, EnableTerminationProtection=protected)

    def delete(self) -> None:
        """Deletes the stack with all that it holds, and waits for it. Raises Problem if something of it remains."""
        found = self.changeable()
        if found is not None:
            self.protect(False)
            last = self.newest_event(found["StackId"])
            self.client.delete_stack(StackName=found["StackId"])
            self.wait(found["StackId"], last, {"DELETE_COMPLETE"})

    def newest_event(self, stack: str) -> str | None:
        """The id of the last event so far of a stack, by name or id."""
        events = self.client.describe_stack_events(StackName=stack)["StackEvents"]
        return str(events[0]["EventId"]) if events else None

    def events(self, stack_id: str, after: str | None) -> list[Event]:
        """The stack's events after the one with the id `after`, oldest first. CloudFormation lists them newest first, a
        hundred to a page, back to the stack's creation."""
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        events = (event for page in pages for event in page["StackEvents"])
        return list(takewhile(lambda event: event["EventId"] != after, events))[::-1]

    def wait(self, stack_id: str, last: str | None, good: set[str]) -> None:
        """Tells every event after `last` until the stack is settled, or somebody else begins to change it. Raises
        Problem unless it ended well."""
        failures: list[str] = []
        ends: list[str] = []
        while True:
            status, events = self.looked_at(stack_id, last)
            for event in until_others(events, stack_id, ends):
                last, line = event["EventId"], told(event)
                self.tell(line)
                failures += [line] if event["ResourceStatus"].endswith("_FAILED") else []
            settled = [end for end in ends if not end.endswith("_IN_PROGRESS")]
            if settled and (status in settled or ends[-1] == OF_OTHERS):
                break
            self.pause()
        if settled[-1] not in good:
            raise Problem("\n".join([f"The stack {self.name} ended as {settled[-1]}:", *failures]))

    def looked_at(self, stack_id: str, after: str | None) -> tuple[str, list[Event]]:
        """The stack's status, and its events since `after`. Waits while CloudFormation throttles the account's calls;
        the stack's change goes on meanwhile."""
        while True:
            try:
                [stack] = self.client.describe_stacks(StackName=stack_id)["Stacks"]
                return str(stack["StackStatus"]), self.events(stack_id, after)
            except ClientError as error:
                if error.response["Error"]["Code"] not in THROTTLED:
                    raise
            self.pause()

    def pause(self) -> None:
        time.sleep(EMULATED_BETWEEN_POLLS if self.stage.emulated else BETWEEN_POLLS)


def until_others(events: Iterable[Event], stack_id: str, ends: list[str]) -> Iterator[Event]:
    """The events up to the one with which somebody else begins to change the stack once it was settled. The stack's own
    are added to `ends`."""
    for event in events:
        status = event["ResourceStatus"]
        if event.get("PhysicalResourceId") == stack_id:
            if status == BEGUN and any(not end.endswith("_IN_PROGRESS") for end in ends):
                ends.append(OF_OTHERS)
                return
            ends.append(status)
        yield event


def under_way(status: str) -> bool:
    return status.endswith("_IN_PROGRESS") and status != IN_REVIEW


def told(event: Event) -> str:
    """An event of a stack as a line."""
    reason = event.get("ResourceStatusReason")
    line = f"{event['ResourceStatus']:28} {event['LogicalResourceId']} ({event['ResourceType']})"
    return f"{line}: {reason}" if reason else line
