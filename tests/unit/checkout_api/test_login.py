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
CHALLENGES = {
    "new": "NEW_PASSWORD_REQUIRED",
    "careful": "SOFTWARE_TOKEN_MFA",
    "bare": "MFA_SETUP",
    "phoned": "SMS_MFA",
}
SECRET, SETTING_UP, WITH_APP = "MZXW6YTBOI", "session-that-sets-an-app-up", "session-with-an-app-in-it"
NEW_BUT_BARE = "Better-horse-33"


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
        if (name, Session) == ("bare", WITH_APP):
            assert (ChallengeName, ChallengeResponses) == ("MFA_SETUP", {"USERNAME": "bare"})
            return TOKENS
        if Session != SESSION or CHALLENGES.get(name) != ChallengeName:
            raise refusal("NotAuthorizedException", name)
        if ChallengeResponses.get("SOFTWARE_TOKEN_MFA_CODE", CODE) != CODE:
            raise refusal("CodeMismatchException", name)
        if ChallengeResponses.get("NEW_PASSWORD", NEW) not in (NEW, NEW_BUT_BARE):
            raise refusal("InvalidPasswordException", name)
        if name == "new" and ChallengeResponses["NEW_PASSWORD"] == NEW_BUT_BARE:
            return {"ChallengeName": "MFA_SETUP", "Session": SESSION}
        return TOKENS

    def associate_software_token(self, Session):  # noqa: N803
        assert Session == SESSION
        return {"SecretCode": SECRET, "Session": SETTING_UP}

    def verify_software_token(self, Session, UserCode):  # noqa: N803
        if Session != SETTING_UP:
            raise refusal("NotAuthorizedException", "somebody")
        if UserCode != CODE:
            raise refusal("EnableSoftwareTokenMFAException", "somebody")
        return {"Status": "SUCCESS", "Session": WITH_APP}


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


def authenticator(api, code=CODE, session=SETTING_UP):
    body = {"username": "bare", "session": session, "code": code}
    return api.request("POST", "/admin/login/authenticator", body)


@pytest.mark.parametrize(
    "begin", [lambda api: log_in(api, "bare"), lambda api: new_password(api, NEW_BUT_BARE)], ids=["later", "at first"]
)
def test_where_every_admin_has_an_app_who_has_none_registers_one_to_be_let_in(api, begin):
    begun = begin(api)
    assert (begun.status, begun.body["type"]) == (403, "urn:orderwire:problem:authenticator-due")
    assert (begun.body["secret"], begun.body["session"]) == (SECRET, SETTING_UP)
    answer = authenticator(api, session=begun.body["session"])
    assert (answer.status, answer.body["token"]) == (200, token())


def test_an_app_whose_first_code_is_wrong_and_a_login_that_is_over_are_told_apart(api):
    wrong, over = authenticator(api, "918273"), authenticator(api, session="x" * 20)
    assert [answer.status for answer in (wrong, over)] == [401, 401]
    assert wrong.body["type"].endswith(":code-refused")
    assert over.body["type"].endswith(":login-over")


@pytest.mark.parametrize("way", [log_in, second_factor, authenticator, new_password], ids=lambda way: way.__name__)
def test_a_login_leaves_a_line_with_its_subject_by_whichever_way_it_ends(api, caplog, way):
    caplog.set_level("INFO")
    assert way(api).status == 200
    line = caplog.records[-1]
    assert (line.getMessage(), line.principal) == ("done", "admin-1")
    assert line.route.startswith("POST /admin/login")


def test_so_does_a_login_by_the_book_stores_front_end(caplog):
    with running_api(stage="local", books="open") as local:
        local.edges.clients.__dict__["cognito"] = FakeCognito()
        caplog.set_level("INFO")
        assert local.request("POST", "/login", {"username": "admin", "password": PASSWORD}).status == 200
    assert (caplog.records[-1].route, caplog.records[-1].principal) == ("POST /login", "admin-1")


def test_a_login_that_is_refused_or_not_at_its_end_names_no_subject(api, caplog):
    caplog.set_level("INFO")
    for answer in (log_in(api, password="Wrong-horse-1"), log_in(api, "careful"), authenticator(api, "918273")):
        assert answer.status in (401, 403)
    assert [each.getMessage() for each in caplog.records] == ["refused"] * 3
    assert not [each for each in caplog.records if hasattr(each, "principal")]


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
    log_in(api, "bare")
    authenticator(api)
    new_password(api)
    new_password(api, "weak-horse")
    log_in(api, password="Wrong-horse-1")
    log_in(api, "broken", "Broken-horse-1")
    told = str([{key: value for key, value in vars(each).items() if isinstance(value, str)} for each in caplog.records])
    assert "login-refused" in told or "Username or password" in told
    assert not [
        secret for secret in ("horse", SESSION, CODE, "918273", SECRET, SETTING_UP, WITH_APP, token()) if secret in told
    ]
