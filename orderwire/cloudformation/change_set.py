"""A CloudFormation change set: proposed, looked at, and carried out or taken back."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from orderwire.cloudformation.changes import ResourceChange, changes_of
from orderwire.console.problem import Problem

WORKING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})
EMPTY = ("didn't contain changes", "No updates are to be performed")
"""Parts of the reason with which CloudFormation fails a change set without changes."""

IN_REVIEW = "REVIEW_IN_PROGRESS"
"""The status of an empty stack, which a change set that was not carried out leaves behind."""

_OVERTAKEN = frozenset({
    "AlreadyExistsException", "ChangeSetNotFound", "ChangeSetNotFoundException",
    "InvalidChangeSetStatus", "InvalidChangeSetStatusException",
})  # fmt: skip
_UNDER_WAY = re.compile(r"is in [A-Z_]+_IN_PROGRESS state")

Fields = Mapping[str, Any]


def overtaken(error: ClientError) -> bool:
    """Whether somebody else has changed the stack, or is about to: CloudFormation forgets a stack's other change sets
    when one is carried out, and carries out one at a time."""
    told = error.response["Error"]
    return told["Code"] in _OVERTAKEN or bool(_UNDER_WAY.search(told.get("Message", "")))


@dataclass
class ChangeSet:
    """A change set of the stack named `stack`, under a name of its own.

    `client` is CloudFormation's, `pause` waits between two looks, `new` says that there is no such stack yet, `repair`
    that the template is compared with the resources as they really are (a drift-aware change set), not with what
    CloudFormation last deployed.
    """

    client: Any
    stack: str
    pause: Callable[[], None]
    new: bool
    repair: bool = False
    name: str = field(default_factory=lambda: f"orderwire-{uuid4()}")
    executed: bool = False

    @contextmanager
    def proposed(self, request: Fields, resources: Fields) -> Iterator[list[ResourceChange] | None]:
        """The changes that would make the stack as `request` and the template's `resources` say; None if there are
        none.

        A change set that was not executed is deleted after the block. Raises Problem if CloudFormation cannot do it.
        """
        before = {} if self.new or self.repair else self.current()  # the last template says nothing of what has drifted
        self.create(request)
        try:
            described = self.described()
            yield None if described is None else changes_of(described, before, resources)
        finally:
            if not self.executed:
                self.take_back()

    def create(self, request: Fields) -> None:
        """A stack that fails to be created is deleted again, so that the next attempt can create it."""
        kind: Fields = {"ChangeSetType": "CREATE", "OnStackFailure": "DELETE"} if self.new else {}
        if self.repair:
            kind = {"DeploymentMode": "REVERT_DRIFT"}
        self.client.create_change_set(StackName=self.stack, ChangeSetName=self.name, **{**request, **kind})

    def described(self) -> list[Fields] | None:
        """The changes as CloudFormation describes them, of every page, once it knows them; None if there are none."""
        while (answer := self.describe())["Status"] in WORKING:
            self.pause()
        reason = answer.get("StatusReason", "")
        if answer["Status"] != "CREATE_COMPLETE":
            if any(words in reason for words in EMPTY):
                return None
            raise Problem(f"CloudFormation cannot do this to the stack {self.stack}: {reason or answer['Status']}")
        changes: list[Fields] = list(answer["Changes"])
        while token := answer.get("NextToken"):
            answer = self.describe(NextToken=token)
            changes += answer["Changes"]
        return changes

    def describe(self, **page: str) -> dict[str, Any]:
        return dict(self.client.describe_change_set(StackName=self.stack, ChangeSetName=self.name, **page))

    def current(self) -> Fields:
        """The resources of the stack's template as it is."""
        answer = self.client.get_template(StackName=self.stack, TemplateStage="Original")
        return dict(answer["TemplateBody"]["Resources"])

    def execute(self) -> None:
        self.client.execute_change_set(StackName=self.stack, ChangeSetName=self.name)
        self.executed = True

    def take_back(self) -> None:
        """Deletes the change set; after the last one of a stack that nobody has created also the empty stack."""
        self.client.delete_change_set(StackName=self.stack, ChangeSetName=self.name)
        if self.new and self._is_of_nobody():
            self.client.delete_stack(StackName=self.stack)

    def _is_of_nobody(self) -> bool:
        if self.client.list_change_sets(StackName=self.stack)["Summaries"]:
            return False
        [stack] = self.client.describe_stacks(StackName=self.stack)["Stacks"]
        return bool(stack["StackStatus"] == IN_REVIEW)
