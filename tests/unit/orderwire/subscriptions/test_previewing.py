"""`orderwire subscriptions preview`: what a rule would have heard is counted from the backup, or said to be unknown."""

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from eventbridge_rules.grammar import Invalid, parse
from eventbridge_rules.match import matches

from consumers.decisions.backup_lines import line
from infrastructure.subscriptions.files import read
from infrastructure.subscriptions.folder import HOME
from orderwire.console.problem import Problem
from orderwire.contracts.published import published, shape_of_schema
from orderwire.operate.search import Backup
from orderwire.subscriptions.backed_up import NOT_HEARD, ear, event_of, hidden_fields
from orderwire.subscriptions.costs import Deliveries, chunks, costs, costs_of
from orderwire.subscriptions.previewing import DAY, hears_only_live, preview, target_in
from schemas.events import OrderItem
from schemas.parse import parse_entry
from tests.support.edges import NOON
from tests.support.eventbridge_rules.event_making import contract_named, live_event
from tests.support.eventbridge_rules.rule_making import RuleMaker
from tests.support.events import created, entry, event, one_of_each
from tests.support.services.athena import PSEUDONYM, FakeAthena

SHAPES = published()
ORDERS = next(shape for shape in SHAPES if shape.detail_type == "order.created")
CREATED = {"source": ["orderwire.checkout"], "detail-type": ["order.created"]}


def with_data(**conditions):
    return {**CREATED, "detail": {"data": conditions}}


def personal_items(shape):
    """The shape as if the products' names were personal too, which lie in a list, and products might have notes."""
    schema = json.loads(json.dumps(shape.schema))
    for definition in schema["$defs"].values():
        fields = definition.get("properties", {})
        if "sku" in fields:
            fields |= {"name": {"type": "string", "x-personal": True}, "note": {"type": "string"}}
    return shape_of_schema(schema, shape.example["detail"])


def some_type(rule, random):
    """A type of event that the rule names, mostly."""
    types = [shape.detail_type for shape in SHAPES]
    named = [each for each in rule.get("detail-type", []) if each in types]
    return random.choice([*named, *named, random.choice(types)])


@pytest.mark.parametrize("form", [lambda shape: shape, personal_items], ids=["as it is", "personal in a list"])
def test_what_is_said_to_be_heard_was_heard_and_what_is_said_not_to_be_was_not(form):
    """Random rules and events: the whole event is asked too, of which the backup has a part."""
    shapes, random, said = {shape.detail_type: form(shape) for shape in SHAPES}, Random("previews"), Counter()
    for _ in range(1500):
        rule = RuleMaker(random).rule()
        contract = contract_named(some_type(rule, random))
        whole = live_event(contract, random)
        try:
            pattern = parse(rule)
        except Invalid:
            continue
        listening = ear(pattern, shapes[contract.DETAIL_TYPE])
        known = event_of(json.loads(line(parse_entry(whole), PSEUDONYM)), listening.hidden)
        answer = listening.answer(known)
        said[("no" if answer is NOT_HEARD else "open" if answer else "yes")] += 1
        assert answer is NOT_HEARD or answer or matches(pattern, whole), (rule, whole)
        assert answer is not NOT_HEARD or not matches(pattern, whole), (rule, whole)
    assert min(said["no"], said["yes"], said["open"]) > 20, said


def test_what_is_nowhere_in_a_list_is_open_if_what_chooses_the_place_in_it_is_hidden():
    """That a product has no note is asked of the product with this name alone, and which that is nobody knows."""
    rule = parse(with_data(items={"name": ["Emma"], "note": [{"exists": False}]}))
    items = [{"name": "Emma"}, {"name": "Dracula", "note": "a present"}]
    assert matches(rule, {**entry(event(created())), "detail": {"data": {"items": items}}})
    listening = ear(rule, personal_items(ORDERS))
    hidden = {**entry(event(created())), "detail": {"data": {"items": [{}, {"note": "a present"}]}}}
    assert [each.path for each in listening.answer(hidden)] == ["detail.data.items.name", "detail.data.items.note"]


EVENTS = [
    *one_of_each("ord_1"),
    event(created("ord_2", total=Decimal("100.00")), NOON + timedelta(hours=1)),
    event(created("ord_3", total=Decimal("250.10")), NOON - 2 * DAY),
    event(created("ord_4", total=Decimal("99.99")), NOON - 9 * DAY),
]
UNTIL = NOON + timedelta(hours=2)


def previewed(rule, events=EVENTS, since=NOON - 3 * DAY):
    athena = FakeAthena(events)
    return preview(Backup(athena, "dev", lambda _: None), parse(rule), SHAPES, since, UNTIL)


def counts(found):
    return [(day.day.day, day.named, day.least, day.most) for day in found.days]


def test_what_a_rule_would_have_heard_is_counted_by_day_with_the_days_on_which_it_was_nothing():
    found = previewed(with_data(total=[{"numeric": [">=", 100]}]))
    assert counts(found) == [(17, 0, 0, 0), (18, 1, 1, 1), (19, 0, 0, 0), (20, 2, 1, 1)]
    assert (found.named, found.least, found.most, found.open) == (3, 2, 2, [])
    assert found.days[0].day == date(2026, 11, 17)


def test_an_event_that_is_in_the_backup_several_times_is_counted_once():
    assert counts(previewed(CREATED, EVENTS * 3)) == counts(previewed(CREATED))


def test_only_what_is_older_than_now_and_younger_than_asked_for_is_counted():
    late = event(created("ord_late"), UNTIL + timedelta(milliseconds=1))
    assert previewed(CREATED, [*EVENTS, late], since=NOON).named == 2
    assert previewed(CREATED, since=NOON - 10 * DAY).named == 4


def test_lines_of_other_kinds_are_not_even_read():
    athena = FakeAthena([*EVENTS, *(each for number in range(9) for each in one_of_each(f"ord_more_{number}")[1:])])
    found = preview(Backup(athena, "dev", lambda _: None), parse(CREATED), SHAPES, NOON - DAY, UNTIL)
    assert found.named == 2
    assert athena.pages < 10  # of three rows, for more than a hundred events


def test_the_newest_are_kept_whole_but_for_what_the_backup_has_not_in_the_clear():
    found = previewed(CREATED, [event(created(f"ord_{number}"), NOON - number * DAY / 24) for number in range(9)])
    assert [each["detail"]["data"]["order_id"] for each in found.newest] == [f"ord_{number}" for number in range(5)]
    whole = entry(event(created("ord_0")))
    for name in ("customer_id", "customer_email", "payment_token"):
        del whole["detail"]["data"][name]
    for name in ("id", "account", "time", "region"):
        del whole[name]
    assert found.newest[0] == whole


def test_a_backup_that_is_younger_than_asked_for_is_told_by_where_it_begins():
    young = previewed(CREATED, EVENTS[:1])
    assert (young.begins, counts(young)) == (NOON, [(20, 1, 1, 1)])
    assert previewed(CREATED).begins == NOON - 3 * DAY  # though the first in that time came a day later


def test_a_month_is_reckoned_from_the_time_that_the_backup_covers_and_at_least_a_day():
    assert previewed(CREATED, EVENTS[:1]).covered == DAY
    assert previewed(CREATED, EVENTS[:1], since=NOON - timedelta(hours=1)).covered == timedelta(hours=3)
    assert previewed(CREATED).covered == UNTIL - NOON + 3 * DAY
    assert Deliveries(10, 20).a_month(timedelta(hours=73)) == Deliveries(100, 200)


def test_an_empty_backup_says_nothing_about_any_rule():
    with pytest.raises(Problem, match="nothing in the backup yet"):
        previewed(CREATED, [])


UNSEEN = [
    (with_data(customer_email=[{"suffix": "@example.com"}]), "detail.data.customer_email"),
    (with_data(customer_id=["cust-1"]), "detail.data.customer_id"),
    (with_data(payment_token=[{"anything-but": "tok_ok"}]), "detail.data.payment_token"),
    ({**CREATED, "account": ["123456789012"]}, "account"),
    ({**CREATED, "region": [{"prefix": "eu-"}]}, "region"),
    ({**CREATED, "time": [{"prefix": "2026-11-20"}]}, "time"),
    ({**CREATED, "detail": {"metadata": {"traceparent": [{"exists": True}]}}}, "detail.metadata.traceparent"),
]


@pytest.mark.parametrize(("rule", "path"), UNSEEN)
def test_a_rule_that_hangs_on_what_the_backup_has_not_is_refused_with_the_condition_and_no_number(rule, path):
    pointer = "/" + path.replace(".", "/")
    with pytest.raises(Problem, match=rf"does not have {path} \(the condition at {pointer}\) in the clear"):
        previewed(rule)


ALL, NONE = 3, 0
DECIDED = [
    (with_data(customer_email=[{"exists": True}]), ALL),
    (with_data(customer_email=[{"wildcard": "*@*"}]), ALL),
    (with_data(customer_email=["nobody"]), NONE),
    (with_data(payment_token=[{"exists": False}]), NONE),
    (with_data(customer_id=["cust-1"], total=[1]), NONE),
    (with_data(**{"$or": [{"customer_id": ["cust-1"]}, {"total": [{"numeric": [">", 1]}]}]}), ALL),
    ({**CREATED, "version": ["0"], "id": [{"exists": True}]}, ALL),
    ({**CREATED, "replay-name": [{"exists": True}]}, NONE),
    ({**CREATED, "detail": {"metadata": {"test": [{"exists": False}]}}}, ALL),
    ({"detail-type": ["order.creatd"]}, NONE),
]


@pytest.mark.parametrize(("rule", "heard"), DECIDED)
def test_a_condition_that_all_events_meet_or_none_is_decided_without_the_value(rule, heard):
    found = previewed(rule)
    assert (found.least, found.most, found.open) == (heard, heard, [])


def test_what_is_known_of_a_rule_that_hangs_on_more_are_its_bounds():
    rule = with_data(**{"$or": [{"customer_id": ["cust-1"]}, {"total": [{"numeric": [">=", 100]}]}]})
    found = previewed(rule)
    assert counts(found) == [(17, 0, 0, 0), (18, 1, 1, 1), (19, 0, 0, 0), (20, 2, 1, 2)]
    assert [each.pointer for each in found.open] == ["/detail/data/$or/0/customer_id"]
    least, most = found.a_month
    assert (least.events, most.events) == (round(2 * 730 / 74), round(3 * 730 / 74))


def test_an_event_of_a_version_that_is_not_known_here_is_no_guess():
    newer = EVENTS[0].model_copy(update={"metadata": EVENTS[0].metadata.model_copy(update={"version": "1.7"})})
    with pytest.raises(Problem, match=r"order\.created in version 1\.7, which the schemas here do not have"):
        previewed(CREATED, [newer])
    assert previewed({"detail-type": ["order.shipped"]}, [newer, *EVENTS[1:]]).most == 1


def test_the_backup_lacks_what_is_personal_and_what_is_no_column_of_a_line():
    assert hidden_fields(ORDERS) == {
        "id", "account", "time", "region", "detail.metadata.traceparent",
        "detail.data.customer_id", "detail.data.customer_email", "detail.data.payment_token",
    }  # fmt: skip


def test_a_rule_that_hears_replays_is_told_apart_from_one_that_leaves_them_out():
    left_out = {
        "replay-name": [{"exists": False}],
        "detail": {"metadata": {mark: [{"exists": False}] for mark in ("replay", "test")}},
    }
    assert hears_only_live(parse({**CREATED, **left_out}))
    assert not hears_only_live(parse({**CREATED, "replay-name": [{"exists": False}]}))


MONTH = Deliveries(1_000_000, 1_000_000)
BILLS = [
    ("sqs", False, False, "1.20"),
    ("sqs", True, False, "1.25"),
    ("sns", False, False, "0.50"),
    ("sns", False, True, "20.50"),
    ("lambda", False, False, "0.41"),
    ("events", True, False, "1.00"),
    ("events", False, False, "1.00"),
]


@pytest.mark.parametrize(("service", "elsewhere", "read_by_mail", "dollars"), BILLS)
def test_a_million_deliveries_cost_what_their_target_makes_of_them(service, elsewhere, read_by_mail, dollars):
    found = costs(service, elsewhere, read_by_mail, MONTH)
    assert round(sum(cost.dollars for cost in found), 2) == Decimal(dollars)


def test_an_event_of_more_than_64_kb_counts_several_times():
    assert [chunks("x" * size) for size in (0, 63 * 1024, 63 * 1024 + 1, 200 * 1024)] == [1, 1, 2, 4]
    assert costs("events", True, False, Deliveries(1_000_000, 3_000_000))[0].dollars == 3
    long = created("ord_long", items=[item(number) for number in range(50)])
    assert previewed(CREATED, [event(long)]).chunks == 2


def item(number):
    return OrderItem(sku=f"{number:040}", name="\x00" * 200, quantity=1, unit_price=Decimal(1))


def test_a_subscription_is_paid_for_at_its_own_target():
    payers = {
        path.stem: [(cost.what, cost.payer) for cost in costs_of(read(path).arn, MONTH)] for path in HOME.glob("*.yaml")
    }
    assert payers["admins-new-order"] == [("SNS", "target"), ("SNS", "target")]
    assert payers["loyalty-orders"] == [("SQS", "target")]
    assert payers["finance-ledger"] == [("EventBridge", "bus")]
    assert payers["warehouse-large-parcels"] == [("EventBridge", "bus"), ("Lambda", "target"), ("Lambda", "target")]
    assert target_in(HOME / "loyalty-orders.yaml").service == "sqs"


def test_a_pattern_alone_has_no_target(tmp_path):
    rule = tmp_path / "rule.json"
    rule.write_text(json.dumps(CREATED))
    assert target_in(rule) is None
