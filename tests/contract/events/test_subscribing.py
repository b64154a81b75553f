"""Other teams' subscriptions in the embedded AWS: deployed, listed, tried, removed."""

import json
from dataclasses import replace

import orderwire_events
import pytest
import yaml

from consumers.registry import consumers
from infrastructure.resources.bus import ARCHIVED, VERIFYING
from infrastructure.stages import LOCAL
from infrastructure.subscriptions.files import load, load_each, read
from infrastructure.subscriptions.model import SubscriptionFile
from infrastructure.subscriptions.resources import values_of, whole_pattern
from orderwire.console.problem import Problem
from orderwire.console.signals import Stopped
from orderwire.release.smoke.bystanders import hears
from orderwire.subscriptions.deploying import deploy, deploy_all, deployed, remove, undelivered
from orderwire.subscriptions.listing import listed
from orderwire.subscriptions.readers import delivered
from orderwire.subscriptions.verifying import DETAIL_TYPE, HARD_TEXT, TrialWaits, marked, trial, verify
from orderwire.workplace.embedded import Inside
from tests.support.embedded import embedded_aws, eventually
from tests.support.events import created, event, one_of_each

OURS = load()
OTHERS = {file.name for file in OURS if not file.topic}
VALID = {
    "team": "book club",
    "contact": "club@shop.example",
    "description": "Large orders",
    "pattern": {
        "source": ["orderwire.checkout"],
        "detail-type": ["order.created"],
        "detail": {"data": {"total": [{"numeric": [">=", 500]}]}},
    },
    "target": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:book-club-${Stage}",
}
PAID = {"source": ["orderwire.payment"], "detail-type": ["payment.completed"]}
ANOTHER_ACCOUNT = "arn:aws:sqs:eu-central-1:111122223333:books"
MARKER, SOON = "verify-0123456789abcdef", TrialWaits(0, 3)
AWS = replace(LOCAL, emulated=False)
"""As an account has it: no queue stands in for a target."""


class RefusedAtTheTarget:
    """EventBridge, where the target lets nobody in: the event goes to the target's dead-letter queue, as in AWS. The
    emulator itself has no such letters."""

    def __init__(self, aws):
        self._events, self._sqs = aws.client("events"), aws.client("sqs")

    def __getattr__(self, name):
        return getattr(self._events, name)

    def put_events(self, Entries):  # noqa: N803  (boto3's name)
        [entry] = Entries
        [name] = [each["Name"] for each in rules(self._events) if each["Name"].endswith("-verify")]
        [target] = self._events.list_targets_by_rule(Rule=name, EventBusName="orders-local")["Targets"]
        said = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "Lambda function or SQS queue does not let it in"}
        self._sqs.send_message(
            QueueUrl=url(self._sqs, target["DeadLetterConfig"]["Arn"].rpartition(":")[2]),
            MessageBody=json.dumps({"detail": json.loads(entry["Detail"])}),
            MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in said.items()},
        )
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    with embedded_aws(tmp_path_factory.mktemp("aws"), LOCAL) as embedded:
        deploy_all(embedded.client, LOCAL, OURS, quiet)
        yield embedded


@pytest.fixture
def file(tmp_path):
    def write(name="book-club", **changes):
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump({**VALID, **changes}))
        return read(path)

    return write


def quiet(_):
    pass


def rules(events):
    return [each for page in pages(events) for each in page["Rules"]]


def pages(events):
    return events.get_paginator("list_rules").paginate(EventBusName="orders-local")


def url(sqs, name):
    return sqs.get_queue_url(QueueName=name)["QueueUrl"]


def bodies(aws, queue):
    return [each["Body"] for each in Inside(aws.endpoint).queue(queue)]


def leftovers(aws):
    return [each["Name"] for each in rules(aws.client("events")) if each["Name"].endswith("-verify")]


def test_a_new_file_gets_a_stack_that_stays_as_it_is_and_goes_with_the_file(aws, file):
    new = file()
    assert deploy_all(aws.client, LOCAL, [*OURS, new], quiet) == ["book-club"]
    assert set(deployed(aws.client, LOCAL)) == OTHERS | {"book-club"}
    assert deploy(aws.client, LOCAL, new, quiet) is False
    asked = []
    assert deploy_all(aws.client, LOCAL, OURS, quiet, may_go=lambda name: asked.append(name) or True) == ["book-club"]
    assert asked == ["book-club"]
    assert set(deployed(aws.client, LOCAL)) == OTHERS


def test_nothing_changes_if_one_of_the_files_would_hear_nothing_or_nobody_agrees(aws, file):
    silent = file("silent", pattern={**PAID, "detail": {"data": {"totl": [1]}}})
    with pytest.raises(Problem, match=r"^silent: the rule's verdict is never: .*totl"):
        deploy_all(aws.client, LOCAL, [file("aardvark"), silent], quiet)
    assert set(deployed(aws.client, LOCAL)) == OTHERS
    assert deploy_all(aws.client, LOCAL, [], quiet, may_go=lambda name: False) == []
    assert set(deployed(aws.client, LOCAL)) == OTHERS
    assert deploy(aws.client, LOCAL, file(), quiet, lambda stack: lambda changes: False) is False
    assert set(deployed(aws.client, LOCAL)) == OTHERS


def test_a_subscription_stays_while_events_that_it_could_not_deliver_wait(aws, file):
    deploy(aws.client, LOCAL, file("waiting"), quiet)
    queue = "orderwire-local-waiting-dlq"
    aws.client("sqs").send_message(QueueUrl=url(aws.client("sqs"), queue), MessageBody="{}")
    for attempt in (
        lambda: remove(aws.client, LOCAL, "waiting", quiet),
        lambda: deploy_all(aws.client, LOCAL, [], quiet),
    ):
        with pytest.raises(
            Problem, match=rf"1 events .* wait in {queue}.*\n.*orderwire dlq show waiting --stage local"
        ):
            attempt()
    assert set(deployed(aws.client, LOCAL)) == OTHERS | {"waiting"}
    aws.client("sqs").purge_queue(QueueUrl=url(aws.client("sqs"), queue))
    remove(aws.client, LOCAL, "waiting", quiet)
    assert set(deployed(aws.client, LOCAL)) == OTHERS
    assert undelivered(aws.client("sqs"), queue) is None


@pytest.mark.parametrize("name", ["payment", "subscriptions", "fulfilment-reader", "loyalty-dlq", "loyalty-verify"])
def test_a_name_under_which_the_stage_has_a_rule_or_a_queue_is_refused(aws, file, name):
    with pytest.raises(Problem, match=f"^{name}: the stage has something of this name already"):
        deploy(aws.client, LOCAL, file(name), quiet)


def test_what_cannot_work_is_refused_with_the_reason(aws, file):
    far = file(target="arn:aws:sqs:us-east-1:${AWS::AccountId}:books")
    with pytest.raises(Problem, match="the target is in us-east-1 and the bus in eu-central-1"):
        deploy(aws.client, LOCAL, far, quiet)
    gov = file(target="arn:aws-us-gov:sqs:${AWS::Region}:111122223333:books")
    with pytest.raises(Problem, match="the target is in aws-us-gov, and EventBridge stays within aws"):
        deploy(aws.client, LOCAL, gov, quiet)
    account = aws.client("sts").get_caller_identity()["Account"]
    feeds_itself = file(target=f"arn:aws:sqs:${{AWS::Region}}:{account}:orderwire-local-payment")
    with pytest.raises(Problem, match="the target must not be the saga's own"):
        deploy(aws.client, LOCAL, feeds_itself, quiet)
    [ours] = [each for each in OURS if each.name == "admins-low-stock"]
    with pytest.raises(
        Problem, match="ends at our own topic admin-alerts: it comes with the stage's stack, `make run`"
    ):
        deploy(aws.client, LOCAL, ours, quiet)
    with pytest.raises(Problem, match="Stage other has no bus here yet: `orderwire infra other` makes it"):
        deploy(aws.client, replace(AWS, name="other"), file(), quiet)


def test_what_was_probably_not_meant_is_told_and_deployed_all_the_same(aws, file):
    told = []
    vain = {"amount": [{"numeric": [">=", 500]}, {"numeric": ["<", 0]}]}
    deploy(aws.client, LOCAL, file("vain", pattern={**PAID, "detail": {"data": vain}}), told.append)
    remove(aws.client, LOCAL, "vain", quiet)
    assert told[0].startswith("vain: ! asks in vain for ")
    assert told[0].endswith("(at /detail/data/amount/1)")


def test_the_list_says_of_each_what_is_deployed(aws, file):
    new, gone = file("brand-new"), file("gone")
    deploy(aws.client, LOCAL, gone, quiet)
    changed = [replace_pattern(each) if each.name == "loyalty-orders" else each for each in OURS]
    rows = {row.name: row for row in listed(aws.client, LOCAL, [*changed, new])}
    remove(aws.client, LOCAL, "gone", quiet)
    assert {name: row.deployed for name, row in rows.items() if row.deployed != "yes"} == {
        "brand-new": "no",
        "gone": "without a file",
        "loyalty-orders": "with another pattern",
    }
    assert (rows["brand-new"].verdict, rows["brand-new"].ends_at) == ("sometimes", "queue book-club-local")
    assert rows["finance-ledger"].ends_at == "event bus finance-local in 111122223333"
    assert (rows["admins-low-stock"].dead_letters, rows["loyalty-payments"].dead_letters) == (0, 0)
    assert rows["brand-new"].dead_letters is None
    assert {row.deployed for row in listed(aws.client, replace(AWS, name="other"), OURS)} == {"no"}


def test_the_list_shows_a_file_that_is_refused_with_the_reason_and_the_others_too(aws, tmp_path):
    (tmp_path / "broken.yaml").write_bytes(b"\xff")
    (tmp_path / "loyalty-orders.yaml").write_text("team: [")
    (tmp_path / "book-club.yaml").write_text(yaml.safe_dump(VALID))
    rows = {row.name: row for row in listed(aws.client, LOCAL, *load_each(tmp_path))}
    assert (rows["broken"].verdict, rows["broken"].deployed) == ("invalid", "no")
    assert rows["broken"].reason == "broken.yaml: cannot be read: it is not text in UTF-8"
    assert rows["loyalty-orders"].deployed == "as an earlier file said"
    assert (rows["book-club"].verdict, rows["book-club"].reason) == ("sometimes", None)


def replace_pattern(file):
    return file.model_copy(update={"pattern": {**file.pattern, "detail": {"data": {"total": [1]}}}})


def test_a_trial_arrives_and_leaves_everything_as_it_was(aws, file):
    new = file("tried")
    deploy(aws.client, LOCAL, new, quiet)
    aws.edges.publisher.publish([event(created("ord_theirs", total=500))], 5)
    before = eventually(lambda: bodies(aws, "orderwire-local-tried"))
    found = verify(aws.client, LOCAL, new, MARKER, SOON, quiet)
    assert (found.state, found.marker) == ("arrived", MARKER)
    told = json.loads(found.message)
    assert (told["source"], told["detail-type"]) == (VERIFYING, DETAIL_TYPE)
    assert told["detail"]["metadata"]["test"] is True
    assert "customer_email" not in told["detail"]["data"]
    assert told["detail"]["data"]["items"][0]["name"] == HARD_TEXT
    with pytest.raises(orderwire_events.ContractError):
        orderwire_events.parse({"body": found.message})
    assert bodies(aws, "orderwire-local-tried") == before
    received = aws.client("sqs").receive_message(QueueUrl=url(aws.client("sqs"), "orderwire-local-tried"))
    assert "ord_theirs" in received["Messages"][0]["Body"]
    assert leftovers(aws) == []
    remove(aws.client, LOCAL, "tried", quiet)


def test_a_message_whose_json_a_value_breaks_fails_the_trial(aws, file):
    broken = {"paths": {"id": "$.detail.data.order_id", "all": "$.detail.data.items"}, "template": '"<id>: <all>"'}
    new = SubscriptionFile.model_validate({**file("broken").model_dump(), "input": broken})  # read without the checks
    deploy(aws.client, LOCAL, new, quiet)
    found = verify(aws.client, LOCAL, new, MARKER, SOON, quiet)
    assert (found.state, "is no JSON" in found.why) == ("failed", True)
    remove(aws.client, LOCAL, "broken", quiet)


def test_a_target_that_refuses_is_told_with_what_eventbridge_says(aws, file):
    new = file("refused")
    deploy(aws.client, LOCAL, new, quiet)
    refusing = RefusedAtTheTarget(aws)
    found = verify(lambda name: refusing if name == "events" else aws.client(name), LOCAL, new, MARKER, SOON, quiet)
    assert found.state == "failed"
    assert "NO_PERMISSIONS: Lambda function or SQS queue does not let it in" in found.why
    assert leftovers(aws) == []
    remove(aws.client, LOCAL, "refused", quiet)  # the letter of the trial is gone


def test_whoever_stops_a_trial_leaves_no_rule_behind(aws, file):
    def stop(line):
        if line.startswith("sent"):
            assert leftovers(aws) == ["orderwire-local-loyalty-orders-verify"]
            raise Stopped

    [loyalty] = [each for each in OURS if each.name == "loyalty-orders"]
    with pytest.raises(Stopped):
        verify(aws.client, LOCAL, loyalty, MARKER, SOON, stop)
    assert leftovers(aws) == []


def test_a_queue_of_the_team_is_the_target_once_it_is_there(aws, file):
    sqs, new = aws.client("sqs"), file("real")
    queue = sqs.create_queue(QueueName="book-club-local")["QueueUrl"]
    deploy(aws.client, LOCAL, new, quiet)
    assert verify(aws.client, LOCAL, new, MARKER, SOON, quiet).state == "arrived"
    aws.edges.publisher.publish([event(created("ord_real", total=500))], 5)
    [told] = eventually(lambda: delivered(aws.edges, Inside(aws.endpoint), ["real"]))
    assert "ord_real" in told.message
    sqs.delete_queue(QueueUrl=queue)
    found = verify(aws.client, LOCAL, new, MARKER, SOON, quiet)
    assert (found.state, "there is no queue book-club-local" in found.why) == ("failed", True)
    remove(aws.client, LOCAL, "real", quiet)


def test_of_a_target_that_cannot_be_looked_into_only_what_is_known_is_said(aws, file):
    elsewhere = file("elsewhere", target=ANOTHER_ACCOUNT, pattern=PAID)
    deploy(aws.client, AWS, elsewhere, quiet)
    found = verify(aws.client, AWS, elsewhere, MARKER, TrialWaits(0, 0), quiet)
    assert found.state == "left"
    assert "it is in another account or region: ask book club (club@shop.example)" in found.why
    assert leftovers(aws) == []
    remove(aws.client, LOCAL, "elsewhere", quiet)


def test_a_message_that_shows_nothing_of_the_trial_is_not_looked_for(aws, file):
    bare = file("bare", input={"paths": {"total": "$.detail.data.total"}, "template": '{"total": <total>}'})
    deploy(aws.client, LOCAL, bare, quiet)
    found = verify(aws.client, LOCAL, bare, MARKER, TrialWaits(0, 0), quiet)
    assert (found.state, "tells nothing by which the event could be known" in found.why) == ("left", True)
    remove(aws.client, LOCAL, "bare", quiet)


def test_a_rule_that_is_not_the_files_is_not_tried(aws, file):
    [loyalty] = [each for each in OURS if each.name == "loyalty-orders"]
    with pytest.raises(Problem, match=r"new is not deployed: orderwire subscriptions deploy new\.yaml --stage local"):
        verify(aws.client, LOCAL, file("new"), MARKER, SOON, quiet)
    changed = loyalty.model_copy(update={"pattern": file().pattern})
    with pytest.raises(Problem, match="loyalty-orders has another pattern than the file"):
        verify(aws.client, LOCAL, changed, MARKER, SOON, quiet)
    aws.client("events").disable_rule(Name="orderwire-local-loyalty-orders", EventBusName="orders-local")
    with pytest.raises(Problem, match="is disabled: aws events enable-rule --name orderwire-local-loyalty-orders"):
        verify(aws.client, LOCAL, loyalty, MARKER, SOON, quiet)
    aws.client("events").enable_rule(Name="orderwire-local-loyalty-orders", EventBusName="orders-local")
    [ours] = [each for each in OURS if each.name == "admins-low-stock"]
    with pytest.raises(Problem, match="ends at our own topic admin-alerts, whose readers would be told"):
        verify(aws.client, LOCAL, ours, MARKER, SOON, quiet)


PATTERNS = {
    "archive": ARCHIVED,
    **{each.name: each.pattern() for each in consumers() if each.topic is None},
    **{each.name: whole_pattern(each, values_of(LOCAL)) for each in OURS},
}
TRIALS = [
    {
        "source": VERIFYING,
        "detail-type": DETAIL_TYPE,
        "detail": marked({"detail": json.loads(each.to_json())}, MARKER, type(each.data)),
    }
    for each in one_of_each("ord_1")
]


@pytest.mark.parametrize("name", PATTERNS)
def test_nobody_but_its_own_rule_hears_a_trial(name):
    assert not hears(PATTERNS[name], TRIALS)
    assert all(hears(trial(MARKER), [each]) for each in TRIALS)
    assert not hears(trial("verify-another"), TRIALS)
