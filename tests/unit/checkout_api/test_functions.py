"""The API's functions: those that are declared, each starting with what it needs and no more, each at work."""

import os
import subprocess
import sys

import pytest

from checkout_api.functions import FUNCTIONS
from checkout_api.http.origin import Origin
from checkout_api.orders.outbox import with_decision
from checkout_api.sweep import LEFT_BEHIND, Sweep
from schemas.events import OrderCancelled
from tables.order_row import fold
from tables.orders import Orders
from tests.support.checkout_api.api import running_api
from tests.support.edges import NOON
from tests.support.events import ORDER, created, event


def test_every_function_that_chalice_deploys_for_the_api_is_declared_and_no_other():
    with running_api() as api:
        app = api.app
        beside = {each.name for each in [*app.builtin_auth_handlers, *app.event_sources, *app.pure_lambda_functions]}
    assert {"api_handler", *beside} == {function.name for function in FUNCTIONS}


@pytest.mark.parametrize("module", ["checkout_api.authorizer", "checkout_api.redrive", "checkout_api.sweep"])
def test_a_function_beside_the_api_starts_without_the_app_its_routes_and_its_settings(module):
    code = f"import sys, {module}; print(*sys.modules)"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ORDERWIRE_", "AWS_"))}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    loaded = set(found.stdout.split())
    assert module in loaded
    assert not loaded & {"app", "checkout_api.registry", "checkout_api.routes", "consumers"}


@pytest.fixture
def api():
    """The API with moto's bus, and an archive that counts what is on it."""
    with running_api() as api:
        del api.edges.clients.__dict__["events"]
        bus = api.edges.clients.events.describe_event_bus(Name=api.edges.settings.bus)["Arn"]
        api.edges.clients.events.create_archive(ArchiveName="all", EventSourceArn=bus)
        yield api


def on_the_bus(api):
    return api.edges.clients.events.describe_archive(ArchiveName="all")["EventCount"]


def test_the_api_puts_an_order_on_the_bus(api):
    assert api.place().status == 202
    assert on_the_bus(api) == 1


def test_the_sweep_puts_what_was_left_behind_on_the_bus(api):
    placed = event(created())
    decision = Origin("req-1", "corr-1").event(OrderCancelled(order_id=ORDER), NOON)
    Orders(api.edges).put(with_decision(fold(None, placed), decision, NOON))
    api.time.advance(LEFT_BEHIND.total_seconds() + 1)
    Sweep(lambda: api.edges)()
    assert on_the_bus(api) == 1
    assert api.row(ORDER).outbox is None
