"""A release as the README describes it, into an account that enforces IAM policies: the stack, then Chalice."""

import json

import pytest
from botocore.exceptions import ClientError

from consumers import NAMES
from infrastructure.functions import functions, lambda_name
from tables.payments import Payments
from tables.stock import Stock
from tests.support.embedded import eventually
from tests.support.lambda_events import api_event, authorizer_event, scheduled_event

pytestmark = [pytest.mark.xdist_group("release"), pytest.mark.timeout(400)]

ORDER = {
    "customer_id": "cust-1",
    "customer_email": "ada@example.com",
    "payment_token": "tok_ok",
    "items": [{"sku": "book-1", "quantity": 2}],
}


def api(release, method, resource, body=None, status=200, **parameters):
    """The answer's body of the deployed API."""
    answer = release.invoke("orderwire-dev", api_event(method, resource, body, parameters))
    assert answer["statusCode"] == status, answer
    return json.loads(answer["body"])


def order_when(release, order_id, status):
    """The order as soon as it has that status; as it is after a minute if it never has."""

    def reached():
        seen = api(release, "GET", "/orders/{order_id}", order_id=order_id)
        return seen if seen["status"] == status else None

    return eventually(reached, 60) or api(release, "GET", "/orders/{order_id}", order_id=order_id)


@pytest.fixture(scope="module")
def settled(release):
    """An order of two copies that was placed at the deployed API, and what became of it."""
    api(release, "PUT", "/catalog/{sku}", {"name": "Middlemarch", "price": 29.99, "threshold": 1}, sku="book-1")
    api(release, "POST", "/catalog/{sku}/stock", {"delta": 10}, sku="book-1")
    placed = api(release, "POST", "/orders", ORDER, status=202)
    return order_when(release, placed["order_id"], "confirmed")


def test_an_order_settles_in_the_deployed_functions(release, settled):
    assert (settled["status"], settled["total"]) == ("confirmed", 69.98)
    paid, stocked = Payments(release.edges).get(settled["order_id"]), Stock(release.edges).get("book-1")
    assert paid.status == "captured"
    assert (stocked.on_hand, stocked.reserved) == (8, 2)
    types = {each["type"] for each in api(release, "GET", "/orders/{order_id}/timeline", order_id=settled["order_id"])}
    assert types == {"order.created", "inventory.reserved", "payment.completed"}


def test_the_deployed_notification_writes_to_the_customer(release, settled):
    def mailed():
        statistics = release.edges.clients.ses.get_send_statistics()["SendDataPoints"]
        return sum(each["DeliveryAttempts"] for each in statistics) >= 2  # confirmation and receipt

    assert eventually(mailed, 30)


def test_a_deployed_decision_is_carried_out(release, settled):
    listed = api(release, "GET", "/orders")
    assert settled["order_id"] in {each["order_id"] for each in listed["orders"]}
    api(release, "POST", "/orders/{order_id}/process", order_id=settled["order_id"])
    assert order_when(release, settled["order_id"], "processed")["status"] == "processed"


def test_the_deployed_authorizer_lets_the_stages_admins_in(release):
    pool, cognito = json.loads(release.edges.parameter("cognito")), release.edges.clients.cognito
    cognito.admin_create_user(UserPoolId=pool["pool_id"], Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool["pool_id"], Username="ada", Password="Correct-horse-7", Permanent=True
    )
    cognito.admin_add_user_to_group(UserPoolId=pool["pool_id"], Username="ada", GroupName="admins")
    tokens = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=pool["client_id"],
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Correct-horse-7"},
    )["AuthenticationResult"]
    for token, effect in ((tokens["IdToken"], "Allow"), (tokens["IdToken"][:-9], "Deny")):
        answer = release.invoke("orderwire-dev-admin_authorizer", authorizer_event(f"Bearer {token}"))
        assert answer["policyDocument"]["Statement"][0]["Effect"] == effect


def test_the_deployed_sweep_runs(release):
    release.invoke("orderwire-dev-sweep", scheduled_event())


def test_every_function_is_deployed_with_its_role_and_its_queue(release):
    client = release.account.client("lambda")
    found = {each["FunctionName"]: each for each in client.list_functions()["Functions"]}
    assert set(found) == {lambda_name(function, "dev") for function in functions()}
    assert len({each["Role"] for each in found.values()}) == len(found)
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    queues = {each["FunctionArn"].split(":")[-1]: each["EventSourceArn"].split(":")[-1] for each in mappings}
    assert queues == {f"orderwire-dev-{name}": f"orderwire-dev-{name.replace('_', '-')}" for name in NAMES}
    remembered = json.loads((release.checkout / ".chalice/deployed/dev.json").read_text())["resources"]
    names = {each["name"] for each in remembered if each["resource_type"] == "lambda_function"}
    assert names == {function.name for function in functions()}


def test_a_stack_that_is_up_to_date_is_left_as_it_is(release):
    key = release.edges.secret("order-id-key")
    assert "orderwire-dev is up to date" in release.orderwire("infra", "dev")
    assert release.edges.secret("order-id-key") == key


def test_the_account_refuses_who_has_no_right(release):
    iam = release.account.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    nobody = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    with pytest.raises(ClientError, match="not authorized"):
        release.account.client("sqs", **nobody).list_queues()
