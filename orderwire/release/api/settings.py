"""What Chalice does not set on its REST API: how API Gateway's own errors look, throttling, access log, TLS.

Chalice overwrites the API's definition with every deployment, and with it the gateway responses; a stage of API Gateway
keeps its settings. So this follows each `chalice deploy`. Until it has run, only the form of API Gateway's own errors
is wrong; on a stage's very first deployment there is no throttling but the account's either, and no access log.

A deployment that has all of it says so in its description, by a digest of what was asked for. So a run that was cut off
is finished by the next one, and one that finds everything as it should be changes nothing.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from time import sleep
from typing import Any

from edges.settings import Settings
from infrastructure.names import API_STAGE
from infrastructure.resources.access_log import FORMAT, log_group_name
from infrastructure.resources.gateway_responses import gateway_responses
from infrastructure.stages import Stage, Throttle
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.release.api.logs import allow_logs
from orderwire.release.api.owner import rest_api
from orderwire.release.api.updates import Fields, Wait, finished
from orderwire.release.retry import retry

ALL = "*/*"
LOGINS = tuple(f"admin/login{step}/POST" for step in ("", "/second-factor", "/authenticator", "/new-password"))
"""Where passwords and codes can be tried. Cognito holds up one user after some failures, this all of them together."""

TLS = {"securityPolicy": "SecurityPolicy_TLS13_1_2_2021_06", "endpointAccessMode": "BASIC"}
"""What a REST API takes of TLS: 1.2 and 1.3. Without it a Regional one takes 1.0, too; and a policy of these has to be
joined by an access mode, of which BASIC lets requests come as ever. A change takes API Gateway a quarter of an hour.
docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html"""

PATCHES = {
    "throttlingRateLimit": "throttling/rateLimit",
    "throttlingBurstLimit": "throttling/burstLimit",
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
}
"""What GetStage calls a method's setting -> where UpdateStage changes it."""


def apply(client: ClientOf, stage: Stage, tell: Tell, wait: Wait = sleep) -> bool:
    """Sets what differs on the stage's API; returns whether anything did.

    Raises Problem if the stage has not been deployed, or its stack not brought up.
    """
    gateway, api = client("apigateway"), existing_api(client, stage)
    wanted = stage_settings(stage, log_group(client("logs"), stage))
    allow_logs(client, tell, wait)
    finished(gateway, api, tell, wait)
    responses = gateway_responses(Settings.from_environment(stage.environment).cors_origin)
    found = gateway.get_stage(restApiId=api, stageName=API_STAGE)
    changed = put_responses(gateway, api, responses)
    patches = list(stage_patches(found, wanted))
    if patches:
        gateway.update_stage(restApiId=api, stageName=API_STAGE, patchOperations=patches)
    older = set_tls(gateway, api, tell, wait)
    mark = f"orderwire api-settings {digest(responses, wanted, TLS)}"
    live = gateway.get_deployment(restApiId=api, deploymentId=found["deploymentId"])
    if not (changed or patches or older) and live.get("description") == mark:
        tell(f"the API {api} is as it should be")
        return False
    deploy(gateway, api, mark, stage.traced, tell, wait)
    tell(f"the API {api}: {len(changed)} gateway responses and {len(patches) + len(older)} settings changed, deployed")
    return True


def existing_api(client: ClientOf, stage: Stage) -> str:
    """The id of the stage's REST API. Raises Problem."""
    api = rest_api(client, stage)
    if api is None:
        raise Problem(f"Stage {stage.name} has no API in this account and region. First: orderwire deploy {stage.name}")
    return api


def log_group(logs: Any, stage: Stage) -> str:
    """The ARN of the access log's group, as API Gateway wants it. Raises Problem."""
    name = log_group_name(stage.name)
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = next((str(each["arn"]) for each in found if each["logGroupName"] == name), None)
    if arn is None:
        raise Problem(f"There is no log group {name}. Bring the stack up first: orderwire infra {stage.name}")
    return arn.removesuffix(":*")


def stage_settings(stage: Stage, log_group_arn: str) -> dict[str, Any]:
    """What GetStage should say. No execution log: it would hold headers, and the access log has what is needed."""
    return {
        "tracingEnabled": stage.traced,
        "accessLogSettings": {"destinationArn": log_group_arn, "format": FORMAT},
        "methodSettings": {
            ALL: method_settings(stage.throttle),
            **dict.fromkeys(LOGINS, method_settings(stage.login_throttle)),
        },
    }


def method_settings(throttle: Throttle) -> dict[str, Any]:
    """All of them for each method: one with a limit of its own takes nothing over from the others. API Gateway sends
    the whole stage's metrics anyway; those of each method cost extra, and the access log has the route of each request.
    """
    return {
        "throttlingRateLimit": float(throttle.rate),
        "throttlingBurstLimit": throttle.burst,
        "metricsEnabled": False,
        "loggingLevel": "OFF",
        "dataTraceEnabled": False,
    }


def put_responses(gateway: Any, api: str, wanted: Mapping[str, Fields]) -> list[str]:
    """Puts the gateway responses that differ; returns their types."""
    items = gateway.get_gateway_responses(restApiId=api, limit=500)["items"]
    differing = [type_ for type_, response in wanted.items() if not is_there(response, type_, items)]
    for type_ in differing:
        gateway.put_gateway_response(restApiId=api, responseType=type_, **wanted[type_])
    return differing


def is_there(wanted: Fields, type_: str, items: list[Fields]) -> bool:
    """A type that nobody has set answers what its default says, and is not there all the same."""
    found: Fields = next((each for each in items if each["responseType"] == type_), {})
    return not found.get("defaultResponse", True) and all(found.get(key) == value for key, value in wanted.items())


def stage_patches(found: Fields, wanted: Fields) -> Iterator[dict[str, str]]:
    """UpdateStage's operations that make `found` of GetStage what is wanted."""
    if found.get("tracingEnabled", False) != wanted["tracingEnabled"]:
        yield replace_("/tracingEnabled", wanted["tracingEnabled"])
    log = found.get("accessLogSettings") or {}
    for key, value in wanted["accessLogSettings"].items():
        if log.get(key) != value:
            yield replace_(f"/accessLogSettings/{key}", value)
    known = {readable(key): fields for key, fields in (found.get("methodSettings") or {}).items()}
    for method, fields in wanted["methodSettings"].items():
        for field, value in fields.items():
            if known.get(method, {}).get(field) != value:
                yield replace_(f"/{pointer(method)}/{PATCHES[field]}", value)


def set_tls(gateway: Any, api: str, tell: Tell, wait: Wait) -> list[dict[str, str]]:
    """Sets what differs, and waits for it; returns the operations. Raises Problem if API Gateway fails at it."""
    patches = list(tls_patches(finished(gateway, api, tell, wait)))
    if patches:
        gateway.update_rest_api(restApiId=api, patchOperations=patches)
        found = finished(gateway, api, tell, wait)
        if found.get("apiStatus") == "FAILED":
            raise Problem(f"API Gateway could not change the API {api}: {found.get('apiStatusMessage', 'no reason')}")
    return patches


def tls_patches(found: Fields) -> Iterator[dict[str, str]]:
    """UpdateRestApi's operations that make `found` of GetRestApi refuse older TLS."""
    return (replace_(f"/{key}", value) for key, value in TLS.items() if found.get(key) != value)


def replace_(path: str, value: Any) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": str(value).lower() if isinstance(value, bool) else str(value)}


def readable(key: str) -> str:
    """A key of `methodSettings` without what API Gateway may put around a path."""
    return key.replace("~1", "/").lstrip("/")


def pointer(method: str) -> str:
    """`admin/login/POST` as part of a patch's path: `~1admin~1login/POST`."""
    path, _, verb = method.rpartition("/")
    return f"{path}/{verb}" if method == ALL else f"~1{path.replace('/', '~1')}/{verb}"


def digest(*wanted: Any) -> str:
    return sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]


def deploy(gateway: Any, api: str, mark: str, traced: bool, tell: Tell, wait: Wait) -> None:
    """API Gateway takes one deployment in five seconds, and Chalice's was just now; and none while it is at work, which
    it may say late."""

    def attempt() -> None:
        finished(gateway, api, tell, wait)
        gateway.create_deployment(restApiId=api, stageName=API_STAGE, description=mark, tracingEnabled=traced)

    retry(attempt, (gateway.exceptions.TooManyRequestsException, gateway.exceptions.BadRequestException), wait)
