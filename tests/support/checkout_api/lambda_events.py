"""Lambda events as their services send them."""

import json
from collections.abc import Mapping
from typing import Any


def api_event(
    method: str,
    resource: str,
    body: Any = None,
    parameters: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """API Gateway's for a REST API; `resource` is the route's pattern, for example `/orders/{order_id}`."""
    sent = {"Content-Type": "application/json", "Accept": "*/*", **(headers or {})}
    return {
        "resource": resource,
        "path": resource.format(**(parameters or {})),
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {key: [value] for key, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": dict(parameters) if parameters else None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/api{resource}",
            "stage": "api",
            "requestId": "22222222-2222-2222-2222-222222222222",
            "apiId": "abcdef1234",
            "accountId": "000000000000",
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "test"},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def authorizer_event(token: str) -> dict[str, Any]:
    """API Gateway's for a token authorizer."""
    return {
        "type": "TOKEN",
        "authorizationToken": token,
        "methodArn": "arn:aws:execute-api:eu-central-1:000000000000:abcdef1234/api/GET/orders",
    }


def scheduled_event() -> dict[str, Any]:
    """EventBridge's for a schedule."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-11-20T12:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:000000000000:rule/orderwire-local-sweep-event"],
        "detail": {},
    }


def received_event(message: Mapping[str, Any]) -> dict[str, Any]:
    """Lambda's for a queue, of one message that was just received with all its attributes."""
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
    }
    return {"Records": [record]}
