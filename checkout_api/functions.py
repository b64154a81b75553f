"""The API's Lambda functions and exactly what each may do.

Checking a token needs no grant: the keys that tokens are signed with are public.
"""

from checkout_api.pool import LOG_IN
from edges.dead_letters import RULES
from edges.functions import REDRIVE, SWEEP, Function, name_in_lambda
from edges.grants import ANYTHING, EACH_CONSUMER, Grant, parameter, publish, secret
from schemas.events import OrderCancelled, OrderCreated, OrderProcessed, OrderRefunded, OrderShipped
from tables import catalog, metrics, orders, payments, stock, unpaid

QUEUE = f"orderwire-{{stage}}-{EACH_CONSUMER}"

SEEN = ("GetQueueAttributes", "GetQueueUrl")

QUEUES = (
    *(Grant("sqs", SEEN, queue) for queue in (QUEUE, f"{QUEUE}-dlq", f"orderwire-{{stage}}-{RULES}-dlq")),
    Grant("cloudwatch", ("GetMetricData",), ANYTHING),
)
"""To show the consumers' queues."""

SEND_BACK = (
    Grant("sqs", (*SEEN, "SendMessage"), QUEUE),
    Grant(
        "sqs",
        (*SEEN, "DeleteMessage", "ListMessageMoveTasks", "ReceiveMessage", "StartMessageMoveTask"),
        f"{QUEUE}-dlq",
    ),
)
"""SQS, when it moves dead letters, and the function, where SQS does not, take them from the dead-letter queue and put
them into the consumer's. Nobody else may send to a consumer's queue but its rule."""

DECISIONS = (OrderProcessed, OrderShipped, OrderCancelled, OrderRefunded)
"""What an admin decides: published at once, or by the sweep if that fails."""

FUNCTIONS = (
    Function(
        name="api_handler",
        timeout=29,  # what API Gateway waits
        memory=1024,  # a shopper waits for its processor, and that comes with the memory
        grants=(
            orders.TABLE.allow("BatchGetItem", "GetItem", "PutItem"),
            orders.TABLE.allow_index(orders.BY_TIME.name, "Query"),
            orders.TABLE.allow_index(orders.BY_STATUS.name, "Query"),
            unpaid.TABLE.allow("BatchGetItem", "PutItem"),
            catalog.TABLE.allow("GetItem", "BatchGetItem", "PutItem", "Scan"),
            stock.TABLE.allow("GetItem", "PutItem", "Scan"),
            *publish(OrderCreated, *DECISIONS),
            metrics.TABLE.allow("BatchGetItem"),
            *QUEUES,
            Grant("lambda", ("InvokeFunction",), f"function:{name_in_lambda(REDRIVE, '{stage}')}"),
            secret("order-id-key"),
            parameter("cognito"),
            LOG_IN,
        ),
    ),
    Function(name="admin_authorizer", timeout=10, memory=512, grants=(parameter("cognito"),)),
    Function(name=REDRIVE, timeout=25, memory=256, grants=SEND_BACK),
    Function(
        name=SWEEP,
        timeout=60,
        memory=256,
        grants=(
            orders.TABLE.allow("BatchGetItem", "GetItem", "PutItem"),
            orders.TABLE.allow_index(orders.OUTBOX.name, "Query"),
            orders.TABLE.allow_index(orders.BY_STATUS.name, "Query"),
            payments.TABLE.allow("BatchGetItem"),
            *publish(OrderCreated, *DECISIONS),  # an order that is called off before it is on the bus
        ),
    ),
)
