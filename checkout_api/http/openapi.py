"""The OpenAPI 3.1 document of the API, from the declarations of its routes and the types they name. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from checkout_api.http.description import Description
from checkout_api.http.problems import CONTENT_TYPE
from checkout_api.http.routing import Route
from checkout_api.http.shapes import ProblemDocument
from schemas.portable import portable

Document = dict[str, Any]

VERSION = "1.0"
REFERENCE = "#/components/schemas/{model}"
JSON = "application/json"
ABOUT = """
Orders are accepted with 202 and settle a moment later: follow an order by its id, which only its owner knows. Errors
are problem documents (RFC 9457). Every answer has an X-Correlation-Id, the client's own if it sent a well-formed one; a
W3C traceparent is passed on. API Gateway answers by itself, without that header: an unknown path or method (404), a
throttled request (429), most admin routes without a valid token (401, 403).
"""

BODY_PROBLEMS = {
    400: "The body is not JSON.",
    413: "The body has more than 64 kB.",
    422: "Fields cannot be accepted; `errors` says which and why.",
}
OTHER_TYPE = {415: "The Content-Type is not application/json."}
OTHER_SITE = {403: "A browser sent the request for a page that has no business here."}
ANY_TIME = {
    500: "Something went wrong here, not in the request.",
    503: "A service that this one needs does not answer; Retry-After says when to try again.",
}
PATIENCE = (429, 503)
GUARDED = {401: "The request has no Authorization header.", 403: "The token is not that of an admin."}

TEXT = {"type": "string"}
CORRELATION = {"description": "Names the request in logs and events.", "required": True, "schema": TEXT}
RETRY_AFTER = {"description": "Seconds to wait.", "required": True, "schema": {**TEXT, "pattern": "^[0-9]+$"}}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The access token that POST /admin/login answers to an admin.",
}


LICENSE = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}


class ForGenerators(GenerateJsonSchema):
    """As generators of clients read it: no titles that only repeat a field's name, no defaults, for which they make a
    field that may be missing one that must be there, and no `const`, which some take in a body only."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def literal_schema(self, schema: Any) -> JsonSchemaValue:
        found = super().literal_schema(schema)
        return {"enum": [found.pop("const")], **found} if "const" in found else found


def document(routes: Iterable[Route]) -> Document:
    """The document of all routes that have a description."""
    described = [(route, route.about) for route in routes if route.about is not None]
    schemas, components = schemas_of(about for _, about in described)
    paths: dict[str, Document] = {}
    for route, about in described:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, about, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Orderwire",
            "version": VERSION,
            "description": " ".join(ABOUT.split()),
            "license": LICENSE,
        },
        "servers": [{"url": ".", "description": "where this document is"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "headers": {"X-Correlation-Id": CORRELATION},
            "responses": problem_responses(schemas[ProblemDocument]),
            "securitySchemes": {"admin": BEARER},
        },
    }


def problem_responses(problem: JsonSchemaValue) -> Document:
    """What routes refer to: problem documents, and those that ask for patience."""
    content = {"content": {CONTENT_TYPE: {"schema": problem}}}
    return {
        "Problem": {"description": "What is wrong.", **content},
        "Busy": {"description": "Try again later.", "headers": {"Retry-After": RETRY_AFTER}, **content},
    }


Schemas = Mapping[Any, JsonSchemaValue]
"""What describes a type."""


def schemas_of(descriptions: Iterable[Description]) -> tuple[Schemas, Document]:
    """(the schema of each body, the components that the schemas refer to)."""
    bodies = [body for about in descriptions for body in (about.answer, about.body) if body is not None]
    found, definitions = TypeAdapter.json_schemas(
        [(body, "validation", TypeAdapter(body)) for body in dict.fromkeys([*bodies, ProblemDocument])],
        ref_template=REFERENCE,
        schema_generator=ForGenerators,
    )
    components = {name: everywhere(schema) for name, schema in definitions["$defs"].items()}
    return {body: everywhere(schema) for (body, _), schema in found.items()}, components


everywhere = partial(portable, aside=("multipleOf",))
"""A schema as clients can hold answers against it: many would find that 16.99 is no multiple of 0.01."""


def operation(route: Route, about: Description, schemas: Schemas) -> Document:
    """One method of one path."""
    asked = request_body(route, about, schemas)
    parameters = list(parameters_of(about))
    return {
        "operationId": "_".join([route.method.lower(), *words(route.path)]),
        "tags": words(route.path)[:1],
        "summary": about.summary,
        **({"description": about.admin} if about.admin else {}),
        "security": security(route, about),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": asked} if asked else {}),
        "responses": {str(status): told for status, told in responses(route, about, schemas)},
    }


def security(route: Route, about: Description) -> list[Document]:
    """Any one of these will do; an empty list says that nothing is asked for."""
    if route.admin:
        return [{"admin": []}]
    return [{}, {"admin": []}] if about.admin else []


def words(path: str) -> list[str]:
    return path.replace("{", "").replace("}", "").replace(".", "_").strip("/").split("/")


def parameters_of(about: Description) -> Iterator[Document]:
    for place, types in (("path", about.params), ("query", about.query), ("header", about.headers)):
        for name, type_ in types.items():
            schema = TypeAdapter(type_).json_schema(schema_generator=ForGenerators)
            told = {"description": schema.pop("description")} if "description" in schema else {}
            yield {"name": name, "in": place, "required": place == "path", **told, "schema": schema}


def request_body(route: Route, about: Description, schemas: Schemas) -> Document | None:
    if about.body is None:
        return None
    told = {"description": "JSON, whatever its Content-Type says."} if route.cross_origin else {}
    return {"required": about.body_required, **told, "content": {JSON: {"schema": schemas[about.body]}}}


def responses(route: Route, about: Description, schemas: Schemas) -> Iterator[tuple[int, Document]]:
    """(status, what comes with it): the success first."""
    sent = {name: {"description": told, "required": True, "schema": TEXT} for name, told in about.sent.items()}
    yield (
        about.status,
        {
            "description": HTTPStatus(about.status).phrase,
            "headers": {"X-Correlation-Id": {"$ref": "#/components/headers/X-Correlation-Id"}, **sent},
            "content": {JSON: {"schema": schemas[about.answer]}},
        },
    )
    for status, told in sorted(problems_of(route, about).items()):
        yield status, {"$ref": f"#/components/responses/{kind_of(status)}", "description": told}


def problems_of(route: Route, about: Description) -> dict[int, str]:
    """Status -> when, for all that the route answers besides its success."""
    sources: list[Mapping[int, str]] = [ANY_TIME]
    if about.body is not None:
        sources.append(BODY_PROBLEMS)
    if route.admin or about.admin:
        sources.append(GUARDED)
    sources += [about.problems, OTHER_SITE]
    if not route.cross_origin and route.method != "GET":
        sources.append(OTHER_TYPE)
    found: dict[int, str] = {}
    for status, told in (each for source in sources for each in source.items()):
        found[status] = f"{found[status]} {told}" if status in found else told
    return found


def kind_of(status: int) -> str:
    """The component that a problem's response refers to."""
    return "Busy" if status in PATIENCE else "Problem"
