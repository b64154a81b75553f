"""A change set is carried out, or it is gone: whatever becomes of it in between."""

import pytest

from orderwire.change_set import ChangeSet
from orderwire.problem import Problem

EMPTY = "The submitted information didn't contain changes. Submit different information to create a change set."
ADDED = {"ResourceChange": {"Action": "Add", "LogicalResourceId": "Bus", "ResourceType": "AWS::Events::EventBus"}}


class CloudFormation:
    """The calls of one change set. `answers` are what DescribeChangeSet says, one after the other."""

    def __init__(self, *answers, others=()):
        self.answers, self.others, self.calls = list(answers), list(others), []

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
