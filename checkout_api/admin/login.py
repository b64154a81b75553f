"""An admin's login with Cognito: name and password, and what Cognito wants to know besides.

By the operations that need leave from IAM. Those that are open to everybody would let passwords be tried around this
API and its throttle, so the pool's client does not take passwords there.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import jwt
from botocore.exceptions import ClientError

from checkout_api.http.problems import HttpProblem, invalid
from checkout_api.http.requests import Credentials, NewPassword, SecondFactor
from checkout_api.http.routing import Answer
from checkout_api.http.shapes import Token
from checkout_api.pool import Pool
from edges.connect import Edges

CODE_DUE, PASSWORD_DUE, APP_DUE = "SOFTWARE_TOKEN_MFA", "NEW_PASSWORD_REQUIRED", "MFA_SETUP"

DUE = {
    CODE_DUE: ("second-factor-due", "Send the code of your authenticator app to POST /admin/login/second-factor."),
    PASSWORD_DUE: ("new-password-due", "Send a password of your own to POST /admin/login/new-password."),
    APP_DUE: (
        "authenticator-due",
        "Put the secret into an authenticator app, and send its code to POST /admin/login/authenticator.",
    ),
}
"""Cognito's challenge -> the problem's kind, and what to do."""

WRONG = frozenset({"NotAuthorizedException", "UserNotFoundException", "InvalidParameterException"})
NOT_READY = {
    "PasswordResetRequiredException": "The password must be reset first.",
    "UserNotConfirmedException": "The account has not been confirmed yet.",
}
BUSY = frozenset({"TooManyRequestsException", "LimitExceededException"})
WRONG_CODE = frozenset({"CodeMismatchException", "ExpiredCodeException", "EnableSoftwareTokenMFAException"})
WEAK = frozenset({"InvalidPasswordException", "PasswordHistoryPolicyViolationException"})
Wrong = tuple[int, str, str]
"""Status, kind and detail of the problem that a wrong name, password or session is."""

LOGIN_OVER: Wrong = (401, "login-over", "This login is over or was never begun. Begin again with name and password.")
T = TypeVar("T")
RULES = "must have 12 or more characters, with small and capital letters, digits and symbols, and be a new one"


def log_in(edges: Edges, credentials: Credentials) -> Token:
    """An access token and its life in seconds. Raises Problem 401, 403 and 429."""
    wrong, pool = (401, "login-refused", "Username or password is wrong."), Pool.of(edges)
    return answered(
        edges,
        lambda: edges.clients.cognito.admin_initiate_auth(
            UserPoolId=pool.pool_id,
            ClientId=pool.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": credentials.username, "PASSWORD": credentials.password},
        ),
        wrong,
    )


def give_code(edges: Edges, given: SecondFactor) -> Token:
    """As `log_in`, with the code of an authenticator app."""
    return respond(edges, CODE_DUE, given, {"SOFTWARE_TOKEN_MFA_CODE": given.code})


def register_app(edges: Edges, given: SecondFactor) -> Token:
    """As `log_in`, with the first code of an app that has been given the secret just now.

    The secret and its first code are Cognito's operations that are open to whoever has the login's session; what makes
    a token of it is not.
    """

    def verified() -> str:
        answer = edges.clients.cognito.verify_software_token(Session=given.session, UserCode=given.code)
        return str(answer["Session"])

    session = unless_refused(verified, LOGIN_OVER)
    return respond(edges, APP_DUE, given.model_copy(update={"session": session}), {})


def set_password(edges: Edges, given: NewPassword) -> Token:
    """As `log_in`, with a password in place of the temporary one. Raises Problem 422 for a weak one besides."""
    return respond(edges, PASSWORD_DUE, given, {"NEW_PASSWORD": given.new_password})


def respond(edges: Edges, challenge: str, given: SecondFactor | NewPassword, responses: Mapping[str, str]) -> Token:
    pool = Pool.of(edges)
    return answered(
        edges,
        lambda: edges.clients.cognito.admin_respond_to_auth_challenge(
            UserPoolId=pool.pool_id,
            ClientId=pool.client_id,
            ChallengeName=challenge,
            Session=given.session,
            ChallengeResponses={"USERNAME": given.username, **responses},
        ),
        LOGIN_OVER,
    )


def answered(edges: Edges, ask: Callable[[], Mapping[str, Any]], wrong: Wrong) -> Token:
    return unless_refused(lambda: token_of(edges, ask()), wrong)


def unless_refused(ask: Callable[[], T], wrong: Wrong) -> T:
    """What Cognito says. Raises Problem if it refuses, `wrong` if for a wrong name, password or session."""
    try:
        return ask()
    except ClientError as error:
        if problem := refused(error, wrong):
            raise problem from error
        raise


def token_of(edges: Edges, answer: Mapping[str, Any]) -> Token:
    """The token in Cognito's answer. Raises Problem 403 if Cognito wants something else first."""
    if challenge := answer.get("ChallengeName"):
        raise due(edges, challenge, answer.get("Session", ""))
    result = answer["AuthenticationResult"]
    return {"token": result["AccessToken"], "expires_in": result["ExpiresIn"]}


def logged_in(token: Token) -> Answer:
    """With Cognito's subject for the log: who logs in has no token yet that would say it. This one came from Cognito
    just now, so its signature is not looked at."""
    claims = jwt.decode(token["token"], options={"verify_signature": False})
    return Answer(200, token, principal=str(claims["sub"]))


def due(edges: Edges, challenge: str, session: str) -> HttpProblem:
    """With `session`, which the next request repeats; Cognito keeps it for three minutes. Where an app is to be
    registered, with the `secret` that it makes codes of, in base32."""
    if challenge == APP_DUE:
        made = edges.clients.cognito.associate_software_token(Session=session)
        return HttpProblem(403, *DUE[challenge], session=made["Session"], secret=made["SecretCode"])
    if challenge in DUE:
        return HttpProblem(403, *DUE[challenge], session=session)
    return HttpProblem(403, "login-incomplete", f"Cognito asks for {challenge}, which cannot be answered here.")


def refused(error: ClientError, wrong: Wrong) -> HttpProblem | None:
    """What Cognito's refusal means, if it is one; the same for a wrong name and a wrong password."""
    code = error.response["Error"]["Code"]
    if code in WRONG:
        return HttpProblem(*wrong)
    if code in WRONG_CODE:
        return HttpProblem(401, "code-refused", "The code is wrong, or its time is over.")
    if code in WEAK:
        return invalid([("/new_password", RULES)])
    if code in NOT_READY:
        return HttpProblem(403, "login-incomplete", NOT_READY[code])
    if code in BUSY:
        return HttpProblem(429, "too-many-logins", "Too many attempts. Try again later.", retry_after=30)
    return None
