"""The API's Lambda functions and exactly what each may do.

Logging in needs no grant: Cognito's InitiateAuth is open to everyone. The keys that tokens are signed with are public.
"""

from edges.functions import Function
from edges.grants import ANYTHING, PUBLISH, Grant, parameter, secret
from tables import catalog, metrics, orders, stock

QUEUES = (
    Grant(
        "sqs",
        (
            "DeleteMessage",
            "GetQueueAttributes",
            "GetQueueUrl",
            "ReceiveMessage",
            "SendMessage",
            "StartMessageMoveTask",
        ),
        "orderwire-{stage}-*",
    ),
    Grant("cloudwatch", ("GetMetricData",), ANYTHING),
)
"""To show the queues of the stage's consumers, which the API does not know by name, and to send dead letters back."""

FUNCTIONS = (
    Function(
        name="api_handler",
        timeout=29,  # what API Gateway waits
        memory=1024,  # a shopper waits for its processor, and that comes with the memory
        grants=(
            orders.TABLE.allow("GetItem", "PutItem"),
            orders.TABLE.allow_index(orders.BY_TIME.name, "Query"),
            orders.TABLE.allow_index(orders.BY_STATUS.name, "Query"),
            catalog.TABLE.allow("GetItem", "BatchGetItem", "PutItem", "Scan"),
            stock.TABLE.allow("GetItem", "PutItem", "Scan"),
            PUBLISH,
            metrics.TABLE.allow("BatchGetItem"),
            *QUEUES,
            secret("order-id-key"),
            parameter("cognito"),
        ),
    ),
    Function(name="admin_authorizer", timeout=10, memory=512, grants=(parameter("cognito"),)),
    Function(
        name="sweep",
        timeout=60,
        memory=256,
        grants=(
            orders.TABLE.allow("GetItem", "PutItem"),
            orders.TABLE.allow_index(orders.OUTBOX.name, "Query"),
            PUBLISH,
        ),
    ),
)
