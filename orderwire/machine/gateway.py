"""What API Gateway answers by itself, as a released stage answers: Chalice's server imitates one without settings."""

import json

from chalice.local import LocalGatewayException

from checkout_api.http.problems import CONTENT_TYPE, HttpProblem
from checkout_api.http.routing import HEADERS
from infrastructure.resources.gateway_responses import PROBLEMS, told

TYPES = {
    (401, "UnauthorizedException"): "UNAUTHORIZED",
    (403, "AccessDeniedException"): "ACCESS_DENIED",
    (403, "UnauthorizedException"): "MISSING_AUTHENTICATION_TOKEN",
    (500, "AuthorizerConfigurationException"): "AUTHORIZER_CONFIGURATION_ERROR",
}
"""Chalice's status and error type -> API Gateway's type of the response."""


def as_released(error: LocalGatewayException, cors_origin: str | None) -> LocalGatewayException:
    """The same refusal in the form of all others. Anything else stays what it is."""
    type_ = TYPES.get((error.CODE, str(error.headers.get("x-amzn-ErrorType"))))
    if type_ is None:
        return error
    problem = PROBLEMS[type_]
    answer = LocalGatewayException(told(problem, cors_origin), json.dumps(problem.document()).encode())
    answer.CODE = problem.status
    return answer


def told_by_us(problem: HttpProblem) -> LocalGatewayException:
    """What the local server refuses by itself, for no other origin's page to read."""
    headers = {"Content-Type": CONTENT_TYPE, "Connection": "close", **HEADERS, **problem.headers}
    answer = LocalGatewayException(headers, json.dumps(problem.document()).encode())
    answer.CODE = problem.status
    return answer
