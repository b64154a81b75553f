"""API Gateway's leave to write logs, which an account gives it once per region, for all APIs.

An account that has given it keeps what it has; one that has not gets a role for it, which stays when a stage goes.
"""

import json
from collections.abc import Callable
from typing import Any

from infrastructure.access import document
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.tell import Tell
from orderwire.release.retry import retry

ROLE = "orderwire-api-gateway-logs"
POLICY = "iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "apigateway.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def allow_logs(client: ClientOf, tell: Tell, wait: Callable[[float], None]) -> None:
    gateway = client("apigateway")
    if gateway.get_account().get("cloudwatchRoleArn"):
        return
    role = logs_role(client("iam"))
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}

    def update() -> None:
        gateway.update_account(patchOperations=[patch])

    retry(update, gateway.exceptions.BadRequestException, wait)  # a new role takes a while to be known
    tell(f"API Gateway may write logs in this account and region now, as {role}")


def logs_role(iam: Any) -> str:
    """The ARN of the role, which is made if it is not there."""
    try:
        role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(document(TRUST)))["Role"]
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName=ROLE)["Role"]
    arn = str(role["Arn"])
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=f"{arn.split(':iam:')[0]}:{POLICY}")
    return arn
