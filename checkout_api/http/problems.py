"""Errors as the API answers them: problem documents (RFC 9457), with the place of each field that is wrong."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from jwt.exceptions import PyJWKClientConnectionError

from checkout_api.http.shapes import Place, ProblemDocument
from edges.publisher import NotPublished
from tables.rows import Contended

TYPE = "urn:orderwire:problem:"
CONTENT_TYPE = "application/problem+json"
MOST_ERRORS = 50
"""A body that is wrong everywhere gets this many of its errors back."""

OVERLOADED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""AWS's error codes for too many requests."""


class HttpProblem(Exception):
    """The request cannot be answered with success. `kind` ends the document's `type`, for programs to tell by.

    `errors` name places: `{"pointer": "/items/0/sku", "detail": ...}` in the body, or `{"parameter": "limit", ...}`.
    `retry_after` is in seconds; `members` are added to the document. `event_id` is for the log: the event that it is
    about.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Iterable[Place] = (),
        retry_after: int | None = None,
        event_id: str | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.event_id = status, kind, detail, event_id
        self.errors, self.members = list(errors)[:MOST_ERRORS], members
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

    def document(self) -> dict[str, Any]:
        """A `ProblemDocument`, with the members besides."""
        head: ProblemDocument = {
            "type": TYPE + self.kind,
            "title": self.kind.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            head["errors"] = self.errors
        return {**head, **self.members}


def invalid(errors: Iterable[tuple[str, str]]) -> HttpProblem:
    """422 for a body; `errors` are (JSON pointer, what is wrong there)."""
    told: list[Place] = [{"pointer": pointer, "detail": detail} for pointer, detail in errors]
    return HttpProblem(422, "invalid", "The body has fields that cannot be accepted.", errors=told)


def invalid_parameter(name: str, detail: str) -> HttpProblem:
    """422 for a parameter of the query or the path."""
    errors: list[Place] = [{"parameter": name, "detail": detail}]
    return HttpProblem(422, "invalid-parameter", f"The parameter {name} cannot be accepted.", errors=errors)


def unknown_order() -> HttpProblem:
    return HttpProblem(404, "unknown-order", "There is no order with this id.")


def as_problem(error: Exception, stage: str) -> HttpProblem:
    """What an exception means for the client. Anything that nobody expected is a 500 that says nothing of itself."""
    match error:
        case HttpProblem():
            return error
        case NotPublished():
            detail = "The decision stands. The event bus does not take it now; it is published as soon as it does."
            return HttpProblem(503, "not-published", detail, retry_after=5, event_id=newest(error))
        case Contended():
            return HttpProblem(503, "contended", "Too many changes at the same time. Try again.", retry_after=1)
        case NoConnection() | HTTPClientError() | PyJWKClientConnectionError():
            return unreachable(stage)
        case ClientError() if may_pass(error):
            return HttpProblem(503, "unavailable", "A service that this one needs is busy. Try again.", retry_after=2)
    return HttpProblem(500, "internal", "Something went wrong here, not in the request.")


def may_pass(error: ClientError) -> bool:
    """Whether the same request may succeed later: after a 5xx, whatever its code, or after throttling."""
    failing: bool = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
    return failing or error.response["Error"]["Code"] in OVERLOADED


def newest(error: NotPublished) -> str:
    """The id of the decision's own event: it is the last, after whatever else waited in the outbox."""
    return list(error.failed)[-1]


def unreachable(stage: str) -> HttpProblem:
    local = "The embedded AWS is not running on this machine. Start it with: make run"
    detail = local if stage == "local" else "A service that this one needs does not answer. Try again."
    return HttpProblem(503, "unavailable", detail, retry_after=5)
