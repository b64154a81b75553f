"""Where Lambda finds the code of functions that are deployed already."""

from importlib import import_module

import pytest
from chalice.app import Chalice

from checkout_api import registry as api
from consumers import registry as consumers
from edges.connect import Edges
from edges.settings import Settings

HANDLERS = {
    "admin_authorizer": "checkout_api.authorizer.admin_authorizer",
    "analytics": "consumers.analytics.on_records",
    "backup": "consumers.backup.on_records",
    "inventory": "consumers.inventory.on_records",
    "notification": "consumers.notification.on_records",
    "order_log": "consumers.order_log.on_records",
    "orders": "consumers.orders.on_records",
    "payment": "consumers.payment.on_records",
    "redrive": "checkout_api.redrive.redrive",
    "sweep": "checkout_api.sweep.sweep",
}
"""Chalice gives a function its handler when it creates it and never changes it afterwards. A stage that has such a
function would look for its code here after the next release, too, and find nothing: these places stay."""


@pytest.fixture
def registered():
    """Name -> handler of every function that Chalice would deploy beside the API's own, `app.app`."""
    settings = Settings(stage="dev")
    app = Chalice(app_name="orderwire-dev-api")
    api.register(app, Edges(settings))
    consumers.register(app, settings)
    declared = [*app.event_sources, *app.builtin_auth_handlers, *app.pure_lambda_functions]
    return {each.name: each.handler_string for each in declared}


def test_a_deployed_function_finds_its_code_where_it_was(registered):
    assert HANDLERS.items() <= registered.items()


def test_lambda_can_call_every_handler(registered):
    for handler in registered.values():
        module, _, name = handler.rpartition(".")
        assert callable(getattr(import_module(module), name))
