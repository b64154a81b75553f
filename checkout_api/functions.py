"""The API's Lambda functions and exactly what each may do.

Logging in needs no grant: Cognito's InitiateAuth is open to everyone. The keys that tokens are signed with are public.
"""

from edges.functions import Function
from edges.grants import PUBLISH, parameter, secret
from tables import catalog, orders, stock

FUNCTIONS = (
    Function(
        name="api_handler",
        timeout=29,  # what API Gateway waits
        memory=512,
        grants=(
            orders.TABLE.allow("GetItem", "PutItem"),
            orders.TABLE.allow_index(orders.BY_TIME.name, "Query"),
            orders.TABLE.allow_index(orders.BY_STATUS.name, "Query"),
            catalog.TABLE.allow("GetItem", "BatchGetItem", "PutItem", "Scan"),
            stock.TABLE.allow("GetItem", "PutItem", "Scan"),
            PUBLISH,
            secret("order-id-key"),
            parameter("cognito"),
        ),
    ),
    Function(name="admin_authorizer", timeout=10, memory=256, grants=(parameter("cognito"),)),
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
