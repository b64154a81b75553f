"""An admin's login with Cognito."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from checkout_api.pool import Pool
from checkout_api.problems import Problem
from checkout_api.requests import Credentials
from checkout_api.shapes import Token
from edges.connect import Edges

WRONG = frozenset({"NotAuthorizedException", "UserNotFoundException", "InvalidParameterException"})
NOT_READY = {
    "PasswordResetRequiredException": "The password must be reset first.",
    "UserNotConfirmedException": "The account has not been confirmed yet.",
}
BUSY = frozenset({"TooManyRequestsException", "LimitExceededException"})


def log_in(edges: Edges, credentials: Credentials) -> Token:
    """An access token and its life in seconds. Raises Problem 401, 403 and 429."""
    try:
        answer = edges.clients.cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=Pool.of(edges).client_id,
            AuthParameters={"USERNAME": credentials.username, "PASSWORD": credentials.password},
        )
    except ClientError as error:
        raise refused(error) from None
    return token_of(answer)


def token_of(answer: Mapping[str, Any]) -> Token:
    """The token in Cognito's answer. Raises Problem 403 if Cognito wants something else first."""
    if challenge := answer.get("ChallengeName"):
        wanted = "A new password must be set first." if challenge == "NEW_PASSWORD_REQUIRED" else f"{challenge} is due."
        raise Problem(403, "login-incomplete", wanted)
    result = answer["AuthenticationResult"]
    return {"token": result["AccessToken"], "expires_in": result["ExpiresIn"]}


def refused(error: ClientError) -> Exception:
    """What Cognito's refusal means; the same for a wrong name and a wrong password."""
    code = error.response["Error"]["Code"]
    if code in WRONG:
        return Problem(401, "login-refused", "Username or password is wrong.")
    if code in NOT_READY:
        return Problem(403, "login-incomplete", NOT_READY[code])
    if code in BUSY:
        return Problem(429, "too-many-logins", "Too many attempts. Try again later.", retry_after=30)
    unexpected: Exception = error
    return unexpected
