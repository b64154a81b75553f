"""Between Chalice and the routes: a request as plain data on the way in, JSON or a problem document on the way out."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from chalice.app import Chalice, ChaliceAuthorizer, CORSConfig, MultiDict, Request, Response

from checkout_api.http.browsers import refuse_another_origin, refuse_another_site, refuse_another_type
from checkout_api.http.description import Description
from checkout_api.http.origin import Origin, origin_of
from checkout_api.http.problems import CONTENT_TYPE, HttpProblem, as_problem, invalid_parameter
from checkout_api.http.requests import LARGEST_BODY
from edges.clock import Chance
from edges.connect import Edges
from edges.log import describe, stack
from edges.settings import Settings

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer. No cache may keep an order, and the catalog's stock must be fresh. Browsers follow
Strict-Transport-Security over TLS only, so http on a laptop is not affected."""

UNDERSTOOD = ("Idempotency-Key", "Traceparent", "X-Correlation-Id")
"""Headers that a page of another origin may send, besides those that Chalice lists: Authorization and Content-Type."""
TOLD = ("Retry-After", "X-Correlation-Id")
"""Headers of an answer that such a page may read."""
CORS_SECONDS = 600
"""How long a browser may remember a preflight's answer."""

LIKE_OURS = re.compile("ord_[A-Za-z0-9_-]{1,60}")
"""The form of the order ids that `placing.OrderIds` makes."""


@dataclass(frozen=True)
class Call:
    """One request. `params` are the parts of the path, decoded; `headers` are looked up in small letters.

    `path` is the path that the client asked for, API Gateway's stage included; `principal` the admin's Cognito subject.
    """

    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    path: str
    origin: Origin
    principal: str | None = None


@dataclass(frozen=True)
class Answer:
    """`body` is plain data; a Decimal becomes a JSON number. `event_id` is for the log: the event that the request led
    to, `principal` the Cognito subject of who has become an admin by it."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    event_id: str | None = None
    principal: str | None = None


@dataclass(frozen=True)
class Route:
    """`path` as Chalice has it, for example `/orders/{order_id}`. `admin` routes want an admin's token.

    A `cross_origin` route is for pages of the stage's `cors_origin` too: every answer has CORS headers, a preflight is
    answered, and the body is JSON whatever its Content-Type says. Without a `cors_origin` it has no such pages. A route
    without `about` is left out of the OpenAPI document.
    """

    method: str
    path: str
    answer: Callable[[Call], Answer]
    admin: bool = False
    cross_origin: bool = False
    about: Description | None = None


@dataclass(frozen=True)
class Guards:
    """Who lets admins in: `authorizer` in API Gateway, before the API is called; `require_admin` in the
    API itself, from the Authorization header to the admin's subject. It raises Problem.

    The second is for cross-origin routes: on API Gateway's own 401 and 403 there are no CORS headers, so a browser
    would tell its page nothing.
    """

    authorizer: ChaliceAuthorizer
    require_admin: Callable[[str | None], str]


def add_route(app: Chalice, route: Route, guards: Guards, edges: Edges, log: Logger) -> None:
    def view(**params: str) -> Response:
        assert app.current_request is not None  # Chalice sets it before it calls a view
        call = call_of(app.current_request, params, edges.chance)
        try:
            admit(route, call, edges.settings.cors_origin)
            refuse_repeated(route, app.current_request)
            if route.admin and route.cross_origin:
                call = replace(call, principal=guards.require_admin(call.headers.get("authorization")))
            answer = route.answer(call)
        except Exception as error:  # whatever it is, the client gets a problem document
            answer = failed(error, edges.settings.stage)
            log_failure(log, route, call, answer, error)
        else:
            log_change(log, route, call, answer)
        return response(answer, call.origin)

    name = f"{route.method} {route.path}"
    app.route(route.path, methods=[route.method], name=name, **gateway_options(route, guards, edges.settings))(view)


def admit(route: Route, call: Call, cors_origin: str | None) -> None:
    """Raises Problem 403 and 415 for what a browser could be made to send by a page that has no business here."""
    if route.cross_origin:
        refuse_another_origin(route.method, call.headers, cors_origin)
        return
    refuse_another_site(route.method, call.headers)
    if route.method != "GET":
        refuse_another_type(call.headers, call.body)


def refuse_repeated(route: Route, request: Request) -> None:
    """Raises Problem 422 for a parameter of the route's that is given twice: two readers would read two values."""
    given = request.query_params or MultiDict({})
    for name in route.about.query if route.about else ():
        if name in given and len(given.getlist(name)) > 1:
            raise invalid_parameter(name, "is given twice")


def gateway_options(route: Route, guards: Guards, settings: Settings) -> dict[str, Any]:
    """What API Gateway does for the route. To Chalice, an empty list of content types accepts any: its own reading
    takes lists and `*/*` for JSON, so `admit` reads them."""
    if route.cross_origin:
        return {"cors": cors(settings.cors_origin), "content_types": []}
    return {"authorizer": guards.authorizer if route.admin else None, "content_types": []}


def cors(origin: str | None) -> CORSConfig | None:
    """No credentials: a token is sent by the page itself, so another origin's pages can do what anyone else can."""
    if origin is None:
        return None
    return CORSConfig(origin, allow_headers=UNDERSTOOD, expose_headers=TOLD, max_age=CORS_SECONDS)


def call_of(request: Request, params: Mapping[str, str], chance: Chance) -> Call:
    headers, body = headers_of(request), request.raw_body
    return Call(
        params={name: unquote(value) for name, value in params.items()},
        query=dict(request.query_params or {}),
        headers=headers,
        body=body if isinstance(body, bytes) else body.encode(),
        path=request.context.get("path") or request.path,
        origin=origin_of(headers, request_id(request, chance)),
        principal=(request.context.get("authorizer") or {}).get("principalId"),
    )


def headers_of(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def request_id(request: Request, chance: Chance) -> str:
    """API Gateway's; `chalice local` gives none."""
    return str(request.context.get("requestId") or chance.token())


def failed(error: Exception, stage: str) -> Answer:
    problem = as_problem(error, stage)
    headers = {"Content-Type": CONTENT_TYPE, **problem.headers}
    return Answer(problem.status, problem.document(), headers, problem.event_id)


def response(answer: Answer, origin: Origin) -> Response:
    headers = {"Content-Type": "application/json", "X-Correlation-Id": origin.correlation_id, **HEADERS}
    return Response(body=answer.body, status_code=answer.status, headers={**headers, **answer.headers})


def log_change(log: Logger, route: Route, call: Call, answer: Answer) -> None:
    """One line for every request that changed something; reading is not worth one."""
    if route.method != "GET":
        log.info("done", extra=about_call(route, call, answer))


def log_failure(log: Logger, route: Route, call: Call, answer: Answer, error: Exception) -> None:
    """A client's mistake is information; what is ours is a warning if it may pass, else an error with its stack.

    The cause is what another service said: why the bus or Cognito refused is not for the client to know.
    """
    told, personal = about_call(route, call, answer), strings_in(call.body)
    told["error"] = describe(error, personal)
    if isinstance(error.__cause__, Exception):
        told["cause"] = describe(error.__cause__, personal)
    if answer.status < 500:
        log.info("refused", extra=told)
    elif answer.status == 503:
        log.warning("unavailable", extra=told)
    else:
        log.error("failed", extra=told | {"stack": stack(error)})


def about_call(route: Route, call: Call, answer: Answer) -> dict[str, Any]:
    told = {
        "route": f"{route.method} {route.path}",
        "order_id": order_in(call, answer),
        "event_id": answer.event_id,
        "status": answer.status,
        "request_id": call.origin.request_id,
        "correlation_id": call.origin.correlation_id,
        "principal": call.principal or answer.principal,
    }
    return {key: value for key, value in told.items() if value is not None}


def strings_in(body: bytes) -> set[str]:
    """Every text that the client sent. An error that nobody expected may repeat any of them."""
    found: set[str] = set()
    if len(body) > LARGEST_BODY:
        return found  # no route has read it
    try:
        json.loads(body or b"null", object_hook=lambda members: found.update(texts(members.values())))
    except (ValueError, RecursionError):
        return set()  # as above
    return found


def texts(values: Iterable[Any]) -> Iterator[str]:
    """The texts among the values, and in the lists among them."""
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            left += value


def order_in(call: Call, answer: Answer) -> str | None:
    """The order id in the answer, else that of the path if it looks like one: a client can write anything there."""
    told = answer.body if isinstance(answer.body, dict) else {}
    asked = call.params.get("order_id", "")
    found: str | None = told.get("order_id") or told.get("receiptHandle")
    return found or (asked if LIKE_OURS.fullmatch(asked) else None)


Middleware = Callable[[Request, Callable[[Request], Response]], Response]


def problems_only(routes: Iterable[Route], edges: Edges) -> Middleware:
    """Chalice middleware: its own errors, such as 405, in the form of all others, and readable for pages of
    another origin where the path's routes are."""
    open_paths = {route.path for route in routes if route.cross_origin}
    allowed = cors(edges.settings.cors_origin)
    for_pages = allowed.get_access_control_headers() if allowed else {}

    def answered(request: Request, get_response: Callable[[Request], Response]) -> Response:
        answer = get_response(request)
        if isinstance(answer.body, dict) and answer.body.keys() == {"Code", "Message"}:
            cross_origin = request.context.get("resourcePath") in open_paths
            origin = origin_of(headers_of(request), request_id(request, edges.chance))
            told = {"X-Correlation-Id": origin.correlation_id, "Content-Type": CONTENT_TYPE, **HEADERS}
            answer.headers |= {**told, **(for_pages if cross_origin else {})}
            answer.body = chalice_problem(answer.status_code, answer.body["Message"]).document()
        return answer

    return answered


def chalice_problem(status: int, message: str) -> HttpProblem:
    kinds = {404: "not-found", 405: "method-not-allowed", 500: "internal"}
    return HttpProblem(status, kinds.get(status, "refused"), f"{message.rstrip('.')}.")
