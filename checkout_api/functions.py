"""The API's Lambda functions and exactly what each may do.

Checking a token needs no grant: the keys that tokens are signed with are public.
"""

from checkout_api.pool import LOG_IN
from edges.dead_letters import RULES
from edges.functions import Function
from edges.grants import ANYTHING, EACH_CONSUMER, Grant, parameter, publish, secret
from schemas.events import OrderCancelled, OrderCreated, OrderProcessed, OrderRefunded, OrderShipped
from tables import catalog, metrics, orders, stock

QUEUE = f"orderwire-{{stage}}-{EACH_CONSUMER}"

QUEUES = (
    Grant("sqs", ("GetQueueAttributes", "GetQueueUrl", "SendMessage"), QUEUE),
    Grant(
        "sqs",
        (
            "DeleteMessage",
            "GetQueueAttributes",
            "GetQueueUrl",
            "ListMessageMoveTasks",
            "ReceiveMessage",
            "StartMessageMoveTask",
        ),
        f"{QUEUE}-dlq",
    ),
    Grant("sqs", ("GetQueueAttributes", "GetQueueUrl"), f"orderwire-{{stage}}-{RULES}-dlq"),
    Grant("cloudwatch", ("GetMetricData",), ANYTHING),
)
"""To show the consumers' queues, and to send dead letters back: SQS, when it moves them, and the function, where SQS
does not, take them from the dead-letter queue and put them into the consumer's."""

DECISIONS = (OrderProcessed, OrderShipped, OrderCancelled, OrderRefunded)
"""What an admin decides: published at once, or by the sweep if that fails."""

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
            *publish(OrderCreated, *DECISIONS),
            metrics.TABLE.allow("BatchGetItem"),
            *QUEUES,
            secret("order-id-key"),
            parameter("cognito"),
            LOG_IN,
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
            *publish(*DECISIONS),
        ),
    ),
)
