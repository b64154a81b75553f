"""Two deploys of one stack at the same time wait for each other, and neither undoes what the other did."""

import pytest
from botocore.exceptions import ClientError

from infrastructure.stages import DEV
from orderwire.cloudformation.stack import Stack
from orderwire.console.problem import Problem

GONE = ("ChangeSetNotFound", "ChangeSet [orderwire-1] does not exist")
LOST = {
    "describe_change_set": [GONE],
    "execute_change_set": [
        GONE,
        ("InvalidChangeSetStatus", "ChangeSet [orderwire-1] is in OBSOLETE status"),
        ("ValidationError", "Stack:arn:aws:cloudformation:x is in UPDATE_IN_PROGRESS state and can not be updated."),
    ],
    "create_change_set": [
        ("ValidationError", "Stack:arn:aws:cloudformation:x is in UPDATE_IN_PROGRESS state and can not be updated."),
        ("AlreadyExistsException", "Stack [orderwire-dev] already exists and cannot be created again."),
    ],
}


def refused(code, message):
    return ClientError({"Error": {"Code": code, "Message": message}}, "AnyOperation")


class Shared:
    """CloudFormation with a stack that others change, too. `before` are the stack's statuses as they are looked up,
    then it is settled; `losses` what an operation is refused with, once each."""

    def __init__(self, before=(), losses=None):
        self.before, self.losses = list(before), dict(losses or {})
        self.created, self.executed, self.status, self.number = 0, 0, "UPDATE_COMPLETE", 0

    def _lose(self, operation):
        if operation in self.losses:
            raise refused(*self.losses.pop(operation))

    def describe_stacks(self, **_):
        status = self.before.pop(0) if self.before else self.status
        return {"Stacks": [{"StackStatus": status, "StackId": "id"}]}

    def get_template(self, **_):
        return {"TemplateBody": {"Resources": {}}}

    def create_change_set(self, **_):
        self.created += 1
        self._lose("create_change_set")

    def describe_change_set(self, **_):
        self._lose("describe_change_set")
        change = {"Action": "Add", "LogicalResourceId": "Bus", "ResourceType": "AWS::Events::EventBus"}
        return {"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": change}]}

    def execute_change_set(self, **_):
        self._lose("execute_change_set")
        self.executed += 1

    def delete_change_set(self, **_):
        pass

    def update_termination_protection(self, **_):
        pass

    def describe_stack_events(self, **_):
        return {"StackEvents": self._events()}

    def _events(self):
        event = {"EventId": str(self.executed), "LogicalResourceId": "orderwire-dev", "PhysicalResourceId": "id"}
        return [{**event, "ResourceStatus": self.status, "ResourceType": "AWS::CloudFormation::Stack"}]

    def get_paginator(self, _):
        return self

    def paginate(self, **_):
        return [{"StackEvents": self._events()}]


class Hasty(Stack):
    def pause(self):
        pass


def applied(shared, review=lambda _: True, **more):
    said = []
    return Hasty(shared, DEV, "orderwire-dev", "https://", {}, {}, said.append, **more).apply(review), said


@pytest.mark.parametrize(
    ("operation", "loss"), [(operation, loss) for operation, losses in LOST.items() for loss in losses]
)
def test_a_change_set_that_somebody_else_was_quicker_than_is_proposed_again(operation, loss):
    shared, reviewed = Shared(losses={operation: loss}), []
    changed, said = applied(shared, lambda changes: reviewed.append(changes) is None)
    assert (changed, shared.executed, shared.created) == (True, 1, 2)
    assert len(reviewed) == (2 if operation == "execute_change_set" else 1)  # what would change now is looked at anew
    assert "orderwire-dev was changed by somebody else meanwhile: looking at it again" in said


def test_whoever_is_changing_the_stack_is_waited_for_and_that_is_told_once():
    shared = Shared(["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
    changed, said = applied(shared)
    assert (changed, shared.created) == (True, 1)
    assert said.count("orderwire-dev is being changed by somebody else: waiting for it") == 1


def test_nobody_is_waited_for_for_ever():
    with pytest.raises(Problem, match=r"orderwire-dev is being changed by somebody else \(UPDATE_IN_PROGRESS\)"):
        applied(Shared(["UPDATE_IN_PROGRESS"] * 10), patience=-1)
    with pytest.raises(ClientError, match="does not exist"):
        applied(Shared(losses={"execute_change_set": GONE}), patience=-1)


def test_any_other_refusal_is_told_as_it_is():
    with pytest.raises(ClientError, match="not authorized"):
        applied(Shared(losses={"create_change_set": ("AccessDenied", "You are not authorized")}))
