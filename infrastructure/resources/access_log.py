"""The API's access log: a line of JSON per request.

No path, only its pattern: an order's id opens the order to whoever has it. No query, no address, no user agent: they
are personal data, and a request is found again in the API's own log by its id.
"""

import json

FORMAT = json.dumps(
    {
        "time": "$context.requestTime",
        "request_id": "$context.requestId",
        "trace_id": "$context.xrayTraceId",
        "method": "$context.httpMethod",
        "route": "$context.resourcePath",
        "status": "$context.status",
        "error": "$context.error.responseType",
        "principal": "$context.authorizer.principalId",
        "milliseconds": "$context.responseLatency",
        "integration_milliseconds": "$context.integrationLatency",
        "bytes": "$context.responseLength",
    }
)
"""API Gateway writes `-` for what there is not; each value is text."""


def log_group_name(stage: str) -> str:
    """API Gateway writes to a group of any name; this one is where a reader of the functions' logs looks next."""
    return f"/aws/apigateway/orderwire-{stage}"
