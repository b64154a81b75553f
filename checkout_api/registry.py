"""The API as a whole: its routes, and their registration with Chalice beside the authorizer and the sweep."""

import json
from collections.abc import Sequence
from typing import Any

from chalice.app import AuthRequest, Blueprint, Chalice, ChaliceAuthorizer

from checkout_api import authorizer, redrive, sweep
from checkout_api.admin.queues import RedriveFunction
from checkout_api.authorizer import AdminAuthorizer, Keys, published_keys
from checkout_api.http.admins import Admins
from checkout_api.http.problems import CONTENT_TYPE, as_problem
from checkout_api.http.routing import Guards, Route, add_route, problems_only
from checkout_api.redrive import Redrive
from checkout_api.routes.books import BookRoutes
from checkout_api.routes.catalog import CatalogRoutes
from checkout_api.routes.documents import DocumentRoutes
from checkout_api.routes.operations import OperationRoutes
from checkout_api.routes.orders import OrderRoutes
from checkout_api.routes.pages import PageRoutes
from checkout_api.routes.service import ServiceRoutes
from checkout_api.sweep import Sweep
from edges.connect import Edges
from edges.functions import REDRIVE, SWEEP
from edges.log import describe, logger, stack


def routes(edges: Edges, admins: Admins, consumers: Sequence[str] = (), in_lambda: bool = False) -> list[Route]:
    """Every route of the API; `consumers` are the names of those whose queues it shows. What the API may not do itself
    is done by a function of its own in Lambda, elsewhere in this process."""
    redriver = RedriveFunction(edges) if in_lambda else Redrive(lambda: edges)
    orders, catalog = OrderRoutes(edges, admins), CatalogRoutes(edges)
    operations = OperationRoutes(edges, consumers, redriver)
    groups = (orders, catalog, operations, BookRoutes(edges), PageRoutes(edges), ServiceRoutes(edges))
    found = [route for group in groups for route in group.routes()]
    return [*found, *DocumentRoutes(found).routes()]


def register(
    app: Chalice,
    edges: Edges,
    keys: Keys = published_keys,
    consumers: Sequence[str] = (),
    in_lambda: bool = False,
) -> None:
    """Gives the app its routes, guarded where they are for admins, and the functions to deploy beside them."""
    admins = Admins(edges, keys)
    guards = Guards(register_authorizer(app, edges, keys), admins.require)
    log = logger("api_handler")
    declared = routes(edges, admins, consumers, in_lambda)
    app.register_middleware(problems_only(declared, edges), "http")
    for route in declared:
        add_route(app, route, guards, edges, log)
    register_sweep(app, edges)
    register_redrive(app, edges)


def register_authorizer(app: Chalice, edges: Edges, keys: Keys) -> ChaliceAuthorizer:
    """Lambda loads `checkout_api.authorizer.admin_authorizer`; the one registered here answers `chalice local`. Chalice
    never changes the handler of a function that is deployed, so the name stays, and so do those below."""
    local = LocalAuthorizer(AdminAuthorizer(lambda: edges, keys), edges.settings.stage)
    blueprint = Blueprint(authorizer.__name__)
    guard: ChaliceAuthorizer = blueprint.authorizer(ttl_seconds=authorizer.TTL, name=authorizer.NAME)(local)
    app.register_blueprint(blueprint)
    return guard


def register_sweep(app: Chalice, edges: Edges) -> None:
    """Lambda loads `checkout_api.sweep.sweep`; the one registered here is for whoever runs the app itself."""
    blueprint = Blueprint(sweep.__name__)
    blueprint.schedule(sweep.EVERY, name=SWEEP)(Sweep(lambda: edges))
    app.register_blueprint(blueprint)


def register_redrive(app: Chalice, edges: Edges) -> None:
    """Lambda loads `checkout_api.redrive.redrive`."""
    blueprint = Blueprint(redrive.__name__)
    blueprint.lambda_function(name=REDRIVE)(Redrive(lambda: edges))
    app.register_blueprint(blueprint)


class LocalAuthorizer:
    """The authorizer under `chalice local`, whose server has no answer for one that raises: it drops the connection."""

    __name__ = authorizer.NAME

    def __init__(self, authorize: AdminAuthorizer, stage: str) -> None:
        self._authorize, self._stage = authorize, stage

    def __call__(self, request: AuthRequest) -> dict[str, Any]:
        try:
            return self._authorize(request)
        except Exception as error:
            logger(authorizer.NAME).error("failed", extra={"error": describe(error), "stack": stack(error)})
            raise gateway_answer(error, self._stage) from None


def gateway_answer(error: Exception, stage: str) -> Exception:
    """What makes Chalice's local server answer a problem document."""
    from chalice.local import LocalGatewayException  # not packed for Lambda, and not needed there

    problem = as_problem(error, stage)
    headers = {"Content-Type": CONTENT_TYPE, **problem.headers}
    answer = LocalGatewayException(headers, json.dumps(problem.document()).encode())
    answer.CODE = problem.status
    return answer
