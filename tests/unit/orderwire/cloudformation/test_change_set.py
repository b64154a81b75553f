"""A change set is carried out, or it is gone: whatever becomes of it in between."""

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from infrastructure.stages import DEV
from orderwire.cloudformation.change_set import ChangeSet
from orderwire.cloudformation.stack import Stack
from orderwire.console.problem import Problem

EMPTY = "The submitted information didn't contain changes. Submit different information to create a change set."
ADDED = {"ResourceChange": {"Action": "Add", "LogicalResourceId": "Bus", "ResourceType": "AWS::Events::EventBus"}}


class CloudFormation:
    """The calls of one change set. `answers` are what DescribeChangeSet says, one after the other."""

    def __init__(self, *answers, others=(), status="REVIEW_IN_PROGRESS"):
        self.answers, self.others, self.status, self.calls = list(answers), list(others), status, []

    def create_change_set(self, **request):
        self.calls.append(("create", request.get("ChangeSetType", "UPDATE"), request.get("OnStackFailure")))

    def describe_change_set(self, **request):
        self.calls.append(("describe", request.get("NextToken")))
        return self.answers.pop(0)

    def get_template(self, **_):
        return {"TemplateBody": {"Resources": {}}}

    def execute_change_set(self, **_):
        self.calls.append(("execute",))

    def delete_change_set(self, **_):
        self.calls.append(("delete",))

    def list_change_sets(self, **_):
        return {"Summaries": self.others}

    def describe_stacks(self, **_):
        return {"Stacks": [{"StackStatus": self.status}]}

    def delete_stack(self, **_):
        self.calls.append(("delete stack",))

    def did(self):
        return [call[0] for call in self.calls if call[0] != "describe"]


def ready(*changes, **more):
    return {"Status": "CREATE_COMPLETE", "Changes": list(changes), **more}


def failed(reason):
    return {"Status": "FAILED", "StatusReason": reason, "Changes": []}


def proposed(cloudformation, new=False, pauses=None):
    pauses = [] if pauses is None else pauses
    change_set = ChangeSet(cloudformation, "orderwire-dev", lambda: pauses.append(1), new)
    return change_set, change_set.proposed({"TemplateURL": "https://"}, {})


def test_a_change_set_is_looked_at_until_it_is_known_and_read_to_its_last_page():
    pauses = []
    cloudformation = CloudFormation(
        {"Status": "CREATE_PENDING"}, {"Status": "CREATE_IN_PROGRESS"}, ready(ADDED, NextToken="2"), ready(ADDED)
    )
    change_set, proposal = proposed(cloudformation, pauses=pauses)
    with proposal as changes:
        assert [each.logical_id for each in changes] == ["Bus"]
        change_set.execute()
    assert (len(pauses), cloudformation.calls[-2]) == (2, ("describe", "2"))
    assert cloudformation.did() == ["create", "execute"]


def test_a_change_set_that_nobody_carries_out_is_taken_back():
    cloudformation = CloudFormation(ready(ADDED))
    with proposed(cloudformation)[1]:
        pass
    assert cloudformation.did() == ["create", "delete"]


def test_a_change_set_is_taken_back_when_its_review_fails():
    cloudformation = CloudFormation(ready(ADDED))
    with pytest.raises(Problem, match="data"), proposed(cloudformation)[1]:
        raise Problem("data would be lost")
    assert cloudformation.did() == ["create", "delete"]


@pytest.mark.parametrize("reason", [EMPTY, "No updates are to be performed."])
def test_nothing_to_do_is_no_failure_and_leaves_nothing_behind(reason):
    cloudformation = CloudFormation(failed(reason))
    with proposed(cloudformation)[1] as changes:
        assert changes is None
    assert cloudformation.did() == ["create", "delete"]


def test_what_cloudformation_cannot_do_is_a_problem_with_its_reason_and_leaves_nothing_behind():
    cloudformation = CloudFormation(failed("Parameter Stage failed to satisfy constraint"))
    with pytest.raises(Problem, match="orderwire-dev: Parameter Stage failed"), proposed(cloudformation)[1]:
        pytest.fail("there is nothing to look at")
    assert cloudformation.did() == ["create", "delete"]


def test_a_new_stack_is_created_by_its_change_set_and_deleted_again_if_that_fails():
    cloudformation = CloudFormation(ready(ADDED))
    change_set, proposal = proposed(cloudformation, new=True)
    with proposal:
        change_set.execute()
    assert cloudformation.calls[0] == ("create", "CREATE", "DELETE")
    assert cloudformation.did() == ["create", "execute"]


def test_the_name_of_a_stack_that_was_never_made_goes_with_its_last_change_set():
    cloudformation = CloudFormation(ready(ADDED))
    with proposed(cloudformation, new=True)[1]:
        pass
    assert cloudformation.did() == ["create", "delete", "delete stack"]
    reviewed_by_others = CloudFormation(ready(ADDED), others=[{"ChangeSetName": "theirs"}])
    with proposed(reviewed_by_others, new=True)[1]:
        pass
    assert reviewed_by_others.did() == ["create", "delete"]


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE", "ROLLBACK_COMPLETE"])
def test_a_stack_that_somebody_else_has_created_meanwhile_is_not_deleted(status):
    created_by_others = CloudFormation(ready(ADDED), status=status)
    with proposed(created_by_others, new=True)[1]:
        pass
    assert created_by_others.did() == ["create", "delete"]


NAMES = {"StackName": "orderwire-dev", "ChangeSetName": ANY}
QUEUE = {"LogicalResourceId": "PaymentQueue", "ResourceType": "AWS::SQS::Queue"}


def drift(action, status, **more):
    return {"Type": "Resource", "ResourceChange": {"Action": action, **QUEUE, "ResourceDriftStatus": status, **more}}


def repaired(*changes):
    """What a repair proposes where CloudFormation finds these, both as botocore's model has them."""
    client = boto3.client("cloudformation")
    change_set = ChangeSet(client, "orderwire-dev", lambda: None, new=False, repair=True)
    with Stubber(client) as stub:
        wanted = {**NAMES, "TemplateURL": "https://", "DeploymentMode": "REVERT_DRIFT"}
        stub.add_response("create_change_set", {}, wanted)
        stub.add_response("describe_change_set", ready(*changes), NAMES)
        stub.add_response("delete_change_set", {}, NAMES)
        with change_set.proposed({"TemplateURL": "https://"}, {}) as found:
            return found


def test_a_repair_asks_for_what_differs_in_the_account_and_makes_again_what_somebody_has_deleted():
    [deleted] = repaired(drift("Modify", "DELETED", Replacement="True"))
    assert (deleted.action, deleted.why, deleted.loses) == ("Add", "somebody has deleted it", None)


def test_a_repair_that_would_take_data_away_is_seen_though_both_templates_read_the_same():
    target = {"Attribute": "Properties", "Name": "MessageRetentionPeriod", "RequiresRecreation": "Never"}
    [shorter] = repaired(drift("Modify", "MODIFIED", Replacement="False", Details=[{"Target": target}]))
    assert (shorter.erasing, shorter.loses) == ("MessageRetentionPeriod", "the messages that wait")


def event(number, status, of="Bus"):
    return {"EventId": str(number), "ResourceStatus": status, "LogicalResourceId": of, "ResourceType": "AWS::Events::X"}


class Busy:
    """CloudFormation of an account in which others ask a lot, and a stack with a long past."""

    def __init__(self):
        end = {**event(102, "UPDATE_COMPLETE", "orderwire-dev"), "PhysicalResourceId": "id"}
        self.pages = [[end, event(101, "UPDATE_COMPLETE"), event(100, "CREATE_COMPLETE")], [event(1, "CREATE_FAILED")]]
        self.refusals, self.read = 2, 0

    def describe_stacks(self, **_):
        self.refusals -= 1
        if self.refusals >= 0:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]}

    def get_paginator(self, _):
        return self

    def paginate(self, **_):
        for page in self.pages:
            self.read += 1
            yield {"StackEvents": page}


class Patient(Stack):
    def pause(self):
        pass


def test_a_stack_is_waited_for_through_throttling_and_no_event_of_its_past_is_read():
    cloudformation, told = Busy(), []
    Patient(cloudformation, DEV, "orderwire-dev", "", {}, {}, told.append).wait("id", "100", {"UPDATE_COMPLETE"})
    assert [line.split()[1] for line in told] == ["Bus", "orderwire-dev"]
    assert cloudformation.read == 1


def ended(*statuses):
    """The events of a stack whose own statuses were these, newest first, and what `wait` makes of them."""
    events = [
        {**event(number, status, "orderwire-dev"), "PhysicalResourceId": "id"}
        for number, status in enumerate(statuses, 101)
    ]
    cloudformation = Busy()
    cloudformation.pages = [[*events[::-1], event(100, "CREATE_COMPLETE")]]
    cloudformation.describe_stacks = lambda **_: {"Stacks": [{"StackStatus": statuses[-1]}]}
    good = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    Patient(cloudformation, DEV, "orderwire-dev", "", {}, {}, lambda _: None).wait("id", "100", good)


def test_a_change_has_ended_when_somebody_else_begins_the_next():
    ended("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS")
    ended("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    with pytest.raises(Problem, match="ended as UPDATE_ROLLBACK_COMPLETE"):
        ended("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    with pytest.raises(Problem, match="ended as DELETE_COMPLETE"):
        ended("CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
