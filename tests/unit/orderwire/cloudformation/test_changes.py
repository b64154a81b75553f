"""What a change set would do to data, judged from CloudFormation's own description of it."""

import pytest

from infrastructure.holdings import ERASING, HOLDS, HOLDS_NOTHING, UNJUDGED
from infrastructure.stack.subscription import template as subscription_template
from infrastructure.stack.template import template
from infrastructure.subscriptions.files import load
from orderwire.cloudformation.changes import changes_of, losses
from orderwire.console.problem import Problem
from orderwire.release.review import DataAtRisk, Review
from orderwire.subscriptions.deploying import of_other_teams

TEMPLATES = [template(), *map(subscription_template, of_other_teams(load()))]
TYPES = sorted({each["Type"] for document in TEMPLATES for each in document.to_dict()["Resources"].values()})


def change(name, type_="AWS::DynamoDB::Table", action="Modify", replacement=None, details=()):
    """As DescribeChangeSet has it."""
    found = {"Action": action, "LogicalResourceId": name, "ResourceType": type_, "Details": list(details)}
    return {"Type": "Resource", "ResourceChange": found | ({"Replacement": replacement} if replacement else {})}


def detail(name, recreation, source="DirectModification", cause=None, evaluation="Dynamic"):
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
    found = {"Target": target, "Evaluation": evaluation, "ChangeSource": source}
    return found | ({"CausingEntity": cause} if cause else {})


def follows(cause="Key", source="ResourceReference", recreation="Always"):
    """A bucket that refers to a key which changes. CloudFormation lists the property itself next to the reference."""
    found = [detail("Encryption", recreation, source, cause), detail("Encryption", recreation)]
    return change("Bucket", "AWS::S3::Bucket", replacement="Conditional", details=found)


def key(replacement="False"):
    return change("Key", "AWS::KMS::Key", replacement=replacement)


SAME = {"Bucket": {"Properties": {"Encryption": {"Ref": "Key"}}}}


def judged(*described, before=SAME, after=SAME):
    return {each.logical_id: each for each in changes_of(described, before, after)}


def lost(*described, allowed=(), before=SAME, after=SAME):
    return {each.logical_id for each in losses(changes_of(described, before, after), allowed)}


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_of_the_template_is_judged_once(type_):
    assert (type_ in HOLDS) != (type_ in HOLDS_NOTHING)


def test_a_type_that_nobody_has_judged_counts_as_one_that_holds_data():
    [found] = judged(change("Ledger", "AWS::QLDB::Ledger", "Remove")).values()
    assert found.loses == UNJUDGED


@pytest.mark.parametrize(
    ("described", "fate"),
    [
        (change("Orders", replacement="True"), "replaced"),
        (change("Orders", replacement="Conditional"), "perhaps replaced"),
        (change("Orders"), "perhaps replaced"),
        (change("Orders", action="Remove"), "deleted"),
        (change("Orders", action="Dynamic"), "perhaps replaced"),
    ],
    ids=["replaced", "conditional", "unknown", "removed", "dynamic"],
)
@pytest.mark.parametrize("type_", sorted(HOLDS))
def test_what_holds_data_may_be_neither_replaced_nor_deleted(described, fate, type_):
    described["ResourceChange"]["ResourceType"] = type_
    [found] = judged(described).values()
    assert (found.loses, found.fate) == (HOLDS[type_], fate)
    assert lost(described) == {"Orders"}
    assert lost(described, allowed=["Orders"]) == set()
    assert lost(described, allowed=["Payments"]) == {"Orders"}


@pytest.mark.parametrize(
    "harmless",
    [
        change("Orders", replacement="False"),
        change("Orders", action="Add"),
        change("Orders", action="Import"),
        change("Orders", "AWS::Events::Rule", "Remove"),
        change("Orders", "AWS::Events::Rule", replacement="True"),
    ],
    ids=["in place", "new", "imported", "a rule removed", "a rule replaced"],
)
def test_what_loses_nothing_is_let_through(harmless):
    assert lost(harmless) == set()


@pytest.mark.parametrize(("source", "cause"), [("ResourceReference", "Key"), ("ResourceAttribute", "Key.Arn")])
def test_what_only_follows_from_a_resource_that_stays_is_not_replaced(source, cause):
    found = judged(follows(cause, source), key())
    assert (found["Bucket"].replacement, found["Bucket"].loses) == ("no", None)
    assert found["Bucket"].why == f"Properties.Encryption (by {cause})"
    assert lost(follows(cause, source)) == set()  # and the key itself does not change at all


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ((follows(), key("True")), "the key is replaced"),
        ((follows(), key("Conditional")), "the key may be replaced"),
        ((follows(), change("Key", "AWS::KMS::Key", "Remove")), "the key is deleted"),
        ((follows("Key.CreatedAt", "ResourceAttribute"), key()), "an attribute that is no identity"),
        ((follows("Stage", "ParameterReference"), key()), "a parameter"),
        ((change("Bucket", "AWS::S3::Bucket", replacement="Conditional", details=[detail("Encryption", "Always")]),),
         "no reference is named"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_may_follow_from_more_than_that_may_be_replaced(described, reason):
    assert "Bucket" in lost(*described), reason


def test_a_reference_hides_no_edit_of_the_same_property():
    edited = {"Bucket": {"Properties": {"Encryption": {"Fn::Sub": "other-${Key}"}}}}
    assert lost(follows(), key(), after=edited) == {"Bucket"}
    assert lost(follows(), key(), before={}) == {"Bucket"}


@pytest.mark.parametrize(
    ("type_", "name"), [(type_, name) for type_, names in ERASING.items() for name in sorted(names)]
)
def test_a_property_that_takes_data_away_is_refused_though_the_resource_stays(type_, name):
    edited = change("Kept", type_, replacement="False", details=[detail(name, "Never", evaluation="Static")])
    before, after = ({"Kept": {"Properties": {name: value}}} for value in (4, 2))
    [found] = judged(edited, before=before, after=after).values()
    assert (found.loses, found.fate) == (HOLDS[type_], f"changed in {name}")
    assert lost(edited, before=before, after=before) == set()  # it only refers to something
    assert lost(edited, before=before, after=after, allowed=["Kept"]) == set()


@pytest.mark.parametrize(("rules", "loses"), [
    ([{"Id": "answers", "ExpirationInDays": 7}], False),
    ([{"Id": "answers", "ExpirationInDays": 7}, {"Id": "colder", "Transitions": [{"TransitionInDays": 9}]}], False),
    ([], False),
    ([{"Id": "answers", "ExpirationInDays": 6}], True),
    ([{"Id": "answers", "ExpirationInDays": 7}, {"Id": "x", "NoncurrentVersionExpiration": {"Days": 9}}], True),
])  # fmt: skip
def test_a_bucket_may_lose_rules_and_get_such_that_delete_nothing(rules, loses):
    edited = change("Kept", "AWS::S3::Bucket", replacement="False", details=[detail("LifecycleConfiguration", "Never")])
    kept = [{"Id": "answers", "ExpirationInDays": 7}, {"Id": "colder", "Transitions": [{"TransitionInDays": 90}]}]
    before, after = ({"Kept": {"Properties": {"LifecycleConfiguration": {"Rules": each}}}} for each in (kept, rules))
    assert bool(lost(edited, before=before, after=after)) == loses


def test_what_takes_data_away_holds_some():
    assert set(ERASING) <= set(HOLDS)


def test_two_that_refer_to_each_other_are_no_proof_of_each_other():
    first = change("A", replacement="Conditional", details=[detail("Name", "Always", "ResourceReference", "B")])
    second = change("B", replacement="Conditional", details=[detail("Name", "Always", "ResourceReference", "A")])
    same = {name: {"Properties": {"Name": "x"}} for name in ("A", "B")}
    assert lost(first, second, before=same, after=same) == {"A", "B"}


def test_a_review_shows_everything_the_dangerous_last_and_names_what_would_be_lost_and_the_way_out():
    shown = []
    review = Review("orderwire-dev", shown.extend, lambda question: pytest.fail(question))
    changes = changes_of([change("Orders", replacement="True"), change("Rule", "AWS::Events::Rule", "Add")], {}, {})
    with pytest.raises(DataAtRisk) as refused:
        review(changes)
    assert [each.logical_id for each in shown] == ["Rule", "Orders"]
    assert str(refused.value).splitlines() == [
        "orderwire-dev was not changed: data would be lost.",
        "  Orders (AWS::DynamoDB::Table) would be replaced: its rows",
        "If that is what you want: --allow-replace Orders",
    ]


@pytest.mark.parametrize("answer", [True, False])
def test_a_review_asks_once_nothing_can_be_lost_or_it_is_allowed(answer):
    asked = []
    review = Review("orderwire-dev", lambda _: None, lambda text: bool(asked.append(text)) or answer, ["Orders"])
    assert review(changes_of([change("Orders", replacement="True")], {}, {})) is answer
    assert asked == ["Make these 1 changes to orderwire-dev?"]
    assert issubclass(DataAtRisk, Problem)
