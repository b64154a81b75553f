"""Somebody who was shown an admin's id token, which is made to be shown, or got hold of a refresh token."""

import pytest

from checkout_api.authorizer import published_keys
from checkout_api.http.admins import Admins
from checkout_api.registry import routes
from tests.support.checkout_api.api import running_api
from tests.support.checkout_api.tokens import POOL, token

KINDS = {
    "id": token(token_use="id", client_id=None, aud=POOL["client_id"]),
    "id with a client": token(token_use="id"),
    "refresh": token(token_use="refresh"),
    "of no kind": token(token_use=None),
}


@pytest.fixture(scope="module")
def api():
    with running_api(books="open") as api:
        yield api


@pytest.mark.parametrize("bearer", KINDS.values(), ids=KINDS)
def test_no_admins_route_opens_to_a_token_that_is_no_access_token(api, bearer):
    """Those that API Gateway guards and those that guard themselves, for a page of another origin."""
    guarded = [route for route in routes(api.edges, Admins(api.edges, published_keys)) if route.admin]
    assert {route.cross_origin for route in guarded} == {True, False}
    for route in guarded:
        path = route.path.replace("{order_id}", "ord_1").replace("{sku}", "book-1").replace("{name}", "payment")
        body = None if route.method == "GET" else {}
        answer = api.request(route.method, path, body, headers={"Authorization": f"Bearer {bearer}"})
        assert answer.status == 403, (route.method, path)
        assert api.request(route.method, path, body, admin=True).status != 403
