"""Who gets through to the admins' routes: bearers of a token that Cognito signed for an admin of this stage."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import jwt
import pytest
from chalice.app import AuthRequest, ChaliceAuthorizer
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from checkout_api.authorizer import AdminAuthorizer, admin_authorizer, published_keys
from checkout_api.http.admins import Admins
from checkout_api.pool import Pool
from checkout_api.registry import routes
from edges.connect import Edges
from edges.settings import Settings
from tests.support.checkout_api.api import running_api
from tests.support.checkout_api.tokens import POOL, Keys, claims, jwks, private_key, token
from tests.support.edges import NOON, FakeTime

ADMINS = Admins(Edges(Settings(stage="test")), published_keys)
METHOD_ARN = "arn:aws:execute-api:eu-central-1:123456789012:abc123/api/GET/orders"


class FakeClients:
    """The two services that the authorizer asks."""

    def __init__(self):
        self.ssm = self.cognito = self.meta = self
        self.endpoint_url = "https://cognito-idp.eu-central-1.amazonaws.com"
        self.reads = 0

    def get_parameter(self, Name):  # noqa: N803
        assert Name == "/orderwire/test/cognito"
        self.reads += 1
        return {"Parameter": {"Value": json.dumps(POOL)}}


class Gate:
    """An authorizer with its keys at hand; `fetched_from` are the addresses that it asked for keys."""

    def __init__(self, document=None, time=None):
        self.keys, self.fetched_from, self.clients = Keys(document), [], FakeClients()
        self.edges = Edges(Settings(stage="test"), self.clients, (time or FakeTime()).clock())
        self.authorize = AdminAuthorizer(lambda: self.edges, self.open)

    def open(self, url):
        self.fetched_from.append(url)
        return self.keys

    def effect(self, header):
        (statement,) = self.authorize(AuthRequest("TOKEN", header, METHOD_ARN))["policyDocument"]["Statement"]
        assert statement["Resource"] == ["arn:aws:execute-api:eu-central-1:123456789012:abc123/api/*/*"]
        return statement["Effect"]


@pytest.fixture
def gate():
    return Gate(jwks())


def unsigned(algorithm, claims_, signature=b""):
    """A token with a header of its own making."""

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = {"alg": algorithm, "kid": "key-1", "typ": "JWT"}
    return ".".join([part(json.dumps(head).encode()), part(json.dumps(claims_).encode()), part(signature)])


def signed_with_the_public_key():
    """HS256 with what anybody can read as its secret."""
    public = private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = unsigned("HS256", claims()).rsplit(".", 1)[0]
    signature = hmac.digest(public, body.encode(), hashlib.sha256)
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def tampered():
    head, _, signature = token(**{"cognito:groups": ["shoppers"]}).split(".")
    _, body, _ = token().split(".")
    return f"{head}.{body}.{signature}"


def test_an_admins_access_token_is_let_through(gate):
    assert gate.effect(f"Bearer {token()}") == "Allow"


def test_the_scheme_of_a_token_may_be_written_small(gate):
    assert gate.effect(f"bearer {token()}") == "Allow"


def test_the_subject_of_the_token_is_the_principal(gate):
    answer = gate.authorize(AuthRequest("TOKEN", f"Bearer {token()}", METHOD_ARN))
    assert answer["principalId"] == "admin-1"


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(token(key="somebody else's"), id="forged: signed with another key"),
        pytest.param(tampered(), id="forged: another token's claims"),
        pytest.param(token(exp=int((NOON - timedelta(seconds=1)).timestamp())), id="expired"),
        pytest.param(token(exp=int(NOON.timestamp())), id="expiring now"),
        pytest.param(token(exp=None), id="without an end"),
        pytest.param(token(exp="never"), id="with an end that is no time"),
        pytest.param(token(iss=POOL["issuer"] + "2"), id="of another pool"),
        pytest.param(token(iss=None), id="of no pool"),
        pytest.param(token(client_id="client-2"), id="access token for another client"),
        pytest.param(token(client_id=None), id="access token for no client"),
        pytest.param(token(client_id=None, aud=POOL["client_id"]), id="access token with an audience instead"),
        pytest.param(token(token_use="id", client_id=None, aud=POOL["client_id"]), id="id token"),
        pytest.param(token(token_use="id"), id="id token that names the client as an access token does"),
        pytest.param(token(token_use="ACCESS"), id="access token in capitals"),
        pytest.param(token(token_use="refresh"), id="refresh token"),
        pytest.param(token(token_use=None), id="of no kind"),
        pytest.param(token(**{"cognito:groups": None}), id="without a group"),
        pytest.param(token(**{"cognito:groups": []}), id="with no group"),
        pytest.param(token(**{"cognito:groups": ["shoppers"]}), id="of another group"),
        pytest.param(token(**{"cognito:groups": "admins"}), id="with groups that are no list"),
        pytest.param(unsigned("none", claims()), id="alg none"),
        pytest.param(unsigned("None", claims()), id="alg None"),
        pytest.param(unsigned("RS256", claims()), id="without a signature"),
        pytest.param(signed_with_the_public_key(), id="HS256 with the public key"),
        pytest.param(jwt.encode(claims(), private_key(), "RS256", headers={"kid": "key-2"}), id="with an unknown key"),
        pytest.param(jwt.encode(claims(), private_key(), "RS256"), id="without a key"),
        pytest.param(jwt.encode(claims(), private_key(), "RS512", headers={"kid": "key-1"}), id="RS512"),
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="malformed"),
        pytest.param("a" * 9000, id="long"),
        pytest.param("é.é.é", id="not ASCII"),
    ],
)
def test_every_other_token_is_refused(gate, refused):
    assert gate.effect(f"Bearer {refused}") == "Deny"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWRtaW46YWRtaW4=", "admin"])
def test_another_authorization_is_refused(gate, header):
    assert gate.effect(header) == "Deny"
    assert gate.effect(token()) == "Deny"


def test_a_token_is_good_until_its_last_second():
    time = FakeTime()
    gate = Gate(jwks(), time)
    time.advance(3599)
    assert gate.effect(f"Bearer {token()}") == "Allow"
    time.advance(1)
    assert gate.effect(f"Bearer {token()}") == "Deny"


def test_without_the_pools_keys_nobody_is_let_through_and_the_failure_is_loud():
    gate = Gate(document=None)
    with pytest.raises(Exception, match="no answer"):
        gate.effect(f"Bearer {token()}")


@pytest.mark.parametrize("document", [{"keys": []}, {}])
def test_a_pool_without_keys_is_a_failure_too(document):
    with pytest.raises(Exception, match=r"JWK|keys"):
        Gate(document).effect(f"Bearer {token()}")


@pytest.mark.parametrize("document", [[], "keys", 7])
def test_what_is_no_list_of_keys_lets_nobody_through(document):
    assert Gate(document).effect(f"Bearer {token()}") == "Deny"


def test_pool_and_keys_are_read_once(gate):
    for _ in range(3):
        gate.effect(f"Bearer {token()}")
    assert gate.fetched_from == [f"{gate.clients.endpoint_url}/{POOL['pool_id']}/.well-known/jwks.json"]
    assert (gate.clients.reads, gate.keys.fetches) == (1, 1)


def test_lambda_finds_the_authorizer_where_chalice_says_it_is():
    assert isinstance(admin_authorizer, ChaliceAuthorizer)
    with running_api() as api:
        (config,) = api.app.builtin_auth_handlers
    assert config.handler_string == "checkout_api.authorizer.admin_authorizer"
    assert config.name == "admin_authorizer"
    assert 0 < config.ttl_seconds <= 300


ADMIN = {
    "GET /orders",
    "GET /orders/{order_id}/customer",
    "GET /orders/{order_id}/record",
    "POST /orders/{order_id}/accept",
    "POST /orders/{order_id}/process",
    "POST /orders/{order_id}/ship",
    "POST /orders/{order_id}/refund",
    "DELETE /orders/{order_id}",
    "PUT /catalog/{sku}",
    "POST /catalog/{sku}/stock",
    "GET /metrics",
    "GET /events",
    "GET /queues",
    "POST /queues/{name}/redrive",
    "GET /books/order",
    "DELETE /books/order",
    "POST /books/order/handle",
}


def test_the_routes_of_the_admins_and_no_others_are_guarded():
    with running_api(books="open") as api:
        declared = routes(api.edges, ADMINS)
        assert {f"{route.method} {route.path}" for route in declared if route.admin} == ADMIN
        for route in declared:
            path = route.path.replace("{order_id}", "ord_1").replace("{sku}", "book-1")
            unknown = api.request(route.method, path, {} if route.method != "GET" else None)
            wrong = api.request(route.method, path, headers={"Authorization": f"Bearer {token(key='other')}"})
            assert (unknown.status == 401) is (wrong.status == 403) is route.admin


def test_in_stage_local_the_book_store_front_end_needs_no_token():
    with running_api(stage="local", books="open") as api:
        assert {f"{route.method} {route.path}" for route in routes(api.edges, ADMINS) if route.admin} == {
            each for each in ADMIN if "/books" not in each
        }


def test_a_refused_token_gets_api_gateways_answer():
    with running_api() as api:
        answer = api.request("GET", "/orders", headers={"Authorization": f"Bearer {token(exp=1)}"})
    assert (answer.status, answer.body) == (403, {"Message": "User is not authorized to access this resource"})


def test_locally_an_authorizer_that_cannot_work_is_a_problem_and_not_a_broken_connection():
    with running_api() as api:
        api.keys.document = None
        answer = api.get("/orders", admin=True)
    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")


def test_a_pool_is_known_only_with_all_its_parts():
    with pytest.raises(ValueError, match="issuer"):
        Pool.model_validate_json('{"pool_id": "p", "client_id": "c"}')
