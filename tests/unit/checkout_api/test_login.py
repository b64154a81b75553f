"""Logging in: Cognito decides, and what it says is told without telling more."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from tests.support.checkout_api.api import running_api
from tests.support.checkout_api.tokens import POOL, token

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


SESSION, CODE, NEW = "session-of-this-login", "718293", "Better-horse-22"
CHALLENGES = {"new": "NEW_PASSWORD_REQUIRED", "careful": "SOFTWARE_TOKEN_MFA", "phoned": "SMS_MFA"}


class FakeCognito:
    """AdminInitiateAuth and AdminRespondToAuthChallenge of one client: `admin` gets a token, those in
    CHALLENGES have to answer one first, others are refused by name."""

    meta = SimpleNamespace(endpoint_url="https://cognito.example")

    def admin_initiate_auth(self, UserPoolId, ClientId, AuthFlow, AuthParameters):  # noqa: N803
        assert (UserPoolId, ClientId, AuthFlow) == (POOL["pool_id"], POOL["client_id"], "ADMIN_USER_PASSWORD_AUTH")
        name = AuthParameters["USERNAME"]
        if name in REFUSALS or AuthParameters["PASSWORD"] != PASSWORD:
            code = REFUSALS.get(name, "NotAuthorizedException")
            raise refusal(code, name)
        if name in CHALLENGES:
            return {"ChallengeName": CHALLENGES[name], "Session": SESSION}
        return TOKENS

    def admin_respond_to_auth_challenge(self, UserPoolId, ClientId, ChallengeName, Session, ChallengeResponses):  # noqa: N803
        assert (UserPoolId, ClientId) == (POOL["pool_id"], POOL["client_id"])
        name = ChallengeResponses["USERNAME"]
        if Session != SESSION or CHALLENGES.get(name) != ChallengeName:
            raise refusal("NotAuthorizedException", name)
        if ChallengeResponses.get("SOFTWARE_TOKEN_MFA_CODE", CODE) != CODE:
            raise refusal("CodeMismatchException", name)
        if ChallengeResponses.get("NEW_PASSWORD", NEW) != NEW:
            raise refusal("InvalidPasswordException", name)
        return TOKENS


TOKENS = {"AuthenticationResult": {"AccessToken": token(), "IdToken": "other", "ExpiresIn": 3600}}


def refusal(code, name):
    return ClientError({"Error": {"Code": code, "Message": f"{name} may not"}}, "AdminInitiateAuth")


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
        ("new", 403, "Send a password of your own to POST /admin/login/new-password."),
        ("careful", 403, "Send the code of your authenticator app to POST /admin/login/second-factor."),
        ("phoned", 403, "Cognito asks for SMS_MFA, which cannot be answered here."),
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


def second_factor(api, code=CODE, session=SESSION, username="careful"):
    body = {"username": username, "session": session, "code": code}
    return api.request("POST", "/admin/login/second-factor", body)


def new_password(api, chosen=NEW, session=SESSION):
    return api.request(
        "POST", "/admin/login/new-password", {"username": "new", "session": session, "new_password": chosen}
    )


def test_a_login_with_a_second_factor_goes_on_with_the_code_of_the_app(api):
    begun = log_in(api, "careful")
    assert begun.body["type"].endswith(":second-factor-due")
    answer = second_factor(api, session=begun.body["session"])
    assert (answer.status, answer.body["token"]) == (200, token())


def test_a_first_login_goes_on_with_a_password_of_ones_own(api):
    begun = log_in(api, "new")
    assert begun.body["type"].endswith(":new-password-due")
    answer = new_password(api, session=begun.body["session"])
    assert (answer.status, answer.body["token"]) == (200, token())


def test_a_wrong_code_and_a_login_that_is_over_are_told_apart(api):
    wrong, over, never = (
        second_factor(api, "918273"),
        second_factor(api, session="x" * 20),
        second_factor(api, username="who"),
    )
    assert [answer.status for answer in (wrong, over, never)] == [401, 401, 401]
    assert wrong.body["type"].endswith(":code-refused")
    assert over.body["type"].endswith(":login-over")
    assert over.body == never.body


def test_a_weak_password_is_refused_with_the_rules_and_its_place(api):
    answer = new_password(api, "weak")
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, ["/new_password"])
    assert "12 or more characters" in answer.body["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"code": "12345"}, "/code"),
        ({"code": "12345a"}, "/code"),
        ({"code": "\u0661" * 6}, "/code"),
        ({"code": 123456}, "/code"),
        ({"session": "short"}, "/session"),
        ({"session": "x" * 2049}, "/session"),
        ({"username": ""}, "/username"),
        ({"password": PASSWORD}, "/password"),
    ],
)
def test_a_second_factor_is_a_session_and_six_digits(api, changed, where):
    body = {"username": "careful", "session": SESSION, "code": CODE, **changed}
    answer = api.request("POST", "/admin/login/second-factor", body)
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, [where])


def test_the_log_says_what_the_answer_does_not_why_cognito_refused(api, caplog):
    log_in(api, "nobody")
    assert caplog.records[-1].cause.startswith("ClientError: An error occurred (UserNotFoundException)")
    assert "nobody" not in caplog.records[-1].cause


def test_passwords_codes_and_sessions_are_not_logged(api, caplog):
    log_in(api)
    log_in(api, "careful")
    second_factor(api)
    second_factor(api, "918273")
    new_password(api)
    new_password(api, "weak-horse")
    log_in(api, password="Wrong-horse-1")
    log_in(api, "broken", "Broken-horse-1")
    told = str([{key: value for key, value in vars(each).items() if isinstance(value, str)} for each in caplog.records])
    assert "login-refused" in told or "Username or password" in told
    assert not [secret for secret in ("horse", SESSION, CODE, "918273") if secret in told]
