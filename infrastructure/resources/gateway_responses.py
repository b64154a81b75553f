"""What API Gateway answers by itself, before or instead of the API's function, in the form of the API's own errors.

Types are API Gateway's gateway response types. Each has its own status, because a template cannot ask for it; the two
defaults cover types that are yet to come, and their documents go without.
"""

import json
from typing import Any

from checkout_api.http.problems import CONTENT_TYPE, HttpProblem
from checkout_api.http.requests import LARGEST_BODY
from checkout_api.http.routing import HEADERS, TOLD

NOT_SIGNED = HttpProblem(403, "refused", "The Authorization header is not of a kind that is taken here.")
UNREADABLE = HttpProblem(400, "bad-request", "The request cannot be read.")
TOO_MANY = HttpProblem(429, "too-many-requests", "Too many requests at the same time. Try again.", retry_after=1)
NO_AUTHORIZER = HttpProblem(503, "unavailable", "Nobody can tell now who you are. Try again.", retry_after=5)
BROKEN = HttpProblem(500, "internal", "Something went wrong here, not in the request.")

PROBLEMS = {
    "ACCESS_DENIED": HttpProblem(403, "token-refused", "The token cannot be accepted, or is not an admin's."),
    "API_CONFIGURATION_ERROR": BROKEN,
    "AUTHORIZER_CONFIGURATION_ERROR": NO_AUTHORIZER,
    "AUTHORIZER_FAILURE": NO_AUTHORIZER,
    "BAD_REQUEST_BODY": UNREADABLE,
    "BAD_REQUEST_PARAMETERS": UNREADABLE,
    "EXPIRED_TOKEN": NOT_SIGNED,
    "INTEGRATION_FAILURE": HttpProblem(502, "unavailable", "The service failed to answer. Try again.", retry_after=2),
    "INTEGRATION_TIMEOUT": HttpProblem(
        504, "timed-out", "No answer in time. The request may take effect all the same."
    ),
    "INVALID_API_KEY": NOT_SIGNED,
    "INVALID_SIGNATURE": NOT_SIGNED,
    "MISSING_AUTHENTICATION_TOKEN": HttpProblem(404, "not-found", "There is no such path, or not for this method."),
    "QUOTA_EXCEEDED": TOO_MANY,
    "REQUEST_TOO_LARGE": HttpProblem(413, "too-large", f"A body may have up to {LARGEST_BODY} bytes."),
    "RESOURCE_NOT_FOUND": HttpProblem(404, "not-found", "There is no such path."),
    "THROTTLED": TOO_MANY,
    "UNAUTHORIZED": HttpProblem(401, "no-token", "This is for admins: the request has no Authorization header."),
    "UNSUPPORTED_MEDIA_TYPE": HttpProblem(415, "unsupported-media-type", "The body must be application/json."),
    "WAF_FILTERED": HttpProblem(403, "refused", "The request was refused."),
}
"""API Gateway says MISSING_AUTHENTICATION_TOKEN of any path or method that is not declared."""

DEFAULTS = {
    "DEFAULT_4XX": HttpProblem(400, "refused", "The request cannot be accepted."),
    "DEFAULT_5XX": BROKEN,
}


def gateway_responses(cors_origin: str | None) -> dict[str, dict[str, Any]]:
    """Type -> what `PutGatewayResponse` takes of it. Pages of `cors_origin`, if there is one, may read every one."""
    every = {**PROBLEMS, **DEFAULTS}
    return {type_: gateway_response(type_, problem, cors_origin) for type_, problem in every.items()}


def gateway_response(type_: str, problem: HttpProblem, cors_origin: str | None) -> dict[str, Any]:
    document = problem.document()
    if type_ in DEFAULTS:
        del document["status"]  # each type keeps its own
        status = {}
    else:
        status = {"statusCode": str(problem.status)}
    return {
        **status,
        "responseParameters": headers(problem, cors_origin),
        "responseTemplates": {"application/json": json.dumps(document)},
    }


def headers(problem: HttpProblem, cors_origin: str | None) -> dict[str, str]:
    """API Gateway's form of headers with fixed values."""
    return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in told(problem, cors_origin).items()}


def told(problem: HttpProblem, cors_origin: str | None) -> dict[str, str]:
    """The headers that a client gets."""
    for_pages = (
        {"Access-Control-Allow-Origin": cors_origin, "Access-Control-Expose-Headers": ",".join(TOLD)}
        if cors_origin
        else {}
    )
    return {
        **for_pages,
        "Content-Type": CONTENT_TYPE,
        **HEADERS,
        **problem.headers,
        **({"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}),
    }
