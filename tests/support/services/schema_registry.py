"""EventBridge's schema registry in memory, behind a real boto3 client: requests and answers are its service model's.

As AWS does, it takes documents that are valid draft 4 and say so, counts versions from 1, and names its errors.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import jsonschema_rs
from botocore.awsrequest import AWSResponse

_PATH = re.compile(r"/v1/registries/name/(?P<registry>[^/]+)(?P<schemas>/schemas)?(?:/name/(?P<schema>[^/]+))?")
_NAME = re.compile("[0-9A-Za-z_.@-]{1,385}")
DRAFT4 = "http://json-schema.org/draft-04/schema#"
PAGE = 5
"""Names on a page of a list, so that there is more than one."""


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


MISSING, BAD = Refused(404, "NotFoundException"), Refused(400, "BadRequestException")


@dataclass
class SchemaRegistry:
    """Registry -> schema -> its versions, as they were sent; `tags` of both, by name."""

    registries: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    tags: dict[str, Any] = field(default_factory=dict)
    writes: int = 0

    def client(self, service: str) -> Any:
        assert service == "schemas"
        client = boto3.client("schemas", region_name="eu-central-1", aws_access_key_id="k", aws_secret_access_key="s")
        client.meta.events.register("before-send.schemas", self._answer)
        return client

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        found = _PATH.fullmatch(unquote(url.path))
        assert found, url.path
        body = json.loads(request.body or b"{}")
        try:
            status, answer = 200, self._handle(request.method, found, body, url.query)
        except Refused as refused:
            status, answer = refused.status, {"Code": refused.code, "Message": refused.code}
        headers = {"content-type": "application/json", "x-amzn-errortype": answer.get("Code", "")}
        return AWSResponse(request.url, status, headers, Raw(json.dumps(answer).encode()))

    def _handle(self, method: str, found: re.Match[str], body: dict[str, Any], query: str) -> dict[str, Any]:
        registry, schema = found["registry"], found["schema"]
        if not found["schemas"]:
            return self._registry(method, registry, body)
        if registry not in self.registries:
            raise MISSING
        return self._schema(method, registry, schema, body) if schema else self._list(registry, query)

    def _registry(self, method: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if method == "POST":
            if name in self.registries:
                raise Refused(409, "ConflictException")
            self.registries[name], self.tags[name] = {}, body.get("tags")
            self.writes += 1
        elif name not in self.registries:
            raise MISSING
        return {"RegistryName": name}

    def _list(self, registry: str, query: str) -> dict[str, Any]:
        names = sorted(self.registries[registry])
        start = int(query.partition("nextToken=")[2] or 0)
        page = [{"SchemaName": name} for name in names[start : start + PAGE]]
        return {"Schemas": page, **({"NextToken": str(start + PAGE)} if names[start + PAGE :] else {})}

    def _schema(self, method: str, registry: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        versions = self.registries[registry].get(name, [])
        if (method == "POST") == bool(versions):
            raise BAD if versions else MISSING
        if method in ("POST", "PUT"):
            require_valid(name, body)
            self.writes += 1
            self.registries[registry][name] = versions = [*versions, body]
            self.tags[name] = body.get("tags") or self.tags.get(name)
        return {"SchemaName": name, "SchemaVersion": str(len(versions)), **versions[-1]}


def require_valid(name: str, body: dict[str, Any]) -> None:
    document = json.loads(body["Content"])
    valid = document.get("$schema") == DRAFT4 and jsonschema_rs.meta.is_valid(document)
    if not _NAME.fullmatch(name) or body["Type"] != "JSONSchemaDraft4" or not valid:
        raise BAD


@dataclass
class Raw:
    """The body of an answer as botocore reads it."""

    content: bytes

    def stream(self) -> Any:
        yield self.content

    def read(self) -> bytes:
        return self.content


def without_registry(status: int, body: bytes) -> Callable[[str], Any]:
    """Makes clients of a place that knows no such service and answers so."""

    def client(service: str) -> Any:
        made = boto3.client(service, region_name="eu-central-1", aws_access_key_id="k", aws_secret_access_key="s")
        headers = {"content-type": "application/json"}
        made.meta.events.register(
            "before-send", lambda request, **_: AWSResponse(request.url, status, headers, Raw(body))
        )
        return made

    return client
