"""The API's functions may do what they do and nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from checkout_api.functions import FUNCTIONS
from checkout_api.sweep import LEFT_BEHIND, sweep_outboxes
from edges.grants import ANYTHING, Grant
from tests.support.api import Api, bury, running_api
from tests.support.bus import REFUSED
from tests.support.events import ORDER, one_of_each

EVENTS = {each.type: each for each in one_of_each()}
PUT_EVENTS = ("events", "PutEvents", "event-bus/orders-{stage}")


def granted(name: str) -> set[tuple[str, str, str]]:
    (function,) = [function for function in FUNCTIONS if function.name == name]
    return {(grant.service, action, grant.resource) for grant in function.grants for action in grant.actions}


@contextmanager
def watched(api: Api) -> Iterator[set[tuple[str, str, str]]]:
    """The (service, action, resource) of every call that is made meanwhile."""
    calls: set[tuple[str, str, str]] = set()
    put_before = len(api.bus.entries)

    def note(params, model, **_):
        calls.update((model.service_model.service_name, model.name, name) for name in resources(params))

    for service in ("dynamodb", "secrets", "ssm", "sqs", "cloudwatch"):
        getattr(api.edges.clients, service).meta.events.register("provide-client-params.*.*", note)
    yield calls
    if len(api.bus.entries) > put_before:
        calls.add(PUT_EVENTS)


def resources(params) -> list[str]:
    """What a call is about, as a grant names it."""
    if "MetricDataQueries" in params:
        return [ANYTHING]
    if {"QueueName", "QueueUrl", "SourceArn"} & set(params):
        return ["orderwire-{stage}-*"]
    if "SecretId" in params:
        return [f"secret:{params['SecretId']}-??????".replace("/test/", "/{stage}/")]
    if "TableName" not in params and "RequestItems" not in params:
        return [f"parameter{params['Name']}".replace("/test/", "/{stage}/")]
    tables = list(params.get("RequestItems", [])) or [params["TableName"]]
    index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
    return [f"table/{table}{index}".replace("-test-", "-{stage}-") for table in tables]


def test_the_api_may_do_what_its_routes_do_and_nothing_else():
    with running_api(consumers=("payment",)) as api:
        bury(api.edges, "payment", "{}")
        api.hears(*(EVENTS[type_] for type_ in ("order.created", "inventory.reserved", "payment.completed")))
        with watched(api) as calls:
            api.place(key="k")
            api.get(f"/orders/{ORDER}")
            api.get("/orders?status=pending", admin=True)
            api.get("/orders", admin=True)
            api.admin("POST", f"/orders/{ORDER}/process")
            api.get("/catalog")
            api.admin("PUT", "/catalog/book-1", {"name": "Book", "price": 1, "threshold": 1})
            api.admin("POST", "/catalog/book-1/stock", {"delta": 1})
            api.get("/books")
            api.request("POST", "/books/order", {"books": [{"id": "book-1", "qty": 1}]})
            api.get("/books/order", admin=True)
            api.admin("DELETE", "/books/order", {"receiptHandle": ORDER})
            api.get("/metrics", admin=True)
            api.get("/queues", admin=True)
            api.admin("POST", "/queues/payment/redrive")
    assert calls == granted("api_handler")


def test_the_authorizer_may_read_the_pools_parameter_and_nothing_else():
    with running_api() as api:
        with watched(api) as calls:
            api.request("GET", "/orders", headers={"Authorization": "Bearer a.b.c"})
        assert calls == granted("admin_authorizer")


def test_the_sweep_may_do_what_it_does_and_nothing_else():
    with running_api() as api:
        api.hears(EVENTS["order.created"])
        api.bus.outcomes = [REFUSED]
        assert api.admin("DELETE", f"/orders/{ORDER}").status == 503
        api.time.advance(LEFT_BEHIND.total_seconds() + 1)
        with watched(api) as calls:
            assert sweep_outboxes(api.edges) == 1
    assert calls == granted("sweep")


WIDE = {
    ("sqs", "orderwire-{stage}-*"),  # the queues of the stage's consumers, whatever they are
    ("cloudwatch", "*"),  # reading metrics, for which AWS knows no narrower resource
}


def test_no_grant_is_for_everything():
    grants: list[Grant] = [grant for function in FUNCTIONS for grant in function.grants]
    assert not [grant for grant in grants if any("*" in action for action in grant.actions)]
    assert {(grant.service, grant.resource) for grant in grants if "*" in grant.resource} == WIDE
    assert [grant.actions for grant in grants if grant.resource == ANYTHING] == [("GetMetricData",)]


def test_every_function_that_chalice_deploys_for_the_api_is_declared_and_no_other():
    with running_api() as api:
        beside = {each.name for each in [*api.app.builtin_auth_handlers, *api.app.event_sources]}
    assert {"api_handler", *beside} == {function.name for function in FUNCTIONS}


@pytest.mark.parametrize("module", ["checkout_api.authorizer", "checkout_api.sweep"])
def test_a_function_beside_the_api_starts_without_the_app_its_routes_and_its_settings(module):
    code = f"import sys, {module}; print(*sys.modules)"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ORDERWIRE_", "AWS_"))}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    loaded = set(found.stdout.split())
    assert module in loaded
    assert not loaded & {"app", "checkout_api.registry", "checkout_api.routes", "consumers"}
