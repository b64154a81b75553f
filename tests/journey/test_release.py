"""A release as the README describes it, into an account that enforces IAM policies: the stack, then Chalice."""

import json

import pytest
from botocore.exceptions import ClientError

from consumers import NAMES
from infrastructure.functions import functions
from tables.mails import Mails
from tables.payments import Payments
from tables.stock import Stock
from tests.support.checkout_api.lambda_events import scheduled_event
from tests.support.embedded import eventually

pytestmark = [pytest.mark.xdist_group("release")]

ORDER = {
    "customer_id": "cust-1",
    "customer_email": "ada@example.com",
    "payment_token": "tok_ok",
    "items": [{"sku": "book-1", "quantity": 2}],
}


def order_when(release, order_id, status):
    """The order as soon as it has that status; as it is after a minute if it never has."""

    def reached():
        seen = release.shop.order(order_id).require_ok()
        return seen if seen["status"] == status else None

    return eventually(reached) or release.shop.order(order_id).require_ok()


@pytest.fixture(scope="module")
def settled(release):
    """An order of two copies that was placed at the deployed API, and what became of it."""
    product = {"name": "Middlemarch", "price": 29.99, "threshold": 1}
    release.api.request("PUT", "/catalog/book-1", product).require_ok()
    release.api.request("POST", "/catalog/book-1/stock", {"delta": 10}).require_ok()
    placed = release.shop.place(ORDER)
    assert placed.status == 202, placed
    return order_when(release, placed.body["order_id"], "confirmed")


def test_an_order_settles_in_the_deployed_functions(release, settled):
    assert (settled["status"], settled["total"]) == ("confirmed", 69.98)
    paid, stocked = Payments(release.edges).get(settled["order_id"]), Stock(release.edges).get("book-1")
    assert paid.status == "captured"
    assert (stocked.on_hand, stocked.reserved) == (8, 2)
    types = {each["type"] for each in release.shop.timeline(settled["order_id"]).require_ok()}
    assert types == {"order.created", "inventory.reserved", "payment.completed"}


def test_the_deployed_notification_writes_to_the_customer(release, settled):
    def mails():
        row = Mails(release.edges).get(settled["order_id"])
        return {name for name, mail in row.mails.items() if mail.message_id} if row else set()

    assert eventually(lambda: mails() == {"receipt"}), mails()


def test_a_deployed_decision_is_carried_out(release, settled):
    listed = release.api.request("GET", "/orders").require_ok()
    assert settled["order_id"] in {each["order_id"] for each in listed["orders"]}
    release.api.decide(settled["order_id"], "process").require_ok()
    assert order_when(release, settled["order_id"], "processed")["status"] == "processed"


@pytest.mark.parametrize(("token", "status"), [("", 401), ("Bearer nonsense", 403)])
def test_api_gateway_lets_nobody_in_whom_the_deployed_authorizer_does_not_know(release, token, status):
    answer = release.shop.request("GET", "/orders", headers={"Authorization": token} if token else None)
    assert answer.status == status, answer
    assert answer.body["type"].startswith("urn:orderwire:problem:")


def test_the_deployed_sweep_runs(release):
    release.invoke("orderwire-dev-sweep", scheduled_event())


def test_dead_letters_go_back_by_the_deployed_function_with_leave_for_it(release):
    sqs = release.account.client("sqs")
    dead = sqs.get_queue_url(QueueName="orderwire-dev-order-log-dlq")["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody="no event of ours")
    answer = release.api.request("POST", "/queues/order-log/redrive").require_ok()
    assert answer == {"moved": 1, "done": True}


def test_a_deployed_function_cannot_forge_the_event_of_another(release):
    """With credentials of the function's own role, as whoever took it over would have them."""
    role = release.account.client("lambda").get_function(FunctionName="orderwire-dev-inventory")["Configuration"][
        "Role"
    ]
    given = release.account.client("sts").assume_role(RoleArn=role, RoleSessionName="taken-over")["Credentials"]
    keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
    events = release.account.client("events", **keys, aws_session_token=given["SessionToken"])

    def put(*named):
        entries = [
            {"EventBusName": "orders-dev", "Source": of, "DetailType": name, "Detail": "{}"} for of, name in named
        ]
        return events.put_events(Entries=entries)["FailedEntryCount"]

    own = ("orderwire.inventory", "inventory.released")
    assert put(own) == 0
    for forged in (("orderwire.payment", "payment.completed"), ("orderwire.inventory", "order.created")):
        with pytest.raises(ClientError, match="not authorized"):
            put(own, forged)


def test_every_function_is_deployed_with_its_role_and_its_queue(release):
    client = release.account.client("lambda")
    found = {each["FunctionName"]: each for each in client.list_functions()["Functions"]}
    assert set(found) == {function.lambda_name("dev") for function in functions()}
    assert len({each["Role"] for each in found.values()}) == len(found)
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    queues = {each["FunctionArn"].split(":")[-1]: each["EventSourceArn"].split(":")[-1] for each in mappings}
    assert queues == {f"orderwire-dev-{name}": f"orderwire-dev-{name.replace('_', '-')}" for name in NAMES}
    remembered = json.loads((release.checkout / ".chalice/deployed/dev.json").read_text())["resources"]
    names = {each["name"] for each in remembered if each["resource_type"] == "lambda_function"}
    assert names == {function.name for function in functions()}


def test_a_stack_that_is_up_to_date_is_left_as_it_is(release):
    key = release.edges.secret("order-id-key")
    assert "orderwire-dev is up to date" in release.orderwire("infra", "dev", "--yes")
    assert release.edges.secret("order-id-key") == key


def test_the_account_refuses_who_has_no_right(release):
    iam = release.account.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    nobody = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    with pytest.raises(ClientError, match="not authorized"):
        release.account.client("sqs", **nobody).list_queues()
