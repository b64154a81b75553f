"""Logging in: Cognito decides, and what it says is told without telling more."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from tests.support.api import running_api
from tests.support.tokens import POOL, token

PASSWORD = "Correct-horse-1"
REFUSALS = {
    "wrong": "NotAuthorizedException",
    "nobody": "UserNotFoundException",
    "forgetful": "PasswordResetRequiredException",
    "unconfirmed": "UserNotConfirmedException",
    "eager": "TooManyRequestsException",
    "odd": "InvalidParameterException",
    "broken": "ResourceNotFoundException",
}


class FakeCognito:
    """InitiateAuth of one client: `admin` gets a token, `new` must change the password, `careful` has a second factor,
    others are refused by name."""

    meta = SimpleNamespace(endpoint_url="https://cognito.example")

    def initiate_auth(self, AuthFlow, ClientId, AuthParameters):  # noqa: N803
        assert (AuthFlow, ClientId) == ("USER_PASSWORD_AUTH", POOL["client_id"])
        name = AuthParameters["USERNAME"]
        if name in REFUSALS or AuthParameters["PASSWORD"] != PASSWORD:
            code = REFUSALS.get(name, "NotAuthorizedException")
            raise ClientError({"Error": {"Code": code, "Message": f"{name} may not"}}, "InitiateAuth")
        if name in {"new", "careful"}:
            challenge = {"new": "NEW_PASSWORD_REQUIRED", "careful": "SOFTWARE_TOKEN_MFA"}[name]
            return {"ChallengeName": challenge, "Session": "s"}
        return {"AuthenticationResult": {"AccessToken": token(), "IdToken": "other", "ExpiresIn": 3600}}


@pytest.fixture(scope="module")
def api():
    with running_api() as api:
        api.edges.clients.__dict__["cognito"] = FakeCognito()
        yield api


def log_in(api, username="admin", password=PASSWORD):
    return api.request("POST", "/admin/login", {"username": username, "password": password})


def test_a_login_answers_a_token_and_its_life_and_the_token_opens_the_admins_routes(api):
    answer = log_in(api)
    assert (answer.status, answer.body) == (200, {"token": token(), "expires_in": 3600})
    headers = {"Authorization": f"Bearer {answer.body['token']}"}
    assert api.request("GET", "/orders", headers=headers).status == 200


def test_a_wrong_password_and_a_wrong_name_are_told_alike(api):
    answers = [log_in(api, password="Wrong-1!"), log_in(api, "wrong"), log_in(api, "nobody")]
    assert {answer.status for answer in answers} == {401}
    assert answers[0].body == answers[1].body == answers[2].body
    assert answers[0].headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("username", "status", "detail"),
    [
        ("new", 403, "A new password must be set first."),
        ("careful", 403, "SOFTWARE_TOKEN_MFA is due."),
        ("forgetful", 403, "The password must be reset first."),
        ("unconfirmed", 403, "The account has not been confirmed yet."),
        ("eager", 429, "Too many attempts. Try again later."),
        ("broken", 500, "Something went wrong here, not in the request."),
    ],
)
def test_a_login_that_cannot_end_well_says_what_is_missing(api, username, status, detail):
    answer = log_in(api, username)
    assert (answer.status, answer.body["detail"]) == (status, detail)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"username": "admin"}, "/password"),
        ({"username": "", "password": "p"}, "/username"),
        ({"username": "u" * 129, "password": "p"}, "/username"),
        ({"username": "admin", "password": "p" * 257}, "/password"),
        ({"username": "admin", "password": 1}, "/password"),
        ({"username": "admin", "password": "p", "group": "admins"}, "/group"),
    ],
)
def test_a_login_is_a_name_and_a_password(api, body, where):
    answer = api.request("POST", "/admin/login", body)
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, [where])


def test_passwords_are_not_logged(api, caplog):
    log_in(api)
    log_in(api, password="Wrong-horse-1")
    log_in(api, "broken", "Broken-horse-1")
    told = str([vars(record) for record in caplog.records])
    assert "login-refused" in told or "Username or password" in told
    assert "horse" not in told
