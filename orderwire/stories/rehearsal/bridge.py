"""The process of a rehearsal's account: ministack, with what it lacks. Run as a script, by a Python that knows nothing
of the checkout; it ends when its standard input does.

This is the only place that makes up for the emulator. It bridges:

- API Gateway's ImportRestApi and PutRestApi, with which `chalice deploy` makes and updates its REST API: through the
  importer that ministack has for AWS::ApiGateway::RestApi. So requests go through real routes, methods and authorizers.
  As in AWS, overwriting forgets the gateway responses. Not bridged: models, request validators, documentation, resource
  policies, and the mode `merge`, none of which Chalice uses.
- What a MOCK integration answers: the importer leaves it out, and CORS preflights are made of it.
- What IAM calls an SQS batch: `sqs:DeleteMessage` allows DeleteMessageBatch, and an action of the batch's name does not
  exist. ministack asks for it.
- Who sends a mail: IAM checks ses:SendTemplatedEmail against the sender's identity and knows `ses:FromAddress`, where
  ministack has `*` and no such key. The template, which IAM looks at too, is left out.
- Which queue a message move is about, if somebody asks: IAM looks at its `SourceArn`, where ministack has `*`.
- What events a call of PutEvents brings: IAM knows `events:source` and `events:detail-type`, where ministack does not.
- The tags of a user pool, which a policy may ask for: ministack's IAM does not look at them.
- What becomes of a running function when it is updated: as in AWS it goes on to its end, with the old code. ministack
  kills it, and the messages it has in hand would come again only after minutes.
- Time: a function is ready sooner, a layer is unpacked and compiled once, and a queue is read by two at most. ministack
  unpacks a layer's thousands of files for each of up to ten processes, and answers nothing meanwhile.

What else the emulator does otherwise than AWS is not bridged: see docs/release.md.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterable, Mapping
from email.utils import parseaddr
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_actions, lambda_runtime
from ministack.services import apigateway_v1 as gateway
from ministack.services import cognito, lambda_svc

Response = tuple[int, dict[str, str], bytes]
Query = Mapping[str, Any]

READY_SECONDS = 0.05
"""How long a function is pending once it is made or changed; ministack would take ten times as long."""

MOST_READERS = 2
BATCHED = ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
SINGLE = {f"sqs:{action}Batch": f"sqs:{action}" for action in BATCHED}

_unpacking = threading.Lock()
_handle, _import_operation = gateway.handle_request, gateway._import_operation
_kill_workers, _readers = lambda_runtime.kill_workers, lambda_svc._sqs_esm_concurrency
_iam_action, _resource_arn = iam_actions.extract_iam_action, iam_actions.extract_resource_arn
_request_tags = iam_actions.request_tag_context


async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Query) -> Response:
    match method, path.strip("/").split("/"):
        case "POST", ["restapis"] if "mode" in query:
            return import_rest_api(json.loads(body), query)
        case "PUT", ["restapis", api]:
            return put_rest_api(api, json.loads(body))
    answer: Response = await _handle(method, path, headers, body, query)
    return answer


def import_rest_api(document: dict[str, Any], query: Query) -> Response:
    wanted = query.get("endpointConfigurationTypes", ["EDGE"])
    types = wanted if isinstance(wanted, list) else [wanted]
    given = {"endpointConfiguration": {"types": types}, "binaryMediaTypes": binary_types(document)}
    return described(gateway._import_rest_api(document, given))


def put_rest_api(api: str, document: dict[str, Any]) -> Response:
    """Overwrites what the document describes; deployments and stages stay."""
    if api in gateway._rest_apis:
        gateway._rest_apis[api]["binaryMediaTypes"] = binary_types(document)
        root = next(each for each in gateway._resources[api].values() if each["path"] == "/")
        gateway._resources[api] = {root["id"]: {**root, "resourceMethods": {}}}
        gateway._authorizers_v1[api], gateway._gateway_responses[api] = {}, {}
        schemes = gateway._import_security_schemes(api, document)
        for path, item in document["paths"].items():
            gateway._import_path_item(api, path, item, schemes, document.get("security"))
    return described(api)


def described(api: str) -> Response:
    answer: Response = gateway._get_rest_api(api)
    return answer


def binary_types(document: dict[str, Any]) -> list[str]:
    return list(document.get("x-amazon-apigateway-binary-media-types", []))


def import_operation(api: str, resource: str, method: str, operation: dict[str, Any], *security: Any) -> None:
    _import_operation(api, resource, method, operation, *security)
    for pattern, answer in operation.get("x-amazon-apigateway-integration", {}).get("responses", {}).items():
        chosen = {"selectionPattern": "" if pattern == "default" else pattern, **answer}
        gateway._put_integration_response(api, resource, method, str(answer["statusCode"]), chosen)


def readers(*mapping: Any) -> int:
    """How many processes may read a queue at once."""
    wanted: int = _readers(*mapping)
    return min(MOST_READERS, wanted)


class UnpackedOnce(zipfile.ZipFile):
    """Unpacks into a folder that all processes share, and links to it."""

    def namelist(self) -> list[str]:
        """Empty: ministack checks each name against the target folder, into which nothing is written here."""
        return []

    def extractall(self, path: Any = None, *_: Any) -> None:
        content = Path(str(self.filename)).read_bytes()
        place = Path(tempfile.gettempdir()) / f"unpacked-{sha256(content).hexdigest()}"
        with _unpacking:
            if not place.exists():
                super().extractall(place, super().namelist())
        Path(path).rmdir()
        Path(path).symlink_to(place)


def kill_workers(workers: Iterable[Any]) -> None:
    """Kills idle workers at once, busy ones when they are done or their function's timeout is over."""
    found = [worker for worker in workers if worker]
    _kill_workers([worker for worker in found if not worker.in_use])
    for worker in found:
        if worker.in_use:
            threading.Thread(target=kill_when_done, args=(worker,), daemon=True).start()


def kill_when_done(worker: Any) -> None:
    deadline = time.monotonic() + float(worker.config["Timeout"])
    while worker.in_use and time.monotonic() < deadline:
        time.sleep(0.02)
    _kill_workers([worker])


def extract_iam_action(*request: Any) -> str | None:
    action: str | None = _iam_action(*request)
    return SINGLE.get(action, action) if action else None


def extract_resource_arn(service: str, *request: Any) -> str:
    *_, body, _query, region, account = request
    if sender := sender_of(service, body):
        return f"arn:aws:ses:{region}:{account}:identity/{sender}"
    if queue := source_of(service, body):
        return queue
    arn: str = _resource_arn(service, *request)
    return arn


def request_tag_context(service: str, action: str, body: bytes, *request: Any) -> dict[str, Any]:
    """Condition keys that only the request tells, the tags in it among them."""
    keys: dict[str, Any] = _request_tags(service, action, body, *request)
    sender = {"ses:FromAddress": address} if (address := sender_of(service, body)) else {}
    return {
        **keys,
        **sender,
        **events_told(service, body),
        **{f"aws:ResourceTag/{name}": value for name, value in pool_tags(service, body).items()},
    }


def source_of(service: str, body: bytes) -> str | None:
    """The ARN of the dead-letter queue that messages are moved from."""
    return json.loads(body).get("SourceArn") if service == "sqs" and body.startswith(b"{") else None


def events_told(service: str, body: bytes) -> dict[str, list[str]]:
    """What the entries of a call of PutEvents are."""
    entries = json.loads(body or b"{}").get("Entries", []) if service == "events" else []
    keys = {"events:source": "Source", "events:detail-type": "DetailType"} if entries else {}
    return {key: [str(entry.get(field, "")) for entry in entries] for key, field in keys.items()}


def pool_tags(service: str, body: bytes) -> dict[str, str]:
    """The tags of the user pool that a request to Cognito names."""
    pool = json.loads(body or b"{}").get("UserPoolId") if service == "cognito-idp" else None
    return dict(cognito._user_pools[pool]["UserPoolTags"]) if pool in cognito._user_pools else {}


def sender_of(service: str, body: bytes) -> str | None:
    """The address that a mail is sent from."""
    sent = parse_qs(body.decode()) if service == "ses" else {}
    return parseaddr(sent["Source"][0])[1] if "Source" in sent else None


def stop_at_the_end_of_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    gateway.handle_request, gateway._import_operation = handle_request, import_operation
    lambda_runtime.kill_workers = kill_workers
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": UnpackedOnce})
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # it is the functions' environment, too
    iam_actions.extract_iam_action, iam_actions.extract_resource_arn = extract_iam_action, extract_resource_arn
    iam_actions.request_tag_context = request_tag_context
    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = READY_SECONDS
    lambda_svc._sqs_esm_concurrency = readers
    threading.Thread(target=stop_at_the_end_of_input, daemon=True).start()
    from ministack.app import main as serve

    serve()


if __name__ == "__main__":
    main()
