"""What the team promises: Orderwire's own tests for subscribers, and points that are right to the last one."""

import boto3
import pytest
from hypothesis import given
from loyalty.facts import Facts, balance
from loyalty.handler import failures, handle
from loyalty.table import BY_CUSTOMER, Table
from moto import mock_aws
from orderwire_events import OrderCreated, OrderShipped, PaymentCompleted, PaymentRefunded, examples
from orderwire_events.examples import entry
from orderwire_events.strategies import events
from orderwire_events.testing import SubscriberTests, from_sqs

HEARS = (OrderCreated, PaymentCompleted, PaymentRefunded)


class InMemory:
    """The table for tests: same two methods, no AWS."""

    def __init__(self):
        self.rows: dict[str, Facts] = {}

    def add(self, order_id, facts):
        self.rows[order_id] = {**self.rows.get(order_id, {}), **facts}

    def of_customer(self, customer_id):
        return [row for row in self.rows.values() if row.get("customer_id") == customer_id]


class Subject:
    def __init__(self):
        self.table = InMemory()

    def handle(self, record):
        handle(record, self.table)

    def state(self):
        return self.table.rows


class TestASubscriberOfOrderwire(SubscriberTests):
    hears = HEARS
    discloses = frozenset({"customer_id"})

    def subject(self):
        return Subject()


@pytest.fixture
def table():
    with mock_aws():
        key = [{"AttributeName": "order_id", "KeyType": "HASH"}]
        index = {
            "IndexName": BY_CUSTOMER,
            "KeySchema": [{"AttributeName": "customer_id", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("order_id", "customer_id")]
        yield Table(
            boto3.resource("dynamodb", region_name="eu-central-1").create_table(
                TableName="loyalty",
                KeySchema=key,
                AttributeDefinitions=attributes,
                GlobalSecondaryIndexes=[index],
                BillingMode="PAY_PER_REQUEST",
            )
        )


def delivered(contract):
    return from_sqs(entry(examples(contract)[-1]))


def test_a_paid_order_is_worth_a_point_for_every_whole_unit(table):
    assert failures([delivered(PaymentCompleted), delivered(OrderCreated)], table) == {"batchItemFailures": []}
    assert balance(table.of_customer("cust-1042")) == 49


def test_a_refund_takes_the_points_back(table):
    failures([delivered(PaymentRefunded), delivered(OrderCreated), delivered(PaymentCompleted)], table)
    assert balance(table.of_customer("cust-1042")) == 0


def test_one_bad_record_holds_up_no_other(table):
    bad = delivered(PaymentCompleted) | {"messageId": "bad", "body": "{}"}
    other = delivered(OrderShipped) | {"messageId": "not-ours"}
    answer = failures([bad, delivered(OrderCreated), other, delivered(PaymentCompleted)], table)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}, {"itemIdentifier": "not-ours"}]}
    assert balance(table.of_customer("cust-1042")) == 49


@given(order=events(OrderCreated, order_id="ord_1"), paid=events(PaymentCompleted, order_id="ord_1"))
def test_points_are_what_was_paid_without_the_cents(order, paid):
    memory = InMemory()
    for event in (paid, order):
        handle(from_sqs(entry(event)), memory)
    assert balance(memory.of_customer(order.data.customer_id)) == paid.data.amount // 1
