"""Cognito as it really answers: a login's token is verified with the keys that the pool publishes."""

import base64
import json
import time

import pyotp
import pytest
from chalice.app import AuthRequest

from checkout_api.admin.login import due, give_code, log_in, register_app, set_password
from checkout_api.authorizer import AdminAuthorizer
from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import Credentials, NewPassword, SecondFactor
from checkout_api.pool import Pool
from edges.clients import PATIENT, Clients
from edges.connect import Edges
from edges.settings import Settings
from infrastructure.resources.people import client
from orderwire.workplace.api_client import one_time_code
from tests.support.checkout_api.tokens import logged_in

PASSWORD = "Correct-horse-1"
STAGE = "login"


@pytest.fixture(scope="module")
def edges(engine):
    """A pool with `admin` of the group admins, `clerk` of none, and `new` and `newer`, who have a first password."""
    edges = Edges(Settings(stage=STAGE), Clients(engine, PATIENT))
    cognito = edges.clients.cognito
    pool = cognito.create_user_pool(PoolName=STAGE)["UserPool"]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="api", ExplicitAuthFlows=client().ExplicitAuthFlows
    )["UserPoolClient"]["ClientId"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )
    cognito.create_group(UserPoolId=pool, GroupName="admins")
    for name in ("admin", "clerk", "new", "newer"):
        cognito.admin_create_user(UserPoolId=pool, Username=name, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    for name in ("admin", "clerk"):
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="admin", GroupName="admins")
    issuer = f"https://cognito-idp.{cognito.meta.region_name}.amazonaws.com/{pool}"
    value = json.dumps({"pool_id": pool, "client_id": made, "issuer": issuer})
    edges.clients.ssm.put_parameter(Name=edges.settings.path("cognito"), Value=value, Type="String")
    return edges


def effect(edges, bearer):
    request = AuthRequest(
        "TOKEN", f"Bearer {bearer}", "arn:aws:execute-api:eu-central-1:000000000000:api/api/GET/orders"
    )
    return AdminAuthorizer(lambda: edges)(request)["policyDocument"]["Statement"][0]["Effect"]


def initiate(edges, username):
    """Cognito's own tokens for a user."""
    pool = Pool.of(edges)
    return logged_in(edges.clients.cognito, pool.pool_id, pool.client_id, username, PASSWORD)


def test_the_token_of_an_admins_login_is_let_through(edges):
    found = log_in(edges, Credentials(username="admin", password=PASSWORD))
    assert found["expires_in"] > 0
    assert effect(edges, found["token"]) == "Allow"


def test_no_other_token_of_the_login_is_let_through(edges):
    tokens = initiate(edges, "admin")
    assert effect(edges, tokens["IdToken"]) == "Deny"
    assert effect(edges, tokens["RefreshToken"]) == "Deny"


def test_the_token_of_somebody_who_is_no_admin_is_refused(edges):
    assert effect(edges, log_in(edges, Credentials(username="clerk", password=PASSWORD))["token"]) == "Deny"


@pytest.mark.parametrize(
    ("username", "password", "status"), [("admin", "Wrong-1!", 401), ("nobody", PASSWORD, 401), ("new", PASSWORD, 403)]
)
def test_a_login_that_cognito_refuses_or_does_not_finish_answers_no_token(edges, username, password, status):
    with pytest.raises(HttpProblem) as refused:
        log_in(edges, Credentials(username=username, password=password))
    assert refused.value.status == status


def begun(edges, username):
    with pytest.raises(HttpProblem) as due:
        log_in(edges, Credentials(username=username, password=PASSWORD))
    return due.value


def test_who_has_registered_an_app_is_asked_for_its_code_and_let_in_with_it(edges):
    cognito, bearer = edges.clients.cognito, initiate(edges, "admin")["AccessToken"]
    secret = cognito.associate_software_token(AccessToken=bearer)["SecretCode"]
    cognito.verify_software_token(AccessToken=bearer, UserCode=pyotp.TOTP(secret).now())
    off = {"Enabled": False, "PreferredMfa": False}
    try:
        due = begun(edges, "admin")
        assert due.kind == "second-factor-due"
        session, wrong = due.members["session"], pyotp.TOTP(base64.b32encode(b"other")).now()
        with pytest.raises(HttpProblem) as refused:
            give_code(edges, SecondFactor(username="admin", session=session, code=wrong))
        assert refused.value.kind == "code-refused"
        found = give_code(edges, SecondFactor(username="admin", session=session, code=pyotp.TOTP(secret).now()))
    finally:
        cognito.set_user_mfa_preference(AccessToken=bearer, SoftwareTokenMfaSettings=off)
    assert effect(edges, found["token"]) == "Allow"


def test_an_app_that_was_given_a_secret_without_a_login_logs_nobody_in(edges):
    """Making and checking a secret is open to everybody. The embedded AWS asks nobody to register an app, so no session
    of its logins is good for that."""
    given = due(edges, "MFA_SETUP", "session-that-somebody-made-up")
    asked = {"username": "admin", "session": given.members["session"]}
    wrong, right = (one_time_code(secret, time.time()) for secret in ("MZXW6YTBOI", given.members["secret"]))
    for code, kind in ((wrong, "code-refused"), (right, "login-over")):
        with pytest.raises(HttpProblem) as refused:
            register_app(edges, SecondFactor(**asked, code=code))
        assert refused.value.kind == kind


def test_who_has_a_temporary_password_chooses_another_and_logs_in_with_it(edges):
    due = begun(edges, "newer")
    assert due.kind == "new-password-due"
    set_password(edges, NewPassword(username="newer", session=due.members["session"], new_password="Better-horse-22"))
    assert log_in(edges, Credentials(username="newer", password="Better-horse-22"))["token"]


MADE_UP = "made-up-" + "0" * 32


def test_a_made_up_session_sets_nobodys_password_and_logs_nobody_in(edges):
    for username in ("admin", "new"):
        with pytest.raises(HttpProblem) as refused:
            set_password(edges, NewPassword(username=username, session=MADE_UP, new_password="Stolen-horse-9"))
        assert refused.value.kind == "login-over"
        with pytest.raises(HttpProblem) as refused:
            give_code(edges, SecondFactor(username=username, session=MADE_UP, code="123456"))
        assert refused.value.kind == "login-over"
    assert log_in(edges, Credentials(username="admin", password=PASSWORD))["token"]
    assert begun(edges, "new").kind == "new-password-due"


def test_a_session_is_good_for_its_own_user_and_its_own_step(edges):
    session = begun(edges, "new").members["session"]
    with pytest.raises(HttpProblem) as refused:
        set_password(edges, NewPassword(username="admin", session=session, new_password="Stolen-horse-9"))
    assert refused.value.kind == "login-over"
    with pytest.raises(HttpProblem) as refused:
        give_code(edges, SecondFactor(username="new", session=session, code="123456"))
    assert refused.value.kind == "login-over"


def test_a_session_that_was_used_is_over(edges):
    edges.clients.cognito.admin_create_user(
        UserPoolId=Pool.of(edges).pool_id, Username="once", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS"
    )
    given = NewPassword(
        username="once", session=begun(edges, "once").members["session"], new_password="Better-horse-22"
    )
    assert set_password(edges, given)["token"]
    with pytest.raises(HttpProblem) as refused:
        set_password(edges, given)
    assert refused.value.kind == "login-over"
