"""Cognito as it really answers: a login's token is verified with the keys that the pool publishes."""

import json

import pytest
from chalice.app import AuthRequest

from checkout_api.authorizer import AdminAuthorizer
from checkout_api.login import log_in
from checkout_api.problems import Problem
from checkout_api.requests import Credentials
from edges.connect import Clients, Edges
from edges.settings import Settings

PASSWORD = "Correct-horse-1"
STAGE = "login"


@pytest.fixture(scope="module")
def edges(engine):
    """A pool with `admin` of the group admins, `clerk` of none, and `new`, who has a first password."""
    edges = Edges(Settings(stage=STAGE), Clients(engine))
    cognito = edges.clients.cognito
    pool = cognito.create_user_pool(PoolName=STAGE)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="api", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool, GroupName="admins")
    for name in ("admin", "clerk", "new"):
        cognito.admin_create_user(UserPoolId=pool, Username=name, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    for name in ("admin", "clerk"):
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="admin", GroupName="admins")
    issuer = f"https://cognito-idp.{cognito.meta.region_name}.amazonaws.com/{pool}"
    value = json.dumps({"pool_id": pool, "client_id": client, "issuer": issuer})
    edges.clients.ssm.put_parameter(Name=edges.settings.path("cognito"), Value=value, Type="String")
    return edges


def effect(edges, bearer):
    request = AuthRequest(
        "TOKEN", f"Bearer {bearer}", "arn:aws:execute-api:eu-central-1:000000000000:api/api/GET/orders"
    )
    return AdminAuthorizer(lambda: edges)(request)["policyDocument"]["Statement"][0]["Effect"]


def initiate(edges, username):
    """Cognito's own tokens for a user."""
    client = json.loads(edges.parameter("cognito"))["client_id"]
    parameters = {"USERNAME": username, "PASSWORD": PASSWORD}
    answer = edges.clients.cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH", ClientId=client, AuthParameters=parameters
    )
    return answer["AuthenticationResult"]


def test_the_token_of_an_admins_login_is_let_through(edges):
    found = log_in(edges, Credentials(username="admin", password=PASSWORD))
    assert found["expires_in"] > 0
    assert effect(edges, found["token"]) == "Allow"


def test_an_id_token_is_as_good_and_a_refresh_token_is_not(edges):
    tokens = initiate(edges, "admin")
    assert effect(edges, tokens["IdToken"]) == "Allow"
    assert effect(edges, tokens["RefreshToken"]) == "Deny"


def test_the_token_of_somebody_who_is_no_admin_is_refused(edges):
    assert effect(edges, log_in(edges, Credentials(username="clerk", password=PASSWORD))["token"]) == "Deny"


@pytest.mark.parametrize(
    ("username", "password", "status"), [("admin", "Wrong-1!", 401), ("nobody", PASSWORD, 401), ("new", PASSWORD, 403)]
)
def test_a_login_that_cognito_refuses_or_does_not_finish_answers_no_token(edges, username, password, status):
    with pytest.raises(Problem) as refused:
        log_in(edges, Credentials(username=username, password=password))
    assert refused.value.status == status
